//! Metrics of the trail's keepers, with their handles kept.

use std::future::Future;
use std::time::{Duration, Instant};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use metrics::{describe_counter, describe_gauge, describe_histogram};

const RECORDS: &str = "trent_audit_records_total";
const BATCH: &str = "trent_audit_batch_records";
const DURATION: &str = "trent_audit_commit_duration_seconds";
const LAG: &str = "trent_audit_lag_seconds";
const FAILURES: &str = "trent_audit_failures_total";

const USES: &str = "trent_key_uses_noted_total";
const FOLLOWER_LAG: &str = "trent_follower_lag_seconds";
const FOLLOWER_FAILURES: &str = "trent_follower_failures_total";

const QUERIES: &str = "trent_trail_queries_total";
const QUERY_DURATION: &str = "trent_trail_query_duration_seconds";

const CHECKPOINTS: &str = "trent_audit_checkpoints_total";
const CHECKPOINT_FAILURES: &str = "trent_audit_checkpoint_failures_total";
const CHECKPOINT_LAST: &str = "trent_audit_checkpoint_timestamp_seconds";

const JOURNAL_RECORDS: &str = "trent_journal_records_total";
const JOURNAL_BATCH: &str = "trent_journal_batch_records";
const JOURNAL_DURATION: &str = "trent_journal_commit_duration_seconds";

/// What the logger does.
pub(crate) struct KeeperMeters {
    new: Counter,
    repeated: Counter,
    batch: Histogram,
    duration: Histogram,
    pub(crate) lag: Gauge,
    pub(crate) failures: Counter,
}

impl KeeperMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(RECORDS, "Records of committed batches: new ones, and repeated ones");
        describe_histogram!(BATCH, "Records that were committed together");
        describe_histogram!(DURATION, "The commit of one batch");
        describe_gauge!(LAG, "The age of the oldest record of the last batch; 0 when none waits");
        describe_counter!(FAILURES, "Times that stream or store did not do what it was asked for");
        Self {
            new: counter!(RECORDS, "outcome" => "new"),
            repeated: counter!(RECORDS, "outcome" => "repeated"),
            batch: histogram!(BATCH),
            duration: histogram!(DURATION),
            lag: gauge!(LAG),
            failures: counter!(FAILURES),
        }
    }

    /// A batch was committed in which so many records were new.
    pub(crate) fn kept(&self, records: u64, new: u64, took: Duration) {
        self.new.increment(new);
        self.repeated.increment(records.saturating_sub(new));
        self.batch.record(records as f64);
        self.duration.record(took);
    }
}

/// What is derived from records.
#[derive(Clone)]
pub(crate) struct DeriveMeters {
    pub(crate) uses: Counter,
}

impl DeriveMeters {
    pub(crate) fn new() -> Self {
        Self { uses: uses() }
    }
}

fn uses() -> Counter {
    describe_counter!(USES, "Last uses of keys found in batches of audit records");
    counter!(USES)
}

/// What the follower of the journal does.
pub(crate) struct FollowerMeters {
    pub(crate) lag: Gauge,
    pub(crate) failures: Counter,
}

impl FollowerMeters {
    pub(crate) fn new() -> Self {
        describe_gauge!(FOLLOWER_LAG, "The age of the last record looked at; 0 when none waits");
        describe_counter!(FOLLOWER_FAILURES, "Times that a part of the journal was not followed");
        Self { lag: gauge!(FOLLOWER_LAG), failures: counter!(FOLLOWER_FAILURES) }
    }
}

/// What the trail is asked.
pub(crate) struct QueryMeters(());

impl QueryMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(QUERIES, "Questions to the audit trail, by kind and outcome");
        describe_histogram!(QUERY_DURATION, "The time to an answer, with the wait of a tail");
        Self(())
    }

    /// Counts a question of this kind.
    pub(crate) async fn time<T, E>(
        &self,
        kind: &'static str,
        answering: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let began = Instant::now();
        let answer = answering.await;
        let outcome = if answer.is_ok() { "answered" } else { "failed" };
        counter!(QUERIES, "kind" => kind, "outcome" => outcome).increment(1);
        histogram!(QUERY_DURATION, "kind" => kind).record(began.elapsed());
        answer
    }
}

/// What is signed.
pub(crate) struct CheckpointMeters {
    pub(crate) written: Counter,
    pub(crate) failures: Counter,
    pub(crate) last: Gauge,
}

impl CheckpointMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(CHECKPOINTS, "Signed checkpoints of the trail that were written");
        describe_counter!(CHECKPOINT_FAILURES, "Times that a checkpoint could not be written");
        describe_gauge!(CHECKPOINT_LAST, "When all of the trail was last covered by a checkpoint");
        Self {
            written: counter!(CHECKPOINTS),
            failures: counter!(CHECKPOINT_FAILURES),
            last: gauge!(CHECKPOINT_LAST),
        }
    }
}

/// What the journal's thread does.
pub(crate) struct JournalMeters {
    written: Counter,
    refused: Counter,
    batch: Histogram,
    duration: Histogram,
}

impl JournalMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(JOURNAL_RECORDS, "Records handed to the journal, by outcome");
        describe_histogram!(JOURNAL_BATCH, "Records that were written and synced together");
        describe_histogram!(JOURNAL_DURATION, "The writing and syncing of one batch");
        Self {
            written: counter!(JOURNAL_RECORDS, "outcome" => "written"),
            refused: counter!(JOURNAL_RECORDS, "outcome" => "refused"),
            batch: histogram!(JOURNAL_BATCH),
            duration: histogram!(JOURNAL_DURATION),
        }
    }

    /// A batch is durable.
    pub(crate) fn written(&self, records: usize, took: Duration) {
        self.written.increment(records as u64);
        self.batch.record(records as f64);
        self.duration.record(took);
    }

    /// A batch was not written.
    pub(crate) fn refused(&self, records: usize) {
        self.refused.increment(records as u64);
    }
}
