//! Wrapping keys: what others wrapped unwraps, and nothing else does.

use std::sync::OnceLock;

use aes_kw::KeyInit;
use proptest::prelude::*;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Oaep, PublicKey};
use sha1::Sha1;
use sha2::Sha256;

use super::*;

fn key() -> &'static WrappingKey {
    static KEY: OnceLock<WrappingKey> = OnceLock::new();
    KEY.get_or_init(|| WrappingKey::generate(WrappingKeySpec::Rsa2048).unwrap())
}

/// OAEP by the rsa crate, under the public key that is handed out.
fn oaep(algorithm: WrappingAlgorithm, plaintext: &[u8]) -> Vec<u8> {
    let public = PublicKey::from_public_key_der(&key().public_key_der().unwrap()).unwrap();
    let mut rng = rand::rng();
    let encrypted = if algorithm.as_str().ends_with("SHA_1") {
        public.encrypt(&mut rng, Oaep::<Sha1>::new(), plaintext)
    } else {
        public.encrypt(&mut rng, Oaep::<Sha256>::new(), plaintext)
    };
    encrypted.unwrap()
}

/// RSA_AES_KEY_WRAP by the rsa and aes-kw crates.
fn key_wrap(algorithm: WrappingAlgorithm, material: &[u8]) -> Vec<u8> {
    let middle = [0x42; 32];
    let mut buffer = vec![0; material.len() + 16];
    let wrapped = aes_kw::KwpAes256::new(&middle.into()).wrap_key(material, &mut buffer);
    [oaep(algorithm, &middle), wrapped.unwrap().to_vec()].concat()
}

const BY_OAEP: [WrappingAlgorithm; 2] =
    [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesOaepSha256];
const BY_AES: [WrappingAlgorithm; 2] =
    [WrappingAlgorithm::RsaAesKeyWrapSha1, WrappingAlgorithm::RsaAesKeyWrapSha256];

#[test]
fn material_that_others_wrapped_unwraps() {
    for algorithm in BY_OAEP {
        let unwrapped = key().unwrap(algorithm, &oaep(algorithm, &[7; 32])).unwrap();
        assert_eq!(unwrapped.expose(), [7; 32], "{algorithm}");
    }
    for algorithm in BY_AES {
        for length in [1, 7, 8, 9, 32, 1217, 2375] {
            let material = vec![9; length];
            let unwrapped = key().unwrap(algorithm, &key_wrap(algorithm, &material)).unwrap();
            assert_eq!(unwrapped.expose(), material, "{algorithm} {length}");
        }
    }
}

#[test]
fn material_under_another_hash_or_scheme_does_not_unwrap() {
    let [sha1, sha256] = BY_OAEP;
    for (wrapped_by, algorithm) in [(sha1, sha256), (sha256, sha1), (sha256, BY_AES[1])] {
        let unwrapped = key().unwrap(algorithm, &oaep(wrapped_by, &[7; 32]));
        assert_eq!(unwrapped, Err(CryptoError::InvalidCiphertext), "{algorithm}");
    }
    for withdrawn in [WrappingAlgorithm::RsaesPkcs1V15, WrappingAlgorithm::Sm2Pke] {
        let unwrapped = key().unwrap(withdrawn, &oaep(sha256, &[7; 32]));
        assert_eq!(unwrapped, Err(CryptoError::WrongAlgorithm), "{withdrawn}");
    }
    assert!(matches!(
        WrappingKey::generate(WrappingKeySpec::Sm2),
        Err(CryptoError::WrongAlgorithm)
    ));
}

#[test]
fn a_middle_key_of_another_size_than_aes_256_is_refused() {
    let algorithm = BY_AES[1];
    let mut buffer = vec![0; 48];
    let wrapped = aes_kw::KwpAes128::new(&[0x42; 16].into()).wrap_key(&[7; 32], &mut buffer);
    let wrapped = [oaep(algorithm, &[0x42; 16]), wrapped.unwrap().to_vec()].concat();
    assert_eq!(key().unwrap(algorithm, &wrapped), Err(CryptoError::InvalidCiphertext));
}

#[test]
fn a_change_of_any_bit_of_what_is_wrapped_is_noticed() {
    let algorithm = BY_AES[1];
    let wrapped = key_wrap(algorithm, &[7; 40]);
    for at in (0..256).step_by(17).chain(256..wrapped.len()) {
        let mut changed = wrapped.clone();
        changed[at] ^= 1 << (at % 8);
        let unwrapped = key().unwrap(algorithm, &changed);
        assert_eq!(unwrapped, Err(CryptoError::InvalidCiphertext), "byte {at}");
    }
    for length in [0, 1, 255, 256, 264, wrapped.len() - 1] {
        assert!(key().unwrap(algorithm, &wrapped[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_wrapping_key_comes_back_from_its_bytes() {
    for spec in [WrappingKeySpec::Rsa2048, WrappingKeySpec::Rsa3072, WrappingKeySpec::Rsa4096] {
        let key = WrappingKey::generate(spec).unwrap();
        assert_eq!(key.spec(), spec);
        let again = WrappingKey::from_bytes(key.to_bytes().expose()).unwrap();
        assert_eq!(again.public_key_der(), key.public_key_der());
        let truncated = WrappingKey::from_bytes(&key.to_bytes().expose()[1..]).map(|_| ());
        assert_eq!(truncated, Err(CryptoError::InvalidMaterial));
    }
}

#[test]
fn only_an_rsa_key_pair_becomes_a_wrapping_key() {
    let random = crate::SystemRandom;
    let rsa = crate::KeyMaterial::generate(KeySpec::Rsa2048, &random).unwrap();
    let public_key = rsa.public_key_der().unwrap().unwrap();
    let key = WrappingKey::from_material(rsa).unwrap();
    assert_eq!(key.public_key_der().unwrap(), public_key);
    let other = crate::KeyMaterial::generate(KeySpec::EccNistP256, &random).unwrap();
    let made = WrappingKey::from_material(other).map(|_| ());
    assert_eq!(made, Err(CryptoError::WrongAlgorithm));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn bytes_of_anyones_making_do_not_unwrap(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        for algorithm in BY_OAEP.into_iter().chain(BY_AES) {
            prop_assert!(key().unwrap(algorithm, &bytes).is_err());
        }
    }
}
