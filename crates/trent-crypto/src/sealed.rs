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
//! The inner record of key material is bincode 2 (standard configuration: little-endian,
//! variable-length integers): the variant's number, then its fields. For `SYMMETRIC_DEFAULT` that
//! is 00 and the 32 bytes of the backing key. The inner record of a secret access key is its text.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::{Decode, Encode};
use trent_types::{AccountId, KeyArn, KeyRing, MaterialId, SealedMaterial, SecretBytes};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::envelope::{self, OVERHEAD};
use crate::kdf::DerivationKey;
use crate::{CryptoError, KeyMaterial, Random};

const FORMAT: u8 = 1;
const PREFIX_BYTES: usize = 2;
const MATERIAL: &[u8] = b"trent sealed key material";
const SECRET: &[u8] = b"trent sealed secret";

/// The longest inner record of key material: grows with the specs.
const RECORD_BYTES_MAX: usize = 64;
const RECORD_FORM: Configuration<LittleEndian, Varint, Limit<RECORD_BYTES_MAX>> =
    bincode::config::standard().with_limit::<RECORD_BYTES_MAX>();

/// What is inside sealed key material. New kinds of key are added at the end: the position is the
/// number on disk.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
enum MaterialRecord {
    Symmetric([u8; 32]),
}

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
        let mut buffer = Zeroizing::new([0; RECORD_BYTES_MAX]);
        let record = write_record(material, &mut buffer)?;
        let owner = MaterialOwner::of(key, &material_id);
        let sealed = self.seal(MATERIAL, &owner.parts(), record, random)?;
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
        let owner = MaterialOwner::of(key, material_id);
        read_record(self.open(MATERIAL, &owner.parts(), sealed)?.expose())
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

    fn seal(
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

    fn open(
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

/// The parts that tie sealed material to its key.
struct MaterialOwner<'a> {
    key: &'a KeyArn,
    key_id: [u8; 17],
    material_id: &'a MaterialId,
}

impl<'a> MaterialOwner<'a> {
    fn of(key: &'a KeyArn, material_id: &'a MaterialId) -> Self {
        let mut key_id = [u8::from(key.key_id.is_multi_region()); 17];
        key_id.iter_mut().skip(1).zip(key.key_id.as_bytes()).for_each(|(to, from)| *to = *from);
        Self { key, key_id, material_id }
    }

    fn parts(&self) -> [&[u8]; 4] {
        [
            self.key.account.as_str().as_bytes(),
            self.key.region.as_str().as_bytes(),
            &self.key_id,
            self.material_id.as_bytes(),
        ]
    }
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

fn write_record<'a>(
    material: &KeyMaterial,
    buffer: &'a mut [u8; RECORD_BYTES_MAX],
) -> Result<&'a [u8], CryptoError> {
    let record = match material {
        KeyMaterial::Symmetric(key) => MaterialRecord::Symmetric(**key),
    };
    let length = bincode::encode_into_slice(&record, buffer.as_mut_slice(), RECORD_FORM)
        .map_err(|_| CryptoError::UnreadableRecord)?;
    buffer.get(..length).ok_or(CryptoError::UnreadableRecord)
}

fn read_record(bytes: &[u8]) -> Result<KeyMaterial, CryptoError> {
    let (record, length): (MaterialRecord, usize) = bincode::decode_from_slice(bytes, RECORD_FORM)
        .map_err(|_| CryptoError::UnreadableRecord)?;
    if length != bytes.len() {
        return Err(CryptoError::UnreadableRecord);
    }
    match &record {
        MaterialRecord::Symmetric(key) => Ok(KeyMaterial::Symmetric(Zeroizing::new(*key))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trent_types::KeyId;

    use super::*;
    use crate::SystemRandom;
    use crate::random::fixed::Repeating;

    fn ring(lines: &[(u8, u8)]) -> DomainKeys {
        let line = |(version, byte): &(u8, u8)| format!("{version} {}\n", hex::encode([*byte; 32]));
        DomainKeys::new(&KeyRing::parse(&lines.iter().map(line).collect::<String>()).unwrap())
    }

    fn key_arn() -> KeyArn {
        KeyArn {
            region: "eu-west-1".parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            key_id: KeyId::from_bytes([7; 16], false),
        }
    }

    fn material() -> KeyMaterial {
        KeyMaterial::Symmetric(Zeroizing::new([0xab; 32]))
    }

    const ID: MaterialId = MaterialId::from_bytes([9; 32]);

    #[test]
    fn the_inner_record_of_a_symmetric_key_does_not_change() {
        let mut buffer = [0; RECORD_BYTES_MAX];
        let record = write_record(&material(), &mut buffer).unwrap();
        assert_eq!(hex::encode(record), format!("00{}", "ab".repeat(32)));
        let KeyMaterial::Symmetric(key) = read_record(record).unwrap();
        assert_eq!(*key, [0xab; 32]);
    }

    #[test]
    fn the_layout_of_sealed_material_does_not_change() {
        let keys = ring(&[(3, 0x33)]);
        let sealed = keys.seal_material(&key_arn(), ID, &material(), &Repeating(0x55)).unwrap();
        // Computed with Python's hmac and cryptography from the description above.
        let ciphertext = "79c62085454ab9d8368ce9838628bd2181caec29a384df8b5dbf05c6417e8405b6";
        let tag = "58acc53bf5814aa319ec60ae09898cde";
        let expected = format!("0103{}{ciphertext}{tag}", "55".repeat(28));
        assert_eq!(hex::encode(sealed.sealed), expected);
    }

    #[test]
    fn a_change_of_any_bit_of_sealed_material_is_noticed() {
        let keys = ring(&[(1, 1), (2, 2)]);
        let sealed = keys.seal_material(&key_arn(), ID, &material(), &SystemRandom).unwrap().sealed;
        assert!(keys.open_material(&key_arn(), &ID, &sealed).is_ok());
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                let opened = keys.open_material(&key_arn(), &ID, &changed);
                assert!(opened.is_err(), "byte {at} bit {bit}");
            }
        }
        for length in 0..sealed.len() {
            assert!(keys.open_material(&key_arn(), &ID, &sealed[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn material_opens_only_as_the_material_that_it_was_sealed_as() {
        let keys = ring(&[(1, 1)]);
        let sealed = keys.seal_material(&key_arn(), ID, &material(), &SystemRandom).unwrap().sealed;
        let others = [
            KeyArn { region: "eu-west-2".parse().unwrap(), ..key_arn() },
            KeyArn { account: "210987654321".parse().unwrap(), ..key_arn() },
            KeyArn { key_id: KeyId::from_bytes([8; 16], false), ..key_arn() },
            KeyArn { key_id: KeyId::from_bytes([7; 16], true), ..key_arn() },
        ];
        for other in others {
            let opened = keys.open_material(&other, &ID, &sealed).map(|_| ());
            assert_eq!(opened, Err(CryptoError::NotSealedHere), "{other}");
        }
        assert!(keys.open_material(&key_arn(), &MaterialId::from_bytes([8; 32]), &sealed).is_err());
        assert!(keys.open_secret(key_arn().account, "AKIA", &sealed).is_err());
    }

    #[test]
    fn an_older_domain_key_still_opens_and_a_missing_or_wrong_one_does_not() {
        let old = ring(&[(1, 1)]);
        let sealed = old.seal_material(&key_arn(), ID, &material(), &SystemRandom).unwrap().sealed;
        let rotated = ring(&[(2, 2), (1, 1)]);
        assert!(rotated.open_material(&key_arn(), &ID, &sealed).is_ok());
        let open = |keys: DomainKeys| keys.open_material(&key_arn(), &ID, &sealed).map(|_| ());
        assert_eq!(open(ring(&[(2, 2)])), Err(CryptoError::UnknownDomainKey(1)));
        assert_eq!(open(ring(&[(1, 3)])), Err(CryptoError::NotSealedHere));
    }

    #[test]
    fn a_secret_opens_only_for_its_own_access_key() {
        let keys = ring(&[(1, 1)]);
        let account = key_arn().account;
        let secret = SecretBytes::new(b"wJalrXUtnFEMI/K7MDENG".to_vec());
        let sealed = keys.seal_secret(account, "AKIAIOSFODNN7EXAMPLE", &secret, &SystemRandom);
        let sealed = sealed.unwrap();
        assert_eq!(keys.open_secret(account, "AKIAIOSFODNN7EXAMPLE", &sealed), Ok(secret));
        assert!(keys.open_secret(account, "AKIAIOSFODNN7EXAMPLF", &sealed).is_err());
        let stranger = "210987654321".parse().unwrap();
        assert!(keys.open_secret(stranger, "AKIAIOSFODNN7EXAMPLE", &sealed).is_err());
        assert!(keys.open_material(&key_arn(), &ID, &sealed).is_err());
    }

    #[test]
    fn a_record_with_anything_after_it_is_refused() {
        let record = [&[0][..], &[0xab; 32], &[0]].concat();
        assert!(read_record(&record[..33]).is_ok());
        assert!(read_record(&record).is_err());
    }

    proptest! {
        #[test]
        fn bytes_of_anyones_making_are_refused_without_harm(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let keys = ring(&[(1, 1)]);
            prop_assert!(keys.open_material(&key_arn(), &ID, &bytes).is_err());
            prop_assert!(keys.open_secret(key_arn().account, "AKIA", &bytes).is_err());
        }

        #[test]
        fn the_record_parser_takes_exactly_what_the_writer_makes(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            if let Ok(material) = read_record(&bytes) {
                let mut buffer = [0; RECORD_BYTES_MAX];
                prop_assert_eq!(write_record(&material, &mut buffer).unwrap(), bytes.as_slice());
            }
        }

        #[test]
        fn material_and_secrets_come_back(
            key: [u8; 32],
            access_key_id in "[A-Z0-9]{16,20}",
            secret: Vec<u8>,
        ) {
            let keys = ring(&[(1, 1)]);
            let material = KeyMaterial::Symmetric(Zeroizing::new(key));
            let sealed = keys.seal_material(&key_arn(), ID, &material, &SystemRandom).unwrap();
            let opened = keys.open_material(&key_arn(), &ID, &sealed.sealed).unwrap();
            let KeyMaterial::Symmetric(opened) = opened;
            prop_assert_eq!(*opened, key);
            let (account, secret) = (key_arn().account, SecretBytes::new(secret));
            let sealed = keys.seal_secret(account, &access_key_id, &secret, &SystemRandom).unwrap();
            prop_assert_eq!(keys.open_secret(account, &access_key_id, &sealed), Ok(secret));
        }
    }
}
