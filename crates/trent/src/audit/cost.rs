//! `trent cost report`: the cost allocation report of the caller's account.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use trent_runtime::StartError;

use super::table::{Format, Table, group, moment, print, text, word};
use crate::client::{ApiOptions, Client, Target};

/// Commands on cost.
#[derive(Debug, Subcommand)]
pub(crate) enum CostCommand {
    /// Print the cost allocation report of a month
    Report(Box<Report>),
}

/// Which report.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The month, as in 2026-11
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// What costs are told by: tag:KEY, key, region or usage-type; up to four times
    #[arg(long, value_name = "WHAT")]
    by: Vec<String>,
    /// Lines for each day
    #[arg(long)]
    daily: bool,
    /// How it is printed; csv has the columns of AWS's cost and usage report
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    api: ApiOptions,
}

/// Prints a report.
///
/// # Errors
/// [`StartError`] when the API refuses or cannot be reached.
pub(crate) fn run(command: CostCommand) -> Result<(), StartError> {
    let CostCommand::Report(report) = command;
    let client = Client::of(&report.api)?;
    let words: Vec<String> = report.by.iter().map(|by| word(by)).collect();
    let csv = report.format == Format::Csv;
    let body = json!({
        "Month": report.month,
        "Granularity": if report.daily { "DAILY" } else { "MONTHLY" },
        "GroupBy": words,
        "Format": if csv { "CSV" } else { "JSON" },
    });
    let answer = client.call(Target::Own("GetCostReport"), &body, Duration::ZERO)?;
    match report.format {
        Format::Csv => print(&text(&answer, "Report")),
        Format::Json => print(&format!("{answer:#}\n")),
        Format::Table => print(&shown(&answer, &words, report.daily)),
    }
}

fn shown(answer: &Value, words: &[String], daily: bool) -> String {
    let words: Vec<String> = words.iter().filter(|word| *word != "USAGE_TYPE").cloned().collect();
    let day = daily.then(|| "DAY".to_owned());
    let names = day.into_iter().chain(words.iter().cloned());
    let names = names.chain(["USAGE TYPE", "QUANTITY", "USD"].map(str::to_owned)).collect();
    let row = |line: &Value| {
        let day = daily.then(|| moment(line, "Start").chars().take(10).collect::<String>());
        let mut row: Vec<String> = day.into_iter().chain(group(line, &words)).collect();
        row.extend(["UsageType", "Quantity", "Amount"].map(|name| text(line, name)));
        row
    };
    let lines = answer.get("Lines").and_then(Value::as_array);
    let rows = lines.into_iter().flatten().map(row).collect();
    let table = Table { names, rows, numbers: 2 }.aligned();
    let complete = answer.get("Complete").and_then(Value::as_bool).unwrap_or(false);
    let so_far = if complete { "" } else { " so far" };
    format!("{table}\nTotal of {}{so_far}: {} USD\n", text(answer, "Month"), text(answer, "Total"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_shown_in_columns_with_its_total() {
        let answer = json!({
            "Month": "2026-11", "Complete": false, "Total": "1.0003",
            "Lines": [
                {"Start": 1_793_491_200, "Group": {"TAG:team": "red", "USAGE_TYPE": "x"},
                 "UsageType": "eu-west-1-KMS-Keys", "Quantity": "1", "Amount": "1"},
                {"Start": 1_793_577_600, "Group": {"TAG:team": "", "USAGE_TYPE": "x"},
                 "UsageType": "eu-west-1-KMS-Requests", "Quantity": "100", "Amount": "0.0003"},
            ],
        });
        let words = ["TAG:team".to_owned(), "USAGE_TYPE".to_owned()];
        let expected = "DAY         TAG:team  USAGE TYPE              QUANTITY     USD\n\
            2026-11-01  red       eu-west-1-KMS-Keys             1       1\n\
            2026-11-02            eu-west-1-KMS-Requests       100  0.0003\n\n\
            Total of 2026-11 so far: 1.0003 USD\n";
        assert_eq!(shown(&answer, &words, true), expected);
    }
}
