//! Key material and secret access keys, sealed under the domain key for the registry to keep.
//!
//! | bytes | content |
//! |---|---|
//! | 0 | format version, 1 |
//! | 1 | version of the domain key |
//! | 2..18 | salt of the subkey, random |
//! | 18..30 | GCM initialisation vector, random |
//! | 30..n-16 | ciphertext of the inner record |
//! | n-16..n | GCM tag |
//!
//! The subkey of each sealing is K(1) of the counter-mode KDF (NIST SP 800-108r1, section 4.1,
//! HMAC-SHA-256) from the domain key, with the purpose as label and the salt as context. The domain
//! key lives for years and seals for every account: with a subkey each, no count of its uses has to
//! be kept (see `envelope`). The AAD is bytes 0 and 1, then the purpose and the owner's parts, each
//! with its length as 4 bytes big-endian before it: sealed bytes open only as what they are and
//! where they belong. Key material belongs to account, Region, key id (0 or 1 for multi-Region,
//! then 16 bytes) and material id; a secret access key to account and access key id.
//!
//! The inner record of key material is in `record`; that of a secret access key is its text.

use trent_types::{AccountId, KeyArn, KeyId, KeyRing, MaterialId, SealedMaterial, SecretBytes};
use zeroize::Zeroizing;

use crate::envelope::{self, OVERHEAD};
use crate::kdf::DerivationKey;
use crate::record::{read_record, write_record};
use crate::{CryptoError, KeyMaterial, Random};

const FORMAT: u8 = 1;
const PREFIX_BYTES: usize = 2;
const MATERIAL: &[u8] = b"trent sealed key material";
const SECRET: &[u8] = b"trent sealed secret";

/// The domain keys, ready to seal and open.
pub struct DomainKeys {
    current: (u8, DerivationKey),
    older: Vec<(u8, DerivationKey)>,
}

impl DomainKeys {
    /// Prepares the keys of a ring; the ring's current key seals.
    #[must_use]
    pub fn new(ring: &KeyRing) -> Self {
        let (version, key) = ring.current();
        let older = ring.iter().skip(1).map(|(version, key)| (version, derivation_key(key)));
        Self { current: (version, derivation_key(key)), older: older.collect() }
    }

    /// The version that seals.
    #[must_use]
    pub const fn current_version(&self) -> u8 {
        self.current.0
    }

    /// The versions that open, the current one first.
    pub fn versions(&self) -> impl Iterator<Item = u8> {
        std::iter::once(&self.current).chain(&self.older).map(|(version, _)| *version)
    }

    /// Seals key material for the key it belongs to.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`].
    pub fn seal_material(
        &self,
        key: &KeyArn,
        material_id: MaterialId,
        material: &KeyMaterial,
        random: &dyn Random,
    ) -> Result<SealedMaterial, CryptoError> {
        let record = write_record(material)?;
        let owner = MaterialOwner::of(key);
        let owner = owner.with_material(&material_id);
        let sealed = self.seal(MATERIAL, &owner, &record, random)?;
        Ok(SealedMaterial { material_id, sealed })
    }

    /// Opens key material that was sealed for exactly this key and material id.
    ///
    /// # Errors
    /// [`CryptoError::UnknownDomainKey`], [`CryptoError::NotSealedHere`] or
    /// [`CryptoError::UnreadableRecord`].
    pub fn open_material(
        &self,
        key: &KeyArn,
        material_id: &MaterialId,
        sealed: &[u8],
    ) -> Result<KeyMaterial, CryptoError> {
        let owner = MaterialOwner::of(key);
        let owner = owner.with_material(material_id);
        read_record(self.open(MATERIAL, &owner, sealed)?.expose())
    }

    /// Seals a secret access key for the access key it belongs to.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`].
    pub fn seal_secret(
        &self,
        account: AccountId,
        access_key_id: &str,
        secret: &SecretBytes,
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        let owner = [account.as_str().as_bytes(), access_key_id.as_bytes()];
        self.seal(SECRET, &owner, secret.expose(), random)
    }

    /// Opens a secret access key that was sealed for exactly this account and access key.
    ///
    /// # Errors
    /// [`CryptoError::UnknownDomainKey`] or [`CryptoError::NotSealedHere`].
    pub fn open_secret(
        &self,
        account: AccountId,
        access_key_id: &str,
        sealed: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        self.open(SECRET, &[account.as_str().as_bytes(), access_key_id.as_bytes()], sealed)
    }

    /// Seals a record for its purpose and the parts of its owner.
    pub(crate) fn seal(
        &self,
        purpose: &[u8],
        owner: &[&[u8]],
        record: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        let (version, key) = &self.current;
        let mut sealed = Vec::with_capacity(PREFIX_BYTES + OVERHEAD + record.len());
        sealed.extend_from_slice(&[FORMAT, *version]);
        let aad = additional_data(&sealed, purpose, owner);
        envelope::seal(key, purpose, &aad, record, random, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same purpose and owner.
    pub(crate) fn open(
        &self,
        purpose: &[u8],
        owner: &[&[u8]],
        sealed: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        let (prefix, envelope) =
            sealed.split_first_chunk::<PREFIX_BYTES>().ok_or(CryptoError::NotSealedHere)?;
        let [FORMAT, version] = *prefix else { return Err(CryptoError::NotSealedHere) };
        let key = self.key(version).ok_or(CryptoError::UnknownDomainKey(version))?;
        envelope::open(key, purpose, &additional_data(prefix, purpose, owner), envelope)
            .ok_or(CryptoError::NotSealedHere)
    }

    fn key(&self, version: u8) -> Option<&DerivationKey> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|(known, _)| *known == version)
            .map(|(_, key)| key)
    }
}

impl std::fmt::Debug for DomainKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (current, _) = &self.current;
        let older: Vec<u8> = self.older.iter().map(|(version, _)| *version).collect();
        f.debug_struct("DomainKeys").field("current", current).field("older", &older).finish()
    }
}

/// The parts that tie what is sealed to its key.
pub(crate) struct MaterialOwner<'a> {
    key: &'a KeyArn,
    key_id: [u8; 17],
}

impl<'a> MaterialOwner<'a> {
    pub(crate) fn of(key: &'a KeyArn) -> Self {
        Self { key, key_id: key_id_bytes(key.key_id) }
    }

    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        [self.key.account.as_str().as_bytes(), self.key.region.as_str().as_bytes(), &self.key_id]
    }

    fn with_material<'b>(&'b self, material_id: &'b MaterialId) -> [&'b [u8]; 4] {
        let [account, region, key_id] = self.parts();
        [account, region, key_id, material_id.as_bytes()]
    }
}

/// A key id as owners and hashes have it: 0 or 1 for multi-Region, then 16 bytes.
pub(crate) fn key_id_bytes(key_id: KeyId) -> [u8; 17] {
    let mut bytes = [u8::from(key_id.is_multi_region()); 17];
    bytes.iter_mut().skip(1).zip(key_id.as_bytes()).for_each(|(to, from)| *to = *from);
    bytes
}

pub(crate) fn derivation_key(key: &SecretBytes) -> DerivationKey {
    // Cannot fail: a ring holds keys of 32 bytes only.
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.iter_mut().zip(key.expose()).for_each(|(to, from)| *to = *from);
    DerivationKey::new(&bytes)
}

fn additional_data(prefix: &[u8], purpose: &[u8], owner: &[&[u8]]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(192);
    aad.extend_from_slice(prefix);
    for part in std::iter::once(&purpose).chain(owner) {
        // Cannot be cut short: no identifier is anywhere near 4 GiB.
        aad.extend_from_slice(&(part.len() as u32).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}

#[cfg(test)]
mod tests;
