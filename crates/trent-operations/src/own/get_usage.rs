//! `GetUsage`: how many requests an account made, counted from its audit records.

use trent_types::{Granularity, Tag, Timestamp, UsageDimension, UsageFilter, UsageQuery, UsageRow};

use super::{dimensions, invalid, wrong_token};
use crate::decode::{Integer, List, Moment, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::record::java_date;
use crate::request::Request;
use crate::rules::{about, present};
use crate::steps::{Call, Done, Steps};
use crate::token;
use crate::validate::Violations;

/// The operation.
pub(crate) struct GetUsage;

/// The most rows of an answer, which is also how many there are by default.
const RESULTS_MAX: u32 = 1000;
/// How many hours or days a request may be about: 31 days of hours.
const PERIODS_MAX: i64 = 31 * 24;
const HOUR: i64 = 60 * 60 * 1000;
const GRANULARITIES: [&str; 4] = ["HOURLY", "DAILY", "MONTHLY", "TOTAL"];

shape! {
    GetUsageShape<'a> {
        start: "StartTime" => Moment,
        end: "EndTime" => Moment,
        granularity: "Granularity" => Text<'a>,
        group_by: "GroupBy" => List<Text<'a>>,
        filter: "Filter" => FilterShape<'a>,
        max_results: "MaxResults" => Integer,
        next_token: "NextToken" => Text<'a>,
    }
}

shape! {
    FilterShape<'a> {
        key: "KeyId" => Text<'a>,
        principal: "Principal" => Text<'a>,
        operation: "Operation" => Text<'a>,
        error: "ErrorCode" => Text<'a>,
        region: "Region" => Text<'a>,
        tag: "Tag" => TagFilterShape<'a>,
    }
}

shape! {
    TagFilterShape<'a> {
        key: "Key" => Text<'a>,
        value: "Value" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    query: UsageQuery,
    granularity: &'static str,
    next_token: Option<Text<'a>>,
}

impl Steps for GetUsage {
    const NAME: &'static str = "GetUsage";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: GetUsageShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.required("startTime", shape.start.as_ref());
        found.required("endTime", shape.end.as_ref());
        found.required("granularity", shape.granularity.as_ref());
        found.one_of("granularity", shape.granularity.as_ref(), &GRANULARITIES);
        found.range("maxResults", shape.max_results, 1..=RESULTS_MAX.into());
        found.finish()?;
        let (Moment(from), Moment(to)) = (present(shape.start)?, present(shape.end)?);
        let granularity = present(shape.granularity)?;
        let (granularity, name, period) = match &*granularity {
            "HOURLY" => (Granularity::Hourly, "HOURLY", HOUR),
            "DAILY" => (Granularity::Daily, "DAILY", 24 * HOUR),
            "MONTHLY" => (Granularity::Monthly, "MONTHLY", 28 * 24 * HOUR),
            _ => (Granularity::Total, "TOTAL", i64::MAX),
        };
        if from >= to {
            return Err(invalid("StartTime must be before EndTime"));
        }
        if to.as_millis().saturating_sub(from.as_millis()) / period > PERIODS_MAX {
            let text = format!("The time has more than {PERIODS_MAX} periods of this granularity");
            return Err(invalid(text));
        }
        let given = shape.max_results.map(|Integer(given)| given);
        let limit = given.and_then(|given| u32::try_from(given).ok()).unwrap_or(RESULTS_MAX);
        let query = UsageQuery {
            from,
            to,
            granularity,
            group_by: dimensions::read(shape.group_by)?,
            filter: filter(shape.filter)?,
            skip: 0,
            limit,
        };
        Ok(Input { query, granularity: name, next_token: shape.next_token })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("trent:GetUsage", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("startTime", &java_date(input.query.from));
        out.text("endTime", &java_date(input.query.to));
        out.text("granularity", input.granularity);
        if !input.query.group_by.is_empty() {
            let words = dimensions::words(&input.query.group_by);
            out.list("groupBy", words, |out, word| crate::json::quote(out, &word));
        }
        let filter = &input.query.filter;
        if *filter != UsageFilter::default() {
            out.object("filter", |out| {
                out.text_if("keyId", filter.key.as_deref());
                out.text_if("principal", filter.principal.as_deref());
                out.text_if("operation", filter.operation.as_deref());
                out.text_if("errorCode", filter.error.as_deref());
                out.text_if("region", filter.region.as_deref());
                if let Some(tag) = &filter.tag {
                    out.object("tag", |out| {
                        out.text("key", &tag.key);
                        out.text("value", &tag.value);
                    });
                }
            });
        }
        out.number("maxResults", input.query.limit.into());
        out.text_if("nextToken", input.next_token.as_deref());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let parameters = input.fingerprint();
        let skip = match &input.next_token {
            None => 0,
            Some(token) => {
                let place = token::read(token, call, Self::NAME, &parameters);
                place.and_then(|place| place.parse().ok()).ok_or_else(wrong_token)?
            }
        };
        let limit = input.query.limit;
        // One more than is shown tells whether there are more.
        let query = UsageQuery { skip, limit: limit.saturating_add(1), ..input.query.clone() };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let mut rows = call.ports.trail.usage(id, permit, query).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > shown;
        rows.truncate(shown);
        let group_by = &input.query.group_by;
        Ok(Done::answer(object(64 + rows.len() * 192, |out| {
            out.list("Rows", &rows, |out, row| show(out, group_by, row));
            if more {
                let place = skip.saturating_add(limit).to_string();
                token::write(out, "NextToken", call, (Self::NAME, &parameters), &place);
            }
        })))
    }
}

impl Input<'_> {
    /// What the requests for all pages have in common.
    fn fingerprint(&self) -> String {
        let mut text = Vec::new();
        let mut object = Object::begin(&mut text);
        let query = UsageQuery { limit: 0, ..self.query.clone() };
        let common = Input { query, granularity: self.granularity, next_token: None };
        GetUsage::parameters(&common, &mut object);
        object.number("from", self.query.from.as_millis());
        object.number("to", self.query.to.as_millis());
        object.end();
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn filter(given: Option<FilterShape<'_>>) -> Result<UsageFilter, AwsError> {
    let Some(shape) = given else { return Ok(UsageFilter::default()) };
    let text = |text: Option<Text<'_>>| text.map(|text| text.0.into_owned());
    let tag = match shape.tag {
        None => None,
        Some(TagFilterShape { key: Some(key), value: Some(value), .. }) => {
            Some(Tag { key: key.0.into_owned(), value: value.0.into_owned() })
        }
        Some(_) => return Err(invalid("Filter: a tag has a Key and a Value")),
    };
    Ok(UsageFilter {
        key: text(shape.key),
        principal: text(shape.principal),
        operation: text(shape.operation),
        error: text(shape.error),
        region: text(shape.region),
        tag,
    })
}

fn show(out: &mut Vec<u8>, group_by: &[UsageDimension], row: &UsageRow) {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let mut shown = Object::begin(out);
    let moments: [(&'static str, Timestamp); 2] = [("Start", row.from), ("End", row.to)];
    for (name, moment) in moments {
        shown.epoch_seconds(name, moment);
    }
    dimensions::show(&mut shown, group_by, &row.group);
    shown.number("Requests", count(row.requests));
    shown.number("Errors", count(row.errors));
    shown.end();
}
