//! Reports of loads that never were, summed up as those of real ones: for tests of what reads
//! reports.

use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use super::arrivals::Paced;
use super::supervise::{CpuSeconds, shared};
use super::tally::{Ended, Second, Tally};
use super::*;
use crate::latencies::Latencies;
use crate::retry::Fault;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    run: RunArguments,
}

/// The report of a load with these arguments. Each operation of the mix was answered within its
/// microseconds, evenly over the load's seconds; 0 is a failure after one retry.
pub(crate) fn report(line: &str, micros: &[Vec<u64>]) -> Report {
    let line = format!("x --endpoint http://127.0.0.1:1 {line}");
    let arguments = Line::parse_from(line.split_whitespace()).run;
    let mix = Mix::parse(&arguments.mix, arguments.bytes).unwrap();
    assert_eq!(mix.operations().len(), micros.len());
    let (warm_up, seconds) = (arguments.warm_up as usize, arguments.seconds as usize);
    let mut tally = Tally::new(micros.len()).unwrap();
    let idle = Second::new().unwrap();
    let mut timeline: Vec<_> = (1..=warm_up).map(|at| Row::of(at, true, &idle, 0, 0)).collect();
    for second in 0..seconds {
        for (operation, micros) in micros.iter().enumerate() {
            for micros in micros.iter().skip(second).step_by(seconds) {
                endings(*micros).iter().for_each(|ended| tally.count(operation, true, ended));
            }
        }
        timeline.push(Row::of(warm_up + second + 1, false, &tally.second, 0, 0));
        tally.second.clear();
    }
    let arrivals = micros.iter().map(Vec::len).sum::<usize>() as u64;
    let paced = |_| Paced { arrivals, lateness: Latencies::new().unwrap() };
    let plan = Plan {
        arguments: &arguments,
        endpoints: Vec::new(),
        fixtures: Fixtures::of_samples(32, Vec::new()),
        chooser: Chooser::new(mix, &arguments),
        signers: Vec::new(),
    };
    let loaded = Loaded {
        shared: Arc::new(shared(plan)),
        tally,
        paced: arguments.rate.map(paced),
        timeline,
        measured: Duration::from_secs(arguments.seconds),
        cpu: CpuSeconds { own: 0.5, servers: Some(2.0) },
        ended_early: false,
    };
    let started_at = "2026-11-30T12:00:00.000Z".to_owned();
    Report { passed: true, ..summarize(arguments, started_at, loaded).unwrap() }
}

fn endings(micros: u64) -> Vec<Ended> {
    let fault = Fault { code: "Timeout".into(), retryable: true };
    let response = Duration::from_micros(micros);
    match micros {
        0 => vec![Ended::Retried(fault.clone()), Ended::Failed(fault)],
        _ => vec![Ended::Succeeded { response, service: response / 2 }],
    }
}
