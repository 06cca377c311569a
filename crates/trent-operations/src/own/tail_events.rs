//! `TailEvents`: what comes into the trail, as it comes: a request waits for the next events.

use std::time::Duration;

use trent_types::{TailQuery, TailStart, TrailAttribute, TrailFilter};

use super::{invalid, wrong_token};
use crate::cloudtrail::event;
use crate::decode::{Flag, Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::{about, is_set};
use crate::steps::{Call, Done, Steps};
use crate::token;
use crate::validate::Violations;

/// The operation.
pub(crate) struct TailEvents;

/// The longest and the usual wait, in seconds.
const WAIT_MAX: u32 = 20;
const WAIT: u32 = 10;
/// The most and the usual number of events.
const RESULTS_MAX: u32 = 1000;
const RESULTS: u32 = 100;

shape! {
    TailEventsShape<'a> {
        start_after: "StartAfterEventId" => Text<'a>,
        next_token: "NextToken" => Text<'a>,
        all_regions: "AllRegions" => Flag,
        wait_seconds: "WaitSeconds" => Integer,
        max_results: "MaxResults" => Integer,
        event_name: "EventName" => Text<'a>,
        username: "Username" => Text<'a>,
        resource_name: "ResourceName" => Text<'a>,
        event_source: "EventSource" => Text<'a>,
        error_code: "ErrorCode" => Text<'a>,
        access_key_id: "AccessKeyId" => Text<'a>,
        read_only: "ReadOnly" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    start: TailStart,
    next_token: Option<Text<'a>>,
    all_regions: bool,
    wait_seconds: u32,
    limit: u32,
    filters: Vec<TrailFilter>,
}

impl Steps for TailEvents {
    const NAME: &'static str = "TailEvents";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: TailEventsShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.range("waitSeconds", shape.wait_seconds, 0..=WAIT_MAX.into());
        found.range("maxResults", shape.max_results, 1..=RESULTS_MAX.into());
        let wanted = [
            ("eventName", TrailAttribute::EventName, shape.event_name),
            ("username", TrailAttribute::Username, shape.username),
            ("resourceName", TrailAttribute::ResourceName, shape.resource_name),
            ("eventSource", TrailAttribute::EventSource, shape.event_source),
            ("errorCode", TrailAttribute::ErrorCode, shape.error_code),
            ("accessKeyId", TrailAttribute::AccessKeyId, shape.access_key_id),
            ("readOnly", TrailAttribute::ReadOnly, shape.read_only),
        ];
        let mut filters = Vec::new();
        for (path, attribute, value) in wanted {
            found.length(path, value.as_ref(), 1..=2000);
            if attribute == TrailAttribute::ReadOnly {
                found.one_of(path, value.as_ref(), &["true", "false"]);
            }
            let filter = |value: Text<'_>| TrailFilter { attribute, value: value.0.into_owned() };
            filters.extend(value.map(filter));
        }
        found.finish()?;
        let start = match (&shape.start_after, &shape.next_token) {
            (Some(_), Some(_)) => {
                return Err(invalid("StartAfterEventId and NextToken are not given together"));
            }
            (Some(id), None) => {
                let id = id.parse().map_err(|_| invalid(format!("{} is no event id", &**id)))?;
                TailStart::AfterEvent(id)
            }
            (None, _) => TailStart::Now,
        };
        let number = |given: Option<Integer>, usual| {
            given.and_then(|Integer(given)| u32::try_from(given).ok()).unwrap_or(usual)
        };
        Ok(Input {
            start,
            next_token: shape.next_token,
            all_regions: is_set(shape.all_regions),
            wait_seconds: number(shape.wait_seconds, WAIT),
            limit: number(shape.max_results, RESULTS),
            filters,
        })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("cloudtrail:LookupEvents", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        if let TailStart::AfterEvent(id) = input.start {
            out.id("startAfterEventId", &id);
        }
        out.text_if("nextToken", input.next_token.as_deref());
        if input.all_regions {
            out.boolean("allRegions", true);
        }
        out.number("waitSeconds", input.wait_seconds.into());
        out.number("maxResults", input.limit.into());
        for TrailFilter { attribute, value } in &input.filters {
            let name = match attribute {
                TrailAttribute::EventName => "eventName",
                TrailAttribute::Username => "username",
                TrailAttribute::ResourceName => "resourceName",
                TrailAttribute::EventSource => "eventSource",
                TrailAttribute::ErrorCode => "errorCode",
                TrailAttribute::AccessKeyId => "accessKeyId",
                TrailAttribute::ReadOnly => "readOnly",
                TrailAttribute::EventId | TrailAttribute::ResourceType => continue,
            };
            out.text(name, value);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let start = match &input.next_token {
            None => input.start,
            Some(token) => {
                let place = token::read(token, call, Self::NAME, "");
                let place = place.and_then(|place| place.parse().ok());
                TailStart::After(place.ok_or_else(wrong_token)?)
            }
        };
        let query = TailQuery {
            start,
            all_regions: input.all_regions,
            filters: input.filters.clone(),
            limit: input.limit,
            wait: Duration::from_secs(input.wait_seconds.into()),
        };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let Some(page) = call.ports.trail.tail(id, permit, query).await? else {
            let text = match input.start {
                TailStart::AfterEvent(id) => format!("Event '{id}' does not exist"),
                TailStart::Now | TailStart::After(_) => "The event does not exist".to_owned(),
            };
            return Err(AwsError::new(ErrorCode::NotFound, text).into());
        };
        let mut written = Ok(());
        let body = object(event::room(&page.events), |out| {
            written = event::list(out, &page.events);
            let place = page.sequence.to_string();
            token::write(out, "NextToken", call, (Self::NAME, ""), &place);
        });
        written?;
        Ok(Done::answer(body))
    }
}
