//! What the registry keeps about a key.

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
    /// The material that encrypts now.
    pub current_material: MaterialId,
    /// Counts every change of the record, its policy or its tags, from 1.
    pub version: u64,
}

impl KeyRecord {
    /// The key's ARN.
    #[must_use]
    pub const fn arn(&self) -> KeyArn {
        KeyArn { region: self.region, account: self.account, key_id: self.key_id }
    }
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
