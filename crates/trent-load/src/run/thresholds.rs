//! What makes a load fail.

use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::ops::SizedOperation;
use crate::run::arguments::RunArguments;
use crate::run::mix::Mix;
use crate::run::report::Report;

/// The bounds of a load.
#[derive(Debug)]
pub(crate) struct Thresholds {
    fail_on_error: bool,
    max_failed: Option<u64>,
    max_shed: Option<u64>,
    /// Operation, or all of them, and milliseconds.
    p99_ms: Vec<(Option<String>, f64)>,
}

/// One bound and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) limit: f64,
    /// Nothing where no request succeeded that could be measured.
    pub(crate) measured: Option<f64>,
    pub(crate) held: bool,
}

impl Thresholds {
    /// Reads the bounds; an operation with one must be in the mix.
    pub(crate) fn parse(arguments: &RunArguments, mix: &Mix) -> Result<Self, LoadError> {
        let p99_ms = arguments.p99_ms.iter().map(|text| {
            let wrong = || LoadError::Argument(format!("{text}: not as in --p99-ms encrypt=50"));
            let (name, limit) = text.split_once('=').ok_or_else(wrong)?;
            let limit: f64 = limit.trim().parse().map_err(|_| wrong())?;
            if !limit.is_finite() || limit <= 0.0 {
                return Err(wrong());
            }
            if name.trim() == "all" {
                return Ok((None, limit));
            }
            let name = SizedOperation::parse(name.trim(), arguments.bytes)?.to_string();
            if mix.operations().iter().all(|operation| operation.to_string() != name) {
                return Err(LoadError::Argument(format!("{name} is not in the mix")));
            }
            Ok((Some(name), limit))
        });
        Ok(Self {
            fail_on_error: arguments.fail_on_error,
            max_failed: arguments.max_failed,
            max_shed: arguments.max_shed,
            p99_ms: p99_ms.collect::<Result<_, _>>()?,
        })
    }

    /// Holds a report against the bounds. That anything succeeded at all is always one of them.
    pub(crate) fn judge(&self, report: &Report) -> Vec<Verdict> {
        let totals = &report.totals;
        let at_most = |name: &str, limit: u64, measured: u64| Verdict {
            name: name.to_owned(),
            limit: limit as f64,
            measured: Some(measured as f64),
            held: measured <= limit,
        };
        let some = Verdict {
            name: "succeeded".to_owned(),
            limit: 1.0,
            measured: Some(totals.succeeded as f64),
            held: totals.succeeded > 0,
        };
        let failed = totals.failed + totals.unanswered;
        let errors = totals.retries + failed;
        let counts = [
            self.fail_on_error.then(|| at_most("errors", 0, errors)),
            self.max_failed.map(|limit| at_most("failed", limit, failed)),
            self.max_shed.map(|limit| at_most("shed", limit, totals.shed)),
        ];
        let times = self.p99_ms.iter().map(|(name, limit)| {
            let found = match name {
                None => Some(&report.latency.response),
                Some(name) => report.operation(name).map(|found| &found.latency.response),
            };
            let measured = found.filter(|times| times.count > 0).map(|times| times.p99_ms);
            let held = measured.is_some_and(|measured| measured <= *limit);
            let name = format!("p99_ms {}", name.as_deref().unwrap_or("all"));
            Verdict { name, limit: *limit, measured, held }
        });
        std::iter::once(some).chain(counts.into_iter().flatten()).chain(times).collect()
    }
}
