//! Usage and cost's sources in Postgres.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, IsolationLevel};
use trent_types::{AccountId, KeyArn};

use super::session::{PostgresSession, stop};
use super::{Postgres, finish};
use crate::session::{Param, Session, Stop, first, stored_count};
use crate::{
    Derived, KeyEvent, StoreError, UsageCorrection, UsageCount, UsageGroup, UsageSelection,
    UsageSum, UsageTables, usage,
};

/// As the shared statement, for many groups at once, in their order.
const ADD: &str = "INSERT INTO usage_hour (account, hour, region, key_arn, operation, pair_spec, \
    service, error, billed, principal, requests) \
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], \
    $6::text[], $7::text[], $8::text[], $9::boolean[], $10::text[], $11::bigint[]) AS counted \
    (account, hour, region, key_arn, operation, pair_spec, service, error, billed, principal, \
    requests) ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 \
    ON CONFLICT (account, hour, region, key_arn, operation, pair_spec, service, error, billed, \
    principal) DO UPDATE SET requests = usage_hour.requests + excluded.requests";

const NOTE_EVENTS: &str = "INSERT INTO key_event (account, key_arn, at, event_id, name, detail) \
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], \
    $6::text[]) AS told (account, key_arn, at, event_id, name, detail) ORDER BY 1, 2, 3, 4 \
    ON CONFLICT (account, key_arn, at, event_id) DO NOTHING";

const HEAD: &str = "SELECT sequence FROM audit_chain WHERE chain = $1";

/// Adds what follows from new records, in the transaction that keeps them.
pub(super) async fn add(transaction: &Transaction<'_>, derived: &Derived) -> Result<(), Stop> {
    add_counts(transaction, &derived.usage).await?;
    note_events(transaction, &derived.key_events).await.map_err(|error| stop(&error))
}

async fn add_counts(transaction: &Transaction<'_>, counts: &[UsageCount]) -> Result<(), Stop> {
    if counts.is_empty() {
        return Ok(());
    }
    let texts = |text: fn(&UsageGroup) -> &str| -> Vec<&str> {
        counts.iter().map(|count| text(&count.group)).collect()
    };
    let accounts: Vec<&str> = counts.iter().map(|count| count.account.as_str()).collect();
    let hours: Vec<i64> = counts.iter().map(|count| count.group.hour).collect();
    let (regions, keys) = (texts(|group| &group.region), texts(|group| &group.key));
    let (operations, pairs) = (texts(|group| &group.operation), texts(|group| &group.pair_spec));
    let (services, errors) = (texts(|group| &group.service), texts(|group| &group.error));
    let billed: Vec<bool> = counts.iter().map(|count| count.group.billed).collect();
    let principals = texts(|group| &group.principal);
    let requests: Vec<i64> =
        counts.iter().map(|count| stored_count(count.requests)).collect::<Result<_, _>>()?;
    let columns: [&(dyn ToSql + Sync); 11] = [
        &accounts,
        &hours,
        &regions,
        &keys,
        &operations,
        &pairs,
        &services,
        &errors,
        &billed,
        &principals,
        &requests,
    ];
    let adding = async {
        let statement = transaction.prepare_cached(ADD).await?;
        transaction.execute(&statement, &columns).await
    };
    adding.await.map_err(|error| stop(&error))?;
    Ok(())
}

async fn note_events(transaction: &Transaction<'_>, events: &[KeyEvent]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let accounts: Vec<&str> = events.iter().map(|event| event.key.account.as_str()).collect();
    let keys: Vec<String> = events.iter().map(|event| event.key.to_string()).collect();
    let moments: Vec<i64> = events.iter().map(|event| event.at.as_millis()).collect();
    let ids: Vec<&[u8]> = events.iter().map(|e| e.event_id.as_bytes().as_slice()).collect();
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let details: Vec<&str> = events.iter().map(|event| event.detail.as_str()).collect();
    let statement = transaction.prepare_cached(NOTE_EVENTS).await?;
    let columns: [&(dyn ToSql + Sync); 6] = [&accounts, &keys, &moments, &ids, &names, &details];
    transaction.execute(&statement, &columns).await?;
    Ok(())
}

impl Postgres {
    /// All counts and events of an account, and the place of the last record that is in them, at
    /// one moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept_usage(
        &self,
        account: AccountId,
    ) -> Result<(u64, Vec<UsageCount>, Vec<KeyEvent>), StoreError> {
        let mut client = self.client().await?;
        let moment = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let transaction = moment.read_only(true).start().await.map_err(|error| stop(&error))?;
        let session = PostgresSession(&transaction);
        let read = async {
            let head = first(session.query(HEAD, &[Param::Text(account.as_str())]).await?);
            let head = head.map(|mut row| row.count()).transpose()?.unwrap_or(0);
            let (counts, events) = usage::kept(&session, account).await?;
            Ok((head, counts, events))
        };
        let done = read.await;
        Ok(finish(transaction, done).await?)
    }

    /// The accounts of which usage is kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn usage_accounts(&self) -> Result<Vec<AccountId>, StoreError> {
        let client = self.client().await?;
        Ok(usage::accounts(&PostgresSession(&*client)).await?)
    }
}

#[async_trait]
impl UsageTables for Postgres {
    async fn usage_bounds(
        &self,
        account: AccountId,
        from: i64,
        to: i64,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let client = self.client().await?;
        Ok(usage::bounds(&PostgresSession(&*client), account, from, to).await?)
    }

    async fn usage_sums(
        &self,
        account: AccountId,
        selection: &UsageSelection,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<UsageSum>, StoreError> {
        let client = self.client().await?;
        Ok(usage::sums(&PostgresSession(&*client), account, selection, skip, limit).await?)
    }

    async fn usage_groups(
        &self,
        account: AccountId,
        selection: &UsageSelection,
    ) -> Result<u64, StoreError> {
        let client = self.client().await?;
        Ok(usage::groups(&PostgresSession(&*client), account, selection).await?)
    }

    async fn usage_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError> {
        let client = self.client().await?;
        Ok(usage::page(&PostgresSession(&*client), account, after, to, limit).await?)
    }

    async fn billed_page(
        &self,
        account: AccountId,
        after: &UsageGroup,
        to: i64,
        limit: u32,
    ) -> Result<Vec<UsageCount>, StoreError> {
        let client = self.client().await?;
        Ok(usage::billed(&PostgresSession(&*client), account, after, to, limit).await?)
    }

    async fn key_events(
        &self,
        account: AccountId,
        after: Option<&KeyEvent>,
        limit: u32,
    ) -> Result<Vec<KeyEvent>, StoreError> {
        let client = self.client().await?;
        Ok(usage::events(&PostgresSession(&*client), account, after, limit).await?)
    }

    async fn key_made(&self, key: KeyArn) -> Result<Option<KeyEvent>, StoreError> {
        let client = self.client().await?;
        Ok(usage::made(&PostgresSession(&*client), key).await?)
    }

    async fn correct_usage(
        &self,
        account: AccountId,
        correction: &UsageCorrection,
    ) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let done = usage::correct(&PostgresSession(&transaction), account, correction).await;
        Ok(finish(transaction, done).await?)
    }
}
