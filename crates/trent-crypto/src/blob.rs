//! The `CiphertextBlob` of symmetric KMS keys.
//!
//! | bytes | content |
//! |---|---|
//! | 0..50 | [`CiphertextHeader`]: format version, key id, key material id |
//! | 50..66 | nonce of the key derivation, random |
//! | 66..78 | GCM initialisation vector, random |
//! | 78..n-16 | ciphertext, as long as the plaintext |
//! | n-16..n | GCM tag |
//!
//! The key of each call is K(1) of the counter-mode KDF (NIST SP 800-108r1, section 4.1,
//! HMAC-SHA-256) from the 256-bit backing key: HMAC(backing key, 00000001 ‖ "trent ciphertext blob
//! 1" ‖ 00 ‖ nonce ‖ 00000100). The AAD is the 50 bytes of the header, then the canonical bytes of
//! the encryption context: the first part has a fixed length and the second is length-prefixed
//! inside, so no two pairs of header and context give the same AAD.

use trent_types::{CiphertextHeader, SecretBytes};

use crate::envelope::{self, OVERHEAD};
use crate::{CryptoError, Random, SymmetricKey};

/// Separates these subkeys from those of every other purpose; part of the format.
const LABEL: &[u8] = b"trent ciphertext blob 1";

/// AADs up to this length are put together on the stack.
const SHORT_AAD_BYTES: usize = 512;

/// How many bytes longer a blob is than its plaintext.
pub const BLOB_OVERHEAD: usize = CiphertextHeader::BYTES + OVERHEAD;

/// Encrypts under a key; `context` is `EncryptionContext::canonical_bytes`.
///
/// # Errors
/// [`CryptoError::NoRandomness`].
pub fn encrypt(
    key: &SymmetricKey,
    header: &CiphertextHeader,
    context: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, CryptoError> {
    let mut blob = Vec::with_capacity(BLOB_OVERHEAD + plaintext.len());
    header.write(&mut blob);
    // Copied, since the blob grows while it is in use.
    let header = blob.first_chunk().copied().ok_or(CryptoError::LibraryFailure)?;
    with_additional_data(&header, context, |aad| {
        envelope::seal(key.derivation(), LABEL, aad, plaintext, random, &mut blob)
    })?;
    Ok(blob)
}

/// Decrypts a blob that names exactly this key and material; `context` is
/// `EncryptionContext::canonical_bytes`.
///
/// # Errors
/// [`CryptoError::InvalidCiphertext`], whatever the reason.
pub fn decrypt(
    key: &SymmetricKey,
    expected: &CiphertextHeader,
    context: &[u8],
    blob: &[u8],
) -> Result<SecretBytes, CryptoError> {
    let (header, envelope) = blob.split_first_chunk().ok_or(CryptoError::InvalidCiphertext)?;
    if CiphertextHeader::parse(header) != Some(*expected) {
        return Err(CryptoError::InvalidCiphertext);
    }
    with_additional_data(header, context, |aad| {
        envelope::open(key.derivation(), LABEL, aad, envelope)
    })
    .ok_or(CryptoError::InvalidCiphertext)
}

/// Calls back with the AAD. Nothing is allocated for one that is as short as most are.
fn with_additional_data<T>(
    header: &[u8; CiphertextHeader::BYTES],
    context: &[u8],
    work: impl FnOnce(&[u8]) -> T,
) -> T {
    if context.is_empty() {
        return work(header);
    }
    let mut short = [0; SHORT_AAD_BYTES];
    match short.get_mut(..header.len() + context.len()) {
        Some(aad) => {
            let (first, rest) = aad.split_at_mut(header.len());
            first.copy_from_slice(header);
            rest.copy_from_slice(context);
            work(aad)
        }
        None => work(&[header, context].concat()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use trent_types::{EncryptionContext, KeyId, MaterialId};

    use super::*;
    use crate::SystemRandom;
    use crate::random::fixed::Repeating;

    fn header() -> CiphertextHeader {
        CiphertextHeader {
            key_id: KeyId::from_bytes([7; 16], false),
            material_id: MaterialId::from_bytes([9; 32]),
        }
    }

    fn context(pairs: &[(&str, &str)]) -> Vec<u8> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        pairs.collect::<EncryptionContext>().canonical_bytes()
    }

    #[test]
    fn the_layout_of_a_blob_does_not_change() {
        let key = SymmetricKey::new(&[1; 32]);
        let blob =
            encrypt(&key, &header(), &context(&[("a", "bc")]), b"plaintext", &Repeating(0x55));
        // Computed with Python's hmac and cryptography from the description above.
        let (ciphertext, tag) = ("1487c28fc4665fd1f7", "9e4f6fc4b69998414bcba632ecc2795d");
        let (key_id, material_id, fresh) = ("07".repeat(16), "09".repeat(32), "55".repeat(28));
        let expected = format!("0100{key_id}{material_id}{fresh}{ciphertext}{tag}");
        assert_eq!(hex::encode(blob.unwrap()), expected);
    }

    #[test]
    fn a_change_of_any_bit_of_a_blob_is_noticed() {
        let key = SymmetricKey::new(&[1; 32]);
        let context = context(&[("purpose", "test")]);
        let blob = encrypt(&key, &header(), &context, b"plaintext", &SystemRandom).unwrap();
        assert_eq!(decrypt(&key, &header(), &context, &blob).unwrap().expose(), b"plaintext");
        for at in 0..blob.len() {
            for bit in 0..8 {
                let mut changed = blob.clone();
                changed[at] ^= 1 << bit;
                let result = decrypt(&key, &header(), &context, &changed);
                assert_eq!(result, Err(CryptoError::InvalidCiphertext), "byte {at} bit {bit}");
            }
        }
        for length in 0..blob.len() {
            assert!(decrypt(&key, &header(), &context, &blob[..length]).is_err(), "{length}");
        }
        let longer = [blob.as_slice(), &[0]].concat();
        assert!(decrypt(&key, &header(), &context, &longer).is_err());
    }

    #[test]
    fn moving_a_byte_between_key_and_value_of_the_context_is_noticed() {
        let key = SymmetricKey::new(&[1; 32]);
        let blob = encrypt(&key, &header(), &context(&[("a", "bc")]), b"x", &SystemRandom).unwrap();
        assert!(decrypt(&key, &header(), &context(&[("a", "bc")]), &blob).is_ok());
        assert!(decrypt(&key, &header(), &context(&[("ab", "c")]), &blob).is_err());
        assert!(decrypt(&key, &header(), &[], &blob).is_err());
    }

    #[test]
    fn other_material_another_key_and_another_version_are_refused() {
        let key = SymmetricKey::new(&[1; 32]);
        let blob = encrypt(&key, &header(), &[], b"x", &SystemRandom).unwrap();
        assert!(decrypt(&SymmetricKey::new(&[2; 32]), &header(), &[], &blob).is_err());
        let material_id = MaterialId::from_bytes([8; 32]);
        let other_material = CiphertextHeader { material_id, ..header() };
        assert!(decrypt(&key, &other_material, &[], &blob).is_err());
        let key_id = KeyId::from_bytes([7; 16], true);
        let other_key = CiphertextHeader { key_id, ..header() };
        assert!(decrypt(&key, &other_key, &[], &blob).is_err());
    }

    #[test]
    fn the_same_plaintext_never_gives_the_same_blob() {
        let key = SymmetricKey::new(&[1; 32]);
        let make = || encrypt(&key, &header(), &[], b"x", &SystemRandom).unwrap();
        assert_ne!(make(), make());
    }

    proptest! {
        #[test]
        fn every_plaintext_and_context_comes_back(
            key: [u8; 32],
            pairs: BTreeMap<String, String>,
            plaintext in prop::collection::vec(any::<u8>(), 0..=4096),
        ) {
            let key = SymmetricKey::new(&key);
            let context = EncryptionContext::from(pairs).canonical_bytes();
            let blob = encrypt(&key, &header(), &context, &plaintext, &SystemRandom).unwrap();
            prop_assert_eq!(blob.len(), plaintext.len() + BLOB_OVERHEAD);
            let opened = decrypt(&key, &header(), &context, &blob).unwrap();
            prop_assert_eq!(opened.expose(), plaintext.as_slice());
        }

        #[test]
        fn the_additional_data_is_header_and_context(
            context in prop::collection::vec(any::<u8>(), 0..=2 * SHORT_AAD_BYTES),
        ) {
            let header = [7; CiphertextHeader::BYTES];
            let expected = [&header[..], &context].concat();
            with_additional_data(&header, &context, |aad| assert_eq!(aad, expected));
        }

        #[test]
        fn a_blob_of_anyones_making_is_refused_without_harm(
            tail in prop::collection::vec(any::<u8>(), 0..200),
            honest_header: bool,
        ) {
            let mut blob = Vec::new();
            if honest_header {
                header().write(&mut blob);
            }
            blob.extend_from_slice(&tail);
            let key = SymmetricKey::new(&[1; 32]);
            prop_assert!(decrypt(&key, &header(), &[], &blob).is_err());
        }
    }
}
