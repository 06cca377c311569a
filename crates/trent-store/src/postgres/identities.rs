//! Identities in Postgres.

use async_trait::async_trait;
use tokio_postgres::IsolationLevel;
use trent_types::{
    AccessKey, AccessKeyUsed, Account, AccountId, Entity, EntityKind, EntityRecord, IdentityView,
    RequestId, Service, Timestamp, User,
};

use super::session::{PostgresSession, stop};
use super::store::on;
use super::{Postgres, finish};
use crate::identities::{access_keys, accounts, explanations, listing, principal, view};
use crate::{IdentityStore, StoreError, StoredExplanation, StoredPrincipal};

/// Runs several of the shared statements so that they all see one moment.
macro_rules! at_one_moment {
    ($store:expr, $work:path $(, $argument:expr)* $(,)?) => {{
        let mut client = $store.client().await?;
        let reading = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true);
        let transaction = reading.start().await.map_err(|error| stop(&error))?;
        let done = $work(&PostgresSession(&transaction) $(, $argument)*).await;
        Ok(finish(transaction, done).await?)
    }};
}

#[async_trait]
impl IdentityStore for Postgres {
    async fn identity(&self, entity: &Entity) -> Result<Option<IdentityView>, StoreError> {
        at_one_moment!(self, view::identity, entity)
    }

    async fn entities(
        &self,
        account: AccountId,
        kind: EntityKind,
        path_prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<EntityRecord>, bool), StoreError> {
        on!(self, listing::entities, account, kind, path_prefix, after, limit)
    }

    async fn group_members(
        &self,
        account: AccountId,
        group: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<User>, bool), StoreError> {
        on!(self, listing::group_members, account, group, after, limit)
    }

    async fn policy_entities(
        &self,
        account: AccountId,
        policy_arn: &str,
        after: Option<(&Entity, bool)>,
        limit: u32,
    ) -> Result<(Vec<(EntityRecord, bool)>, bool), StoreError> {
        at_one_moment!(self, listing::policy_entities, account, policy_arn, after, limit)
    }

    async fn principal(&self, entity: &Entity) -> Result<Option<StoredPrincipal>, StoreError> {
        at_one_moment!(self, principal::principal, entity)
    }

    async fn by_unique_ids(&self, ids: &[String]) -> Result<Vec<EntityRecord>, StoreError> {
        on!(self, principal::by_unique_ids, ids)
    }

    async fn access_key_use(
        &self,
        id: &str,
    ) -> Result<Option<(AccessKey, Option<AccessKeyUsed>)>, StoreError> {
        on!(self, access_keys::last_use, id)
    }

    async fn note_access_key_uses(
        &self,
        uses: &[(String, AccessKeyUsed)],
    ) -> Result<(), StoreError> {
        on!(self, access_keys::note_uses, uses)
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        on!(self, accounts::accounts)
    }

    async fn ensure_account(&self, account: &Account) -> Result<(), StoreError> {
        on!(self, accounts::ensure, account)
    }

    async fn services(&self) -> Result<Vec<(Service, Vec<AccessKey>)>, StoreError> {
        on!(self, accounts::services)
    }

    async fn put_explanations(
        &self,
        explanations: &[StoredExplanation],
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let session = PostgresSession(&transaction);
        let done = explanations::put(&session, explanations, forget_before).await;
        Ok(finish(transaction, done).await?)
    }

    async fn explanations(&self, request: RequestId) -> Result<Vec<StoredExplanation>, StoreError> {
        on!(self, explanations::of, request)
    }
}
