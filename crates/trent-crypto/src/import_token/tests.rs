//! Import tokens: what they hold, and everything that makes one invalid.

use std::sync::OnceLock;

use proptest::prelude::*;
use trent_types::{KeyId, KeyRing, SecretBytes};

use super::*;
use crate::SystemRandom;

fn keys(byte: u8) -> DomainKeys {
    DomainKeys::new(&KeyRing::single(SecretBytes::new(vec![byte; 32])).unwrap())
}

fn key_arn() -> KeyArn {
    KeyArn {
        region: "eu-west-1".parse().unwrap(),
        account: "123456789012".parse().unwrap(),
        key_id: KeyId::from_bytes([7; 16], false),
    }
}

fn token(wrapping_key: WrappingKey) -> ImportToken {
    ImportToken {
        key: key_arn(),
        algorithm: WrappingAlgorithm::RsaesOaepSha256,
        wrapping_spec: wrapping_key.spec(),
        valid_to: Timestamp::from_millis(1_800_000_000_123),
        wrapping_key,
    }
}

/// A sealed token, made once: key pairs are slow.
fn sealed() -> &'static [u8] {
    static SEALED: OnceLock<Vec<u8>> = OnceLock::new();
    SEALED.get_or_init(|| {
        let key = WrappingKey::generate(WrappingKeySpec::Rsa2048).unwrap();
        keys(1).seal_import_token(&token(key), &SystemRandom).unwrap()
    })
}

#[test]
fn a_token_says_what_it_was_sealed_with_and_nothing_in_the_clear() {
    let key = WrappingKey::generate(WrappingKeySpec::Rsa4096).unwrap();
    let (public_key, bytes) = (key.public_key_der().unwrap(), key.to_bytes().clone());
    let sealed = keys(1).seal_import_token(&token(key), &SystemRandom).unwrap();
    assert!(sealed.len() < 3072, "{}: AWS allows 6144", sealed.len());
    assert_eq!(sealed[..2], [1, 1]);
    let opened = keys(1).open_import_token(&key_arn(), &sealed).unwrap();
    assert_eq!(opened.key, key_arn());
    assert_eq!(opened.algorithm, WrappingAlgorithm::RsaesOaepSha256);
    assert_eq!(opened.wrapping_spec, WrappingKeySpec::Rsa4096);
    assert_eq!(opened.valid_to, Timestamp::from_millis(1_800_000_000_123));
    assert_eq!(opened.wrapping_key.public_key_der().unwrap(), public_key);
    assert_eq!(opened.wrapping_key.to_bytes(), &bytes);
    assert!(format!("{opened:?}").contains("wrapping_key: WrappingKey(…)"));
    let piece = &bytes.expose()[100..116];
    assert!(!sealed.windows(16).any(|window| window == piece));
}

#[test]
fn a_token_is_of_one_key_and_one_deployment() {
    let invalid = |keys: DomainKeys, key: &KeyArn| {
        let opened = keys.open_import_token(key, sealed()).map(|_| ());
        assert_eq!(opened, Err(CryptoError::InvalidImportToken), "{key}");
    };
    keys(1).open_import_token(&key_arn(), sealed()).unwrap();
    invalid(keys(1), &KeyArn { key_id: KeyId::from_bytes([8; 16], false), ..key_arn() });
    invalid(keys(1), &KeyArn { key_id: KeyId::from_bytes([7; 16], true), ..key_arn() });
    invalid(keys(1), &KeyArn { region: "eu-west-2".parse().unwrap(), ..key_arn() });
    invalid(keys(1), &KeyArn { account: "210987654321".parse().unwrap(), ..key_arn() });
    invalid(keys(2), &key_arn());
    let newer = KeyRing::parse(&format!("2 {}", "01".repeat(32))).unwrap();
    invalid(DomainKeys::new(&newer), &key_arn());
}

#[test]
fn a_change_anywhere_in_a_token_makes_it_invalid() {
    for at in 0..sealed().len() {
        let mut changed = sealed().to_vec();
        changed[at] ^= 1 << (at % 8);
        let opened = keys(1).open_import_token(&key_arn(), &changed).map(|_| ());
        assert_eq!(opened, Err(CryptoError::InvalidImportToken), "byte {at}");
    }
    for length in 0..sealed().len() {
        assert!(keys(1).open_import_token(&key_arn(), &sealed()[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_token_with_what_is_not_served_or_does_not_fit_is_not_sealed() {
    let opened = || keys(1).open_import_token(&key_arn(), sealed()).unwrap();
    for wrong in [
        ImportToken { algorithm: WrappingAlgorithm::RsaesPkcs1V15, ..opened() },
        ImportToken { wrapping_spec: WrappingKeySpec::Rsa4096, ..opened() },
        ImportToken { wrapping_spec: WrappingKeySpec::Sm2, ..opened() },
    ] {
        let made = keys(1).seal_import_token(&wrong, &SystemRandom);
        assert_eq!(made, Err(CryptoError::WrongAlgorithm), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn bytes_of_anyones_making_are_no_token(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let opened = keys(1).open_import_token(&key_arn(), &bytes).map(|_| ());
        prop_assert_eq!(opened, Err(CryptoError::InvalidImportToken));
    }
}
