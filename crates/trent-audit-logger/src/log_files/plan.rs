//! What is known of a chain's files: kept in the store, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trent_types::Timestamp;

/// The state of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// The last record that is in a log file.
    pub(super) delivered: u64,
    /// What is being written.
    pub(super) plan: Option<Plan>,
    /// By Region.
    pub(super) regions: BTreeMap<String, Region>,
}

/// The records after those delivered, up to and with this one, go into files of this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) last: u64,
    pub(super) at_ms: i64,
}

impl Plan {
    pub(super) const fn at(self) -> Timestamp {
        Timestamp::from_millis(self.at_ms)
    }
}

/// The files of a Region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Region {
    /// Where the next digest begins.
    pub(super) digest_start_ms: i64,
    /// When the digest ends that is being written.
    pub(super) digest_end_ms: Option<i64>,
    /// Log files that are in no digest yet.
    pub(super) logs: Vec<LogFile>,
    /// The digest before.
    pub(super) previous: Option<PreviousDigest>,
}

/// A log file, as a digest names it (CloudTrail user guide, "CloudTrail digest file structure").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogFile {
    pub(super) s3_bucket: String,
    pub(super) s3_object: String,
    pub(super) hash_value: String,
    pub(super) hash_algorithm: String,
    pub(super) newest_event_time: String,
    pub(super) oldest_event_time: String,
}

/// What a digest says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PreviousDigest {
    pub(super) object: String,
    pub(super) hash: String,
    pub(super) signature: String,
}
