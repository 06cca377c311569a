//! What the rotation operations have in common: which keys have a rotation at all.

use trent_types::{KeyFamily, KeyRecord, Origin};

use crate::error::{AwsError, ErrorCode};

/// A day's milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Rotation is for symmetric encryption keys (AWS states the rule, not the text).
pub(crate) fn symmetric(key: &KeyRecord) -> Result<(), AwsError> {
    if key.spec.family() == KeyFamily::Symmetric {
        return Ok(());
    }
    let text =
        format!("{} key spec is {} which is not valid for this operation.", key.arn(), key.spec);
    Err(AwsError::new(ErrorCode::UnsupportedOperation, text))
}

/// The origin must be this one.
pub(crate) fn of_origin(key: &KeyRecord, wanted: Origin) -> Result<(), AwsError> {
    if key.origin == wanted { Ok(()) } else { Err(wrong_origin(key)) }
}

/// The refusal of a key whose origin does not fit.
pub(crate) fn wrong_origin(key: &KeyRecord) -> AwsError {
    let (arn, origin) = (key.arn(), key.origin);
    let text = format!("{arn} origin is {origin} which is not valid for this operation.");
    AwsError::new(ErrorCode::UnsupportedOperation, text)
}

/// What related keys share is changed on the primary key. AWS answers a state that does not fit
/// first: a replica that is being made is refused as that.
pub(crate) fn primary(key: &KeyRecord) -> Result<(), AwsError> {
    if key.is_primary() {
        return Ok(());
    }
    let text = format!("{} is a multi-Region replica key.", key.arn());
    Err(AwsError::new(ErrorCode::UnsupportedOperation, text))
}
