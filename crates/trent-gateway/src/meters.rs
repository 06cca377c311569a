//! Metrics of requests, with their handles kept per core: counting looks nothing up in the
//! recorder.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, Histogram, describe_counter, describe_gauge, describe_histogram};
use metrics::{counter, gauge, histogram};
use trent_runtime::Refresh;

use crate::exchange::UNKNOWN;

const REQUESTS: &str = "trent_requests_total";
const DURATION: &str = "trent_request_duration_seconds";
const IN_FLIGHT: &str = "trent_requests_in_flight";
const CONNECTIONS: &str = "trent_connections";
const CONNECTIONS_REFUSED: &str = "trent_connections_refused_total";
const PROXY_HEADERS_REFUSED: &str = "trent_proxy_headers_refused_total";

/// The code of a request that is answered with what it asked for.
pub(crate) const OK: &str = "ok";
/// The code of a request that has no answer of the operation's: it took too long.
pub(crate) const TIMEOUT: &str = "Timeout";

/// Counters by operation and outcome, and histograms by operation.
pub(crate) struct Meters {
    counters: RefCell<HashMap<[Word; 2], (Counter, Histogram)>>,
    in_flight: Arc<AtomicUsize>,
}

/// A word of the program, known by its place: cheaper than by its letters. A word that stands in
/// two places leads to the same metric twice.
type Word = (usize, usize);

fn word(text: &'static str) -> Word {
    (text.as_ptr().addr(), text.len())
}

/// A request in flight.
pub(crate) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Meters {
    /// The meters of one core, whose requests in flight are counted here.
    pub(crate) fn new(in_flight: Arc<AtomicUsize>) -> Self {
        Self { counters: RefCell::default(), in_flight }
    }

    /// Counts a request as in flight until that is dropped.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// Counts one answered request: `code` is [`OK`] or the error's.
    pub(crate) fn answered(
        &self,
        operation: &'static str,
        code: &'static str,
        status: u16,
        took: Duration,
    ) {
        let mut counters = self.counters.borrow_mut();
        let (counter, histogram) = counters
            .entry([word(operation), word(code)])
            .or_insert_with(|| (requests(operation, code, status), duration(operation)));
        counter.increment(1);
        histogram.record(took);
    }
}

fn requests(operation: &'static str, code: &'static str, status: u16) -> Counter {
    let class = match status {
        ..400 => "2xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    counter!(REQUESTS, "operation" => operation, "code" => code, "status" => class)
}

fn duration(operation: &'static str) -> Histogram {
    histogram!(DURATION, "operation" => operation)
}

/// Makes every metric that can be told before anything happens, so that it begins at 0.
pub(crate) fn begin() {
    describe_counter!(REQUESTS, "Answered requests, by operation, code of the error and status");
    describe_histogram!(DURATION, "From a request's head to its answer, by operation");
    describe_gauge!(IN_FLIGHT, "Requests that are being read or worked on");
    describe_gauge!(CONNECTIONS, "Connections of clients");
    describe_counter!(CONNECTIONS_REFUSED, "Connections that were closed at once: too many");
    for operation in trent_operations::operation_names().chain([UNKNOWN]) {
        requests(operation, OK, 200).increment(0);
    }
    describe_counter!(PROXY_HEADERS_REFUSED, "Connections of trusted proxies without their header");
    refused_connections().increment(0);
    refused_proxy_headers().increment(0);
    let _ = crate::quota::begin();
}

/// Connections that were closed at once because there were too many.
pub(crate) fn refused_connections() -> Counter {
    counter!(CONNECTIONS_REFUSED)
}

/// Connections from trusted proxies that did not begin with a PROXY protocol header.
pub(crate) fn refused_proxy_headers() -> Counter {
    counter!(PROXY_HEADERS_REFUSED)
}

/// Brings the gauges up to date.
pub(crate) fn refresh(connections: Arc<AtomicUsize>, in_flight: Vec<Arc<AtomicUsize>>) -> Refresh {
    let (open, running) = (gauge!(CONNECTIONS), gauge!(IN_FLIGHT));
    Box::new(move || {
        open.set(connections.load(Ordering::Relaxed) as f64);
        let cores = in_flight.iter().map(|core| core.load(Ordering::Relaxed));
        running.set(cores.sum::<usize>() as f64);
    })
}
