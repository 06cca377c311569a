//! What the registry keeps about a key.

use crate::wire_enum::wire_enum;
use crate::{
    AccountId, AliasArn, AliasName, KeyArn, KeyId, KeyManager, KeySpec, KeyState, KeyUsage,
    MaterialId, Origin, Region, Timestamp,
};

/// A key's metadata, without its policy, tags and material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// The owning account.
    pub account: AccountId,
    /// The Region that the key lives in.
    pub region: Region,
    /// The key id.
    pub key_id: KeyId,
    /// When the key was made (`CreationDate`).
    pub created_at: Timestamp,
    /// The kind of key material.
    pub spec: KeySpec,
    /// What the key is for.
    pub usage: KeyUsage,
    /// Where the material comes from.
    pub origin: Origin,
    /// Who manages the key.
    pub manager: KeyManager,
    /// The present state.
    pub state: KeyState,
    /// 0 to 8192 characters.
    pub description: String,
    /// When the key will be deleted; present only in [`KeyState::PendingDeletion`].
    pub deletion_date: Option<Timestamp>,
    /// How many days the waiting period will have; present only in
    /// [`KeyState::PendingReplicaDeletion`].
    pub pending_window_days: Option<u32>,
    /// The material that encrypts now; `None` while none was ever imported.
    pub current_material: Option<MaterialId>,
    /// When imported material expires: the earliest of those in use. `None` for keys of another
    /// origin and while the key has no material.
    pub expiration: Option<Expiration>,
    /// Where the related keys of a multi-Region key are.
    pub multi_region: Option<MultiRegion>,
    /// Automatic rotation, where it is enabled.
    pub rotation: Option<Rotation>,
    /// Counts every change of the record, its policy or its tags, from 1.
    pub version: u64,
}

impl KeyRecord {
    /// The key's ARN.
    #[must_use]
    pub const fn arn(&self) -> KeyArn {
        KeyArn { region: self.region, account: self.account, key_id: self.key_id }
    }

    /// The primary key of this key's family, or itself.
    #[must_use]
    pub fn is_primary(&self) -> bool {
        self.multi_region.as_ref().is_none_or(|family| family.primary == self.region)
    }

    /// The ARNs of the related keys in other Regions.
    pub fn related(&self) -> impl Iterator<Item = KeyArn> {
        let family = self.multi_region.iter();
        let regions = family.flat_map(|f| std::iter::once(&f.primary).chain(&f.replicas));
        regions.filter(|region| **region != self.region).map(|region| KeyArn {
            region: *region,
            account: self.account,
            key_id: self.key_id,
        })
    }
}

/// The Regions of a multi-Region key (`MultiRegionConfiguration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiRegion {
    /// Where the primary key is.
    pub primary: Region,
    /// Where the replica keys are, sorted by name.
    pub replicas: Vec<Region>,
}

/// When imported material ends (`ExpirationModel` and `ValidTo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// `KEY_MATERIAL_DOES_NOT_EXPIRE`.
    Never,
    /// `KEY_MATERIAL_EXPIRES`, at this moment by the key clock.
    At(Timestamp),
}

impl Expiration {
    /// The name of the model.
    #[must_use]
    pub const fn model(self) -> &'static str {
        match self {
            Self::Never => "KEY_MATERIAL_DOES_NOT_EXPIRE",
            Self::At(_) => "KEY_MATERIAL_EXPIRES",
        }
    }

    /// The moment, where there is one.
    #[must_use]
    pub const fn valid_to(self) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::At(moment) => Some(moment),
        }
    }

    /// What this moment, or none, stands for.
    #[must_use]
    pub const fn from_valid_to(moment: Option<Timestamp>) -> Self {
        match moment {
            None => Self::Never,
            Some(moment) => Self::At(moment),
        }
    }
}

/// Automatic rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// 90 to 2560.
    pub period_days: u32,
    /// When the material is rotated next, by the key clock.
    pub next: Timestamp,
}

wire_enum! {
    /// What a material of a key is for (`KeyMaterialState`).
    MaterialState as "key material state" {
        /// It decrypts what it encrypted before.
        NonCurrent = "NON_CURRENT",
        /// It encrypts and decrypts.
        Current = "CURRENT",
        /// Imported, and waits for a rotation.
        PendingRotation = "PENDING_ROTATION",
        /// Imported into the primary key, and not yet into every replica.
        PendingMultiRegionImportAndRotation = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
    }
}

wire_enum! {
    /// Why the material was rotated (`RotationType`).
    RotationType as "rotation type" {
        /// By schedule.
        Automatic = "AUTOMATIC",
        /// Somebody asked.
        OnDemand = "ON_DEMAND",
    }
}

wire_enum! {
    /// Whether imported material is meant to be new (`ImportType`).
    ImportType as "import type" {
        /// Material that the key has not had.
        New = "NEW_KEY_MATERIAL",
        /// Material that the key had before.
        Existing = "EXISTING_KEY_MATERIAL",
    }
}

impl MaterialState {
    /// Whether the material belongs to the key for good: it encrypted, or could have.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::Current | Self::NonCurrent)
    }
}

/// What is known of one of a key's materials, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialRecord {
    /// Which material.
    pub material_id: MaterialId,
    /// What it is for.
    pub state: MaterialState,
    /// When and why it became current by a rotation; `None` for the first material and for one that
    /// waits.
    pub rotated: Option<(Timestamp, RotationType)>,
    /// Of imported material: what its importer wrote about it.
    pub description: String,
    /// Of imported material: when it ends.
    pub expiration: Option<Expiration>,
    /// Whether the material is there. Only imported material can be missing.
    pub present: bool,
}

/// New key material, sealed, with its public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMaterial {
    /// The material.
    pub sealed: SealedMaterial,
    /// X.509 SubjectPublicKeyInfo, DER; `None` for symmetric and HMAC keys.
    pub public_key: Option<Vec<u8>>,
    /// The same material for the related keys in these Regions.
    pub replicas: Vec<(Region, SealedMaterial)>,
}

/// An alias and the key it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRecord {
    /// The owning account.
    pub account: AccountId,
    /// The Region that the alias lives in.
    pub region: Region,
    /// The name, with `alias/`.
    pub name: AliasName,
    /// The key that it stands for, in the same account and Region.
    pub target: KeyId,
    /// When the alias was made.
    pub created_at: Timestamp,
    /// When it last changed its target.
    pub updated_at: Timestamp,
}

impl AliasRecord {
    /// The alias's ARN.
    #[must_use]
    pub fn arn(&self) -> AliasArn {
        AliasArn { region: self.region, account: self.account, name: self.name.clone() }
    }
}

/// A tag of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// 1 to 128 characters, unique on the key.
    pub key: String,
    /// 0 to 256 characters.
    pub value: String,
}

/// One version of a key's material, sealed under the domain key: only a crypto worker can open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedMaterial {
    /// Which version of the material this is.
    pub material_id: MaterialId,
    /// The sealed bytes; their layout is in `trent-crypto`'s `sealed` module.
    pub sealed: Vec<u8>,
}

/// The version of the domain key that sealed these bytes, which stands in the clear before what is
/// sealed (the layout is in `trent-crypto`'s `sealed` module); `None` when they are no sealed
/// bytes.
#[must_use]
pub const fn sealed_under(sealed: &[u8]) -> Option<u8> {
    match sealed {
        [1, version, ..] => Some(*version),
        _ => None,
    }
}
