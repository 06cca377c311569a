//! What callers get for what a port did not do.

use super::{AwsError, ErrorCode, Fault};
use crate::ports::{
    AuthorizeError, DenialKind, Denied, SignatureFault, TrailError, Unavailable, WorkerError,
};

impl From<Unavailable> for AwsError {
    fn from(cause: Unavailable) -> Self {
        match cause {
            Unavailable::Away(_) | Unavailable::PermitExpired => Self::internal(&cause),
            // The caller's doing, not a failure: too many of these must not fill the log.
            Unavailable::Overloaded(_) => Self::bare(ErrorCode::Throttling),
        }
    }
}

impl From<AuthorizeError> for AwsError {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Unavailable(cause) => cause.into(),
            AuthorizeError::Signature { fault, message } => {
                let code = match fault {
                    SignatureFault::Missing => ErrorCode::MissingAuthenticationToken,
                    SignatureFault::Incomplete => ErrorCode::IncompleteSignature,
                    SignatureFault::UnknownAccessKey | SignatureFault::SessionToken => {
                        ErrorCode::UnknownAccessKey
                    }
                    SignatureFault::SessionExpired => ErrorCode::ExpiredToken,
                    SignatureFault::Expired | SignatureFault::NotYetCurrent => {
                        ErrorCode::SignatureExpired
                    }
                    SignatureFault::Mismatch | SignatureFault::Scope => {
                        ErrorCode::SignatureMismatch
                    }
                };
                Self::new(code, message)
            }
        }
    }
}

impl From<Denied> for AwsError {
    fn from(denied: Denied) -> Self {
        let code = match denied.kind {
            DenialKind::AccessDenied => ErrorCode::AccessDenied,
            DenialKind::NotFound => ErrorCode::NotFound,
            DenialKind::InvalidArn => ErrorCode::InvalidArn,
            DenialKind::NotAskedByCaller => return Self::internal(&denied.message),
        };
        Self::new(code, denied.message)
    }
}

impl From<Unavailable> for Fault {
    fn from(cause: Unavailable) -> Self {
        match cause {
            Unavailable::PermitExpired => Self::Again,
            Unavailable::Away(_) | Unavailable::Overloaded(_) => Self::Error(cause.into()),
        }
    }
}

impl From<TrailError> for Fault {
    fn from(error: TrailError) -> Self {
        match error {
            TrailError::PermitExpired => Self::Again,
            TrailError::Unavailable(cause) => cause.into(),
        }
    }
}

impl From<WorkerError> for Fault {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::InvalidCiphertext => {
                Self::Error(AwsError::bare(ErrorCode::InvalidCiphertext))
            }
            WorkerError::InvalidSignature => {
                Self::Error(AwsError::bare(ErrorCode::InvalidSignature))
            }
            WorkerError::InvalidMac => Self::Error(AwsError::bare(ErrorCode::InvalidMac)),
            // AWS states these rules, not the texts.
            WorkerError::InvalidMessageLength => Self::Error(AwsError::new(
                ErrorCode::Validation,
                "The message has a length that the algorithm does not allow.",
            )),
            WorkerError::InvalidPublicKey => Self::Error(AwsError::new(
                ErrorCode::Validation,
                "The public key is not valid, or not of the curve of the KMS key.",
            )),
            WorkerError::InvalidImportToken => {
                Self::Error(AwsError::bare(ErrorCode::InvalidImportToken))
            }
            WorkerError::ExpiredImportToken => {
                Self::Error(AwsError::bare(ErrorCode::ExpiredImportToken))
            }
            WorkerError::InvalidMaterial => {
                Self::Error(AwsError::bare(ErrorCode::IncorrectKeyMaterial))
            }
            WorkerError::PermitExpired => Self::Again,
            WorkerError::Refused(_) => Self::Error(AwsError::internal(&error)),
            WorkerError::Unavailable(cause) => cause.into(),
        }
    }
}
