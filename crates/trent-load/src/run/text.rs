//! What a load found, for a person: progress on standard error, the end on standard output.

use std::io::{self, Write};

use crate::run::report::{OperationReport, Report, Row};
use crate::run::tally::Errors;
use crate::table::mib;

/// One line each second.
pub(crate) fn print_progress(row: &Row) -> io::Result<()> {
    writeln!(
        io::stderr(),
        "{:>5} s {} {:>7}/s  p50 {:>8.2} ms  p99 {:>8.2} ms  failed {}  retries {}  shed {}  \
         outstanding {}",
        row.second,
        if row.warm_up { "warm-up" } else { "load   " },
        row.succeeded,
        row.p50_ms,
        row.p99_ms,
        row.failed,
        row.retries,
        row.shed,
        row.outstanding,
    )
}

/// The figures, the errors and the verdict.
pub(crate) fn print(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    print_head(&mut out, report)?;
    writeln!(
        out,
        "{:<36} {:>10} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "operation, response times in ms",
        "succeeded",
        "failed",
        "retries",
        "req/s",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max",
        "svc p99"
    )?;
    report.operations.iter().try_for_each(|operation| print_operation(&mut out, operation))?;
    let all = OperationReport {
        operation: "all".to_owned(),
        succeeded: report.totals.succeeded,
        failed: report.totals.failed,
        attempts: report.totals.attempts,
        retries: report.totals.retries,
        requests_per_second: report.requests_per_second,
        latency: report.latency.clone(),
        errors: Errors::new(),
    };
    print_operation(&mut out, &all)?;
    for (code, count) in &report.errors {
        writeln!(
            out,
            "error {code}: {} attempts, {} requests failed for good",
            count.attempts, count.failed
        )?;
    }
    print_machines(&mut out, report)?;
    for verdict in &report.thresholds {
        let held = if verdict.held { "held" } else { "BROKEN" };
        let measured = verdict.measured.map_or("nothing".to_owned(), |value| value.to_string());
        writeln!(out, "threshold {} {}: {measured}, {held}", verdict.name, verdict.limit)?;
    }
    writeln!(out, "{}", if report.passed { "passed" } else { "FAILED" })?;
    out.flush()
}

fn print_head(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let totals = &report.totals;
    writeln!(out, "{}", report.in_words())?;
    writeln!(
        out,
        "arrivals {}, succeeded {}, failed for good {}, unanswered {}, shed {}; attempts {}, \
         retries {}",
        totals.arrivals,
        totals.succeeded,
        totals.failed,
        totals.unanswered,
        totals.shed,
        totals.attempts,
        totals.retries,
    )
}

fn print_operation(out: &mut impl Write, found: &OperationReport) -> io::Result<()> {
    let response = &found.latency.response;
    writeln!(
        out,
        "{:<36} {:>10} {:>8} {:>8} {:>9.1} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>9.2}",
        found.operation,
        found.succeeded,
        found.failed,
        found.retries,
        found.requests_per_second,
        response.p50_ms,
        response.p90_ms,
        response.p99_ms,
        response.p999_ms,
        response.max_ms,
        found.latency.service.p99_ms,
    )
}

fn print_machines(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let generator = &report.generator;
    write!(
        out,
        "generator: {:.2} CPU s in {} threads, {:.1} us an attempt",
        generator.cpu_seconds, generator.threads, generator.cpu_micros_per_attempt
    )?;
    match &generator.lateness {
        Some(late) => {
            writeln!(out, "; late by p50 {:.2} ms, p99 {:.2} ms", late.p50_ms, late.p99_ms)?;
        }
        None => writeln!(out)?,
    }
    let Some(servers) = &report.servers else { return Ok(()) };
    writeln!(
        out,
        "servers: {:.2} CPU s, {:.0} requests per CPU second, {:.1} MiB resident",
        servers.cpu_seconds,
        servers.requests_per_cpu_second,
        mib(servers.rss_bytes)
    )
}
