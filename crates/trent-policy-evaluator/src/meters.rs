//! Metrics of the evaluator, with their handles kept.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use metrics::{Counter, counter, describe_counter, describe_gauge, gauge};
use trent_runtime::Refresh;

use crate::registry::Registry;

const DECISIONS: &str = "trent_policy_decisions_total";
const CHANGES: &str = "trent_policy_changes_total";
const LEASE_HELD: &str = "trent_policy_lease_held";
const LEASE_SECONDS: &str = "trent_policy_lease_seconds";
const LEASE_FAILURES: &str = "trent_policy_lease_failures_total";
const OUTBOX: &str = "trent_outbox_records";

/// What became of questions and signatures.
pub(crate) struct DecisionMeters {
    pub(crate) granted: Counter,
    pub(crate) denied: Counter,
    pub(crate) refused: Counter,
    pub(crate) unavailable: Counter,
}

impl DecisionMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(DECISIONS, "Questions and signatures, by what was decided");
        let decisions = |outcome: &'static str| counter!(DECISIONS, "outcome" => outcome);
        Self {
            granted: decisions("granted"),
            denied: decisions("denied"),
            refused: decisions("signature_refused"),
            unavailable: decisions("unavailable"),
        }
    }
}

/// What became of changes.
pub(crate) struct ChangeMeters {
    pub(crate) committed: Counter,
    pub(crate) refused: Counter,
    pub(crate) unavailable: Counter,
}

impl ChangeMeters {
    pub(crate) fn new() -> Self {
        describe_counter!(CHANGES, "Changes of metadata, by what became of them");
        let changes = |outcome: &'static str| counter!(CHANGES, "outcome" => outcome);
        Self {
            committed: changes("committed"),
            refused: changes("refused"),
            unavailable: changes("unavailable"),
        }
    }
}

/// Counts leases that were not renewed when it was time to.
pub(crate) fn lease_failures() -> Counter {
    describe_counter!(LEASE_FAILURES, "Renewals of the lease that failed");
    counter!(LEASE_FAILURES)
}

/// Brings the gauges up to date.
pub(crate) fn refresh(registry: Arc<Registry>) -> Refresh {
    describe_gauge!(LEASE_HELD, "1 while this evaluator holds its lease and may decide");
    describe_gauge!(LEASE_SECONDS, "How long the lease still holds");
    describe_gauge!(OUTBOX, "About how many records of changes wait for the audit trail");
    let (held, seconds, outbox) = (gauge!(LEASE_HELD), gauge!(LEASE_SECONDS), gauge!(OUTBOX));
    Box::new(move || {
        let left = registry.core.lease.seconds_left();
        held.set(f64::from(u8::from(left > 0.0)));
        seconds.set(left);
        outbox.set(registry.waiting.load(Ordering::Relaxed) as f64);
        registry.core.cache.show_sizes();
    })
}
