//! An audit record on its way to the trail.

use crate::{AccountId, EventId, Timestamp, TraceParent};

/// One CloudTrail record (CloudTrail User Guide, "Record contents"), finished: nothing is added to
/// it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// `eventID`.
    pub event_id: EventId,
    /// `recipientAccountId`; `None` for a request that was not authenticated, which goes to the
    /// system's own chain.
    pub account: Option<AccountId>,
    /// `eventTime`.
    pub event_time: Timestamp,
    /// One JSON object, UTF-8, without line breaks.
    pub cloudtrail_json: Vec<u8>,
    /// The trace of the request, where it is sampled. It is no part of the record: it goes with it
    /// as far as the stream and is not kept.
    pub trace: Option<TraceParent>,
}
