//! A comparison for a person.

use std::io::{self, Write};

use crate::compare::{Compared, Side};

pub(crate) fn print(out: &mut impl Write, compared: &Compared) -> io::Result<()> {
    print_side(out, "A", &compared.a)?;
    print_side(out, "B", &compared.b)?;
    for difference in &compared.differences {
        writeln!(out, "DIFFERENT {difference}")?;
    }
    let names = compared.figures.iter().map(|pair| pair.operation.len());
    let width = names.chain([9]).max().unwrap_or(9);
    writeln!(
        out,
        "\n{:<width$}  {:<28} {:>12} {:>12} {:>8}",
        "operation", "figure", "A", "B", "B/A"
    )?;
    let mut operation = "";
    for pair in &compared.figures {
        let named = if pair.operation == operation { "" } else { &pair.operation };
        operation = &pair.operation;
        let ratio = pair.ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
        writeln!(
            out,
            "{named:<width$}  {:<28} {:>12} {:>12} {ratio:>8}",
            in_words(pair.figure),
            number(pair.a),
            number(pair.b),
        )?;
    }
    let Some(percent) = compared.max_slower_percent else { return Ok(()) };
    writeln!(out)?;
    for verdict in &compared.thresholds {
        let held = if verdict.held { "held" } else { "BROKEN" };
        let measured = verdict.measured.map_or("nothing".to_owned(), |ratio| format!("{ratio:.3}"));
        let name = in_words(&verdict.name);
        writeln!(out, "threshold {name}: B/A {measured}, limit {:.3}, {held}", verdict.limit)?;
    }
    let said = if compared.passed { "passed: not slower" } else { "FAILED: slower" };
    writeln!(out, "{said} by more than {percent} %")
}

fn print_side(out: &mut impl Write, name: &str, side: &Side) -> io::Result<()> {
    let version = side.version.as_ref().map_or(String::new(), |version| format!(" ({version})"));
    writeln!(out, "{name} {}{version}: {}, {}", side.path.display(), side.at, side.load)
}

/// `response_p999_ms` as `response p99.9 ms`.
fn in_words(figure: &str) -> String {
    figure.replace('_', " ").replace("p999", "p99.9")
}

/// Counts whole, the rest with the digits that say something.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.fract().abs() < f64::EPSILON || value >= 1000.0 => {
            format!("{value:.0}")
        }
        Some(value) if value >= 100.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.3}"),
    }
}
