//! The errors that several operations answer for missing things, full quotas and refused changes.

use trent_types::{ChangeRefused, KeyArn};

use crate::error::{AwsError, ErrorCode};
use crate::steps::Call;

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
