//! Audit records.

use trent_types::{AuditRecord, Timestamp};

use super::{InvalidField, by_reference, bytes, event_id, parse};
use crate::messages;

by_reference! {
    AuditRecord => messages::AuditRecord,
}

impl From<AuditRecord> for messages::AuditRecord {
    fn from(record: AuditRecord) -> Self {
        Self {
            event_id: bytes(record.event_id.as_bytes()),
            account: record.account.map(|account| account.as_str().to_owned()).unwrap_or_default(),
            event_time_ms: record.event_time.as_millis(),
            cloudtrail_json: record.cloudtrail_json.into(),
            traceparent: record.trace.map(|trace| trace.to_string()).unwrap_or_default(),
        }
    }
}

impl TryFrom<messages::AuditRecord> for AuditRecord {
    type Error = InvalidField;

    fn try_from(record: messages::AuditRecord) -> Result<Self, InvalidField> {
        let account =
            if record.account.is_empty() { None } else { Some(parse(&record.account, "account")?) };
        if record.cloudtrail_json.is_empty() {
            return Err(InvalidField("cloudtrail_json"));
        }
        Ok(Self {
            event_id: event_id(&record.event_id, "event_id")?,
            account,
            event_time: Timestamp::from_millis(record.event_time_ms),
            cloudtrail_json: record.cloudtrail_json.into(),
            // One that cannot be read is the tracer's fault, and no reason to lose a record.
            trace: match record.traceparent.as_str() {
                "" => None,
                text => text.parse().ok(),
            },
        })
    }
}
