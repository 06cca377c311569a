//! Sealing: layout, owners, domain keys.

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
    fn material_and_secrets_come_back(
        key: [u8; 32],
        access_key_id in "[A-Z0-9]{16,20}",
        secret: Vec<u8>,
    ) {
        let keys = ring(&[(1, 1)]);
        let material = KeyMaterial::Symmetric(Zeroizing::new(key));
        let sealed = keys.seal_material(&key_arn(), ID, &material, &SystemRandom).unwrap();
        let opened = keys.open_material(&key_arn(), &ID, &sealed.sealed).unwrap();
        let KeyMaterial::Symmetric(opened) = opened else { panic!("another kind of key") };
        prop_assert_eq!(*opened, key);
        let (account, secret) = (key_arn().account, SecretBytes::new(secret));
        let sealed = keys.seal_secret(account, &access_key_id, &secret, &SystemRandom).unwrap();
        prop_assert_eq!(keys.open_secret(account, &access_key_id, &sealed), Ok(secret));
    }
}
