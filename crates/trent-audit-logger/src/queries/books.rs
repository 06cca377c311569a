//! Usage and cost, from what a store keeps of them.
//!
//! Requests are added up by the database, unless tags are asked for: then counts are read page by
//! page, and what is held is what is known of the account's keys and the rows of one period.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use trent_store::{StoreError, UsageCount, UsageGroup, UsageSelection, UsageSum, UsageTables};
use trent_types::{
    AccountId, CostDimension, CostQuery, CostReport, Granularity, KeyArn, KeySpec, Timestamp,
    UsageDimension, UsageQuery, UsageRow,
};

use super::{TrailUnreadable, UsageReader};
use crate::cost::{Bill, Keys, Prices, month_hours};
use crate::derive::usage::HOUR_MS;

/// Rows of the store that are read at a time.
const PAGE: u32 = 4_096;

/// Hours of a day.
const DAY: i64 = 24;

/// Longer than any span of hours: there is one period.
const ENDLESS: i64 = i64::MAX;

/// Usage and cost of a store, in either form.
pub struct Books {
    tables: Arc<dyn UsageTables>,
    prices: Prices,
}

#[async_trait]
impl UsageReader for Books {
    async fn usage(
        &self,
        account: AccountId,
        query: &UsageQuery,
    ) -> Result<Vec<UsageRow>, TrailUnreadable> {
        let span = Span::of(query);
        // Where there is nothing, nothing is looked for.
        let bounds = self.tables.usage_bounds(account, span.from, span.to).await?;
        let Some((first, last)) = bounds else { return Ok(Vec::new()) };
        let wanted = tags_of(query);
        if wanted.is_empty() {
            self.by_columns(account, query, span, (first, last + 1)).await
        } else {
            let keys = self.keys(account, wanted).await?;
            self.by_tags(account, query, span, &keys).await
        }
    }

    async fn cost(
        &self,
        account: AccountId,
        query: &CostQuery,
        now: Timestamp,
    ) -> Result<CostReport, TrailUnreadable> {
        let Some(mut bill) = Bill::new(query, &self.prices, now) else {
            return Ok(CostReport { complete: false, lines: Vec::new() });
        };
        let tag = |dimension: &CostDimension| match dimension {
            CostDimension::Tag(key) => Some(key.clone()),
            CostDimension::Key | CostDimension::Region | CostDimension::UsageType => None,
        };
        let keys = self.keys(account, query.group_by.iter().filter_map(tag).collect()).await?;
        bill.add_keys(&keys);
        let (from, to) = bill.hours();
        let mut foreign: HashMap<KeyArn, Option<KeySpec>> = HashMap::new();
        let mut after = before_hour(from);
        loop {
            let page = self.tables.billed_page(account, &after, to, PAGE).await?;
            for count in &page {
                let key = count.group.key.parse::<KeyArn>().ok();
                let own = key.as_ref().and_then(|key| keys.of(key));
                let spec = match (own, key) {
                    (Some(life), _) => life.spec(),
                    (None, None) => None,
                    (None, Some(key)) => match foreign.get(&key) {
                        Some(known) => *known,
                        None => {
                            let made = self.tables.key_made(key).await?;
                            let spec = made.and_then(|made| Keys::spec_of(&made));
                            foreign.insert(key, spec);
                            spec
                        }
                    },
                };
                bill.add_requests(count, own, spec);
            }
            match page.into_iter().next_back() {
                Some(last) => after = last.group,
                None => return Ok(bill.finish()),
            }
        }
    }
}

impl Books {
    /// The books of a store, at these prices.
    #[must_use]
    pub fn new(tables: Arc<dyn UsageTables>, prices: Prices) -> Self {
        Self { tables, prices }
    }

    async fn keys(&self, account: AccountId, wanted: Vec<String>) -> Result<Keys, StoreError> {
        let mut keys = Keys::new(wanted);
        let mut last = None;
        loop {
            let page = self.tables.key_events(account, last.as_ref(), PAGE).await?;
            page.iter().for_each(|event| keys.take(event));
            match page.into_iter().next_back() {
                Some(event) => last = Some(event),
                None => return Ok(keys),
            }
        }
    }

    /// Rows that the database adds up.
    async fn by_columns(
        &self,
        account: AccountId,
        query: &UsageQuery,
        span: Span,
        (first, end): (i64, i64),
    ) -> Result<Vec<UsageRow>, TrailUnreadable> {
        let filter = &query.filter;
        let by = |dimension| query.group_by.contains(&dimension);
        let selection = UsageSelection {
            from: span.from,
            to: span.to,
            period: match query.granularity {
                Granularity::Hourly => 1,
                Granularity::Daily => DAY,
                Granularity::Monthly | Granularity::Total => ENDLESS,
            },
            by: [
                by(UsageDimension::Key),
                by(UsageDimension::Principal),
                by(UsageDimension::Operation),
                by(UsageDimension::Error),
                by(UsageDimension::Region),
            ],
            only: [
                filter.key.clone(),
                filter.principal.clone(),
                filter.operation.clone(),
                filter.error.clone(),
                filter.region.clone(),
            ],
        };
        if query.granularity != Granularity::Monthly {
            let sums = self.tables.usage_sums(account, &selection, query.skip, query.limit).await?;
            return Ok(sums.iter().map(|sum| span.row(query, &selection, sum)).collect());
        }
        // Months are not all of one length: one after the other.
        let (mut rows, mut skip, mut hour) = (Vec::new(), query.skip, first);
        while hour < end {
            let (_, next) = span.period(hour, Granularity::Monthly);
            let month = UsageSelection { from: hour, to: next.min(span.to), ..selection.clone() };
            let left = query.limit - u32::try_from(rows.len()).unwrap_or(query.limit);
            if left == 0 {
                break;
            }
            let sums = self.tables.usage_sums(account, &month, skip, left).await?;
            if sums.is_empty() && skip > 0 {
                let groups = self.tables.usage_groups(account, &month).await?;
                skip = skip.saturating_sub(u32::try_from(groups).unwrap_or(u32::MAX));
            } else {
                skip = 0;
            }
            rows.extend(sums.iter().map(|sum| span.row(query, &month, sum)));
            hour = next;
        }
        Ok(rows)
    }

    /// Rows by tags, which the database does not know.
    async fn by_tags(
        &self,
        account: AccountId,
        query: &UsageQuery,
        span: Span,
        keys: &Keys,
    ) -> Result<Vec<UsageRow>, TrailUnreadable> {
        let mut rows = TaggedRows { query, span, keys, done: Vec::new(), open: BTreeMap::new() };
        let (mut skip, limit) = (query.skip as usize, query.limit as usize);
        let mut period = span.period(span.from, query.granularity);
        let mut after = before_hour(span.from);
        loop {
            let page = self.tables.usage_page(account, &after, span.to, PAGE).await?;
            for count in &page {
                if count.group.hour >= period.1 {
                    rows.close(period, &mut skip);
                    period = span.period(count.group.hour, query.granularity);
                }
                rows.add(count);
            }
            let last = page.into_iter().next_back();
            if last.is_none() {
                rows.close(period, &mut skip);
            }
            match last {
                Some(last) if rows.done.len() < limit => after = last.group,
                Some(_) | None => {
                    rows.done.truncate(limit);
                    return Ok(rows.done);
                }
            }
        }
    }
}

/// What sorts before every group of an hour.
fn before_hour(hour: i64) -> UsageGroup {
    UsageGroup { hour, ..UsageGroup::default() }
}

/// The keys of the tags that are asked for: those of the groups in their order, then the filter's.
fn tags_of(query: &UsageQuery) -> Vec<String> {
    let tag = |dimension: &UsageDimension| match dimension {
        UsageDimension::Tag(key) => Some(key.clone()),
        UsageDimension::Key
        | UsageDimension::Principal
        | UsageDimension::Operation
        | UsageDimension::Error
        | UsageDimension::Region => None,
    };
    let filter = query.filter.tag.iter().map(|tag| tag.key.clone());
    query.group_by.iter().filter_map(tag).chain(filter).collect()
}

/// The hours that are asked for, the end exclusive.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    fn of(query: &UsageQuery) -> Self {
        let from = query.from.as_millis().div_euclid(HOUR_MS);
        let to = query.to.as_millis().saturating_add(HOUR_MS - 1).div_euclid(HOUR_MS);
        Self { from, to }
    }

    /// The period that an hour is in, as far as it is asked for.
    fn period(self, hour: i64, granularity: Granularity) -> (i64, i64) {
        let (from, to) = match granularity {
            Granularity::Hourly => (hour, hour + 1),
            Granularity::Daily => {
                let day = hour.div_euclid(DAY) * DAY;
                (day, day + DAY)
            }
            Granularity::Monthly => {
                let (year, month, ..) = at(hour).civil();
                month_hours(year, month).unwrap_or((self.from, self.to))
            }
            Granularity::Total => (self.from, self.to),
        };
        (from.max(self.from), to.min(self.to))
    }

    fn row(self, query: &UsageQuery, selection: &UsageSelection, sum: &UsageSum) -> UsageRow {
        let hour = match query.granularity {
            Granularity::Hourly | Granularity::Daily => sum.period * selection.period,
            Granularity::Monthly | Granularity::Total => selection.from,
        };
        let (from, to) = self.period(hour, query.granularity);
        let [key, principal, operation, error, region] = &sum.group;
        let value = |dimension: &UsageDimension| match dimension {
            UsageDimension::Key => key.clone(),
            UsageDimension::Principal => principal.clone(),
            UsageDimension::Operation => operation.clone(),
            UsageDimension::Error => error.clone(),
            UsageDimension::Region => region.clone(),
            // Not here: tags are not looked up by columns.
            UsageDimension::Tag(_) => String::new(),
        };
        let group = query.group_by.iter().map(value).collect();
        let UsageSum { requests, errors, .. } = sum;
        UsageRow { from: at(from), to: at(to), group, requests: *requests, errors: *errors }
    }
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour.saturating_mul(HOUR_MS))
}

/// Rows that are being made, period by period.
struct TaggedRows<'a> {
    query: &'a UsageQuery,
    span: Span,
    keys: &'a Keys,
    done: Vec<UsageRow>,
    /// Requests and errors of the present period, by group.
    open: BTreeMap<Vec<String>, (u64, u64)>,
}

impl TaggedRows<'_> {
    fn add(&mut self, count: &UsageCount) {
        let group = &count.group;
        let life = group.key.parse().ok().and_then(|key| self.keys.of(&key));
        let tag = |place| life.map_or("", |life| life.tag(place, group.hour));
        let filter = &self.query.filter;
        let fits = |only: &Option<String>, value: &str| only.as_ref().is_none_or(|o| o == value);
        let mut tags = 0..;
        let value = |dimension: &UsageDimension| match dimension {
            UsageDimension::Key => group.key.clone(),
            UsageDimension::Principal => group.principal.clone(),
            UsageDimension::Operation => group.operation.clone(),
            UsageDimension::Error => group.error.clone(),
            UsageDimension::Region => group.region.clone(),
            UsageDimension::Tag(_) => tag(tags.next().unwrap_or_default()).to_owned(),
        };
        let by: Vec<String> = self.query.group_by.iter().map(value).collect();
        let tagged = filter
            .tag
            .as_ref()
            .is_none_or(|wanted| tag(tags.next().unwrap_or_default()) == wanted.value);
        let counts = tagged
            && fits(&filter.key, &group.key)
            && fits(&filter.principal, &group.principal)
            && fits(&filter.operation, &group.operation)
            && fits(&filter.error, &group.error)
            && fits(&filter.region, &group.region);
        if counts {
            let (requests, errors) = self.open.entry(by).or_default();
            *requests += count.requests;
            *errors += if group.error.is_empty() { 0 } else { count.requests };
        }
    }

    /// The present period is over.
    fn close(&mut self, (from, to): (i64, i64), skip: &mut usize) {
        let (from, to) = (from.max(self.span.from), to.min(self.span.to));
        let rows = std::mem::take(&mut self.open).into_iter();
        let rows = rows.map(|(group, (requests, errors))| UsageRow {
            from: at(from),
            to: at(to),
            group,
            requests,
            errors,
        });
        let before = rows.len();
        self.done.extend(rows.skip(*skip));
        *skip = skip.saturating_sub(before);
    }
}
