//! What usage and cost need of a store: requests by the hour, and what happened to keys.

use async_trait::async_trait;
use trent_types::{AccountId, KeyArn};

use crate::{KeyEvent, StoreError, UsageCount, UsageGroup};

/// Which requests are asked for, and by what they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSelection {
    /// Hours since the epoch, inclusive.
    pub from: i64,
    /// Hours since the epoch, exclusive.
    pub to: i64,
    /// How many hours a period has, at least 1; periods begin at multiples of it.
    pub period: i64,
    /// Whether to tell by key, principal, operation, error and Region.
    pub by: [bool; 5],
    /// Only these, in the same order.
    pub only: [Option<String>; 5],
}

/// The requests of one period and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The period: its first hour by its length.
    pub period: i64,
    /// Key, principal, operation, error and Region; empty where it is not told by them.
    pub group: [String; 5],
    /// All requests.
    pub requests: u64,
    /// Those that were answered with an error.
    pub errors: u64,
}

/// What the records say otherwise than what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageCorrection {
    /// Groups with how many requests must be added.
    pub counts: Vec<(UsageGroup, i64)>,
    /// Events that are not kept.
    pub missing: Vec<KeyEvent>,
    /// Events that no record tells of.
    pub extra: Vec<KeyEvent>,
}

/// Usage and events as a store keeps them.
#[async_trait]
pub trait UsageTables: Send + Sync {
    /// The first and the last hour in a span (the end is exclusive) in which there were requests.
    async fn usage_bounds(
        &self,
        account: AccountId,
        from: i64,
        to: i64,
    ) -> Result<Option<(i64, i64)>, StoreError>;

    /// Requests by period and group, in their order, after leaving out `skip` of them.
    async fn usage_sums(
        &self,
        account: AccountId,
        selection: &UsageSelection,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<UsageSum>, StoreError>;

    /// How many rows [`Self::usage_sums`] has in all.
    async fn usage_groups(
        &self,
        account: AccountId,
        selection: &UsageSelection,
    ) -> Result<u64, StoreError>;

    /// Up to `limit` counts after a group and before an hour, in order.
    async fn usage_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError>;

    /// As [`Self::usage_page`], of requests that the account pays for, whoever made them: of each
    /// group only hour, Region, key, operation and pair spec are told.
    async fn billed_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError>;

    /// Up to `limit` events of the account's keys after this one, by key and time.
    async fn key_events(
        &self,
        account: AccountId,
        after: Option<&KeyEvent>,
        limit: u32,
    ) -> Result<Vec<KeyEvent>, StoreError>;

    /// How a key was made, whatever its account.
    async fn key_made(&self, key: KeyArn) -> Result<Option<KeyEvent>, StoreError>;

    /// Makes what is kept what the records say, in one transaction. Needs the right to remove.
    async fn correct_usage(
        &self,
        account: AccountId,
        correction: &UsageCorrection,
    ) -> Result<(), StoreError>;
}
