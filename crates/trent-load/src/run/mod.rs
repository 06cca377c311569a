//! `run`: real load on any endpoint, in an open or a closed loop.

mod arguments;
mod arrivals;
mod lane;
mod mix;
mod principals;
mod report;
#[cfg(test)]
pub(crate) mod sample;
mod shared;
mod supervise;
mod tally;
#[cfg(test)]
mod tests;
mod text;
mod thresholds;
mod verify;

use std::fs;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use trent_types::{Clock, SystemClock};

pub(crate) use self::arguments::{Arrivals, KeyChoice, RunArguments};
use self::mix::Chooser;
pub(crate) use self::mix::Mix;
use self::principals::{Directory, element};
pub(crate) use self::report::{
    Distribution, Latency, LoopKind, OperationReport, Report, Row, SCHEMA,
};
use self::report::{Generator, Servers, Totals, WarmUp};
use self::supervise::{Loaded, Plan, load};
use self::tally::{Errors, OperationTally};
use self::thresholds::Thresholds;
pub(crate) use self::thresholds::Verdict;
use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::fixtures::{Fixtures, Wanted, key_policy};
use crate::proc;
use crate::sign::Signer;

/// What a broken threshold exits with; 1 is for a load that could not be made, 2 for bad usage.
pub(crate) const BROKEN: u8 = 3;

/// Prepares, loads and reports.
pub(crate) fn run(arguments: RunArguments) -> Result<ExitCode, LoadError> {
    let owner = Signer::from_environment(&arguments.region)?;
    let report = measure(arguments, owner)?;
    text::print(&report)?;
    if let Some(path) = &report.configuration.json {
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) })
}

fn measure(arguments: RunArguments, owner: Signer) -> Result<Report, LoadError> {
    let mix = Mix::parse(&arguments.mix, arguments.bytes)?;
    let thresholds = Thresholds::parse(&arguments, &mix)?;
    if arguments.pid.iter().any(|pid| !proc::exists(*pid)) {
        return Err(LoadError::Missing("process for one of the pids"));
    }
    let endpoints = arguments.endpoint.iter();
    let endpoints = endpoints.map(|url| Endpoint::parse(url, arguments.ca_file.as_deref()));
    let endpoints = endpoints.collect::<Result<Vec<_>, _>>()?;
    let first = endpoints.first().ok_or(LoadError::Missing("endpoint"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (fixtures, signers) = runtime.block_on(prepare(&arguments, &mix, first, owner))?;
    let chooser = Chooser::new(mix, &arguments);
    let started_at = SystemClock.now().iso8601();
    let plan = Plan { arguments: &arguments, endpoints, fixtures, chooser, signers };
    let loaded = runtime.block_on(load(plan))?;
    let mut report = summarize(arguments, started_at, loaded)?;
    report.thresholds = thresholds.judge(&report);
    report.passed = report.thresholds.iter().all(|verdict| verdict.held);
    Ok(report)
}

/// Waits for the server, then finds or makes users, keys and ciphertexts.
async fn prepare(
    arguments: &RunArguments,
    mix: &Mix,
    endpoint: &Endpoint,
    owner: Signer,
) -> Result<(Fixtures, Vec<Signer>), LoadError> {
    let mut caller = Caller::new(endpoint, owner.clone());
    let identity = caller.wait_until_served(Duration::from_secs(arguments.wait)).await?;
    let account = element(&identity, "Account")?;
    let partition = element(&identity, "Arn")?.split(':').nth(1).unwrap_or("aws");
    let prefix = &arguments.prefix;
    let directory = Directory { endpoint, owner: &owner, prefix };
    let users = directory.prepare(arguments.principals, arguments.state.as_deref()).await?;
    let wanted = Wanted {
        endpoint,
        signer: &owner,
        prefix,
        keys: arguments.keys as usize,
        policy: Some(key_policy(partition, account)),
    };
    let fixtures = Fixtures::prepare(&wanted, mix.operations()).await?;
    Ok((fixtures, std::iter::once(owner).chain(users).collect()))
}

fn summarize(
    arguments: RunArguments,
    started_at: String,
    loaded: Loaded,
) -> Result<Report, LoadError> {
    let Loaded { shared, tally, measured, .. } = &loaded;
    let seconds = measured.as_secs_f64().max(0.001);
    let mut sum = OperationTally::new()?;
    tally.operations.iter().for_each(|operation| sum.merge(operation));
    let names = shared.chooser.mix().operations().iter().map(ToString::to_string);
    let operations = names
        .zip(&tally.operations)
        .map(|(name, tally)| OperationReport::of(name, tally, seconds))
        .collect();
    let totals = totals(&loaded, &sum);
    let lateness = loaded.paced.as_ref().map(|paced| paced.lateness.percentiles());
    let servers = loaded.cpu.servers.filter(|_| !arguments.pid.is_empty()).map(|cpu| Servers {
        cpu_seconds: cpu,
        requests_per_cpu_second: sum.succeeded as f64 / cpu.max(0.01),
        rss_bytes: proc::rss_bytes(&arguments.pid),
    });
    Ok(Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at,
        ended_early: loaded.ended_early,
        loop_kind: if arguments.rate.is_some() { LoopKind::Open } else { LoopKind::Closed },
        measured_seconds: seconds,
        requests_per_second: sum.succeeded as f64 / seconds,
        latency: Latency::of(&sum.response, &sum.service),
        distribution: Distribution { response: sum.response.curve(), service: sum.service.curve() },
        operations,
        errors: errors(&sum, &totals),
        warm_up: WarmUp {
            succeeded: tally.warm_up_succeeded,
            failed: tally.warm_up_failed,
            shed: shared.shed_warming_up.load(Ordering::Relaxed),
        },
        generator: Generator {
            threads: arguments.thread_count(),
            cpu_seconds: loaded.cpu.own,
            cpu_micros_per_attempt: loaded.cpu.own * 1e6 / (sum.attempts.max(1) as f64),
            lateness,
        },
        servers,
        totals,
        configuration: arguments,
        timeline: loaded.timeline,
        thresholds: Vec::new(),
        passed: false,
    })
}

fn totals(loaded: &Loaded, sum: &OperationTally) -> Totals {
    let Loaded { shared, paced, .. } = loaded;
    let unanswered = shared.outstanding.load(Ordering::Relaxed) as u64;
    let closed = sum.succeeded + sum.failed + unanswered;
    Totals {
        arrivals: paced.as_ref().map_or(closed, |paced| paced.arrivals),
        shed: shared.shed.load(Ordering::Relaxed),
        succeeded: sum.succeeded,
        failed: sum.failed,
        unanswered,
        attempts: sum.attempts,
        retries: sum.retries,
    }
}

/// Errors by code; what was given up has one of its own.
fn errors(sum: &OperationTally, totals: &Totals) -> Errors {
    let mut errors = sum.errors.clone();
    if totals.unanswered > 0 {
        errors.entry("Unanswered".to_owned()).or_default().failed += totals.unanswered;
    }
    errors
}
