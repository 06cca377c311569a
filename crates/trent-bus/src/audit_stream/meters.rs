//! Metrics of the audit stream, with their handles kept.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use metrics::{describe_counter, describe_gauge, describe_histogram};

const RECORDS: &str = "trent_audit_published_records_total";
const BATCH: &str = "trent_audit_message_records";
const DURATION: &str = "trent_audit_publish_duration_seconds";
const PENDING: &str = "trent_audit_stream_pending_messages";
const UNDECODABLE: &str = "trent_audit_undecodable_messages_total";
const PASSED_OVER: &str = "trent_audit_passed_over_messages_total";

/// What a publisher does.
#[derive(Debug)]
pub(super) struct PublishMeters {
    accepted: Counter,
    refused: Counter,
    batch: Histogram,
    duration: Histogram,
}

impl PublishMeters {
    pub(super) fn new() -> Self {
        describe_counter!(RECORDS, "Records handed to the audit stream, by outcome");
        describe_histogram!(BATCH, "Records in one message of the audit stream");
        describe_histogram!(DURATION, "From a message's sending to its acknowledgement");
        Self {
            accepted: counter!(RECORDS, "outcome" => "accepted"),
            refused: counter!(RECORDS, "outcome" => "refused"),
            batch: histogram!(BATCH),
            duration: histogram!(DURATION),
        }
    }

    pub(super) fn published(&self, records: usize, took: Duration, accepted: bool) {
        let counter = if accepted { &self.accepted } else { &self.refused };
        counter.increment(records as u64);
        self.batch.record(records as f64);
        self.duration.record(took);
    }

    /// Records were refused that were in no message yet.
    pub(super) fn refused(&self, records: usize) {
        self.refused.increment(records as u64);
    }
}

/// What a consumer finds.
#[derive(Debug)]
pub(super) struct ConsumeMeters {
    pub(super) pending: Gauge,
    pub(super) undecodable: Counter,
    pub(super) passed_over: Counter,
}

impl ConsumeMeters {
    pub(super) fn new() -> Self {
        describe_gauge!(PENDING, "Messages of the audit stream that nobody has been given yet");
        describe_counter!(UNDECODABLE, "Messages of the audit stream that cannot be decoded");
        describe_counter!(PASSED_OVER, "Messages removed before the slowest consumer had them");
        let (pending, undecodable) = (gauge!(PENDING), counter!(UNDECODABLE));
        Self { pending, undecodable, passed_over: counter!(PASSED_OVER) }
    }
}
