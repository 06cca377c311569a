//! The registry in Postgres.

use async_trait::async_trait;
use trent_types::{
    AccessKey, AccountId, AdminChange, AliasArn, AliasRecord, AuditRecord, Change, EventId, Grant,
    GrantId, GrantPrincipal, KeyArn, KeyId, KeyUsed, QuotaOverride, Region, RequestId, Timestamp,
};
use uuid::Uuid;

use super::session::{PostgresSession, stop};
use super::{Postgres, finish, scrub};
use crate::identities::access_keys;
use crate::{
    Claimant, Committed, Due, DueKind, Invalidation, InvalidationCursor, LeaseHolder,
    RegistryStore, SealedKind, SealedRow, StoreError, StoredAccessKey, StoredKey,
};
use crate::{changes, claims, grants, keys, last_usage, queues, quota, sealed};

const REMOVE_FROM_OUTBOX: &str = "DELETE FROM outbox WHERE event_id = ANY($1)";

/// Runs one of the shared statements on a connection from the pool.
macro_rules! on {
    ($store:expr, $work:path $(, $argument:expr)* $(,)?) => {{
        let client = $store.client().await?;
        Ok($work(&PostgresSession(&*client) $(, $argument)*).await?)
    }};
}
pub(super) use on;

#[async_trait]
impl RegistryStore for Postgres {
    async fn key(&self, region: Region, key: KeyId) -> Result<Option<StoredKey>, StoreError> {
        on!(self, keys::key, region, key)
    }

    async fn alias(&self, alias: &AliasArn) -> Result<Option<AliasRecord>, StoreError> {
        on!(self, keys::alias, alias)
    }

    async fn access_key(&self, id: &str) -> Result<Option<StoredAccessKey>, StoreError> {
        on!(self, access_keys::access_key, id)
    }

    async fn has_root_key(&self, account: AccountId) -> Result<bool, StoreError> {
        on!(self, access_keys::has_root_key, account)
    }

    async fn keys(
        &self,
        account: AccountId,
        region: Region,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<(Vec<KeyId>, bool), StoreError> {
        on!(self, keys::keys, account, region, after, limit)
    }

    async fn aliases(
        &self,
        account: AccountId,
        region: Region,
        target: Option<KeyId>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<AliasRecord>, bool), StoreError> {
        on!(self, keys::aliases, account, region, target, after, limit)
    }

    async fn grant(&self, key: &KeyArn, grant: GrantId) -> Result<Option<Grant>, StoreError> {
        on!(self, grants::grant, key, grant)
    }

    async fn grants(
        &self,
        key: &KeyArn,
        grantee: Option<&GrantPrincipal>,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        on!(self, grants::grants, key, grantee, after, limit)
    }

    async fn grants_to(&self, key: &KeyArn, grantees: &[String]) -> Result<Vec<Grant>, StoreError> {
        on!(self, grants::grants_to, key, grantees)
    }

    async fn retirable_grants(
        &self,
        region: Region,
        retiring: &str,
        after: Option<(KeyId, GrantId)>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        on!(self, grants::retirable, region, retiring, after, limit)
    }

    /// The material of a destroyed key leaves its table at once, but its bytes stay in the table's
    /// file until it is vacuumed, and in the log until that is recycled.
    async fn commit(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        key_now: Timestamp,
    ) -> Result<Committed, StoreError> {
        self.commit_change(request, change, records, key_now).await
    }

    async fn administer(
        &self,
        request: RequestId,
        change: &AdminChange,
        record: &AuditRecord,
    ) -> Result<Committed, StoreError> {
        self.administer_change(request, change, record).await
    }

    async fn quota_overrides(&self) -> Result<Vec<QuotaOverride>, StoreError> {
        on!(self, quota::overrides)
    }

    async fn keys_used(&self, account: AccountId, region: Region) -> Result<u64, StoreError> {
        on!(self, quota::keys_used, account, region)
    }

    async fn give_up(&self, request: RequestId, at: Timestamp) -> Result<bool, StoreError> {
        on!(self, changes::give_up, request, at)
    }

    async fn put_root_key(
        &self,
        access_key: &AccessKey,
        sealed_secret: &[u8],
    ) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let session = PostgresSession(&transaction);
        let done = access_keys::put_root_key(&session, access_key, sealed_secret).await;
        Ok(finish(transaction, done).await?)
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        on!(self, queues::outbox, limit)
    }

    async fn outbox_len(&self) -> Result<u64, StoreError> {
        on!(self, queues::outbox_len)
    }

    async fn outbox_remove(&self, events: &[EventId]) -> Result<(), StoreError> {
        let ids: Vec<&[u8]> = events.iter().map(|event| event.as_bytes().as_slice()).collect();
        let client = self.client().await?;
        let run = async {
            let statement = client.prepare_cached(REMOVE_FROM_OUTBOX).await?;
            client.execute(&statement, &[&ids]).await
        };
        run.await.map_err(|error| stop(&error))?;
        Ok(())
    }

    async fn renew_lease(
        &self,
        evaluator: Uuid,
        since: InvalidationCursor,
    ) -> Result<(Vec<Invalidation>, InvalidationCursor, i64), StoreError> {
        on!(self, queues::renew_lease, evaluator, since)
    }

    async fn lease_holders(&self) -> Result<Vec<LeaseHolder>, StoreError> {
        on!(self, queues::lease_holders)
    }

    async fn forget_lease_holder(&self, holder: LeaseHolder) -> Result<(), StoreError> {
        on!(self, queues::forget_lease_holder, holder)
    }

    async fn claim_due(
        &self,
        kind: DueKind,
        key_now: Timestamp,
        claimant: Claimant<'_>,
    ) -> Result<Vec<Due>, StoreError> {
        on!(self, claims::claim_due, kind, key_now, claimant)
    }

    async fn key_clock_offset(&self) -> Result<i64, StoreError> {
        on!(self, queues::key_clock_offset)
    }

    async fn set_key_clock_offset(&self, millis: i64) -> Result<(), StoreError> {
        on!(self, queues::set_key_clock_offset, millis)
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        on!(self, queues::setting, name)
    }

    async fn setting_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        on!(self, queues::setting_or_insert, name, value)
    }

    async fn replace_setting(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError> {
        on!(self, sealed::replace_setting, name, old, new)
    }

    async fn sealed_below(
        &self,
        kind: SealedKind,
        version: u8,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        on!(self, sealed::below, kind, version, skip, limit)
    }

    async fn scrub(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let done = scrub::scrub(&PostgresSession(&transaction), now).await;
        Ok(finish(transaction, done).await?)
    }

    async fn count_sealed_below(&self, version: u8) -> Result<u64, StoreError> {
        on!(self, sealed::count_below, version)
    }

    async fn sealed_versions(&self) -> Result<Vec<(u8, u64)>, StoreError> {
        on!(self, sealed::versions)
    }

    /// The bytes that were replaced stay in their table's file until it is vacuumed, and in the log
    /// until that is recycled.
    async fn re_seal(
        &self,
        rows: &[(SealedRow, Vec<u8>)],
        at: Timestamp,
    ) -> Result<Vec<Invalidation>, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let session = PostgresSession(&transaction);
        let done = sealed::replace(&session, rows, at).await;
        Ok(finish(transaction, done).await?)
    }

    async fn last_usage(&self, region: Region, key: KeyId) -> Result<Option<KeyUsed>, StoreError> {
        on!(self, last_usage::last_usage, region, key)
    }
}
