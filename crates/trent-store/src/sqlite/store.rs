//! The registry in SQLite.

use async_trait::async_trait;
use trent_types::{
    AccessKey, AccountId, AdminChange, AliasArn, AliasRecord, AuditRecord, Change, EventId, Grant,
    GrantId, GrantPrincipal, KeyArn, KeyId, KeyUsed, QuotaOverride, Region, RequestId, Timestamp,
};
use uuid::Uuid;

use super::Sqlite;
use super::session::SqliteSession;
use crate::identities::access_keys;
use crate::session::{Param, Session};
use crate::{
    Claimant, Committed, Due, DueKind, Invalidation, InvalidationCursor, LeaseHolder,
    RegistryStore, SealedKind, SealedRow, StoreError, StoredAccessKey, StoredKey,
};
use crate::{changes, claims, grants, keys, last_usage, queues, quota, sealed};

const REMOVE_FROM_OUTBOX: &str = "DELETE FROM outbox WHERE event_id = $1";

#[async_trait]
impl RegistryStore for Sqlite {
    async fn key(&self, region: Region, key: KeyId) -> Result<Option<StoredKey>, StoreError> {
        self.read(async move |s: &SqliteSession| keys::key(s, region, key).await).await
    }

    async fn alias(&self, alias: &AliasArn) -> Result<Option<AliasRecord>, StoreError> {
        let alias = alias.clone();
        self.read(async move |s: &SqliteSession| keys::alias(s, &alias).await).await
    }

    async fn access_key(&self, id: &str) -> Result<Option<StoredAccessKey>, StoreError> {
        let id = id.to_owned();
        self.read(async move |s: &SqliteSession| access_keys::access_key(s, &id).await).await
    }

    async fn has_root_key(&self, account: AccountId) -> Result<bool, StoreError> {
        self.read(async move |s: &SqliteSession| access_keys::has_root_key(s, account).await).await
    }

    async fn keys(
        &self,
        account: AccountId,
        region: Region,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<(Vec<KeyId>, bool), StoreError> {
        self.read(async move |s: &SqliteSession| keys::keys(s, account, region, after, limit).await)
            .await
    }

    async fn aliases(
        &self,
        account: AccountId,
        region: Region,
        target: Option<KeyId>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<AliasRecord>, bool), StoreError> {
        let after = after.map(str::to_owned);
        self.read(async move |s: &SqliteSession| {
            keys::aliases(s, account, region, target, after.as_deref(), limit).await
        })
        .await
    }

    async fn grant(&self, key: &KeyArn, grant: GrantId) -> Result<Option<Grant>, StoreError> {
        let key = *key;
        self.read(async move |s: &SqliteSession| grants::grant(s, &key, grant).await).await
    }

    async fn grants(
        &self,
        key: &KeyArn,
        grantee: Option<&GrantPrincipal>,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        let (key, grantee) = (*key, grantee.cloned());
        self.read(async move |s: &SqliteSession| {
            grants::grants(s, &key, grantee.as_ref(), after, limit).await
        })
        .await
    }

    async fn grants_to(&self, key: &KeyArn, grantees: &[String]) -> Result<Vec<Grant>, StoreError> {
        let (key, grantees) = (*key, grantees.to_vec());
        self.read(async move |s: &SqliteSession| grants::grants_to(s, &key, &grantees).await).await
    }

    async fn retirable_grants(
        &self,
        region: Region,
        retiring: &str,
        after: Option<(KeyId, GrantId)>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        let retiring = retiring.to_owned();
        self.read(async move |s: &SqliteSession| {
            grants::retirable(s, region, &retiring, after, limit).await
        })
        .await
    }

    async fn commit(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        key_now: Timestamp,
    ) -> Result<Committed, StoreError> {
        self.commit_change(request, change.clone(), records.to_vec(), key_now).await
    }

    async fn administer(
        &self,
        request: RequestId,
        change: &AdminChange,
        record: &AuditRecord,
    ) -> Result<Committed, StoreError> {
        self.administer_change(request, change.clone(), record.clone()).await
    }

    async fn quota_overrides(&self) -> Result<Vec<QuotaOverride>, StoreError> {
        self.read(async move |s: &SqliteSession| quota::overrides(s).await).await
    }

    async fn keys_used(&self, account: AccountId, region: Region) -> Result<u64, StoreError> {
        self.read(async move |s: &SqliteSession| quota::keys_used(s, account, region).await).await
    }

    async fn give_up(&self, request: RequestId, at: Timestamp) -> Result<bool, StoreError> {
        self.write(async move |s: &SqliteSession| changes::give_up(s, request, at).await).await
    }

    async fn put_root_key(
        &self,
        access_key: &AccessKey,
        sealed_secret: &[u8],
    ) -> Result<(), StoreError> {
        let (key, secret) = (access_key.clone(), sealed_secret.to_vec());
        let done = self.write(async move |s: &SqliteSession| {
            access_keys::put_root_key(s, &key, &secret).await
        });
        done.await
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        self.read(async move |s: &SqliteSession| queues::outbox(s, limit).await).await
    }

    async fn outbox_len(&self) -> Result<u64, StoreError> {
        self.read(async move |s: &SqliteSession| queues::outbox_len(s).await).await
    }

    async fn outbox_remove(&self, events: &[EventId]) -> Result<(), StoreError> {
        let events = events.to_vec();
        let done = self.write(async move |s: &SqliteSession| {
            for event in &events {
                s.execute(REMOVE_FROM_OUTBOX, &[Param::Bytes(event.as_bytes())]).await?;
            }
            Ok(())
        });
        done.await
    }

    async fn renew_lease(
        &self,
        evaluator: Uuid,
        since: InvalidationCursor,
    ) -> Result<(Vec<Invalidation>, InvalidationCursor, i64), StoreError> {
        let done = self
            .write(async move |s: &SqliteSession| queues::renew_lease(s, evaluator, since).await);
        done.await
    }

    async fn lease_holders(&self) -> Result<Vec<LeaseHolder>, StoreError> {
        self.read(async move |s: &SqliteSession| queues::lease_holders(s).await).await
    }

    async fn forget_lease_holder(&self, holder: LeaseHolder) -> Result<(), StoreError> {
        let done =
            self.write(async move |s: &SqliteSession| queues::forget_lease_holder(s, holder).await);
        done.await
    }

    async fn claim_due(
        &self,
        kind: DueKind,
        key_now: Timestamp,
        claimant: Claimant<'_>,
    ) -> Result<Vec<Due>, StoreError> {
        let Claimant { name, now, until, limit } = claimant;
        let name = name.to_owned();
        let done = self.write(async move |s: &SqliteSession| {
            let claimant = Claimant { name: &name, now, until, limit };
            claims::claim_due(s, kind, key_now, claimant).await
        });
        done.await
    }

    async fn key_clock_offset(&self) -> Result<i64, StoreError> {
        self.read(async move |s: &SqliteSession| queues::key_clock_offset(s).await).await
    }

    async fn set_key_clock_offset(&self, millis: i64) -> Result<(), StoreError> {
        let done = self
            .write(async move |s: &SqliteSession| queues::set_key_clock_offset(s, millis).await);
        done.await
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.read(async move |s: &SqliteSession| queues::setting(s, &name).await).await
    }

    async fn setting_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (name, value) = (name.to_owned(), value.to_vec());
        let done = self.write(async move |s: &SqliteSession| {
            queues::setting_or_insert(s, &name, &value).await
        });
        done.await
    }

    async fn replace_setting(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError> {
        let (name, old, new) = (name.to_owned(), old.to_vec(), new.to_vec());
        let done = self.write(async move |s: &SqliteSession| {
            sealed::replace_setting(s, &name, &old, &new).await
        });
        done.await
    }

    async fn sealed_below(
        &self,
        kind: SealedKind,
        version: u8,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let found = self.read(async move |s: &SqliteSession| {
            sealed::below(s, kind, version, skip, limit).await
        });
        found.await
    }

    async fn scrub(&self, _: Timestamp) -> Result<bool, StoreError> {
        // Nothing stays behind; see `Sqlite::commit_change`.
        Ok(false)
    }

    async fn count_sealed_below(&self, version: u8) -> Result<u64, StoreError> {
        self.read(async move |s: &SqliteSession| sealed::count_below(s, version).await).await
    }

    async fn sealed_versions(&self) -> Result<Vec<(u8, u64)>, StoreError> {
        self.read(async move |s: &SqliteSession| sealed::versions(s).await).await
    }

    async fn re_seal(
        &self,
        rows: &[(SealedRow, Vec<u8>)],
        at: Timestamp,
    ) -> Result<Vec<Invalidation>, StoreError> {
        self.re_seal_rows(rows.to_vec(), at).await
    }

    async fn last_usage(&self, region: Region, key: KeyId) -> Result<Option<KeyUsed>, StoreError> {
        self.read(async move |s: &SqliteSession| last_usage::last_usage(s, region, key).await).await
    }
}
