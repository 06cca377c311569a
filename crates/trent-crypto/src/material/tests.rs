//! Key material of every spec: made, printed, exported, used.

use trent_types::{KeyUsage, MessageType};

use super::*;
use crate::SystemRandom;
use crate::random::fixed::{Dry, Repeating};

#[test]
fn new_material_is_never_the_same_and_never_printed() {
    let make = || KeyMaterial::generate(KeySpec::SymmetricDefault, &SystemRandom).unwrap();
    let (KeyMaterial::Symmetric(one), KeyMaterial::Symmetric(other)) = (make(), make()) else {
        panic!("another kind of key");
    };
    assert_ne!(*one, *other);
    assert_eq!(format!("{:?}", make()), "KeyMaterial(SYMMETRIC_DEFAULT, …)");
    assert_eq!(format!("{:?}", make().prepare().unwrap()), "PreparedKey::Symmetric(…)");
}

#[test]
fn every_spec_gives_a_key_that_does_what_the_spec_is_for() {
    for &spec in KeySpec::ALL {
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        assert_eq!(material.spec(), spec);
        assert_eq!(material.public_key_der().unwrap().is_some(), spec.is_asymmetric(), "{spec}");
        assert_eq!(material.private_key_der().is_ok(), spec.is_asymmetric(), "{spec}");
        let key = material.prepare().unwrap();
        let printed = format!("{material:?} {key:?}");
        assert!(printed.ends_with("(…)") && printed.starts_with(&format!("KeyMaterial({spec}")));
        for usage in spec.usages() {
            use_key(&key, spec, *usage);
        }
    }
}

fn use_key(key: &PreparedKey, spec: KeySpec, usage: KeyUsage) {
    match usage {
        KeyUsage::SignVerify => {
            for &algorithm in spec.signing_algorithms() {
                let kinds = MessageType::ALL.iter().filter(|kind| {
                    let signed = key.sign(algorithm, **kind, &[7; 64], &SystemRandom);
                    // 64 bytes are a digest or μ for some; the rest must object to the length.
                    match signed {
                        Ok(signature) => {
                            key.verify(algorithm, **kind, &[7; 64], &signature).unwrap();
                            let other = key.verify(algorithm, **kind, &[8; 64], &signature);
                            assert_eq!(other, Err(CryptoError::InvalidSignature), "{algorithm}");
                            true
                        }
                        Err(error) => {
                            let refusals =
                                [CryptoError::WrongAlgorithm, CryptoError::InvalidMessageLength];
                            assert!(refusals.contains(&error), "{algorithm} {kind}: {error}");
                            false
                        }
                    }
                });
                assert!(kinds.count() > 0, "{algorithm} signs nothing");
            }
        }
        KeyUsage::EncryptDecrypt => {
            for &algorithm in spec.encryption_algorithms() {
                if let PreparedKey::Symmetric(_) = key {
                    continue;
                }
                let ciphertext = key.encrypt_public(algorithm, b"plaintext", &SystemRandom);
                let plaintext = key.decrypt_private(algorithm, &ciphertext.unwrap()).unwrap();
                assert_eq!(plaintext.expose(), b"plaintext", "{algorithm}");
            }
        }
        KeyUsage::GenerateVerifyMac => {
            let algorithm = spec.mac_algorithm().unwrap();
            let mac = key.mac(algorithm, b"message").unwrap();
            key.verify_mac(algorithm, b"message", &mac).unwrap();
        }
        KeyUsage::KeyAgreement => {
            let peer = KeyMaterial::generate(spec, &SystemRandom).unwrap();
            let secret = key.derive_shared_secret(&peer.public_key_der().unwrap().unwrap());
            assert!(secret.unwrap().len() >= 32);
        }
        KeyUsage::EncapsulateDecapsulate => {
            let (ciphertext, secret) = key.encapsulate(&SystemRandom).unwrap();
            assert_eq!((secret.len(), key.decapsulate(&ciphertext)), (32, Ok(secret)));
        }
    }
}

#[test]
fn without_randomness_no_key_is_made() {
    // RSA's primes are the library's own draw.
    for &spec in KeySpec::ALL.iter().filter(|spec| spec.family() != KeyFamily::Rsa) {
        let made = KeyMaterial::generate(spec, &Dry).map(|_| ());
        assert_eq!(made, Err(CryptoError::NoRandomness), "{spec}");
    }
    // All ones are above every order, for ever.
    let stuck = KeyMaterial::generate(KeySpec::EccNistP384, &Repeating(0xff)).map(|_| ());
    assert_eq!(stuck, Err(CryptoError::NoRandomness));
}
