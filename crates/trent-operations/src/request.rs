//! What a gateway hands over and what it gets back.

use trent_types::{Region, RequestId, Timestamp};

/// The AWS service that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceName {
    /// AWS KMS: JSON 1.1.
    Kms,
    /// IAM: query protocol.
    Iam,
    /// STS: query protocol.
    Sts,
    /// CloudTrail: JSON 1.1.
    CloudTrail,
}

impl ServiceName {
    /// The name in credential scopes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::CloudTrail => "cloudtrail",
        }
    }

    /// `eventSource` of its audit records.
    #[must_use]
    pub const fn event_source(self) -> &'static str {
        match self {
            Self::Kms => "kms.amazonaws.com",
            Self::Iam => "iam.amazonaws.com",
            Self::Sts => "sts.amazonaws.com",
            Self::CloudTrail => "cloudtrail.amazonaws.com",
        }
    }

    /// The media type of its answers.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Kms | Self::CloudTrail => "application/x-amz-json-1.1",
            Self::Iam | Self::Sts => "text/xml",
        }
    }
}

/// How the connection was secured (`tlsDetails` of the audit record).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsDetails<'a> {
    /// As in `TLSv1.3`.
    pub version: &'a str,
    /// As in `TLS_AES_256_GCM_SHA384`.
    pub cipher_suite: &'a str,
    /// As in `X25519MLKEM768`.
    pub key_exchange: Option<&'a str>,
}

/// One request, its body complete. Nothing in it is trusted.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Names the request everywhere; `x-amzn-RequestId`.
    pub request_id: RequestId,
    /// When it came in.
    pub received_at: Timestamp,
    /// From the credential scope.
    pub region: Region,
    /// The Regions that this deployment serves.
    pub served_regions: &'a [Region],
    /// The peer's address.
    pub source_ip: &'a str,
    /// The `User-Agent` header.
    pub user_agent: &'a str,
    /// The `Host` header or `:authority`.
    pub host: &'a str,
    /// `None` on a plain connection.
    pub tls: Option<TlsDetails<'a>>,
    /// The access key that the request claims, verified or not.
    pub access_key_id: Option<&'a str>,
    /// The service that it is for.
    pub service: ServiceName,
    /// The body.
    pub body: &'a [u8],
}

/// The answer, but for the headers that every answer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body; may be empty.
    pub body: Vec<u8>,
    /// Set when the answer is an error.
    pub error: Option<Box<Refusal>>,
}

/// What an answer that is an error means to whoever runs the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code, as the caller gets it.
    pub code: &'static str,
    /// What went wrong on our side, for the log.
    pub cause: Option<Box<str>>,
}
