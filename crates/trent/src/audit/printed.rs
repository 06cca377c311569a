//! Events as commands print them, a line each.

use std::io::{self, Write};

use serde_json::Value;
use trent_runtime::StartError;

/// Whether there is still somebody who reads what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Reads,
    Gone,
}

/// Prints the events of an answer, in their order.
pub(super) fn print(
    out: &mut impl Write,
    answer: &Value,
    short: bool,
) -> Result<Reader, StartError> {
    let events = answer.get("Events").and_then(Value::as_array);
    for event in events.into_iter().flatten() {
        let record = text(event, "CloudTrailEvent");
        let line = if short { short_line(event, record) } else { record.to_owned() };
        match written(writeln!(out, "{line}"))? {
            Reader::Reads => {}
            Reader::Gone => return Ok(Reader::Gone),
        }
    }
    written(out.flush())
}

/// Whoever reads may go at any time; everything else is a failure.
fn written(outcome: io::Result<()>) -> Result<Reader, StartError> {
    match outcome {
        Ok(()) => Ok(Reader::Reads),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(StartError::Environment(format!("the output: {error}"))),
    }
}

/// Time, Region, service, operation, who, resources, and the error's code.
fn short_line(event: &Value, record: &str) -> String {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let service = text(event, "EventSource").split('.').next().unwrap_or_default();
    let mut parts = vec![
        text(&record, "eventTime").to_owned(),
        text(&record, "awsRegion").to_owned(),
        format!("{service}:{}", text(event, "EventName")),
        match text(event, "Username") {
            "" => "-".to_owned(),
            name => name.to_owned(),
        },
    ];
    let resources = event.get("Resources").and_then(Value::as_array);
    let names = resources.into_iter().flatten().map(|one| text(one, "ResourceName"));
    parts.extend(names.map(|name| name.splitn(6, ':').last().unwrap_or_default().to_owned()));
    let error = text(&record, "errorCode");
    if !error.is_empty() {
        parts.push(error.to_owned());
    }
    // What callers chose goes to a terminal: it must not steer it.
    parts.join(" ").replace(char::is_control, "?")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer() -> Value {
        let record = json!({
            "eventTime": "2026-11-30T15:20:01Z", "awsRegion": "eu-west-1",
            "errorCode": "AccessDenied",
        });
        json!({"Events": [{
            "EventName": "Encrypt",
            "EventSource": "kms.amazonaws.com",
            "Username": "ann\u{1b}[1m",
            "Resources": [{"ResourceName": "arn:aws:kms:eu-west-1:111122223333:key/1"}],
            "CloudTrailEvent": record.to_string(),
        }, {"EventName": "RotateKey", "CloudTrailEvent": "{}"}]})
    }

    fn printed(short: bool) -> String {
        let mut out = Vec::new();
        assert_eq!(print(&mut out, &answer(), short).unwrap(), Reader::Reads);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn records_are_printed_as_they_are_or_in_short() {
        let first = answer()["Events"][0]["CloudTrailEvent"].clone();
        assert_eq!(printed(false), format!("{}\n{{}}\n", first.as_str().unwrap()));
        let short = "2026-11-30T15:20:01Z eu-west-1 kms:Encrypt ann?[1m key/1 AccessDenied\n";
        assert_eq!(printed(true), format!("{short}  :RotateKey -\n"));
    }

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_reader_that_is_gone_is_the_end_and_a_full_disk_a_failure() {
        let gone = print(&mut Broken(io::ErrorKind::BrokenPipe), &answer(), false);
        assert_eq!(gone.unwrap(), Reader::Gone);
        assert!(print(&mut Broken(io::ErrorKind::StorageFull), &answer(), false).is_err());
    }
}
