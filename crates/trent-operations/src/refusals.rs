//! The errors that several operations answer for missing things, full quotas and refused changes.

use trent_types::{ChangeRefused, IdentityRefused, KeyArn};

use crate::error::{AwsError, ErrorCode};
use crate::steps::Call;

/// The error for a refused change, of whatever it is.
pub(crate) fn refused_change(call: &Call<'_>, reason: ChangeRefused) -> AwsError {
    match reason {
        ChangeRefused::Identity(reason) => refused_identity_change(reason),
        ChangeRefused::Conflict
        | ChangeRefused::NotFound
        | ChangeRefused::AlreadyExists
        | ChangeRefused::LimitExceeded { .. }
        | ChangeRefused::IncorrectMaterial
        | ChangeRefused::MalformedPolicy(_)
        | ChangeRefused::NotPermitted(_) => refused_key_change(call, reason),
    }
}

/// The error for a refused change of a key.
pub(crate) fn refused_key_change(call: &Call<'_>, reason: ChangeRefused) -> AwsError {
    match reason {
        ChangeRefused::NotFound => match call.key(0) {
            Ok(key) => not_found(&key.record.arn()),
            Err(error) => error,
        },
        ChangeRefused::LimitExceeded { what, limit, current } => {
            limit_exceeded(&what, limit, current)
        }
        ChangeRefused::MalformedPolicy(text) => {
            AwsError::new(ErrorCode::MalformedPolicyDocument, text)
        }
        ChangeRefused::IncorrectMaterial => AwsError::bare(ErrorCode::IncorrectKeyMaterial),
        // `finish` tries again instead, and only names can be taken.
        ChangeRefused::Conflict
        | ChangeRefused::NotPermitted(_)
        | ChangeRefused::AlreadyExists
        | ChangeRefused::Identity(_) => AwsError::internal(&reason),
    }
}

/// The error for a refused change of IAM's things; the registry knows AWS's words.
fn refused_identity_change(reason: IdentityRefused) -> AwsError {
    let (code, text) = match reason {
        IdentityRefused::NoSuchEntity(text) => (ErrorCode::NoSuchEntity, text),
        IdentityRefused::AlreadyExists(text) => (ErrorCode::EntityAlreadyExists, text),
        IdentityRefused::DeleteConflict(text) => (ErrorCode::DeleteConflict, text),
        IdentityRefused::LimitExceeded(text) => (ErrorCode::LimitExceeded, text),
        IdentityRefused::InvalidInput(text) => (ErrorCode::InvalidInput, text),
    };
    AwsError::new(code, text)
}

/// `NotFoundException` for a key.
pub(crate) fn not_found(key: &KeyArn) -> AwsError {
    AwsError::new(ErrorCode::NotFound, format!("Key '{key}' does not exist"))
}

/// `LimitExceededException`, in the words that AWS uses for aliases.
pub(crate) fn limit_exceeded(what: &str, limit: u64, current: u64) -> AwsError {
    let text = format!(
        "{what} quota for this account in this region is {limit}, current usage is {current}."
    );
    AwsError::new(ErrorCode::LimitExceeded, text)
}
