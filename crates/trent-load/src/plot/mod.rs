//! `plot`: reports of `run` as one picture, on top of each other.

mod axis;
mod chart;
mod panels;
mod svg;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use self::chart::{PANEL_HEIGHT, Panel, WIDTH};
use self::svg::Svg;
use crate::error::LoadError;
use crate::reading::Read;
use crate::run::Report;

/// Told apart by people who do not see all colours too (Okabe and Ito).
const COLORS: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
/// The most that a legend's line has of a path.
const PATH_CHARS: usize = 40;
const LINE: f64 = 18.0;

#[derive(Args)]
pub(crate) struct PlotArguments {
    /// Reports of `run`, at most 7.
    #[arg(value_name = "REPORT.json", required = true)]
    reports: Vec<PathBuf>,
    /// Where to write the picture.
    #[arg(short, long, value_name = "FILE.svg")]
    output: PathBuf,
}

/// A report and how it is drawn.
pub(crate) struct Drawn {
    name: String,
    color: &'static str,
    report: Box<Report>,
}

/// Reads, draws and writes.
pub(crate) fn run(arguments: &PlotArguments) -> Result<ExitCode, LoadError> {
    let most = COLORS.len();
    if arguments.reports.len() > most {
        return Err(LoadError::Argument(format!("more than {most} reports cannot be told apart")));
    }
    let drawn = arguments.reports.iter().zip(COLORS).map(|(path, color)| {
        let Read::Run(report) = Read::file(path)? else {
            let why = "a report of `trent-load bench`, which keeps nothing over time; plot is for \
                       those of `trent-load run`";
            return Err(LoadError::Report(path.clone(), why.to_owned()));
        };
        Ok(Drawn { name: shortened(path), color, report })
    });
    let picture = picture(&drawn.collect::<Result<Vec<_>, _>>()?);
    let output = &arguments.output;
    fs::write(output, picture)
        .map_err(|error| LoadError::Report(output.clone(), error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

/// The legend, and below it one panel after the other.
fn picture(drawn: &[Drawn]) -> String {
    let panels: Vec<Panel> = panels::all(drawn);
    let top = LINE * (drawn.len() as f64 + 1.0);
    let mut svg = Svg::new(WIDTH, top + PANEL_HEIGHT * panels.len() as f64);
    for (at, one) in drawn.iter().enumerate() {
        let middle = LINE * (at as f64 + 1.0);
        svg.curve(&[(12.0, middle), (40.0, middle)], one.color, false);
        svg.text((48.0, middle + 4.0), "start", &legend(one));
    }
    for (at, panel) in panels.iter().enumerate() {
        panel.draw(&mut svg, top + PANEL_HEIGHT * at as f64);
    }
    svg.finish("Throughput and latency")
}

fn legend(one: &Drawn) -> String {
    let report = &one.report;
    let failed = report.totals.failed + report.totals.unanswered;
    format!(
        "{}: {}; {:.0} requests/s, p99 {:.2} ms, {failed} failed, {} shed",
        one.name,
        report.in_words(),
        report.requests_per_second,
        report.latency.response.p99_ms,
        report.totals.shed,
    )
}

/// The end of a path, which is what differs.
fn shortened(path: &Path) -> String {
    let path = path.display().to_string();
    match path.chars().count().checked_sub(PATH_CHARS) {
        None | Some(0) => path,
        Some(more) => std::iter::once('…').chain(path.chars().skip(more + 1)).collect(),
    }
}
