//! Metrics of requests, with their handles kept per core: counting looks nothing up in the
//! recorder.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use metrics::{Counter, Histogram};

/// Counters and histograms by operation and status.
#[derive(Default)]
pub(crate) struct Meters(RefCell<HashMap<Name, (Counter, Histogram)>>);

/// Operation and status.
type Name = (&'static str, u16);

impl Meters {
    /// Counts one answered request.
    pub(crate) fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        let mut meters = self.0.borrow_mut();
        let (counter, histogram) = meters.entry((operation, status)).or_insert_with(|| {
            let code = status.to_string();
            (
                metrics::counter!("trent_requests_total", "operation" => operation, "code" => code),
                metrics::histogram!("trent_request_duration_seconds", "operation" => operation),
            )
        });
        counter.increment(1);
        histogram.record(took);
    }
}
