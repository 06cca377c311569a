//! From keys and requests to the lines of a report.

use std::collections::BTreeMap;

use trent_store::UsageCount;
use trent_types::{
    CostDimension, CostLine, CostQuery, CostReport, CostUnit, KeyArn, KeySpec, Timestamp,
};

use super::RequestKind;
use super::history::{Keys, Life};
use super::prices::Prices;
use crate::derive::usage::HOUR_MS;

/// Hours of a day.
const DAY: i64 = 24;

/// Billionths in one.
const NANO: i128 = 1_000_000_000;

/// The hours of a month, UTC: the first, and the one after the last. `None` for no month.
pub(crate) fn month_hours(year: i64, month: u32) -> Option<(i64, i64)> {
    let first = |year, month| Timestamp::from_civil(year, month, 1, 0, 0, 0);
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let hour = |at: Timestamp| at.as_millis().div_euclid(HOUR_MS);
    Some((hour(first(year, month)?), hour(first(next_year, next_month)?)))
}

/// A report that is being made.
pub(crate) struct Bill<'a> {
    query: &'a CostQuery,
    prices: &'a Prices,
    /// The month's hours.
    from: i64,
    to: i64,
    /// The hour after the present one.
    present: i64,
    /// Free requests that are left.
    free: u64,
    lines: BTreeMap<(i64, Vec<String>, String, CostUnit), Tally>,
}

/// A line that is being counted.
#[derive(Default)]
struct Tally {
    /// Hours of keys, or requests.
    quantity: i128,
    /// Price by quantity, where something is to be paid for.
    price: i128,
}

impl<'a> Bill<'a> {
    /// An empty report; `None` when the query names no month.
    pub(crate) fn new(query: &'a CostQuery, prices: &'a Prices, now: Timestamp) -> Option<Self> {
        let (from, to) = month_hours(query.year, query.month)?;
        let present = now.as_millis().div_euclid(HOUR_MS).saturating_add(1);
        let free = prices.free_requests;
        Some(Self { query, prices, from, to, present, free, lines: BTreeMap::new() })
    }

    /// The hours that it is about.
    pub(crate) const fn hours(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// Adds what it costs to keep keys.
    pub(crate) fn add_keys(&mut self, keys: &Keys) {
        for (key, life) in keys.iter() {
            for (from, to) in keys.paid(key, life) {
                self.add_span(key, life, from.max(self.from), to.min(self.to).min(self.present));
            }
        }
    }

    fn add_span(&mut self, key: &KeyArn, life: &Life, from: i64, to: i64) {
        let region = key.region.as_str();
        let usage_type = format!("{region}-KMS-Keys");
        let arn = key.to_string();
        let price = i128::from(self.prices.of(region).key_month);
        let mut hour = from;
        while hour < to {
            let change = life.next_change(hour).unwrap_or(to);
            let day_end = if self.query.daily { (hour.div_euclid(DAY) + 1) * DAY } else { to };
            let next = to.min(change).min(day_end);
            let hours = i128::from(next - hour);
            let group = self.group(Some(life), &arn, region, &usage_type, hour);
            let tally = self.line(hour, group, usage_type.clone(), CostUnit::KeyMonths);
            tally.quantity += hours;
            tally.price += hours * price;
            hour = next;
        }
    }

    /// Adds requests that the account pays for. They must come in the order of their hours, because
    /// the first ones are free. Of another account's key only its spec is known.
    pub(crate) fn add_requests(
        &mut self,
        count: &UsageCount,
        own: Option<&Life>,
        spec: Option<KeySpec>,
    ) {
        let group = &count.group;
        let kind = RequestKind::of(&group.operation, group.pair_spec.parse().ok(), spec);
        let mut paid = count.requests;
        if kind == RequestKind::Requests {
            let free = self.free.min(paid);
            self.free -= free;
            paid -= free;
        }
        let price = i128::from(self.prices.of(&group.region).per_10_000(kind));
        let usage_type = format!("{}-{}", group.region, kind.usage_type());
        let by = self.group(own, &group.key, &group.region, &usage_type, group.hour);
        let tally = self.line(group.hour, by, usage_type, CostUnit::Requests);
        tally.quantity += i128::from(count.requests);
        tally.price += i128::from(paid) * price;
    }

    fn group(
        &self,
        life: Option<&Life>,
        arn: &str,
        region: &str,
        usage_type: &str,
        hour: i64,
    ) -> Vec<String> {
        let mut tags = 0..;
        let value = |dimension: &CostDimension| match dimension {
            CostDimension::Tag(_) => {
                let at = tags.next().unwrap_or_default();
                life.map_or("", |life| life.tag(at, hour)).to_owned()
            }
            CostDimension::Key => arn.to_owned(),
            CostDimension::Region => region.to_owned(),
            CostDimension::UsageType => usage_type.to_owned(),
        };
        self.query.group_by.iter().map(value).collect()
    }

    fn line(
        &mut self,
        hour: i64,
        group: Vec<String>,
        usage_type: String,
        unit: CostUnit,
    ) -> &mut Tally {
        let from = if self.query.daily { hour.div_euclid(DAY) * DAY } else { self.from };
        self.lines.entry((from, group, usage_type, unit)).or_default()
    }

    /// The report.
    pub(crate) fn finish(self) -> CostReport {
        let (from, to, daily) = (self.from, self.to, self.query.daily);
        let month = i128::from(to - from);
        let at = |hour: i64| Timestamp::from_millis(hour.saturating_mul(HOUR_MS));
        let line = |((start, group, usage_type, unit), tally): (_, Tally)| {
            let (whole, packet) = match unit {
                CostUnit::KeyMonths => (month, month),
                CostUnit::Requests => (1, 10_000),
            };
            let end = if daily { start + DAY } else { to };
            CostLine {
                from: at(start),
                to: at(end),
                group,
                usage_type,
                unit,
                quantity_nano: rounded(tally.quantity * NANO, whole),
                amount_nano: rounded(tally.price, packet),
            }
        };
        let lines = self.lines.into_iter().map(line).collect();
        CostReport { complete: self.present > to, lines }
    }
}

/// A quotient of numbers that are not negative, the half rounded up.
fn rounded(number: i128, by: i128) -> i64 {
    let quotient = (number * 2 + by) / (by * 2);
    i64::try_from(quotient).unwrap_or(i64::MAX)
}
