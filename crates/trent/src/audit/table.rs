//! Figures of the API as a table, as CSV or as JSON.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::Value;
use trent_runtime::StartError;

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns
    Table,
    /// A line of names, then a line for each row (RFC 4180)
    Csv,
    /// As the API answers
    Json,
}

/// Rows under their names.
pub(super) struct Table {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// How many of the last columns are numbers.
    pub(super) numbers: usize,
}

impl Table {
    /// In columns, numbers to the right.
    pub(super) fn aligned(&self) -> String {
        // What callers chose goes to a terminal: it must not steer it.
        let shown = |text: &String| text.replace(char::is_control, "?");
        let rows: Vec<Vec<String>> = std::iter::once(&self.names)
            .chain(&self.rows)
            .map(|row| row.iter().map(shown).collect())
            .collect();
        let width = |column: usize| {
            let widths = rows.iter().filter_map(|row| row.get(column));
            widths.map(|text| text.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.names.len()).map(width).collect();
        let first_number = self.names.len().saturating_sub(self.numbers);
        let mut out = String::new();
        for row in &rows {
            let mut line = String::new();
            for (column, (text, width)) in row.iter().zip(&widths).enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                line += &if column < first_number {
                    format!("{gap}{text:<width$}")
                } else {
                    format!("{gap}{text:>width$}")
                };
            }
            out += line.trim_end();
            out.push('\n');
        }
        out
    }

    /// As CSV.
    pub(super) fn csv(&self) -> String {
        let field = |text: &String| {
            if text.contains([',', '"', '\r', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        };
        let row = |row: &Vec<String>| row.iter().map(field).collect::<Vec<_>>().join(",") + "\r\n";
        std::iter::once(&self.names).chain(&self.rows).map(row).collect()
    }
}

/// A word of `GroupBy`, as in `key`, `usage-type` or `tag:team`, as the API has it.
pub(super) fn word(by: &str) -> String {
    match by.split_once(':') {
        Some((kind, key)) if kind.eq_ignore_ascii_case("tag") => format!("TAG:{key}"),
        Some(_) | None => by.to_ascii_uppercase().replace('-', "_"),
    }
}

/// The values of a row's group, in the order of the words.
pub(super) fn group(row: &Value, words: &[String]) -> Vec<String> {
    let value = |word: &String| row.get("Group").map(|group| text(group, word)).unwrap_or_default();
    words.iter().map(value).collect()
}

/// A member of an answer: text as it is, a number in its digits.
pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other @ Value::Number(_)) => other.to_string(),
        Some(_) | None => String::new(),
    }
}

/// A moment of an answer, as in `2026-11-01T00:00:00Z`.
pub(super) fn moment(row: &Value, name: &str) -> String {
    let seconds = row.get(name).and_then(Value::as_f64).unwrap_or_default();
    trent_types::Timestamp::from_millis((seconds * 1_000.0) as i64).iso8601()
}

/// Prints; whoever reads may go at any time.
pub(super) fn print(text: &str) -> Result<(), StartError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(StartError::Environment(format!("the output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_apis() {
        for (by, word) in [
            ("key", "KEY"),
            ("usage-type", "USAGE_TYPE"),
            ("tag:a:B-c", "TAG:a:B-c"),
            ("Tag:x", "TAG:x"),
        ] {
            assert_eq!(super::word(by), word);
        }
    }

    #[test]
    fn rows_are_aligned_or_separated() {
        let texts = |row: [&str; 3]| row.map(str::to_owned).to_vec();
        let table = Table {
            names: texts(["KEY", "TAG:a", "REQUESTS"]),
            rows: vec![texts(["k\u{1b}1", "ä,\"", "7"]), texts(["", "b", "123456789"])],
            numbers: 1,
        };
        let aligned = "KEY  TAG:a   REQUESTS\nk?1  ä,\"            7\n     b      123456789\n";
        assert_eq!(table.aligned(), aligned);
        let csv = "KEY,TAG:a,REQUESTS\r\nk\u{1b}1,\"ä,\"\"\",7\r\n,b,123456789\r\n";
        assert_eq!(table.csv(), csv);
    }
}
