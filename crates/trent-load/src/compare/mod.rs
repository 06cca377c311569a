//! `compare`: two reports beside each other, and whether the second is slower.

mod configuration;
mod figures;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use self::configuration::{Difference, differences};
use self::figures::{Pair, pairs};
use crate::error::LoadError;
use crate::reading::Read;
use crate::run::{BROKEN, Verdict};

/// The version of what `--json` prints.
const SCHEMA: u32 = 1;

#[derive(Args)]
pub(crate) struct CompareArguments {
    /// The report that is compared with, of `run` or `bench`.
    #[arg(value_name = "A.json")]
    a: PathBuf,
    /// The report that is held against it, of the same command.
    #[arg(value_name = "B.json")]
    b: PathBuf,
    /// Fails (exit status 3) when B has a throughput lower, or a p99 longer, by more than this.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    max_slower: Option<f64>,
    /// Compares different loads all the same, and names the differences.
    #[arg(long)]
    force: bool,
    /// Prints JSON in place of the table.
    #[arg(long)]
    json: bool,
}

/// What a comparison found.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    schema: u32,
    /// `run` or `bench`.
    command: &'static str,
    a: Side,
    b: Side,
    /// What differs in the loads themselves.
    differences: Vec<Difference>,
    figures: Vec<Pair>,
    max_slower_percent: Option<f64>,
    /// Limits are of B/A. Empty without a `max_slower_percent`.
    thresholds: Vec<Verdict>,
    passed: bool,
}

/// One of the two reports.
#[derive(Debug, Serialize)]
struct Side {
    path: PathBuf,
    /// The version of the program that made the load, where the report names it.
    version: Option<String>,
    at: String,
    load: String,
}

/// Compares and prints.
pub(crate) fn run(arguments: &CompareArguments) -> Result<ExitCode, LoadError> {
    let compared = compare(arguments)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&compared)?)?;
    } else {
        text::print(&mut out, &compared)?;
    }
    out.flush()?;
    Ok(ExitCode::from(compared.exit_status()))
}

fn compare(arguments: &CompareArguments) -> Result<Compared, LoadError> {
    let (a, b) = (Read::file(&arguments.a)?, Read::file(&arguments.b)?);
    let command = a.command();
    if command != b.command() {
        let why = format!("a report of `{}`, and the other of `{command}`", b.command());
        return Err(LoadError::Report(arguments.b.clone(), why));
    }
    let differences = differences(&a, &b);
    if !differences.is_empty() && !arguments.force {
        let named: Vec<_> = differences.iter().map(ToString::to_string).collect();
        return Err(LoadError::Different(named.join("; ")));
    }
    let figures = pairs(&a, &b);
    let limit = arguments.max_slower;
    let thresholds = limit.map_or_else(Vec::new, |percent| verdict::judge(&figures, percent));
    Ok(Compared {
        schema: SCHEMA,
        command,
        a: Side::of(&arguments.a, &a),
        b: Side::of(&arguments.b, &b),
        differences,
        figures,
        max_slower_percent: limit,
        passed: thresholds.iter().all(|verdict| verdict.held),
        thresholds,
    })
}

impl Compared {
    const fn exit_status(&self) -> u8 {
        if self.passed { 0 } else { BROKEN }
    }
}

impl Side {
    fn of(path: &Path, report: &Read) -> Self {
        let (version, at) = match report {
            Read::Run(report) => (Some(report.version.clone()), report.started_at.clone()),
            Read::Bench(report) => (None, report.at.clone()),
        };
        Self { path: path.to_owned(), version, at, load: configuration::in_words(report) }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let fits = (0.0..=1e4).contains(&number);
    if fits { Ok(number) } else { Err("not between 0 and ten thousand".to_owned()) }
}
