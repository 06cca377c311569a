//! The errors that callers see: one list of codes, and one function that knows names and statuses.

mod of_ports;

use std::borrow::Cow;

use crate::json::Object;
use crate::query::xml;
use crate::request::{Refusal, Response, ServiceName};

/// An error as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// Not allowed.
    AccessDenied,
    /// The name is taken.
    AlreadyExists,
    /// Something else is being done to the key.
    Conflict,
    /// Something still belongs to what shall go.
    DeleteConflict,
    /// The key is disabled.
    Disabled,
    /// Everything was fine, but it was a dry run.
    DryRunOperation,
    /// An IAM name is taken.
    EntityAlreadyExists,
    /// An import token whose time is over.
    ExpiredImportToken,
    /// Temporary credentials whose time is over.
    ExpiredToken,
    /// The `Authorization` header cannot be used.
    IncompleteSignature,
    /// The key is not the one that the ciphertext was made with.
    IncorrectKey,
    /// Imported material is not what belongs there.
    IncorrectKeyMaterial,
    /// Something is wrong here, not with the request: the caller may try again.
    Internal,
    /// The query protocol's unknown operation.
    InvalidAction,
    /// Not a usable ARN.
    InvalidArn,
    /// A corrupt ciphertext or another encryption context.
    InvalidCiphertext,
    /// The query protocol's input that breaks a rule beyond its shape.
    InvalidInput,
    /// Not a grant id, or of no grant here.
    InvalidGrantId,
    /// No such grant token.
    InvalidGrantToken,
    /// CloudTrail has no such category of events.
    InvalidEventCategory,
    /// Not an import token of this key.
    InvalidImportToken,
    /// The key's usage or spec does not fit.
    InvalidKeyUsage,
    /// Events are not found by this.
    InvalidLookupAttributes,
    /// Not a marker of this list.
    InvalidMarker,
    /// A page of events has not so many.
    InvalidMaxResults,
    /// The MAC is not that of the message.
    InvalidMac,
    /// Not a token of this list.
    InvalidNextToken,
    /// The signature is not that of the message.
    InvalidSignature,
    /// The key's state does not allow it.
    InvalidState,
    /// The beginning is after the end.
    InvalidTimeRange,
    /// A resource quota.
    LimitExceeded,
    /// A policy that cannot be stored.
    MalformedPolicyDocument,
    /// No signature at all.
    MissingAuthenticationToken,
    /// The IAM entity is not there.
    NoSuchEntity,
    /// Reserved for AWS.
    NotAuthorized,
    /// The key or alias is not there.
    NotFound,
    /// Session policies and tags are too much together.
    PackedPolicyTooLarge,
    /// The body is larger than any request can be.
    RequestTooLarge,
    /// The body is not what its type says.
    Serialization,
    /// The signature is not good.
    SignatureMismatch,
    /// The signature is too old.
    SignatureExpired,
    /// A tag that is not allowed.
    Tag,
    /// Slower, please.
    Throttling,
    /// No such access key or session token.
    UnknownAccessKey,
    /// No such operation.
    UnknownOperation,
    /// Not for this key, or not here.
    UnsupportedOperation,
    /// The request breaks a rule of its shape.
    Validation,
}

impl ErrorCode {
    /// The code on the wire and the HTTP status (08-wire of AWS's service models and the IAM and
    /// KMS references).
    #[must_use]
    pub const fn on_wire(self, service: ServiceName) -> (&'static str, u16) {
        match service {
            ServiceName::CloudTrail if matches!(self, Self::Internal) => ("InternalFailure", 500),
            ServiceName::Kms | ServiceName::CloudTrail => self.in_json(),
            ServiceName::Iam | ServiceName::Sts => self.in_query(),
        }
    }

    /// What AWS says whenever it answers this code, where that is always the same.
    const fn usual_text(self, service: ServiceName) -> Option<&'static str> {
        if !matches!(self, Self::Throttling) {
            return None;
        }
        Some(match service {
            ServiceName::Kms => {
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of \
                 your calls."
            }
            ServiceName::Iam | ServiceName::Sts | ServiceName::CloudTrail => "Rate exceeded",
        })
    }

    const fn in_json(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied => ("AccessDeniedException", 400),
            Self::AlreadyExists | Self::EntityAlreadyExists => ("AlreadyExistsException", 400),
            Self::Conflict | Self::DeleteConflict => ("ConflictException", 400),
            Self::Disabled => ("DisabledException", 400),
            Self::DryRunOperation => ("DryRunOperationException", 400),
            Self::ExpiredImportToken => ("ExpiredImportTokenException", 400),
            Self::ExpiredToken => ("ExpiredTokenException", 400),
            Self::IncompleteSignature => ("IncompleteSignatureException", 400),
            Self::IncorrectKey => ("IncorrectKeyException", 400),
            Self::IncorrectKeyMaterial => ("IncorrectKeyMaterialException", 400),
            Self::Internal => ("KMSInternalException", 500),
            Self::InvalidArn => ("InvalidArnException", 400),
            Self::InvalidCiphertext => ("InvalidCiphertextException", 400),
            Self::InvalidEventCategory => ("InvalidEventCategoryException", 400),
            Self::InvalidGrantId => ("InvalidGrantIdException", 400),
            Self::InvalidGrantToken => ("InvalidGrantTokenException", 400),
            Self::InvalidImportToken => ("InvalidImportTokenException", 400),
            Self::InvalidKeyUsage => ("InvalidKeyUsageException", 400),
            Self::InvalidLookupAttributes => ("InvalidLookupAttributesException", 400),
            Self::InvalidMac => ("KMSInvalidMacException", 400),
            Self::InvalidMarker => ("InvalidMarkerException", 400),
            Self::InvalidMaxResults => ("InvalidMaxResultsException", 400),
            Self::InvalidNextToken => ("InvalidNextTokenException", 400),
            Self::InvalidSignature => ("KMSInvalidSignatureException", 400),
            Self::InvalidState => ("KMSInvalidStateException", 400),
            Self::InvalidTimeRange => ("InvalidTimeRangeException", 400),
            Self::LimitExceeded | Self::PackedPolicyTooLarge => ("LimitExceededException", 400),
            Self::MalformedPolicyDocument => ("MalformedPolicyDocumentException", 400),
            Self::MissingAuthenticationToken => ("MissingAuthenticationTokenException", 400),
            Self::NotAuthorized => ("NotAuthorizedException", 400),
            Self::NotFound | Self::NoSuchEntity => ("NotFoundException", 400),
            Self::RequestTooLarge => ("RequestEntityTooLargeException", 413),
            Self::Serialization => ("SerializationException", 400),
            Self::SignatureMismatch | Self::SignatureExpired => ("InvalidSignatureException", 400),
            Self::Tag => ("TagException", 400),
            Self::Throttling => ("ThrottlingException", 400),
            Self::UnknownAccessKey => ("UnrecognizedClientException", 400),
            Self::UnknownOperation | Self::InvalidAction => ("UnknownOperationException", 400),
            Self::UnsupportedOperation => ("UnsupportedOperationException", 400),
            Self::Validation | Self::InvalidInput => ("ValidationException", 400),
        }
    }

    const fn in_query(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied | Self::NotAuthorized => ("AccessDenied", 403),
            Self::AlreadyExists | Self::EntityAlreadyExists => ("EntityAlreadyExists", 409),
            Self::DeleteConflict => ("DeleteConflict", 409),
            Self::IncompleteSignature => ("IncompleteSignature", 400),
            Self::Internal => ("InternalFailure", 500),
            Self::InvalidAction | Self::UnknownOperation => ("InvalidAction", 400),
            Self::InvalidInput => ("InvalidInput", 400),
            Self::LimitExceeded => ("LimitExceeded", 409),
            Self::MalformedPolicyDocument => ("MalformedPolicyDocument", 400),
            Self::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
            Self::NoSuchEntity | Self::NotFound => ("NoSuchEntity", 404),
            Self::PackedPolicyTooLarge => ("PackedPolicyTooLarge", 400),
            Self::RequestTooLarge => ("RequestEntityTooLarge", 413),
            Self::Serialization => ("MalformedInput", 400),
            Self::SignatureMismatch | Self::SignatureExpired => ("SignatureDoesNotMatch", 403),
            Self::Throttling => ("Throttling", 400),
            Self::ExpiredToken => ("ExpiredToken", 403),
            Self::UnknownAccessKey => ("InvalidClientTokenId", 403),
            Self::UnsupportedOperation => ("UnsupportedOperation", 400),
            Self::Conflict
            | Self::Disabled
            | Self::DryRunOperation
            | Self::ExpiredImportToken
            | Self::IncorrectKey
            | Self::IncorrectKeyMaterial
            | Self::InvalidArn
            | Self::InvalidCiphertext
            | Self::InvalidEventCategory
            | Self::InvalidGrantId
            | Self::InvalidGrantToken
            | Self::InvalidImportToken
            | Self::InvalidKeyUsage
            | Self::InvalidLookupAttributes
            | Self::InvalidMac
            | Self::InvalidMarker
            | Self::InvalidMaxResults
            | Self::InvalidNextToken
            | Self::InvalidSignature
            | Self::InvalidState
            | Self::InvalidTimeRange
            | Self::Tag
            | Self::Validation => ("ValidationError", 400),
        }
    }
}

/// An error for the caller: its code, and AWS's text where AWS gives one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {}", message.as_deref().unwrap_or("no message"))]
pub struct AwsError {
    /// Which error.
    pub code: ErrorCode,
    /// The text; left out of the answer when `None`.
    pub message: Option<Cow<'static, str>>,
    /// What went wrong on our side. It is for the log, not for the caller.
    pub cause: Option<Box<str>>,
}

impl AwsError {
    /// An error with a text.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: Some(message.into()), cause: None }
    }

    /// An error that AWS answers without a text.
    #[must_use]
    pub const fn bare(code: ErrorCode) -> Self {
        Self { code, message: None, cause: None }
    }

    /// A retryable failure of our own. What happened is for the log, not for the caller.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string().into()), ..Self::bare(ErrorCode::Internal) }
    }

    /// The name that the audit record gives the error: that of the exception in the service's
    /// model, but `AccessDenied` for refusals.
    pub(crate) fn recorded_code(&self, service: ServiceName) -> &'static str {
        let on_wire = self.code.on_wire(service).0;
        match (service, on_wire) {
            (ServiceName::Kms | ServiceName::CloudTrail, "AccessDeniedException") => "AccessDenied",
            (ServiceName::Kms | ServiceName::CloudTrail, exception) => exception,
            // The query protocol's codes are not the exceptions' names.
            (ServiceName::Iam | ServiceName::Sts, code) => exception_of(code),
        }
    }

    /// The text that the caller and the audit record get.
    pub(crate) fn text(&self, service: ServiceName) -> Option<&str> {
        let given = self.message.as_deref();
        given.or_else(|| self.code.usual_text(service))
    }

    /// The answer in the service's protocol.
    pub(crate) fn render(&self, service: ServiceName, request_id: &str) -> Response {
        let (code, status) = self.code.on_wire(service);
        let message = self.text(service);
        let body = match service {
            ServiceName::Kms | ServiceName::CloudTrail => json_body(code, message),
            ServiceName::Iam | ServiceName::Sts => {
                xml::error_body(service, code, status, message.unwrap_or_default(), request_id)
            }
        };
        let error = Some(Box::new(Refusal { code, cause: self.cause.clone() }));
        Response { status, content_type: service.content_type(), body, error }
    }
}

/// The exception of a code of IAM's or STS's, where the model has one.
fn exception_of(code: &'static str) -> &'static str {
    match code {
        "DeleteConflict" => "DeleteConflictException",
        "EntityAlreadyExists" => "EntityAlreadyExistsException",
        "ExpiredToken" => "ExpiredTokenException",
        "InvalidInput" => "InvalidInputException",
        "LimitExceeded" => "LimitExceededException",
        "MalformedPolicyDocument" => "MalformedPolicyDocumentException",
        "NoSuchEntity" => "NoSuchEntityException",
        "PackedPolicyTooLarge" => "PackedPolicyTooLargeException",
        "Throttling" => "ThrottlingException",
        "UnsupportedOperation" => "UnsupportedOperationException",
        "ValidationError" => "ValidationException",
        other => other,
    }
}

fn json_body(code: &str, message: Option<&str>) -> Vec<u8> {
    let mut body = Vec::with_capacity(64 + message.map_or(0, str::len));
    let mut object = Object::begin(&mut body);
    object.text("__type", code);
    if let Some(message) = message {
        object.text("message", message);
    }
    object.end();
    body
}

/// Why an attempt has no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Things changed meanwhile: authorize again and retry.
    Again,
    /// The caller gets this.
    Error(AwsError),
}

impl From<AwsError> for Fault {
    fn from(error: AwsError) -> Self {
        Self::Error(error)
    }
}
