//! The last use of a key.

use trent_types::{KeyUsed, LastUsage, Timestamp};

use super::{InvalidField, bytes, event_id, parse, request_id};
use crate::messages;

impl From<LastUsage> for messages::LastUsage {
    fn from(usage: LastUsage) -> Self {
        Self {
            tracking_start_ms: usage.tracking_start.as_millis(),
            used: usage.used.map(Into::into),
        }
    }
}

impl TryFrom<messages::LastUsage> for LastUsage {
    type Error = InvalidField;

    fn try_from(usage: messages::LastUsage) -> Result<Self, InvalidField> {
        Ok(Self {
            tracking_start: Timestamp::from_millis(usage.tracking_start_ms),
            used: usage.used.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<KeyUsed> for messages::KeyUsed {
    fn from(used: KeyUsed) -> Self {
        Self {
            operation: used.operation.as_str().to_owned(),
            at_ms: used.at.as_millis(),
            event_id: bytes(used.event_id.as_bytes()),
            request_id: bytes(used.request_id.as_bytes()),
        }
    }
}

impl TryFrom<messages::KeyUsed> for KeyUsed {
    type Error = InvalidField;

    fn try_from(used: messages::KeyUsed) -> Result<Self, InvalidField> {
        Ok(Self {
            operation: parse(&used.operation, "operation")?,
            at: Timestamp::from_millis(used.at_ms),
            event_id: event_id(&used.event_id, "event_id")?,
            request_id: request_id(&used.request_id, "request_id")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use trent_types::{EventId, RequestId, TrackedOperation};

    use super::*;

    #[test]
    fn a_last_usage_comes_back_and_a_damaged_one_is_refused() {
        let used = KeyUsed {
            operation: TrackedOperation::ReEncrypt,
            at: Timestamp::from_millis(7),
            event_id: EventId::from_bytes([1; 16]),
            request_id: RequestId::from_bytes([2; 16]),
        };
        for used in [None, Some(used)] {
            let usage = LastUsage { tracking_start: Timestamp::from_millis(3), used };
            assert_eq!(messages::LastUsage::from(usage).try_into(), Ok(usage));
        }
        let good = messages::KeyUsed::from(used);
        let unknown = messages::KeyUsed { operation: "DescribeKey".to_owned(), ..good.clone() };
        assert_eq!(KeyUsed::try_from(unknown), Err(InvalidField("operation")));
        let short = messages::KeyUsed { request_id: bytes(&[2; 15]), ..good };
        assert_eq!(KeyUsed::try_from(short), Err(InvalidField("request_id")));
    }
}
