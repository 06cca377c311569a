//! `trent audit lookup`: prints the records that LookupEvents finds.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use trent_runtime::StartError;

use super::printed::{Reader, print};
use crate::client::{ApiOptions, CallError, Client, Target, set};

/// The pause after a request too many: there are two in a second.
const PAUSE: Duration = Duration::from_millis(500);
/// How often in a row a request may be one too many.
const PAUSES_MAX: u32 = 20;

/// What is looked for.
#[derive(Debug, Args)]
pub(crate) struct Lookup {
    /// One of EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource and
    /// AccessKeyId, with its value, as in `EventName=Encrypt` [default: all events]
    #[arg(long, value_name = "ATTRIBUTE=VALUE")]
    by: Option<String>,
    /// Not before this moment, in seconds since the epoch
    #[arg(long, value_name = "SECONDS")]
    start: Option<i64>,
    /// Not after this moment, in seconds since the epoch
    #[arg(long, value_name = "SECONDS")]
    end: Option<i64>,
    /// The most events
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    count: u32,
    /// A short line for each event instead of its record
    #[arg(long)]
    short: bool,
    #[command(flatten)]
    api: ApiOptions,
}

/// Looks records up and prints them.
///
/// # Errors
/// [`StartError`] when the API refuses or cannot be reached.
pub(crate) fn run(lookup: &Lookup) -> Result<(), StartError> {
    let client = Client::of(&lookup.api)?;
    let call = |body: &Value| client.call(Target::CloudTrail("LookupEvents"), body, Duration::ZERO);
    look_up(lookup, &mut std::io::stdout().lock(), call, std::thread::sleep)
}

/// Looks up by these calls.
fn look_up(
    lookup: &Lookup,
    out: &mut impl Write,
    call: impl Fn(&Value) -> Result<Value, CallError>,
    sleep: impl Fn(Duration),
) -> Result<(), StartError> {
    let mut body = lookup.first()?;
    let mut left = lookup.count;
    let mut pauses = 0;
    while left > 0 {
        set(&mut body, "MaxResults", left.min(50).into());
        let answer = match call(&body) {
            Ok(answer) => answer,
            Err(CallError::Throttled(_)) if pauses < PAUSES_MAX => {
                pauses += 1;
                sleep(PAUSE);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        pauses = 0;
        if print(out, &answer, lookup.short)? == Reader::Gone {
            return Ok(());
        }
        let count = answer.get("Events").and_then(Value::as_array).map_or(0, Vec::len);
        left = left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
        match answer.get("NextToken").filter(|token| token.is_string()) {
            Some(token) => set(&mut body, "NextToken", token.clone()),
            None => return Ok(()),
        }
    }
    Ok(())
}

impl Lookup {
    /// The first request.
    fn first(&self) -> Result<Value, StartError> {
        let attributes = match &self.by {
            None => Value::Null,
            Some(by) => {
                let (key, value) = by.split_once('=').ok_or_else(|| {
                    StartError::Configuration("--by: as in EventName=Encrypt".into())
                })?;
                json!([{"AttributeKey": key, "AttributeValue": value}])
            }
        };
        Ok(json!({
            "LookupAttributes": attributes, "StartTime": self.start, "EndTime": self.end,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        lookup: Lookup,
    }

    #[test]
    fn pages_are_read_until_there_are_enough_or_no_more() {
        for (count, expected) in [("3", "a\nb\nc\n"), ("9", "a\nb\nc\nd\n")] {
            let arguments = ["lookup", "--by", "Username=a=b", "--start", "7", "--count", count];
            let lookup = Line::parse_from(arguments).lookup;
            let asked = RefCell::new(Vec::new());
            let slept = RefCell::new(0);
            let call = |body: &Value| {
                let number = asked.borrow().len();
                asked.borrow_mut().push(body.clone());
                let event = |record: &str| json!({"CloudTrailEvent": record});
                match number {
                    0 => Ok(json!({"Events": [event("a"), event("b")], "NextToken": "1"})),
                    1 => Err(CallError::Throttled(String::new())),
                    2 if count == "3" => Ok(json!({"Events": [event("c")], "NextToken": "2"})),
                    _ => Ok(json!({"Events": [event("c"), event("d")]})),
                }
            };
            let mut out = Vec::new();
            look_up(&lookup, &mut out, call, |_| *slept.borrow_mut() += 1).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            let asked = asked.into_inner();
            assert_eq!((asked.len(), slept.into_inner()), (3, 1));
            let attribute = json!([{"AttributeKey": "Username", "AttributeValue": "a=b"}]);
            assert_eq!(
                (&asked[0]["LookupAttributes"], &asked[0]["StartTime"]),
                (&attribute, &7.into())
            );
            assert_eq!(
                (&asked[2]["NextToken"], &asked[0]["NextToken"]),
                (&"1".into(), &Value::Null)
            );
        }
    }

    #[test]
    fn an_attribute_has_a_value() {
        let lookup = Line::parse_from(["lookup", "--by", "EventName"]).lookup;
        assert!(lookup.first().is_err());
    }
}
