//! Usage and cost's sources in SQLite.

use async_trait::async_trait;
use trent_types::{AccountId, KeyArn};

use super::Sqlite;
use super::session::SqliteSession;
use crate::{
    JournalPlace, KeyEvent, StoreError, UsageCorrection, UsageCount, UsageGroup, UsageSelection,
    UsageSum, UsageTables, trail_blocks, usage,
};

impl Sqlite {
    /// All counts and events, and how far the journal was read for them, at one moment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn kept_usage(
        &self,
    ) -> Result<(Option<JournalPlace>, Vec<UsageCount>, Vec<KeyEvent>), StoreError> {
        let read = async move |s: &SqliteSession| {
            let (mut counts, mut events) = (Vec::new(), Vec::new());
            for account in usage::accounts(s).await? {
                let (more_counts, more_events) = usage::kept(s, account).await?;
                counts.extend(more_counts);
                events.extend(more_events);
            }
            Ok((trail_blocks::places(s).await?.derived.map(|read| read.place), counts, events))
        };
        self.read_moment(read).await
    }
}

#[async_trait]
impl UsageTables for Sqlite {
    async fn usage_bounds(
        &self,
        account: AccountId,
        from: i64,
        to: i64,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        self.read(async move |s: &SqliteSession| usage::bounds(s, account, from, to).await).await
    }

    async fn usage_sums(
        &self,
        account: AccountId,
        selection: &UsageSelection,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<UsageSum>, StoreError> {
        let selection = selection.clone();
        self.read(async move |s: &SqliteSession| {
            usage::sums(s, account, &selection, skip, limit).await
        })
        .await
    }

    async fn usage_groups(
        &self,
        account: AccountId,
        selection: &UsageSelection,
    ) -> Result<u64, StoreError> {
        let selection = selection.clone();
        self.read(async move |s: &SqliteSession| usage::groups(s, account, &selection).await).await
    }

    async fn usage_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError> {
        let after = after.clone();
        self.read(async move |s: &SqliteSession| usage::page(s, account, &after, to, limit).await)
            .await
    }

    async fn billed_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError> {
        let after = after.clone();
        self.read(async move |s: &SqliteSession| usage::billed(s, account, &after, to, limit).await)
            .await
    }

    async fn key_events(
        &self,
        account: AccountId,
        after: Option<&KeyEvent>,
        limit: u32,
    ) -> Result<Vec<KeyEvent>, StoreError> {
        let after = after.cloned();
        self.read(async move |s: &SqliteSession| {
            usage::events(s, account, after.as_ref(), limit).await
        })
        .await
    }

    async fn key_made(&self, key: KeyArn) -> Result<Option<KeyEvent>, StoreError> {
        self.read(async move |s: &SqliteSession| usage::made(s, key).await).await
    }

    async fn correct_usage(
        &self,
        account: AccountId,
        correction: &UsageCorrection,
    ) -> Result<(), StoreError> {
        let correction = correction.clone();
        self.write(async move |s: &SqliteSession| usage::correct(s, account, &correction).await)
            .await
    }
}
