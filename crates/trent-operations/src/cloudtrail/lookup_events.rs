//! `LookupEvents`: the event history of an account in a Region, 90 days of it.

use trent_types::{EventId, EventPlace, LookupQuery, Timestamp, TrailAttribute, TrailFilter};

use super::event::{self, whole_seconds};
use super::in_order;
use crate::decode::{Integer, List, Moment, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::record::java_date;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};
use crate::token;

/// The operation.
pub(crate) struct LookupEvents;

/// How far back the event history goes, in milliseconds.
const HISTORY: i64 = 90 * 24 * 60 * 60 * 1000;
/// How far ahead of this one's clock another gateway's may be, in milliseconds: as far as a
/// signature's time may be off.
const AHEAD: i64 = 5 * 60 * 1000;
/// The most events of an answer, which is also how many there are by default.
const MAX_RESULTS: u32 = 50;
/// The most characters of an attribute's value.
const VALUE_MAX: usize = 2000;

shape! {
    LookupEventsShape<'a> {
        attributes: "LookupAttributes" => List<AttributeShape<'a>>,
        start: "StartTime" => Moment,
        end: "EndTime" => Moment,
        category: "EventCategory" => Text<'a>,
        max_results: "MaxResults" => Integer,
        next_token: "NextToken" => Text<'a>,
    }
}

shape! {
    AttributeShape<'a> {
        key: "AttributeKey" => Text<'a>,
        value: "AttributeValue" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    filter: Option<TrailFilter>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    /// Insights events are asked for, of which there are none.
    insight: bool,
    given_max: Option<i64>,
    limit: u32,
    next_token: Option<Text<'a>>,
}

impl Steps for LookupEvents {
    const NAME: &'static str = "LookupEvents";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: LookupEventsShape<'a> = body(request.body)?;
        let insight = match shape.category.as_deref() {
            None => false,
            Some("insight") => true,
            Some(other) => {
                let text = format!("{other} is not a valid event category.");
                return Err(AwsError::new(ErrorCode::InvalidEventCategory, text));
            }
        };
        let given_max = shape.max_results.map(|Integer(max)| max);
        let limit = given_max.map_or(Some(MAX_RESULTS), |max| u32::try_from(max).ok());
        let limit = limit.filter(|limit| (1..=MAX_RESULTS).contains(limit)).ok_or_else(|| {
            let text = "The maximum number of results must be between 1 and 50.";
            AwsError::new(ErrorCode::InvalidMaxResults, text)
        })?;
        let filter = filter(shape.attributes)?;
        let moment = |Moment(moment)| moment;
        let (start, end) = (shape.start.map(moment), shape.end.map(moment));
        if let (Some(start), Some(end)) = (start, end) {
            in_order(start, end)?;
        }
        let next_token = shape.next_token;
        Ok(Input { filter, start, end, insight, given_max, limit, next_token })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("cloudtrail:LookupEvents", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        if let Some(TrailFilter { attribute, value }) = &input.filter {
            out.list("lookupAttributes", [(attribute, value)], |out, (attribute, value)| {
                let mut shown = Object::begin(out);
                shown.text("attributeKey", attribute.as_str());
                shown.text("attributeValue", value);
                shown.end();
            });
        }
        for (name, moment) in [("startTime", input.start), ("endTime", input.end)] {
            if let Some(moment) = moment {
                out.text(name, &java_date(moment));
            }
        }
        if input.insight {
            out.text("eventCategory", "insight");
        }
        if let Some(max) = input.given_max {
            out.number("maxResults", max);
        }
        out.text_if("nextToken", input.next_token.as_deref());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let parameters = input.fingerprint();
        let before = match &input.next_token {
            None => None,
            Some(token) => Some(read_place(token, call, &parameters)?),
        };
        let now = call.request.received_at;
        let query = LookupQuery {
            filter: input.filter.clone(),
            from: input.start.map_or(now.plus_millis(-HISTORY), |start| {
                whole_seconds(start).max(now.plus_millis(-HISTORY))
            }),
            to: input.end.map_or(now.plus_millis(AHEAD), |end| {
                whole_seconds(end).plus_millis(999).min(now.plus_millis(AHEAD))
            }),
            before,
            limit: input.limit,
        };
        let (events, more) = if input.finds_nothing() || query.to < query.from {
            (Vec::new(), false)
        } else {
            let (id, permit) = (call.request.request_id, call.permit(0)?);
            call.ports.trail.lookup(id, permit, query).await?
        };
        let mut written = Ok(());
        let body = object(event::room(&events), |out| {
            written = event::list(out, &events);
            if let Some(last) = events.last().filter(|_| more) {
                let EventPlace { at, event_id } = last.place();
                let place = format!("{} {event_id}", at.as_millis());
                token::write(out, "NextToken", call, (Self::NAME, &parameters), &place);
            }
        });
        written?;
        Ok(Done::answer(body))
    }
}

impl Input<'_> {
    /// What the requests for all pages have in common.
    fn fingerprint(&self) -> String {
        let (attribute, value) =
            self.filter.as_ref().map_or(("", ""), |f| (f.attribute.as_str(), &*f.value));
        let millis = |moment: Option<Timestamp>| moment.map_or(i64::MIN, Timestamp::as_millis);
        let (start, end) = (millis(self.start), millis(self.end));
        format!("{attribute} {start} {end} {} {value}", self.insight)
    }

    /// Whether no event can fit: there are no Insights events, and event ids are UUIDs.
    fn finds_nothing(&self) -> bool {
        let no_id = self.filter.as_ref().is_some_and(|filter| {
            filter.attribute == TrailAttribute::EventId && filter.value.parse::<EventId>().is_err()
        });
        self.insight || no_id
    }
}

/// The one attribute that events may be looked up by.
fn filter(attributes: Option<List<AttributeShape<'_>>>) -> Result<Option<TrailFilter>, AwsError> {
    let invalid = |text: String| AwsError::new(ErrorCode::InvalidLookupAttributes, text);
    let mut given = attributes.map(|list| list.0).unwrap_or_default().into_iter();
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(invalid("Only one lookup attribute can be given.".to_owned()));
    }
    let AttributeShape { key: Some(key), value: Some(value), .. } = first.unwrap_or_default()
    else {
        return Err(invalid("A lookup attribute has a key and a value.".to_owned()));
    };
    let attribute = key.parse().ok().filter(|attribute| match attribute {
        // It is for the live tail alone.
        TrailAttribute::ErrorCode => false,
        TrailAttribute::EventId
        | TrailAttribute::EventName
        | TrailAttribute::ReadOnly
        | TrailAttribute::Username
        | TrailAttribute::ResourceType
        | TrailAttribute::ResourceName
        | TrailAttribute::EventSource
        | TrailAttribute::AccessKeyId => true,
    });
    let attribute =
        attribute.ok_or_else(|| invalid(format!("{} is not a valid lookup attribute.", &*key)))?;
    if !(1..=VALUE_MAX).contains(&value.chars().count()) {
        let text = "The value of a lookup attribute has between 1 and 2000 characters.";
        return Err(invalid(text.to_owned()));
    }
    if attribute == TrailAttribute::ReadOnly && !matches!(&*value, "true" | "false") {
        return Err(invalid("The value of ReadOnly is true or false.".to_owned()));
    }
    Ok(Some(TrailFilter { attribute, value: value.0.into_owned() }))
}

fn read_place(token: &str, call: &Call<'_>, parameters: &str) -> Result<EventPlace, AwsError> {
    let place = token::read(token, call, LookupEvents::NAME, parameters);
    let place = place.as_deref().and_then(|place| {
        let (at, event_id) = place.split_once(' ')?;
        let at = Timestamp::from_millis(at.parse().ok()?);
        Some(EventPlace { at, event_id: event_id.parse().ok()? })
    });
    place.ok_or_else(|| {
        let text = "The token is not valid, or it is of a request with other parameters.";
        AwsError::new(ErrorCode::InvalidNextToken, text)
    })
}
