//! What a load found, as JSON. The names are stable; `schema` counts incompatible changes.

use serde::{Deserialize, Serialize};

use crate::latencies::{Latencies, Percentiles, Point};
use crate::run::arguments::RunArguments;
use crate::run::tally::{Errors, OperationTally, Second};
use crate::run::thresholds::Verdict;

/// The version of the report's form.
pub(crate) const SCHEMA: u32 = 1;

/// A whole report. Counts are of requests that were due after the warm-up, where not said
/// otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) schema: u32,
    pub(crate) version: String,
    /// When the load began.
    pub(crate) started_at: String,
    /// By a signal.
    pub(crate) ended_early: bool,
    pub(crate) configuration: RunArguments,
    pub(crate) loop_kind: LoopKind,
    /// From the end of the warm-up until the last request was started.
    pub(crate) measured_seconds: f64,
    pub(crate) totals: Totals,
    /// Successes.
    pub(crate) requests_per_second: f64,
    pub(crate) latency: Latency,
    /// Not in the first reports.
    #[serde(default)]
    pub(crate) distribution: Distribution,
    pub(crate) operations: Vec<OperationReport>,
    pub(crate) errors: Errors,
    pub(crate) warm_up: WarmUp,
    pub(crate) timeline: Vec<Row>,
    pub(crate) generator: Generator,
    pub(crate) servers: Option<Servers>,
    pub(crate) thresholds: Vec<Verdict>,
    pub(crate) passed: bool,
}

/// Whether requests wait for answers to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LoopKind {
    /// They arrive by a schedule.
    Open,
    /// Each connection sends its next one when it has the answer.
    Closed,
}

/// Sums over all operations.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// Requests that were due.
    pub(crate) arrivals: u64,
    /// Arrivals that could not be started: as many as allowed were waiting for answers.
    pub(crate) shed: u64,
    pub(crate) succeeded: u64,
    /// For good: after the last attempt, or not retryable, or a wrong answer.
    pub(crate) failed: u64,
    /// Neither answered nor failed when the load was given up, those of the warm-up included.
    pub(crate) unanswered: u64,
    pub(crate) attempts: u64,
    pub(crate) retries: u64,
}

/// Latencies of requests that succeeded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Latency {
    /// From the moment the request was due: with its wait for a connection, and its retries.
    pub(crate) response: Percentiles,
    /// The attempt that succeeded alone. It hides that a slow server keeps others waiting.
    pub(crate) service: Percentiles,
}

/// The latencies of all operations as curves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Distribution {
    pub(crate) response: Vec<Point>,
    pub(crate) service: Vec<Point>,
}

/// One operation of the mix.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OperationReport {
    pub(crate) operation: String,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) attempts: u64,
    pub(crate) retries: u64,
    pub(crate) requests_per_second: f64,
    pub(crate) latency: Latency,
    pub(crate) errors: Errors,
}

/// What happened before anything was measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct WarmUp {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) shed: u64,
}

/// One second of the whole load, warm-up included; counted when requests end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    /// From the start of the load; 1 is the first.
    pub(crate) second: usize,
    pub(crate) warm_up: bool,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) retries: u64,
    pub(crate) shed: u64,
    /// Waiting or under way at the end of the second.
    pub(crate) outstanding: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// Whether the figures are the server's, or the generator's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Generator {
    pub(crate) threads: u32,
    pub(crate) cpu_seconds: f64,
    pub(crate) cpu_micros_per_attempt: f64,
    /// Open loop: how late requests were started.
    pub(crate) lateness: Option<Percentiles>,
}

/// The servers' processes, where they were named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Servers {
    pub(crate) cpu_seconds: f64,
    pub(crate) requests_per_cpu_second: f64,
    pub(crate) rss_bytes: u64,
}

impl Row {
    pub(crate) fn of(
        second: usize,
        warm_up: bool,
        sum: &Second,
        shed: u64,
        outstanding: usize,
    ) -> Self {
        Self {
            second,
            warm_up,
            succeeded: sum.succeeded,
            failed: sum.failed,
            retries: sum.retries,
            shed,
            outstanding,
            p50_ms: sum.response.quantile_ms(0.5),
            p99_ms: sum.response.quantile_ms(0.99),
            max_ms: sum.response.quantile_ms(1.0),
        }
    }

    /// Whether nothing happened, and nothing is under way.
    pub(crate) const fn is_empty(&self) -> bool {
        let counts = self.succeeded + self.failed + self.retries + self.shed;
        counts == 0 && self.outstanding == 0
    }
}

impl Latency {
    pub(crate) fn of(response: &Latencies, service: &Latencies) -> Self {
        Self { response: response.percentiles(), service: service.percentiles() }
    }
}

impl OperationReport {
    pub(crate) fn of(operation: String, tally: &OperationTally, seconds: f64) -> Self {
        Self {
            operation,
            succeeded: tally.succeeded,
            failed: tally.failed,
            attempts: tally.attempts,
            retries: tally.retries,
            requests_per_second: tally.succeeded as f64 / seconds,
            latency: Latency::of(&tally.response, &tally.service),
            errors: tally.errors.clone(),
        }
    }
}

impl Report {
    /// The load in one line.
    pub(crate) fn in_words(&self) -> String {
        let given = &self.configuration;
        format!(
            "{}, {} connections, {} keys, {} principals, {:.1} s{}",
            given.loop_in_words(),
            given.connections,
            given.keys,
            given.principals,
            self.measured_seconds,
            if self.ended_early { ", ended early" } else { "" },
        )
    }

    /// An operation's part.
    pub(crate) fn operation(&self, name: &str) -> Option<&OperationReport> {
        self.operations.iter().find(|found| found.operation == name)
    }
}
