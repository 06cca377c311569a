//! `GetCostReport`: what an account's keys and requests of a month cost, by any tags of the keys.

use trent_types::{CostDimension, CostLine, CostQuery, CostReport, CostUnit};

use super::decimal::decimal;
use super::{cost_csv, dimensions, invalid};
use crate::decode::{List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object, quote};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::{about, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct GetCostReport;

/// All prices are in it.
pub(super) const CURRENCY: &str = "USD";

shape! {
    GetCostReportShape<'a> {
        month: "Month" => Text<'a>,
        granularity: "Granularity" => Text<'a>,
        group_by: "GroupBy" => List<Text<'a>>,
        format: "Format" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    month: Text<'a>,
    query: CostQuery,
    csv: bool,
}

impl Steps for GetCostReport {
    const NAME: &'static str = "GetCostReport";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: GetCostReportShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.required("month", shape.month.as_ref());
        found.one_of("granularity", shape.granularity.as_ref(), &["MONTHLY", "DAILY"]);
        found.one_of("format", shape.format.as_ref(), &["JSON", "CSV"]);
        found.finish()?;
        let month = present(shape.month)?;
        let (year, number) = year_and_month(&month)
            .ok_or_else(|| invalid(format!("Month: '{}' is no month as in 2026-11", &*month)))?;
        let (this_year, this_month, ..) = request.received_at.civil();
        if (year, number) > (this_year, this_month) {
            return Err(invalid(format!("Month: {} has not begun yet", &*month)));
        }
        let query = CostQuery {
            year,
            month: number,
            daily: shape.granularity.as_deref() == Some("DAILY"),
            group_by: dimensions::read(shape.group_by)?,
        };
        Ok(Input { month, query, csv: shape.format.as_deref() == Some("CSV") })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("trent:GetCostReport", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("month", &input.month);
        out.text("granularity", if input.query.daily { "DAILY" } else { "MONTHLY" });
        if !input.query.group_by.is_empty() {
            let words = dimensions::words(&input.query.group_by);
            out.list("groupBy", words, |out, word| quote(out, &word));
        }
        out.text("format", if input.csv { "CSV" } else { "JSON" });
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let report = call.ports.trail.cost(id, permit, input.query.clone()).await?;
        let group_by = &input.query.group_by;
        Ok(Done::answer(object(128 + report.lines.len() * 320, |out| {
            out.text("Month", &input.month);
            if input.csv {
                out.text("Report", &cost_csv::csv(call.caller.account, group_by, &report));
            } else {
                show(out, group_by, &report);
            }
        })))
    }
}

fn show(out: &mut Object<'_>, group_by: &[CostDimension], report: &CostReport) {
    out.text("Currency", CURRENCY);
    out.boolean("Complete", report.complete);
    out.list("Lines", &report.lines, |out, line: &CostLine| {
        let mut shown = Object::begin(out);
        shown.epoch_seconds("Start", line.from);
        shown.epoch_seconds("End", line.to);
        dimensions::show(&mut shown, group_by, &line.group);
        shown.text("UsageType", &line.usage_type);
        shown.text("Unit", unit(line.unit));
        shown.text("Quantity", &decimal(line.quantity_nano.into()));
        shown.text("Amount", &decimal(line.amount_nano.into()));
        shown.end();
    });
    let total = report.lines.iter().map(|line| i128::from(line.amount_nano)).sum();
    out.text("Total", &decimal(total));
}

/// The unit as the report names it.
pub(super) const fn unit(unit: CostUnit) -> &'static str {
    match unit {
        CostUnit::KeyMonths => "Key-months",
        CostUnit::Requests => "Requests",
    }
}

/// As in `2026-11`.
fn year_and_month(text: &str) -> Option<(i64, u32)> {
    let (year, month) = text.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
        return None;
    }
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (year >= 1970 && (1..=12).contains(&month)).then_some((year, month))
}
