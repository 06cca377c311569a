//! Requests counted from the audit trail, and what they and the keys cost.

use crate::{Tag, Timestamp};

/// The length of the periods that usage is told for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// Hours, UTC.
    Hourly,
    /// Days, UTC.
    Daily,
    /// Months, UTC.
    Monthly,
    /// One period.
    Total,
}

/// What usage is told by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UsageDimension {
    /// The ARN of the key; empty where no key was used.
    Key,
    /// The ARN of the user or role, `root`'s ARN, or the name of the service.
    Principal,
    /// `eventName`.
    Operation,
    /// `errorCode`; empty for success.
    Error,
    /// The Region.
    Region,
    /// The value of the key's tag with this key, as it stood at the end of the hour; empty without.
    Tag(String),
}

/// Only requests with these values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageFilter {
    /// ARN of the key.
    pub key: Option<String>,
    /// As [`UsageDimension::Principal`].
    pub principal: Option<String>,
    /// `eventName`.
    pub operation: Option<String>,
    /// `errorCode`; empty for success.
    pub error: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// A tag of the key.
    pub tag: Option<Tag>,
}

/// How many requests there were in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// Inclusive, rounded down to the hour.
    pub from: Timestamp,
    /// Exclusive, rounded up to the hour.
    pub to: Timestamp,
    /// The periods.
    pub granularity: Granularity,
    /// In the order of [`UsageRow::group`].
    pub group_by: Vec<UsageDimension>,
    /// What counts.
    pub filter: UsageFilter,
    /// Rows to leave out from the beginning.
    pub skip: u32,
    /// The most rows.
    pub limit: u32,
}

/// The requests of one period and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// A value for each dimension that was asked for.
    pub group: Vec<String>,
    /// All requests.
    pub requests: u64,
    /// Those that were answered with an error.
    pub errors: u64,
}

/// What cost is told by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CostDimension {
    /// As [`UsageDimension::Tag`].
    Tag(String),
    /// The ARN of the key.
    Key,
    /// The Region.
    Region,
    /// As in `us-east-1-KMS-Keys` or `us-east-1-KMS-Requests`: KMS's usage types begin with the
    /// Region's name, not with a code.
    UsageType,
}

/// What an account pays for one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostQuery {
    /// The year.
    pub year: i64,
    /// From 1.
    pub month: u32,
    /// Lines for each day instead of the month.
    pub daily: bool,
    /// In the order of [`CostLine::group`].
    pub group_by: Vec<CostDimension>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostUnit {
    /// Keys and their rotated material, each as the part of the month in which it was there.
    KeyMonths,
    /// Requests.
    Requests,
}

/// One line of a cost allocation report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLine {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// A value for each dimension that was asked for.
    pub group: Vec<String>,
    /// As in `us-east-1-KMS-Keys`.
    pub usage_type: String,
    /// Of what there was so much.
    pub unit: CostUnit,
    /// Billionths of the unit.
    pub quantity_nano: i64,
    /// Billionths of a US dollar.
    pub amount_nano: i64,
}

/// A cost allocation report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostReport {
    /// Whether the month is over: otherwise it is what there is so far.
    pub complete: bool,
    /// By period, group and usage type.
    pub lines: Vec<CostLine>,
}
