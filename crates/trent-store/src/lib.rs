//! Postgres and SQLite behind one interface; migrations.

mod alias_changes;
mod archive_store;
mod audit_store;
mod changes;
mod claims;
mod destruction;
mod error;
mod families;
mod follower_store;
mod grants;
mod identities;
mod identity_store;
mod key_changes;
mod keys;
mod last_usage;
mod log_file_store;
mod materials;
mod migrations;
mod postgres;
mod postings;
mod queues;
mod quota;
mod sealed;
mod session;
mod sqlite;
mod trail_blocks;
mod trail_store;
mod usage;
mod usage_tables;

use async_trait::async_trait;
use trent_types::{
    AccessKey, AccountId, AdminChange, AliasArn, AliasName, AliasRecord, AuditRecord, Change,
    ChangeRefused, EventId, Grant, GrantId, GrantPrincipal, KeyArn, KeyId, KeyRecord, KeyState,
    KeyUsed, MaterialId, MaterialRecord, MaterialState, Origin, QuotaOverride, Region, RequestId,
    SealedMaterial, Tag, Timestamp, User,
};
use uuid::Uuid;

pub use archive_store::{ArchiveStore, ArchivedPart};
pub use audit_store::{
    AuditStore, ChainHash, ChainedRecord, Derive, Derived, KeyEvent, POSTING_SPAN_MAX, Posting,
    UsageCount, UsageGroup,
};
pub use claims::{Claimant, Due, DueKind};
pub use error::StoreError;
pub use follower_store::{
    BlockPage, BlockQuery, BlockSpan, Followed, FollowerPlaces, FollowerStore, JournalPlace,
    ReadPlace, TrailBlock, TrailIndex,
};
pub use identity_store::{IdentityStore, StoredExplanation, StoredPolicy, StoredPrincipal};
pub use log_file_store::LogFileStore;
pub use migrations::migrate;
pub use postgres::{Postgres, PostgresOptions, PostgresTls};
pub use sqlite::{SealedItem, Snapshot, SnapshotCounts, Sqlite};
pub use trail_store::{Posted, PostingsQuery, TrailStore};
pub use usage_tables::{UsageCorrection, UsageSelection, UsageSum, UsageTables};

/// A key with everything that deciding and working on it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The metadata.
    pub record: KeyRecord,
    /// The key policy, verbatim.
    pub policy: String,
    /// The tags, sorted by key.
    pub tags: Vec<Tag>,
    /// Every material that is there, sealed, oldest first; the current one is
    /// `record.current_material`.
    pub materials: Vec<SealedMaterial>,
    /// What is known of every material, also of those that are missing, oldest first.
    pub material_records: Vec<MaterialRecord>,
    /// A state that ends by itself at this moment of the wall clock; until then it is shown instead
    /// of the record's.
    pub passing: Option<(KeyState, Timestamp)>,
    /// X.509 SubjectPublicKeyInfo, DER, of an asymmetric key that has or had material.
    pub public_key: Option<Vec<u8>>,
    /// The names of its aliases, sorted; no more than one above their quota.
    pub aliases: Vec<AliasName>,
}

impl StoredKey {
    /// The state at this moment of the wall clock.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        match self.passing {
            Some((state, until)) if now < until => state,
            Some(_) | None => self.record.state,
        }
    }

    /// Whether everything is there that must be: only imported material can be missing.
    fn is_whole(&self) -> bool {
        let current = self.material_records.iter().find(|m| m.state == MaterialState::Current);
        self.record.current_material == current.map(|material| material.material_id)
            && (self.record.origin == Origin::External
                || (current.is_some() && self.material_records.iter().all(|m| m.present)))
    }
}

/// An access key with whom it belongs to and its sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccessKey {
    /// The key.
    pub access_key: AccessKey,
    /// Whom it belongs to.
    pub owner: AccessKeyOwner,
    /// Sealed under the domain key.
    pub sealed_secret: Vec<u8>,
}

/// Whom an access key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessKeyOwner {
    /// The root user of its account.
    Root,
    /// A user.
    User(User),
    /// A service principal, as in `s3.amazonaws.com`.
    Service(String),
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// Committed now, its record in the outbox.
    Now,
    /// A change of the same request was committed before: a retry. Nothing was changed.
    Before,
    /// Nothing was changed.
    Refused(ChangeRefused),
}

/// What a committed change makes stale in caches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalidation {
    /// A key's record, policy, tags or material.
    Key(KeyArn),
    /// An alias.
    Alias(AliasArn),
    /// An access key.
    AccessKey(String),
    /// The users, groups, roles and policies of an account: what belongs to them and what they may.
    Identities(AccountId),
    /// The grants of a key.
    Grants(KeyArn),
    /// Everything: the cursor is older than what the store still keeps, so nothing cached before
    /// may be used.
    Everything,
}

/// The kinds of things that are sealed under the domain key and have rows of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedKind {
    /// Key material.
    Material,
    /// Secret access keys.
    Secret,
}

/// Where sealed bytes belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedPlace {
    /// Key material.
    Material {
        /// The key.
        key: KeyArn,
        /// Which of its materials.
        material_id: MaterialId,
    },
    /// A secret access key.
    Secret {
        /// The account of the access key.
        account: AccountId,
        /// The access key.
        access_key_id: String,
    },
}

/// Sealed bytes as they were read, with where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Where they belong.
    pub place: SealedPlace,
    /// The bytes; [`trent_types::sealed_under`] tells their version.
    pub sealed: Vec<u8>,
}

/// A place in the sequence of invalidations; see [`RegistryStore::renew_lease`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct InvalidationCursor(pub i64);

/// An evaluator that may hold a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The evaluator's instance.
    pub evaluator: Uuid,
    /// How often it has renewed.
    pub renewals: i64,
}

/// Key and identity metadata: the system of record. Times come from the caller; no store reads a
/// clock.
#[async_trait]
pub trait RegistryStore: IdentityStore {
    /// The key with this id in this Region, whatever its account.
    async fn key(&self, region: Region, key: KeyId) -> Result<Option<StoredKey>, StoreError>;

    /// An alias.
    async fn alias(&self, alias: &AliasArn) -> Result<Option<AliasRecord>, StoreError>;

    /// An access key by its id.
    async fn access_key(&self, id: &str) -> Result<Option<StoredAccessKey>, StoreError>;

    /// Whether the account has an access key for its root user.
    async fn has_root_key(&self, account: AccountId) -> Result<bool, StoreError>;

    /// Up to `limit` keys of an account and Region after this id, sorted by id, and whether there
    /// are more.
    async fn keys(
        &self,
        account: AccountId,
        region: Region,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<(Vec<KeyId>, bool), StoreError>;

    /// Up to `limit` aliases of an account and Region after this name, sorted by name (bytes), and
    /// whether there are more.
    async fn aliases(
        &self,
        account: AccountId,
        region: Region,
        target: Option<KeyId>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<AliasRecord>, bool), StoreError>;

    /// A grant of a key.
    async fn grant(&self, key: &KeyArn, grant: GrantId) -> Result<Option<Grant>, StoreError>;

    /// Up to `limit` grants of a key after this id, sorted by id, and whether there are more; those
    /// of one grantee where it is given.
    async fn grants(
        &self,
        key: &KeyArn,
        grantee: Option<&GrantPrincipal>,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError>;

    /// Every grant of a key to one of these ARNs, unique ids or names of services.
    async fn grants_to(&self, key: &KeyArn, grantees: &[String]) -> Result<Vec<Grant>, StoreError>;

    /// Up to `limit` grants of keys in a Region, whatever their account, that the principal with
    /// this ARN may retire, after this one; sorted by key id and grant id. And whether there are
    /// more.
    async fn retirable_grants(
        &self,
        region: Region,
        retiring: &str,
        after: Option<(KeyId, GrantId)>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError>;

    /// Makes a change, keeps its records in the outbox and notes what becomes stale, in one
    /// transaction. A second change of the same request is not made again. `key_now` dates nothing;
    /// it bounds what `DestroyKey` may destroy.
    async fn commit(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        key_now: Timestamp,
    ) -> Result<Committed, StoreError>;

    /// Makes an operator's change, keeps its record in the outbox and notes that everything is
    /// stale, in one transaction. A second change of the same request is not made again.
    async fn administer(
        &self,
        request: RequestId,
        change: &AdminChange,
        record: &AuditRecord,
    ) -> Result<Committed, StoreError>;

    /// Every value that stands in the place of a quota's default.
    async fn quota_overrides(&self) -> Result<Vec<QuotaOverride>, StoreError>;

    /// How many keys count towards the quota of an account in a Region.
    async fn keys_used(&self, account: AccountId, region: Region) -> Result<u64, StoreError>;

    /// Says whether a change was made under this id. If it was not, it never will be: from now on
    /// [`Self::commit`] refuses it as a conflict. For whoever cannot send it again and has to know.
    async fn give_up(&self, request: RequestId, at: Timestamp) -> Result<bool, StoreError>;

    /// Makes or replaces the root user's access key of an account, without a record: seeding,
    /// before any request.
    async fn put_root_key(
        &self,
        access_key: &AccessKey,
        sealed_secret: &[u8],
    ) -> Result<(), StoreError>;

    /// Up to `limit` records of the outbox, oldest first.
    async fn outbox(&self, limit: u32) -> Result<Vec<AuditRecord>, StoreError>;

    /// How many records wait in the outbox.
    async fn outbox_len(&self) -> Result<u64, StoreError>;

    /// Removes records that the trail has accepted.
    async fn outbox_remove(&self, events: &[EventId]) -> Result<(), StoreError>;

    /// Registers the evaluator as holding a lease (in a transaction of its own), then returns every
    /// invalidation committed since `since` (some may come twice, none is ever left out) with the
    /// cursor for the next call, and the key clock's offset in milliseconds.
    async fn renew_lease(
        &self,
        evaluator: Uuid,
        since: InvalidationCursor,
    ) -> Result<(Vec<Invalidation>, InvalidationCursor, i64), StoreError>;

    /// Every evaluator that may hold a lease.
    async fn lease_holders(&self) -> Result<Vec<LeaseHolder>, StoreError>;

    /// Forgets a lease holder that has not renewed since it was listed. With `renewals: -1`,
    /// whatever it did since.
    async fn forget_lease_holder(&self, holder: LeaseHolder) -> Result<(), StoreError>;

    /// Claims what is due by the key clock, so that nobody else gets it until the claim has ended
    /// or its change is made.
    async fn claim_due(
        &self,
        kind: DueKind,
        key_now: Timestamp,
        claimant: Claimant<'_>,
    ) -> Result<Vec<Due>, StoreError>;

    /// The key clock's offset from the wall clock in milliseconds; 0 outside tests and development.
    async fn key_clock_offset(&self) -> Result<i64, StoreError>;

    /// Sets the key clock's offset.
    async fn set_key_clock_offset(&self, millis: i64) -> Result<(), StoreError>;

    /// A small setting that outlives the process, by name.
    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a setting unless it is there already; returns the one that is kept.
    async fn setting_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError>;

    /// Replaces a setting if it still has its old value; says whether it did.
    async fn replace_setting(&self, name: &str, old: &[u8], new: &[u8])
    -> Result<bool, StoreError>;

    /// Up to `limit` of what was sealed by a lower version of the domain key, lowest versions
    /// first, after passing over `skip` of them.
    async fn sealed_below(
        &self,
        kind: SealedKind,
        version: u8,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError>;

    /// Writes the files anew in which destroyed key material may still be; says whether there was
    /// anything to do. To be called from time to time.
    async fn scrub(&self, now: Timestamp) -> Result<bool, StoreError>;

    /// How much was sealed by lower versions of the domain key.
    async fn count_sealed_below(&self, version: u8) -> Result<u64, StoreError>;

    /// How much each version of the domain key has sealed. A version may come more than once.
    async fn sealed_versions(&self) -> Result<Vec<(u8, u64)>, StoreError>;

    /// Puts new sealed bytes in the place of those that still are as they were read, in one
    /// transaction, and notes what becomes stale; returns that. What is gone is not made again.
    async fn re_seal(
        &self,
        rows: &[(SealedRow, Vec<u8>)],
        at: Timestamp,
    ) -> Result<Vec<Invalidation>, StoreError>;

    /// The last use of a key that the audit trail has told of.
    async fn last_usage(&self, region: Region, key: KeyId) -> Result<Option<KeyUsed>, StoreError>;
}
