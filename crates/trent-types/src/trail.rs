//! What the audit trail is asked, and what it answers.

use std::time::Duration;

use crate::wire_enum::wire_enum;
use crate::{AuditRecord, EventId, Timestamp};

wire_enum! {
    /// What events are found by (CloudTrail API, `LookupAttribute`).
    TrailAttribute as "lookup attribute" {
        /// `eventID`.
        EventId = "EventId",
        /// `eventName`.
        EventName = "EventName",
        /// `readOnly`, as `true` or `false`.
        ReadOnly = "ReadOnly",
        /// The user's name, `root`, the session's name of a role, or the name of a service.
        Username = "Username",
        /// `resources[].type`.
        ResourceType = "ResourceType",
        /// `resources[].ARN`; in `LookupEvents` the id of a key stands for its ARN, too.
        ResourceName = "ResourceName",
        /// `eventSource`.
        EventSource = "EventSource",
        /// `userIdentity.accessKeyId`.
        AccessKeyId = "AccessKeyId",
        /// `errorCode`. `LookupEvents` does not have it; the live tail does.
        ErrorCode = "ErrorCode",
    }
}

/// Events must have this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailFilter {
    /// Of what.
    pub attribute: TrailAttribute,
    /// The value.
    pub value: String,
}

/// Where an event stands in a list by time: the later one is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPlace {
    /// `eventTime`, in milliseconds.
    pub at: Timestamp,
    /// `eventID`.
    pub event_id: EventId,
}

/// Events of one account and Region, newest first (`LookupEvents`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupQuery {
    /// All events without one.
    pub filter: Option<TrailFilter>,
    /// Inclusive.
    pub from: Timestamp,
    /// Inclusive.
    pub to: Timestamp,
    /// Only what is older than this event, which need not fit itself.
    pub before: Option<EventPlace>,
    /// The most events.
    pub limit: u32,
}

/// Where a tail begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailStart {
    /// With what comes from now on.
    Now,
    /// After this event, in the order of the account's chain.
    AfterEvent(EventId),
    /// After this place in the account's chain.
    After(u64),
}

/// What comes into an account's chain, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TailQuery {
    /// Where to begin.
    pub start: TailStart,
    /// Events of all Regions, not only of the one that was asked.
    pub all_regions: bool,
    /// All of them must fit.
    pub filters: Vec<TrailFilter>,
    /// The most events.
    pub limit: u32,
    /// How long to wait for the first one that fits.
    pub wait: Duration,
}

/// An event with what it can be found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEvent {
    /// The record.
    pub record: AuditRecord,
    /// `eventName`.
    pub name: String,
    /// `eventSource`.
    pub source: String,
    /// `readOnly`.
    pub read_only: bool,
    /// As [`TrailAttribute::Username`]; `None` where nobody is named.
    pub username: Option<String>,
    /// `userIdentity.accessKeyId`.
    pub access_key_id: Option<String>,
    /// Type and ARN of each resource.
    pub resources: Vec<(String, String)>,
}

impl TrailEvent {
    /// Where it stands in a list by time.
    #[must_use]
    pub const fn place(&self) -> EventPlace {
        EventPlace { at: self.record.event_time, event_id: self.record.event_id }
    }
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TailPage {
    /// The events that fit, oldest first.
    pub events: Vec<TrailEvent>,
    /// How far the chain was looked at: where to go on.
    pub sequence: u64,
}

/// A key with which digest files and checkpoints are signed (`ListPublicKeys`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPublicKey {
    /// RSA public key, PKCS #1, DER.
    pub der: Vec<u8>,
    /// 32 hexadecimal digits: the MD5-sized beginning of the SHA-256 of `der`.
    pub fingerprint: String,
    /// From when it signs.
    pub from: Timestamp,
    /// Until when it signs.
    pub to: Timestamp,
}
