//! Every change that the registry can be asked to make, and why it may refuse one.

use crate::{
    AliasArn, AliasRecord, Expiration, Grant, GrantId, IdentityChange, IdentityRefused, ImportType,
    KeyArn, KeyId, KeyRecord, MaterialId, NewMaterial, Region, Rotation, RotationType,
    SealedMaterial, Tag, Timestamp,
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
        /// The first material; `None` where it is to be imported.
        material: Option<NewMaterial>,
    },
    /// A key with everything that belongs to it, from the deployment's seed file. Only an evaluator
    /// may ask for it.
    SeedKey {
        /// The metadata, as [`Change::CreateKey`] has it.
        record: KeyRecord,
        /// The key policy, verbatim.
        policy: String,
        /// The tags, unique by key.
        tags: Vec<Tag>,
        /// The materials, oldest first; the last one is current.
        materials: Vec<SealedMaterial>,
        /// X.509 SubjectPublicKeyInfo, DER; `None` for symmetric keys.
        public_key: Option<Vec<u8>>,
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
    /// Another material becomes current. The one before goes on decrypting.
    RotateKey {
        /// The key; of a multi-Region key the primary one.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// Why.
        rotation_type: RotationType,
        /// When, by the key clock.
        at: Timestamp,
        /// New material; `None`: the imported material that waits for this.
        material: Option<NewMaterial>,
    },
    /// Imported material comes in.
    ImportMaterial {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// The material; its id tells whether the key had it before.
        material: NewMaterial,
        /// When it ends.
        expiration: Expiration,
        /// `None`: what was said of it before stays.
        description: Option<String>,
        /// Whether it may, or must, be new.
        import_type: ImportType,
    },
    /// Imported material is destroyed; the key remembers which it was.
    DeleteMaterial {
        /// The key.
        key: KeyArn,
        /// The record version that was decided on.
        version: u64,
        /// Which material.
        material_id: MaterialId,
        /// Its time is over, and nobody asked. Only the lifecycle service may say so.
        expired: bool,
    },
    /// A multi-Region key gets a replica in another Region.
    ReplicateKey {
        /// The primary key.
        primary: KeyArn,
        /// The primary's record version that was decided on.
        version: u64,
        /// The replica's metadata, as [`Change::CreateKey`] has it.
        record: KeyRecord,
        /// The replica's key policy, verbatim.
        policy: String,
        /// Skip the lockout safety check.
        bypass_lockout_check: bool,
        /// The replica's tags.
        tags: Vec<Tag>,
        /// Every material of the primary, sealed for the replica.
        materials: Vec<SealedMaterial>,
        /// Until then, by the wall clock, the replica is `Creating`.
        creating_until: Timestamp,
    },
    /// A replica becomes the primary key, and the primary a replica.
    UpdatePrimaryRegion {
        /// The present primary.
        key: KeyArn,
        /// Its record version that was decided on.
        version: u64,
        /// The Region of the new primary.
        to: Region,
        /// Until then, by the wall clock, both are `Updating`.
        updating_until: Timestamp,
    },
    /// A new grant. The same grant again, under the same id, is no error.
    CreateGrant(Grant),
    /// A grant is retired or revoked.
    RemoveGrant {
        /// The key.
        key: KeyArn,
        /// The grant.
        grant_id: GrantId,
        /// Retired rather than revoked.
        retired: bool,
    },
    /// A change of IAM's things.
    Identity(IdentityChange),
}

impl Change {
    /// Whether key material is destroyed, of which nothing may stay in a store's files.
    #[must_use]
    pub const fn destroys_material(&self) -> bool {
        matches!(self, Self::DestroyKey { .. } | Self::DeleteMaterial { .. })
    }
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
    /// A primary key with replicas, to `PendingReplicaDeletion`.
    ScheduleReplicaDeletion {
        /// How long the waiting period will be when the last replica is gone, 7 to 30 days.
        pending_window_days: u32,
    },
    /// From `PendingDeletion` or `PendingReplicaDeletion` to `Disabled`, or to `PendingImport`
    /// where material is missing.
    CancelDeletion,
    /// Automatic rotation, on or with another period.
    EnableRotation(Rotation),
    /// No automatic rotation.
    DisableRotation,
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
    /// Imported material is not what belongs there (`IncorrectKeyMaterialException`).
    #[error("incorrect key material")]
    IncorrectMaterial,
    /// The policy cannot be stored; the text is for the caller
    /// (`MalformedPolicyDocumentException`).
    #[error("malformed policy: {0}")]
    MalformedPolicy(String),
    /// A change of IAM's things does not fit what is there.
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    /// The Permits do not allow this change, or are no longer fresh: authorize again and retry
    /// once.
    #[error("not permitted: {0}")]
    NotPermitted(String),
}
