//! The cost report as CSV (RFC 4180), with the column names of AWS's cost and usage report
//! (AWS Data Exports User Guide, "Cost and Usage Report (CUR)"). docs/cost.md lists the columns.

use trent_types::{AccountId, CostDimension, CostLine, CostReport};

use super::decimal::decimal;
use super::get_cost_report::{CURRENCY, unit};

/// `lineItem/ProductCode` of everything here.
const PRODUCT: &str = "awskms";

/// The report, with a line of names first.
pub(super) fn csv(account: AccountId, group_by: &[CostDimension], report: &CostReport) -> String {
    let mut out = String::with_capacity(256 * (report.lines.len() + 1));
    let mut names: Vec<String> = [
        "lineItem/UsageAccountId",
        "lineItem/UsageStartDate",
        "lineItem/UsageEndDate",
        "lineItem/ProductCode",
        "lineItem/UsageType",
        "lineItem/UsageAmount",
        "pricing/unit",
        "lineItem/CurrencyCode",
        "lineItem/UnblendedCost",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend(group_by.iter().filter_map(column));
    row(&mut out, &names);
    for line in &report.lines {
        row(&mut out, &fields(account, group_by, line));
    }
    out
}

/// The column that a dimension adds; the usage type has one anyway.
fn column(dimension: &CostDimension) -> Option<String> {
    match dimension {
        CostDimension::Tag(key) => Some(format!("resourceTags/user:{key}")),
        CostDimension::Key => Some("lineItem/ResourceId".to_owned()),
        CostDimension::Region => Some("product/region".to_owned()),
        CostDimension::UsageType => None,
    }
}

fn fields(account: AccountId, group_by: &[CostDimension], line: &CostLine) -> Vec<String> {
    let mut fields = vec![
        account.as_str().to_owned(),
        line.from.iso8601(),
        line.to.iso8601(),
        PRODUCT.to_owned(),
        line.usage_type.clone(),
        decimal(line.quantity_nano.into()),
        unit(line.unit).to_owned(),
        CURRENCY.to_owned(),
        decimal(line.amount_nano.into()),
    ];
    let values = group_by.iter().zip(&line.group);
    fields.extend(values.filter(|(d, _)| column(d).is_some()).map(|(_, value)| value.clone()));
    fields
}

fn row(out: &mut String, fields: &[String]) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if field.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out.push_str("\r\n");
}
