//! The figures of a report in one form, and those of two reports beside each other.

use serde::Serialize;

use crate::bench;
use crate::latencies::Percentiles;
use crate::reading::Read;
use crate::run::{self, Latency};
use crate::table::mib;

/// Of fewer requests, an operation's p99 is decided by less than ten of them, which is chance.
const ENOUGH_FOR_P99: u64 = 1000;

/// Which way a figure must not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Throughput.
    NotLower,
    /// Latency.
    NotHigher,
    /// Says something, but is held against nothing.
    Free,
}

/// A figure of both reports.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pair {
    /// `all` for what is of the whole load.
    pub(crate) operation: String,
    pub(crate) figure: &'static str,
    pub(crate) a: Option<f64>,
    pub(crate) b: Option<f64>,
    /// B/A; 1 where both are 0, nothing where only A is.
    pub(crate) ratio: Option<f64>,
    #[serde(skip)]
    pub(crate) bound: Bound,
}

/// A figure of one report.
struct Figure {
    operation: String,
    name: &'static str,
    /// Nothing where nothing was measured, as a latency where no request succeeded.
    value: Option<f64>,
    bound: Bound,
}

/// All figures that either report has, in the order of A.
pub(crate) fn pairs(a: &Read, b: &Read) -> Vec<Pair> {
    let mut others = figures(b);
    let mut pairs = Vec::new();
    for figure in figures(a) {
        let same =
            |other: &Figure| other.operation == figure.operation && other.name == figure.name;
        let other = others.iter().position(same).map(|at| others.remove(at));
        pairs.push(Pair::of(&figure, other.as_ref()));
    }
    pairs.extend(others.iter().map(Pair::only_in_b));
    pairs
}

impl Pair {
    fn of(a: &Figure, b: Option<&Figure>) -> Self {
        let value = b.and_then(|b| b.value);
        let enough_in_b = value.is_none() || b.is_some_and(|b| b.bound == a.bound);
        Self {
            operation: a.operation.clone(),
            figure: a.name,
            a: a.value,
            b: value,
            ratio: a.value.zip(value).and_then(|(a, b)| ratio(a, b)),
            bound: if enough_in_b { a.bound } else { Bound::Free },
        }
    }

    fn only_in_b(b: &Figure) -> Self {
        let (operation, bound) = (b.operation.clone(), Bound::Free);
        Self { operation, figure: b.name, a: None, b: b.value, ratio: None, bound }
    }
}

#[allow(clippy::float_cmp, reason = "only what is exactly the same is always a ratio of 1")]
fn ratio(a: f64, b: f64) -> Option<f64> {
    if a == b {
        return Some(1.0);
    }
    (a != 0.0).then_some(b / a)
}

fn figures(report: &Read) -> Vec<Figure> {
    match report {
        Read::Run(report) => of_run(report),
        Read::Bench(report) => of_bench(report),
    }
}

/// Adds the figures of one operation.
struct List<'a> {
    operation: &'a str,
    figures: &'a mut Vec<Figure>,
}

impl List<'_> {
    fn add(&mut self, name: &'static str, bound: Bound, value: impl Into<Option<f64>>) {
        let operation = self.operation.to_owned();
        self.figures.push(Figure { operation, name, value: value.into(), bound });
    }

    fn count(&mut self, name: &'static str, count: u64) {
        self.add(name, Bound::Free, count as f64);
    }

    fn latency(&mut self, latency: &Latency, p99: Bound) {
        let Latency { response, service } = latency;
        let some = |times: &Percentiles, value: f64| (times.count > 0).then_some(value);
        self.add("response_p50_ms", Bound::Free, some(response, response.p50_ms));
        self.add("response_p90_ms", Bound::Free, some(response, response.p90_ms));
        self.add("response_p99_ms", p99, some(response, response.p99_ms));
        self.add("response_p999_ms", Bound::Free, some(response, response.p999_ms));
        self.add("service_p50_ms", Bound::Free, some(service, service.p50_ms));
        self.add("service_p90_ms", Bound::Free, some(service, service.p90_ms));
        self.add("service_p99_ms", Bound::Free, some(service, service.p99_ms));
        self.add("service_p999_ms", Bound::Free, some(service, service.p999_ms));
    }
}

fn of_run(report: &run::Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut all = List { operation: "all", figures: &mut figures };
    let totals = &report.totals;
    all.add("requests_per_second", Bound::NotLower, report.requests_per_second);
    if let Some(servers) = &report.servers {
        all.add("requests_per_cpu_second", Bound::NotLower, servers.requests_per_cpu_second);
        all.add("rss_mib", Bound::Free, mib(servers.rss_bytes));
    }
    all.count("succeeded", totals.succeeded);
    all.count("failed", totals.failed);
    all.count("unanswered", totals.unanswered);
    all.count("shed", totals.shed);
    all.count("retries", totals.retries);
    all.latency(&report.latency, Bound::NotHigher);
    if let Some(late) = report.generator.lateness.filter(|late| late.count > 0) {
        all.add("generator_late_p99_ms", Bound::Free, late.p99_ms);
    }
    for found in &report.operations {
        let mut one = List { operation: &found.operation, figures: &mut figures };
        one.add("requests_per_second", Bound::Free, found.requests_per_second);
        one.count("failed", found.failed);
        one.count("retries", found.retries);
        let enough = found.latency.response.count >= ENOUGH_FOR_P99;
        one.latency(&found.latency, if enough { Bound::NotHigher } else { Bound::Free });
    }
    figures
}

fn of_bench(report: &bench::Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    for found in &report.results {
        let mut one = List { operation: &found.op, figures: &mut figures };
        let bench::Comparison { trent, echo, .. } = found;
        one.add("requests_per_second", Bound::NotLower, trent.requests_per_second);
        one.add("requests_per_cpu_second", Bound::NotLower, trent.requests_per_cpu_second);
        one.add("p50_ms", Bound::Free, trent.p50_ms);
        one.add("p99_ms", Bound::NotHigher, trent.p99_ms);
        one.add("rss_mib", Bound::Free, mib(trent.rss_bytes));
        // What the machine itself did differently.
        one.add("echo_requests_per_cpu_second", Bound::Free, echo.requests_per_cpu_second);
        one.add("share_of_echo", Bound::Free, found.share_of_echo);
        one.count("failed", 0);
    }
    for failure in &report.failures {
        List { operation: &failure.op, figures: &mut figures }.count("failed", 1);
    }
    figures
}
