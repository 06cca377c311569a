//! The messages of `proto-schemas/trent/v1/audit.proto`, as far as they are needed here;
//! `prost-build` makes them from the file as well.

use prost::{DecodeError, Message};

#[derive(Clone, PartialEq, Message)]
struct AuditBatch {
    #[prost(message, repeated, tag = "1")]
    records: Vec<AuditRecord>,
}

/// One CloudTrail record.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AuditRecord {
    /// 16 bytes of a UUID.
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) event_id: Vec<u8>,
    /// 12 digits, or empty.
    #[prost(string, tag = "2")]
    pub(crate) account: String,
    /// Milliseconds since the epoch.
    #[prost(int64, tag = "3")]
    pub(crate) event_time_ms: i64,
    /// One JSON object.
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) cloudtrail_json: Vec<u8>,
}

/// The records of a message; there may be none.
pub(crate) fn records(payload: &[u8]) -> Result<Vec<AuditRecord>, DecodeError> {
    AuditBatch::decode(payload).map(|batch| batch.records)
}
