//! What Trent and the echo did in turn, as JSON. The names are stable; `schema` counts incompatible
//! changes.

use serde::{Deserialize, Serialize};

use crate::latencies::Latencies;

/// The version of the report's form.
pub(crate) const SCHEMA: u32 = 1;

/// A whole report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The first reports did not name theirs.
    #[serde(default = "first_schema")]
    pub(crate) schema: u32,
    /// When the measurement began.
    pub(crate) at: String,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
    pub(crate) repeat: u32,
    pub(crate) rss_before_load_bytes: u64,
    pub(crate) results: Vec<Comparison>,
    pub(crate) failures: Vec<Failure>,
}

/// The medians of one operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) op: String,
    pub(crate) trent: Run,
    pub(crate) echo: Run,
    /// Trent's requests per CPU second as a share of the echo's.
    pub(crate) share_of_echo: f64,
}

/// One run of one operation against one server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) requests: u64,
    pub(crate) requests_per_second: f64,
    pub(crate) server_cpu_seconds: f64,
    /// Hardly moved by what else the machine does.
    pub(crate) requests_per_cpu_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// The largest reading during the run.
    pub(crate) rss_bytes: u64,
}

/// An operation that had an answer that was no success.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) op: String,
    pub(crate) error: String,
}

impl Run {
    pub(crate) fn of(histogram: &Latencies, seconds: f64, cpu: f64, rss_bytes: u64) -> Self {
        let requests = histogram.count();
        Self {
            requests,
            requests_per_second: requests as f64 / seconds,
            server_cpu_seconds: cpu,
            // Less than a tick is taken for a tick.
            requests_per_cpu_second: requests as f64 / cpu.max(0.01),
            p50_ms: histogram.quantile_ms(0.5),
            p99_ms: histogram.quantile_ms(0.99),
            rss_bytes,
        }
    }
}

const fn first_schema() -> u32 {
    1
}
