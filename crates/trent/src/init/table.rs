//! The table of what was made.

use trent_types::Timestamp;

/// A certificate that is valid for less than this is about to end.
const SOON_MS: i64 = 30 * 86_400_000;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It was not there.
    Made,
    /// It was there and is another now.
    Renewed,
    /// It was there and is as it was.
    Kept,
    /// It was there, is not what this version would write, and is as it was.
    Differs,
}

impl State {
    /// Made, or kept.
    pub(super) const fn of(made: bool) -> Self {
        if made { Self::Made } else { Self::Kept }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Renewed => "renewed",
            Self::Kept => "kept",
            Self::Differs => "kept, though this version has another",
        }
    }
}

/// Files, one a row.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Row>);

#[derive(Debug)]
struct Row {
    file: String,
    state: State,
    until: Option<Timestamp>,
    reader: String,
}

impl Table {
    pub(super) fn add(&mut self, file: &str, state: State, until: Option<Timestamp>, reader: &str) {
        self.0.push(Row { file: file.to_owned(), state, until, reader: reader.to_owned() });
    }

    /// Columns: the file, what became of it, until when it is valid, who reads it.
    pub(super) fn text(&self, now: Timestamp) -> String {
        let mut lines = vec![line("file", "", "valid until", "read by")];
        for Row { file, state, until, reader } in &self.0 {
            let mut state = state.text().to_owned();
            let left = until.map(|until| until.as_millis() - now.as_millis());
            match left {
                Some(left) if left <= 0 => state.push_str(", EXPIRED"),
                Some(left) if left < SOON_MS => state.push_str(", ends soon"),
                Some(_) | None => {}
            }
            let until = until.map(|until| until.iso8601().chars().take(10).collect::<String>());
            lines.push(line(file, &state, &until.unwrap_or_default(), reader));
        }
        lines.join("\n")
    }
}

fn line(file: &str, state: &str, until: &str, reader: &str) -> String {
    format!("  {file:<27} {state:<16} {until:<11}  {reader}")
}
