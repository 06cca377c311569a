//! `trent usage`: how many requests the caller's account made.

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use trent_runtime::StartError;
use trent_types::{Clock, SystemClock, Timestamp};

use super::table::{Format, Table, group, moment, print, text, word};
use crate::client::{ApiOptions, Client, Target, set};

/// Without a beginning, the last day.
const DAY_MS: i64 = 86_400_000;

/// What is counted.
#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// From this day or hour on, UTC, as in 2026-11-01 or 2026-11-01T15 [default: a day ago]
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Until before this day or hour [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    /// The periods
    #[arg(long, value_enum, default_value_t = Every::Total)]
    every: Every,
    /// What requests are told by: key, principal, operation, error, region or tag:KEY; up to four
    /// times
    #[arg(long, value_name = "WHAT")]
    by: Vec<String>,
    /// Only requests about the key with this ARN
    #[arg(long, value_name = "ARN")]
    key: Option<String>,
    /// Only requests by this user, role or service, by its ARN or name
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// Only this operation, as in Encrypt
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Only this error, as in `AccessDenied`; empty: only what succeeded
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// Only requests about keys with this tag
    #[arg(long, value_name = "KEY=VALUE")]
    tag: Option<String>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    api: ApiOptions,
}

/// The length of the periods, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Every {
    /// Hours
    Hour,
    /// Days
    Day,
    /// Months
    Month,
    /// One period
    Total,
}

/// Prints usage.
///
/// # Errors
/// [`StartError`] when the API refuses or cannot be reached.
pub(crate) fn run(usage: &Usage) -> Result<(), StartError> {
    let client = Client::of(&usage.api)?;
    let words: Vec<String> = usage.by.iter().map(|by| word(by)).collect();
    let mut body = usage.body(&words, SystemClock.now())?;
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let mut answer = client.call(Target::Own("GetUsage"), &body, Duration::ZERO)?;
        if let Some(Value::Array(more)) = answer.get_mut("Rows").map(Value::take) {
            rows.extend(more);
        }
        match answer.get("NextToken").filter(|token| token.is_string()) {
            Some(token) => set(&mut body, "NextToken", token.clone()),
            None => break,
        }
    }
    let table = || table(&rows, &words, usage.every != Every::Total);
    match usage.format {
        Format::Table => print(&table().aligned()),
        Format::Csv => print(&table().csv()),
        Format::Json => print(&format!("{:#}\n", json!({"Rows": &rows}))),
    }
}

impl Usage {
    fn body(&self, words: &[String], now: Timestamp) -> Result<Value, StartError> {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.plus_millis(-DAY_MS));
        let tag = match &self.tag {
            None => Value::Null,
            Some(tag) => {
                let (key, value) = tag
                    .split_once('=')
                    .ok_or_else(|| StartError::Configuration("--tag: as in team=red".into()))?;
                json!({"Key": key, "Value": value})
            }
        };
        Ok(json!({
            // Rounded up: what happened this second counts.
            "StartTime": from.as_seconds(), "EndTime": to.plus_millis(999).as_seconds(),
            "Granularity": match self.every {
                Every::Hour => "HOURLY",
                Every::Day => "DAILY",
                Every::Month => "MONTHLY",
                Every::Total => "TOTAL",
            },
            "GroupBy": words,
            "Filter": {
                "KeyId": self.key, "Principal": self.principal, "Operation": self.operation,
                "ErrorCode": self.error, "Tag": tag,
            },
        }))
    }
}

fn table(rows: &[Value], words: &[String], periods: bool) -> Table {
    let from = periods.then(|| "FROM".to_owned());
    let names = from.into_iter().chain(words.iter().cloned());
    let names = names.chain(["REQUESTS", "ERRORS"].map(str::to_owned)).collect();
    let row = |row: &Value| {
        let from = periods.then(|| moment(row, "Start"));
        let mut shown: Vec<String> = from.into_iter().chain(group(row, words)).collect();
        shown.extend(["Requests", "Errors"].map(|name| text(row, name)));
        shown
    };
    Table { names, rows: rows.iter().map(row).collect(), numbers: 2 }
}

/// A day or an hour, UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("{text}: a time is as in 2026-11-01 or 2026-11-01T15");
    let (date, hour) = text.split_once('T').unwrap_or((text, "0"));
    let mut numbers = date.splitn(3, '-').map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok).ok_or_else(wrong);
    let (year, month, day) = (next()?, next()?, next()?);
    let hour = hour.parse().map_err(|_| wrong())?;
    Timestamp::from_civil(year.into(), month, day, hour, 0, 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        usage: Usage,
    }

    #[test]
    fn the_request_says_what_the_arguments_say() {
        let line = "usage --from 2026-11-01 --to 2026-11-02T15 --every hour --by tag:team \
            --tag a=b=c --error=";
        let usage = Line::parse_from(line.split_whitespace()).usage;
        let words = ["TAG:team".to_owned()];
        let body = usage.body(&words, Timestamp::default()).unwrap();
        let expected = json!({
            "StartTime": 1_793_491_200, "EndTime": 1_793_631_600, "Granularity": "HOURLY",
            "GroupBy": ["TAG:team"],
            "Filter": {"KeyId": null, "Principal": null, "Operation": null, "ErrorCode": "",
                "Tag": {"Key": "a", "Value": "b=c"}},
        });
        assert_eq!(body, expected);
        let usage = Line::parse_from(["usage", "--tag", "a"]).usage;
        assert!(usage.body(&words, Timestamp::default()).is_err());
        for wrong in ["2026-11", "2026-02-30", "x", "2026-11-01T24", "2026-11-01T1:0"] {
            assert!(Line::try_parse_from(["usage", "--from", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_are_shown_by_what_was_asked_for() {
        let rows = [json!({"Start": 1_793_491_200.0, "End": 1_793_494_800.0,
            "Group": {"KEY": "arn:k"}, "Requests": 7, "Errors": 1})];
        let table = table(&rows, &["KEY".to_owned()], true);
        assert_eq!(table.csv(), "FROM,KEY,REQUESTS,ERRORS\r\n2026-11-01T00:00:00Z,arn:k,7,1\r\n");
    }
}
