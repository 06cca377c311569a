//! Identities, accounts, services and explanations, as the evaluator finds them.

use async_trait::async_trait;
use trent_types::{
    AccessKey, AccessKeyUsed, Account, AccountId, Entity, EntityKind, EntityRecord, IdentityView,
    KeyArn, RequestId, Service, Tag, Timestamp, User,
};

use crate::StoreError;

/// A user or role with every policy that it acts under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPrincipal {
    /// The user or role.
    pub record: EntityRecord,
    /// Its tags, sorted by key.
    pub tags: Vec<Tag>,
    /// Its permissions boundary.
    pub boundary: Option<StoredPolicy>,
    /// Its own inline and attached policies, and those of a user's groups; sorted by source.
    pub policies: Vec<StoredPolicy>,
}

/// A policy that somebody acts under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// A managed policy's ARN, or an inline policy's name; of a group's inline policy with the
    /// group's name before it, as in `admins/everything`.
    pub source: String,
    /// The document in force; `None` for AWS's own managed policies, which no store has.
    pub document: Option<String>,
}

/// Why a request was decided as it was, to be shown to those who may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExplanation {
    /// The request.
    pub request_id: RequestId,
    /// When it was decided.
    pub at: Timestamp,
    /// The account of the caller.
    pub account: AccountId,
    /// The key that it was about, whose policy's readers may know.
    pub key: Option<KeyArn>,
    /// The explanation: JSON, nothing secret in it.
    pub json: String,
}

/// Reads of identities. Names are found without regard to case, in the order of their folded form.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    /// A user, group, role or policy with everything that belongs to it. The user without a name is
    /// the root user of an account that is known: of it, only the access keys mean anything.
    async fn identity(&self, entity: &Entity) -> Result<Option<IdentityView>, StoreError>;

    /// Up to `limit` of an account's users, groups, roles or policies after this name whose path
    /// begins so, and whether there are more.
    async fn entities(
        &self,
        account: AccountId,
        kind: EntityKind,
        path_prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<EntityRecord>, bool), StoreError>;

    /// Up to `limit` of a group's users after this name, and whether there are more.
    async fn group_members(
        &self,
        account: AccountId,
        group: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<User>, bool), StoreError>;

    /// Up to `limit` of those in the account that a policy is attached to (`false`), then of those
    /// whose boundary it is (`true`), each in the order of kind and name, after this one; and
    /// whether there are more.
    async fn policy_entities(
        &self,
        account: AccountId,
        policy_arn: &str,
        after: Option<(&Entity, bool)>,
        limit: u32,
    ) -> Result<(Vec<(EntityRecord, bool)>, bool), StoreError>;

    /// A user or role with every policy that it acts under, in one consistent read; `None` when it
    /// is not there.
    async fn principal(&self, entity: &Entity) -> Result<Option<StoredPrincipal>, StoreError>;

    /// Those of these unique ids (`AIDA…`, `AROA…`) that are users or roles of any account.
    async fn by_unique_ids(&self, ids: &[String]) -> Result<Vec<EntityRecord>, StoreError>;

    /// An access key and its last use.
    async fn access_key_use(
        &self,
        id: &str,
    ) -> Result<Option<(AccessKey, Option<AccessKeyUsed>)>, StoreError>;

    /// Notes uses of access keys where they are newer than what is known.
    async fn note_access_key_uses(
        &self,
        uses: &[(String, AccessKeyUsed)],
    ) -> Result<(), StoreError>;

    /// The accounts of the deployment, sorted by id.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Notes that there is an account, unless it is known: the deployment's first one.
    async fn ensure_account(&self, account: &Account) -> Result<(), StoreError>;

    /// The service principals, sorted by name, with the ids of their access keys.
    async fn services(&self) -> Result<Vec<(Service, Vec<AccessKey>)>, StoreError>;

    /// Keeps explanations, and forgets those from before this moment.
    async fn put_explanations(
        &self,
        explanations: &[StoredExplanation],
        forget_before: Timestamp,
    ) -> Result<(), StoreError>;

    /// The explanations of a request, in the order in which they were made.
    async fn explanations(&self, request: RequestId) -> Result<Vec<StoredExplanation>, StoreError>;
}
