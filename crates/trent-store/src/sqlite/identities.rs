//! Identities in SQLite.

use async_trait::async_trait;
use trent_types::{
    AccessKey, AccessKeyUsed, Account, AccountId, Entity, EntityKind, EntityRecord, IdentityView,
    RequestId, Service, Timestamp, User,
};

use super::Sqlite;
use super::session::SqliteSession;
use crate::identities::{access_keys, accounts, explanations, listing, principal, view};
use crate::{IdentityStore, StoreError, StoredExplanation, StoredPrincipal};

#[async_trait]
impl IdentityStore for Sqlite {
    async fn identity(&self, entity: &Entity) -> Result<Option<IdentityView>, StoreError> {
        let entity = entity.clone();
        self.read_moment(async move |s: &SqliteSession| view::identity(s, &entity).await).await
    }

    async fn entities(
        &self,
        account: AccountId,
        kind: EntityKind,
        path_prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<EntityRecord>, bool), StoreError> {
        let (prefix, after) = (path_prefix.to_owned(), after.map(str::to_owned));
        let read = self.read(async move |s: &SqliteSession| {
            listing::entities(s, account, kind, &prefix, after.as_deref(), limit).await
        });
        read.await
    }

    async fn group_members(
        &self,
        account: AccountId,
        group: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<User>, bool), StoreError> {
        let (group, after) = (group.to_owned(), after.map(str::to_owned));
        let read = self.read(async move |s: &SqliteSession| {
            listing::group_members(s, account, &group, after.as_deref(), limit).await
        });
        read.await
    }

    async fn policy_entities(
        &self,
        account: AccountId,
        policy_arn: &str,
        after: Option<(&Entity, bool)>,
        limit: u32,
    ) -> Result<(Vec<(EntityRecord, bool)>, bool), StoreError> {
        let arn = policy_arn.to_owned();
        let after = after.map(|(entity, boundary)| (entity.clone(), boundary));
        let read = self.read_moment(async move |s: &SqliteSession| {
            let after = after.as_ref().map(|(entity, boundary)| (entity, *boundary));
            listing::policy_entities(s, account, &arn, after, limit).await
        });
        read.await
    }

    async fn principal(&self, entity: &Entity) -> Result<Option<StoredPrincipal>, StoreError> {
        let entity = entity.clone();
        self.read_moment(async move |s: &SqliteSession| principal::principal(s, &entity).await)
            .await
    }

    async fn by_unique_ids(&self, ids: &[String]) -> Result<Vec<EntityRecord>, StoreError> {
        let ids = ids.to_vec();
        self.read(async move |s: &SqliteSession| principal::by_unique_ids(s, &ids).await).await
    }

    async fn access_key_use(
        &self,
        id: &str,
    ) -> Result<Option<(AccessKey, Option<AccessKeyUsed>)>, StoreError> {
        let id = id.to_owned();
        self.read(async move |s: &SqliteSession| access_keys::last_use(s, &id).await).await
    }

    async fn note_access_key_uses(
        &self,
        uses: &[(String, AccessKeyUsed)],
    ) -> Result<(), StoreError> {
        let uses = uses.to_vec();
        self.write(async move |s: &SqliteSession| access_keys::note_uses(s, &uses).await).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(async move |s: &SqliteSession| accounts::accounts(s).await).await
    }

    async fn ensure_account(&self, account: &Account) -> Result<(), StoreError> {
        let account = account.clone();
        self.write(async move |s: &SqliteSession| accounts::ensure(s, &account).await).await
    }

    async fn services(&self) -> Result<Vec<(Service, Vec<AccessKey>)>, StoreError> {
        self.read(async move |s: &SqliteSession| accounts::services(s).await).await
    }

    async fn put_explanations(
        &self,
        explanations: &[StoredExplanation],
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        let new = explanations.to_vec();
        let done = self
            .write(async move |s: &SqliteSession| explanations::put(s, &new, forget_before).await);
        done.await
    }

    async fn explanations(&self, request: RequestId) -> Result<Vec<StoredExplanation>, StoreError> {
        self.read(async move |s: &SqliteSession| explanations::of(s, request).await).await
    }
}
