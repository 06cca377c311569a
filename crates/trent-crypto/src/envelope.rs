//! The one way in which Trent encrypts: a subkey for each message, then AES-256-GCM.
//!
//! | bytes | content |
//! |---|---|
//! | 0..16 | nonce of the key derivation, random |
//! | 16..28 | GCM initialisation vector, random |
//! | 28..n-16 | ciphertext |
//! | n-16..n | GCM tag |
//!
//! The AES key is derived from the long-lived key and the nonce (`kdf`, with the purpose as label).
//! A random 96-bit IV under one long-lived key would allow 2³² messages (NIST SP 800-38D, section
//! 8.3); here two messages are in danger only if both nonce and IV repeat, 224 random bits, so the
//! number of messages needs no counting: after 2⁴⁸ of them the chance that even two subkeys are
//! equal is 2⁻³², and then their IVs still differ. The nonce is not in the AAD and need not be:
//! another nonce is another key, and GCM authenticates the IV.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use trent_types::SecretBytes;

use crate::kdf::DerivationKey;
use crate::{CryptoError, Random};

const NONCE_BYTES: usize = 16;
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// How much longer an envelope is than its content.
pub(crate) const OVERHEAD: usize = NONCE_BYTES + IV_BYTES + TAG_BYTES;

/// Appends the envelope of `plaintext` to `out`; nothing is left of it in `out` after an error.
pub(crate) fn seal(
    key: &DerivationKey,
    label: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
    out: &mut Vec<u8>,
) -> Result<(), CryptoError> {
    let mut fresh = [0; NONCE_BYTES + IV_BYTES];
    random.fill(&mut fresh)?;
    let (nonce, iv) = split_fresh(&fresh).ok_or(CryptoError::NoRandomness)?;
    // Reserved at once, so that the plaintext is never left behind by a move of the buffer before
    // it is encrypted.
    out.reserve(OVERHEAD + plaintext.len());
    out.extend_from_slice(&fresh);
    let start = out.len();
    out.extend_from_slice(plaintext);
    let content = out.get_mut(start..).unwrap_or_default();
    let cipher = Aes256Gcm::new((&*key.derive(label, nonce)).into());
    match cipher.encrypt_inout_detached(iv.into(), aad, content.into()) {
        Ok(tag) => {
            out.extend_from_slice(&tag);
            Ok(())
        }
        Err(_) => {
            // Only for messages of 64 GiB, which no limit lets through.
            content.fill(0);
            out.truncate(start - fresh.len());
            Err(CryptoError::InvalidCiphertext)
        }
    }
}

/// The content of an envelope; `None` for another key, label or AAD, or changed or too few bytes.
pub(crate) fn open(
    key: &DerivationKey,
    label: &[u8],
    aad: &[u8],
    envelope: &[u8],
) -> Option<SecretBytes> {
    let (nonce, rest) = envelope.split_first_chunk::<NONCE_BYTES>()?;
    let (iv, rest) = rest.split_first_chunk::<IV_BYTES>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let cipher = Aes256Gcm::new((&*key.derive(label, nonce)).into());
    // The tag is checked before anything is decrypted.
    let mut content = ciphertext.to_vec();
    let opened =
        cipher.decrypt_inout_detached(iv.into(), aad, content.as_mut_slice().into(), tag.into());
    opened.ok().map(|()| SecretBytes::new(content))
}

fn split_fresh(
    fresh: &[u8; NONCE_BYTES + IV_BYTES],
) -> Option<(&[u8; NONCE_BYTES], &[u8; IV_BYTES])> {
    let (nonce, iv) = fresh.split_first_chunk::<NONCE_BYTES>()?;
    Some((nonce, iv.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use proptest::prelude::*;

    use super::*;
    use crate::SystemRandom;
    use crate::random::fixed::Dry;

    fn gcm(key: &str, iv: &str, aad: &str, plaintext: &str) -> (String, String) {
        let bytes = |text: &str| hex::decode(text).unwrap();
        let cipher = Aes256Gcm::new_from_slice(&bytes(key)).unwrap();
        let iv: [u8; 12] = bytes(iv).try_into().unwrap();
        let mut content = bytes(plaintext);
        let tag = cipher
            .encrypt_inout_detached((&iv).into(), &bytes(aad), content.as_mut_slice().into())
            .unwrap();
        (hex::encode(content), hex::encode(tag))
    }

    /// NIST CAVP, gcmEncryptExtIV256.rsp, \[IVlen = 96, AADlen = 0, Taglen = 128\], first vectors
    /// of PTlen 0 and 128 (a work of the United States Government, public domain).
    #[test]
    fn the_cavp_gcm_vectors_are_met() {
        let key = "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4";
        let (ciphertext, tag) = gcm(key, "516c33929df5a3284ff463d7", "", "");
        assert_eq!((ciphertext.as_str(), tag.as_str()), ("", "bdc1ac884d332457a1d2664f168c76f0"));

        let key = "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22";
        let (ciphertext, tag) =
            gcm(key, "0d18e06c7c725ac9e362e1ce", "", "2db5168e932556f8089a0622981d017d");
        assert_eq!(ciphertext, "fa4362189661d163fcd6a56d8bf0405a");
        assert_eq!(tag, "d636ac1bbedd5cc3ee727dc2ab4a9489");
    }

    /// D. McGrew, J. Viega, "The Galois/Counter Mode of Operation (GCM)", submission to NIST,
    /// appendix B, test case 16.
    #[test]
    fn the_vector_of_the_gcm_submission_with_additional_data_is_met() {
        let (ciphertext, tag) = gcm(
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        assert_eq!(
            ciphertext,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        );
        assert_eq!(tag, "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    #[test]
    fn without_randomness_nothing_is_sealed_and_no_plaintext_is_left() {
        let mut out = b"before".to_vec();
        let key = DerivationKey::new(&[1; 32]);
        let result = seal(&key, b"test", b"", b"plaintext", &Dry, &mut out);
        assert_eq!((result, out), (Err(CryptoError::NoRandomness), b"before".to_vec()));
    }

    proptest! {
        #[test]
        fn another_implementation_opens_what_was_sealed(
            root: [u8; 32],
            aad: Vec<u8>,
            plaintext: Vec<u8>,
        ) {
            let root = DerivationKey::new(&root);
            let mut out = Vec::new();
            seal(&root, b"test", &aad, &plaintext, &SystemRandom, &mut out).unwrap();
            let (nonce, rest) = out.split_first_chunk::<16>().unwrap();
            let (iv, rest) = rest.split_first_chunk::<12>().unwrap();
            let key = UnboundKey::new(&AES_256_GCM, &*root.derive(b"test", nonce)).unwrap();
            let mut content = rest.to_vec();
            let opened = LessSafeKey::new(key)
                .open_in_place(Nonce::assume_unique_for_key(*iv), Aad::from(&aad), &mut content)
                .unwrap();
            prop_assert_eq!(&*opened, plaintext.as_slice());
        }

        #[test]
        fn what_another_implementation_sealed_opens(
            root: [u8; 32],
            nonce: [u8; 16],
            iv: [u8; 12],
            aad: Vec<u8>,
            plaintext: Vec<u8>,
        ) {
            let root = DerivationKey::new(&root);
            let key = UnboundKey::new(&AES_256_GCM, &*root.derive(b"test", &nonce)).unwrap();
            let mut content = plaintext.clone();
            LessSafeKey::new(key)
                .seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(iv),
                    Aad::from(&aad),
                    &mut content,
                )
                .unwrap();
            let envelope = [&nonce[..], &iv[..], &content].concat();
            let opened = open(&root, b"test", &aad, &envelope).unwrap();
            prop_assert_eq!(opened.expose(), plaintext.as_slice());
        }
    }
}
