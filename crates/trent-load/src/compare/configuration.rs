//! What a load was, as far as it moves the figures.
//!
//! Where the servers are, whose credentials signed, names, seeds, files and thresholds are not
//! compared: they may differ between two loads whose figures say something about each other.

use std::fmt;

use serde::Serialize;

use crate::bench;
use crate::reading::Read;
use crate::run::{self, Arrivals, KeyChoice, LoopKind, Mix};

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) setting: &'static str,
    pub(crate) a: String,
    pub(crate) b: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: A {}, B {}", self.setting, self.a, self.b)
    }
}

/// The settings that differ between two reports of the same command.
pub(crate) fn differences(a: &Read, b: &Read) -> Vec<Difference> {
    let pairs = settings(a).into_iter().zip(settings(b));
    let differing = pairs.filter(|((_, a), (_, b))| a != b);
    differing.map(|((setting, a), (_, b))| Difference { setting, a, b }).collect()
}

/// A load in one line.
pub(crate) fn in_words(report: &Read) -> String {
    match report {
        Read::Run(report) => report.in_words(),
        Read::Bench(report) => format!(
            "closed loop, {} connections, {} s, the median of {}",
            report.connections, report.seconds, report.repeat
        ),
    }
}

/// The same names in the same order for all reports of a command.
fn settings(report: &Read) -> Vec<(&'static str, String)> {
    match report {
        Read::Run(report) => run_settings(report),
        Read::Bench(report) => bench_settings(report),
    }
}

fn run_settings(report: &run::Report) -> Vec<(&'static str, String)> {
    let given = &report.configuration;
    let only = |when: bool, value: String| if when { value } else { "none".to_owned() };
    let open = given.rate.is_some();
    let kind = match report.loop_kind {
        LoopKind::Open => "open",
        LoopKind::Closed => "closed",
    };
    let arrivals = match given.arrivals {
        Arrivals::Poisson => "poisson",
        Arrivals::Uniform => "uniform",
    };
    let key_choice = match given.key_choice {
        KeyChoice::Uniform => "uniform".to_owned(),
        KeyChoice::Zipf => format!("zipf {}", given.zipf_exponent),
    };
    let as_given = |_| format!("{} of {} bytes", given.mix, given.bytes);
    let mix = Mix::parse(&given.mix, given.bytes).map(|mix| mix.in_words());
    vec![
        ("loop", kind.to_owned()),
        ("rate", given.rate.map_or("none".to_owned(), |rate| rate.to_string())),
        ("arrivals", only(open, arrivals.to_owned())),
        ("outstanding", only(open, given.outstanding.to_string())),
        // Of a version that knows other operations.
        ("mix", mix.unwrap_or_else(as_given)),
        ("connections", given.connections.to_string()),
        ("threads", report.generator.threads.to_string()),
        ("keys", given.keys.to_string()),
        ("key choice", key_choice),
        ("principals", given.principals.to_string()),
        ("verify", given.verify.to_string()),
        ("retries", given.retries.to_string()),
        ("backoff ms", given.backoff_ms.to_string()),
        ("timeout ms", given.timeout_ms.to_string()),
        ("seconds", given.seconds.to_string()),
        ("warm-up", given.warm_up.to_string()),
        ("ended early", report.ended_early.to_string()),
        // Whose CPU time is counted: none, or that of the servers.
        ("server CPU", if report.servers.is_some() { "measured" } else { "none" }.to_owned()),
    ]
}

fn bench_settings(report: &bench::Report) -> Vec<(&'static str, String)> {
    let done = report.results.iter().map(|result| result.op.as_str());
    let failed = report.failures.iter().map(|failure| failure.op.as_str());
    let mut operations: Vec<_> = done.chain(failed).collect();
    operations.sort_unstable();
    vec![
        ("connections", report.connections.to_string()),
        ("seconds", report.seconds.to_string()),
        ("repeat", report.repeat.to_string()),
        ("operations", operations.join(" ")),
    ]
}
