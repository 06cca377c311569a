//! `trent audit tail`: prints each record as it comes.
//!
//! Every answer says where to go on, and that is taken over only when the answer is whole: so
//! whatever breaks, no record is left out and none is printed twice.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use trent_runtime::StartError;
use trent_types::EventId;

use super::printed::{Reader, print};
use crate::client::{ApiOptions, CallError, Client, Target, set};

/// How long the API shall wait for events before it answers that there are none.
const WAIT: Duration = Duration::from_secs(20);
/// The pause before the first try anew, and the longest.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What is followed.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Begin after this event [default: with what comes from now on]
    #[arg(long, value_name = "EVENT_ID")]
    from: Option<EventId>,
    /// Events of all Regions, not only of the one that is asked
    #[arg(long)]
    all_regions: bool,
    /// A short line for each event instead of its record
    #[arg(long)]
    short: bool,
    /// End after so many events
    #[arg(long, value_name = "NUMBER")]
    count: Option<u32>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    api: ApiOptions,
}

/// Only events with these values.
#[derive(Debug, Args)]
struct Filters {
    /// Only this operation, as in Encrypt
    #[arg(long, value_name = "NAME")]
    event_name: Option<String>,
    /// Only this user, session of a role, or `root`
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Only events about the resource with this ARN
    #[arg(long, value_name = "ARN")]
    resource_name: Option<String>,
    /// Only this service, as in kms.amazonaws.com
    #[arg(long, value_name = "NAME")]
    event_source: Option<String>,
    /// Only this error, as in `AccessDenied`
    #[arg(long, value_name = "CODE")]
    error_code: Option<String>,
    /// Only requests by this access key
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,
    /// Only what reads (true) or what does not (false)
    #[arg(long, value_name = "BOOLEAN")]
    read_only: Option<bool>,
}

/// Follows the trail until it is interrupted.
///
/// # Errors
/// [`StartError`] when the API refuses, or cannot be reached at the beginning.
pub(crate) fn run(tail: &Tail) -> Result<(), StartError> {
    let client = Client::of(&tail.api)?;
    let call = |body: &Value, wait: Duration| client.call(Target::Own("TailEvents"), body, wait);
    follow(tail, &mut std::io::stdout().lock(), call, std::thread::sleep)
}

/// Follows by these calls.
fn follow(
    tail: &Tail,
    out: &mut impl Write,
    call: impl Fn(&Value, Duration) -> Result<Value, CallError>,
    sleep: impl Fn(Duration),
) -> Result<(), StartError> {
    let mut body = tail.first();
    let mut left = tail.count;
    // Nothing is waited for before it is known where to begin.
    let mut wait = Duration::ZERO;
    let (mut begun, mut pause) = (false, PAUSE);
    while left != Some(0) {
        set(&mut body, "WaitSeconds", wait.as_secs().into());
        set(&mut body, "MaxResults", left.unwrap_or(u32::MAX).min(1000).into());
        let answer = match call(&body, wait) {
            Ok(answer) => answer,
            Err(CallError::Away(_) | CallError::Throttled(_)) if begun => {
                sleep(pause);
                pause = (pause * 2).min(PAUSE_MAX);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(token) = answer.get("NextToken").filter(|token| token.is_string()) else {
            return Err(StartError::Environment("the API does not say where to go on".into()));
        };
        if print(out, &answer, tail.short)? == Reader::Gone {
            return Ok(());
        }
        let count = answer.get("Events").and_then(Value::as_array).map_or(0, Vec::len);
        left = left.map(|left| left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX)));
        set(&mut body, "NextToken", token.clone());
        set(&mut body, "StartAfterEventId", Value::Null);
        (begun, pause, wait) = (true, PAUSE, WAIT);
    }
    Ok(())
}

impl Tail {
    /// The first request.
    fn first(&self) -> Value {
        let Filters {
            event_name,
            username,
            resource_name,
            event_source,
            error_code,
            access_key_id,
            read_only,
        } = &self.filters;
        json!({
            "StartAfterEventId": self.from.map(|id| id.to_string()),
            "AllRegions": self.all_regions,
            "EventName": event_name,
            "Username": username,
            "ResourceName": resource_name,
            "EventSource": event_source,
            "ErrorCode": error_code,
            "AccessKeyId": access_key_id,
            "ReadOnly": read_only.map(|read_only| read_only.to_string()),
        })
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
        tail: Tail,
    }

    fn tail(arguments: &[&str]) -> Tail {
        Line::parse_from([&["tail"], arguments].concat()).tail
    }

    fn page(token: &str, records: &[&str]) -> Result<Value, CallError> {
        let event = |record: &&str| json!({"CloudTrailEvent": record});
        let events: Vec<Value> = records.iter().map(event).collect();
        Ok(json!({"Events": events, "NextToken": token}))
    }

    /// What is printed, what was asked, and the pauses, when the API answers like this.
    fn followed(
        tail: &Tail,
        answers: Vec<Result<Value, CallError>>,
    ) -> (Result<(), StartError>, String, Vec<Value>, Vec<Duration>) {
        let (mut out, asked) = (Vec::new(), RefCell::new(Vec::new()));
        let (slept, answers) = (RefCell::new(Vec::new()), RefCell::new(answers.into_iter()));
        let call = |body: &Value, wait: Duration| {
            assert_eq!(body["WaitSeconds"], wait.as_secs());
            asked.borrow_mut().push(body.clone());
            let gone = CallError::Refused { code: "End".into(), message: String::new() };
            answers.borrow_mut().next().unwrap_or(Err(gone))
        };
        let sleep = |pause| slept.borrow_mut().push(pause);
        let outcome = follow(tail, &mut out, call, sleep);
        (outcome, String::from_utf8(out).unwrap(), asked.into_inner(), slept.into_inner())
    }

    fn away() -> Result<Value, CallError> {
        Err(CallError::Away("connection refused".into()))
    }

    #[test]
    fn a_lost_connection_leaves_no_record_out_and_prints_none_twice() {
        let answers = vec![
            page("1", &[]),
            page("2", &["a", "b"]),
            away(),
            Err(CallError::Throttled(String::new())),
            page("3", &["c"]),
            away(),
            page("4", &["d"]),
        ];
        let (outcome, printed, asked, slept) = followed(&tail(&[]), answers);
        assert_eq!(outcome.unwrap_err().to_string(), "End: ");
        assert_eq!(printed, "a\nb\nc\nd\n");
        let tokens: Vec<_> = asked.iter().map(|body| body["NextToken"].as_str()).collect();
        let expected = [None, Some("1"), Some("2"), Some("2"), Some("2"), Some("3"), Some("3")];
        assert_eq!(tokens[..7], expected);
        assert_eq!(slept, [PAUSE, PAUSE * 2, PAUSE]);
        let waits: Vec<_> = asked.iter().map(|body| body["WaitSeconds"].clone()).collect();
        assert_eq!(waits[..3], [0, 20, 20]);
    }

    #[test]
    fn it_begins_where_it_is_told_to_and_ends_after_so_many() {
        let id = "01010101-0101-0101-0101-010101010101";
        let arguments = [
            "--from",
            id,
            "--count",
            "3",
            "--event-name",
            "Encrypt",
            "--read-only",
            "true",
            "--error-code",
            "AccessDenied",
            "--all-regions",
        ];
        let answers = vec![page("1", &["a", "b"]), page("2", &["c"])];
        let (outcome, printed, asked, _) = followed(&tail(&arguments), answers);
        outcome.unwrap();
        assert_eq!(printed, "a\nb\nc\n");
        let wanted = |body: &Value| (body["StartAfterEventId"].clone(), body["MaxResults"].clone());
        assert_eq!(wanted(&asked[0]), (id.into(), 3.into()));
        assert_eq!(wanted(&asked[1]), (Value::Null, 1.into()));
        for body in asked {
            assert_eq!(
                (&body["EventName"], &body["ReadOnly"]),
                (&"Encrypt".into(), &"true".into())
            );
            assert_eq!(
                (&body["ErrorCode"], &body["AllRegions"]),
                (&"AccessDenied".into(), &true.into())
            );
            assert_eq!(body["Username"], Value::Null);
        }
    }

    #[test]
    fn what_cannot_begin_is_a_failure_at_once() {
        let (outcome, _, asked, slept) = followed(&tail(&[]), vec![away()]);
        assert_eq!(outcome.unwrap_err().to_string(), "connection refused");
        assert_eq!((asked.len(), slept.len()), (1, 0));
        let (outcome, ..) = followed(&tail(&[]), vec![Ok(json!({"Events": []}))]);
        assert!(outcome.is_err(), "no token");
    }
}
