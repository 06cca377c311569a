//! Every change that the registry can be asked to make, and why it may refuse one.

use crate::{
    AccessKey, AliasArn, AliasRecord, KeyArn, KeyId, KeyRecord, SealedMaterial, Tag, Timestamp,
    User,
};

/// A change of the registry. It is committed together with its audit record, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new key with everything that belongs to it. `record.version` is 1.
    CreateKey {
        /// The metadata.
        record: KeyRecord,
        /// The key policy, verbatim.
        policy: String,
        /// Skip the lockout safety check.
        bypass_lockout_check: bool,
        /// The tags, unique by key.
        tags: Vec<Tag>,
        /// The first material.
        material: SealedMaterial,
    },
    /// A change of a key's state or description.
    UpdateKey {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on; another one is a [`ChangeRefused::Conflict`].
        version: u64,
        /// What becomes of it.
        update: KeyUpdate,
    },
    /// A new key policy.
    PutKeyPolicy {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// The policy, verbatim.
        policy: String,
        /// Skip the lockout safety check.
        bypass_lockout_check: bool,
    },
    /// Adds tags or overwrites their values.
    TagKey {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// The tags, unique by key.
        tags: Vec<Tag>,
    },
    /// Removes tags; keys that the key does not have are ignored.
    UntagKey {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// The keys of the tags to remove.
        tag_keys: Vec<String>,
    },
    /// A new alias.
    CreateAlias(AliasRecord),
    /// Points an alias at another key.
    UpdateAlias {
        /// The alias.
        alias: AliasArn,
        /// The key it must still stand for, or the change is a [`ChangeRefused::Conflict`].
        from: KeyId,
        /// The key it shall stand for.
        to: KeyId,
        /// When.
        updated_at: Timestamp,
    },
    /// Removes an alias.
    DeleteAlias {
        /// The alias.
        alias: AliasArn,
        /// The key it must still stand for.
        from: KeyId,
    },
    /// The end of a key whose waiting period is over: record, policy, tags, aliases and material
    /// are destroyed. Only the lifecycle service may ask for it.
    DestroyKey {
        /// The key.
        key: KeyArn,
        /// The record version that was claimed.
        version: u64,
    },
    /// A new IAM user.
    CreateUser(User),
    /// A new access key.
    CreateAccessKey {
        /// The key, without its secret.
        access_key: AccessKey,
        /// The secret access key, sealed under the domain key.
        sealed_secret: Vec<u8>,
    },
}

/// A change of a key's state or description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUpdate {
    /// To `Enabled`.
    Enable,
    /// To `Disabled`.
    Disable,
    /// A new description.
    Describe(String),
    /// To `PendingDeletion`.
    ScheduleDeletion {
        /// When the key will be deleted.
        deletion_date: Timestamp,
    },
    /// From `PendingDeletion` to `Disabled`.
    CancelDeletion,
}

/// Why the registry did not make a change. Nothing was changed and no record was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// Something else changed first: authorize again and retry.
    #[error("the record changed meanwhile")]
    Conflict,
    /// The thing to change is not there.
    #[error("not found")]
    NotFound,
    /// The name is taken.
    #[error("already exists")]
    AlreadyExists,
    /// A resource quota.
    #[error("{what} quota is {limit}, current usage is {current}")]
    LimitExceeded {
        /// What is counted, as in `Aliases per key`.
        what: String,
        /// The most that there may be.
        limit: u64,
        /// How many there are.
        current: u64,
    },
    /// The policy cannot be stored; the text is for the caller
    /// (`MalformedPolicyDocumentException`).
    #[error("malformed policy: {0}")]
    MalformedPolicy(String),
    /// The Permits do not allow this change, or are no longer fresh: authorize again and retry
    /// once.
    #[error("not permitted: {0}")]
    NotPermitted(String),
}
