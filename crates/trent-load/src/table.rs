//! The figures as a person reads them.

use std::io::{self, Write};

use crate::bench::{Comparison, Run};

/// Bytes as MiB.
pub(crate) fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

pub(crate) fn print_head(rss_before_load: u64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Trent's memory before the load: {:.1} MiB", mib(rss_before_load))?;
    writeln!(
        out,
        "{:<18} {:<6} {:>9} {:>16} {:>9} {:>9} {:>9} {:>14}",
        "operation",
        "server",
        "req/s",
        "req/server CPU s",
        "p50 ms",
        "p99 ms",
        "RSS MiB",
        "of the echo"
    )?;
    out.flush()
}

pub(crate) fn print_row(comparison: &Comparison) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let share = format!("{:.2}", comparison.share_of_echo);
    print_run(&mut out, &comparison.op, "trent", &comparison.trent, &share)?;
    print_run(&mut out, &comparison.op, "echo", &comparison.echo, "")?;
    out.flush()
}

pub(crate) fn print_failure(op: &str, error: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{op:<18} failed: {error}")?;
    out.flush()
}

fn print_run(
    out: &mut impl Write,
    op: &str,
    server: &str,
    run: &Run,
    share: &str,
) -> io::Result<()> {
    writeln!(
        out,
        "{op:<18} {server:<6} {:>9.0} {:>16.0} {:>9.2} {:>9.2} {:>9.1} {share:>14}",
        run.requests_per_second,
        run.requests_per_cpu_second,
        run.p50_ms,
        run.p99_ms,
        mib(run.rss_bytes),
    )
}
