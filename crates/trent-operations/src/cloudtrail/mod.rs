//! What Trent serves of CloudTrail (CloudTrail API Reference, 2013-11-01): its own trail is read as
//! CloudTrail's event history is.

pub(crate) mod event;
pub(crate) mod list_public_keys;
pub(crate) mod lookup_events;

use trent_types::Timestamp;

use crate::error::{AwsError, ErrorCode};

/// A beginning must not be after its end.
pub(crate) fn in_order(from: Timestamp, to: Timestamp) -> Result<(), AwsError> {
    if from <= to {
        return Ok(());
    }
    let text = "The start time must not be after the end time.";
    Err(AwsError::new(ErrorCode::InvalidTimeRange, text))
}
