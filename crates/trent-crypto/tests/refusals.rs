//! What no key lets through: changed bits, wrong lengths, and algorithms of other keys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::HashSet;

use proptest::prelude::*;
use sm3::Sm3;
use trent_crypto::{CryptoError, KeyMaterial, PreparedKey, SystemRandom};
use trent_types::{
    EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, MessageType, SigningAlgorithm,
};

/// One spec of each kind of key and of each curve: what differs in size only is left out.
const SPECS: [KeySpec; 12] = [
    KeySpec::SymmetricDefault,
    KeySpec::Hmac256,
    KeySpec::Rsa2048,
    KeySpec::EccNistP256,
    KeySpec::EccNistP384,
    KeySpec::EccNistP521,
    KeySpec::EccSecgP256k1,
    KeySpec::EccNistEdwards25519,
    KeySpec::Sm2,
    KeySpec::MlDsa44,
    KeySpec::MlDsa65,
    KeySpec::MlKem512,
];

fn key(spec: KeySpec) -> PreparedKey {
    KeyMaterial::generate(spec, &SystemRandom).unwrap().prepare().unwrap()
}

/// The bytes with one bit changed, for every so many bytes.
fn changed(bytes: &[u8], step: usize) -> impl Iterator<Item = Vec<u8>> {
    let last = bytes.len() - 1;
    (0..bytes.len()).step_by(step).chain([last]).map(move |at| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 8);
        changed
    })
}

/// A message type that the algorithm takes, and how long its message is; `None` for any length.
fn kinds(algorithm: SigningAlgorithm) -> Vec<(MessageType, Option<usize>)> {
    use MessageType::{Digest, ExternalMu, Raw};
    match algorithm.as_str() {
        "ED25519_SHA_512" => vec![(Raw, None)],
        "ED25519_PH_SHA_512" => vec![(Digest, Some(64))],
        "ML_DSA_SHAKE_256" => vec![(Raw, None), (ExternalMu, Some(64))],
        name if name.ends_with("256") || name == "SM2DSA" => vec![(Raw, None), (Digest, Some(32))],
        name if name.ends_with("384") => vec![(Raw, None), (Digest, Some(48))],
        _ => vec![(Raw, None), (Digest, Some(64))],
    }
}

#[test]
fn a_change_anywhere_in_a_signature_or_its_message_is_noticed() {
    for spec in SPECS {
        for &algorithm in spec.signing_algorithms() {
            let key = key(spec);
            for (kind, length) in kinds(algorithm) {
                let message = vec![0x5a; length.unwrap_or(100)];
                let signature = key.sign(algorithm, kind, &message, &SystemRandom).unwrap();
                let verify = |message: &[u8], signature: &[u8]| {
                    key.verify(algorithm, kind, message, signature)
                };
                assert_eq!(verify(&message, &signature), Ok(()), "{algorithm} {kind}");
                let invalid = Err(CryptoError::InvalidSignature);
                // Every byte, but of ML-DSA's thousands every thirteenth.
                let step = if signature.len() > 600 { 13 } else { 1 };
                for changed in changed(&signature, step) {
                    assert_eq!(verify(&message, &changed), invalid, "{algorithm} {kind}");
                }
                for changed in changed(&message, 7) {
                    assert_eq!(verify(&changed, &signature), invalid, "{algorithm} {kind}");
                }
                for cut in [&[][..], &signature[1..], &signature[..signature.len() - 1]] {
                    assert_eq!(verify(&message, cut), invalid, "{algorithm} {kind}");
                }
                let longer = [&signature[..], &[0]].concat();
                assert_eq!(verify(&message, &longer), invalid, "{algorithm} {kind}");
            }
        }
    }
}

#[test]
fn digests_and_mu_have_one_length_each_and_other_message_types_do_not_fit() {
    for spec in SPECS {
        for &algorithm in spec.signing_algorithms() {
            let key = key(spec);
            let allowed = kinds(algorithm);
            for &kind in MessageType::ALL {
                let fits = allowed.iter().find(|(allowed, _)| *allowed == kind);
                let lengths = [0, 1, 20, 28, 31, 32, 33, 47, 48, 49, 63, 64, 65, 4096];
                for length in lengths {
                    let expected = match fits {
                        None => Some(CryptoError::WrongAlgorithm),
                        Some((_, Some(only))) if *only != length => {
                            Some(CryptoError::InvalidMessageLength)
                        }
                        Some(_) => None,
                    };
                    let message = vec![1; length];
                    let signed = key.sign(algorithm, kind, &message, &SystemRandom);
                    assert_eq!(signed.err(), expected, "{algorithm} {kind} {length}");
                    let verified = key.verify(algorithm, kind, &message, &[0; 64]);
                    let expected = expected.unwrap_or(CryptoError::InvalidSignature);
                    assert_eq!(verified, Err(expected), "{algorithm} {kind} {length}");
                }
            }
        }
    }
}

#[test]
fn a_message_and_its_digest_are_signed_alike_with_sm2() {
    use sha2::Digest;
    // Z_A of GB/T 32918.2, section 5.5, with the identifier 1234567812345678.
    let material = KeyMaterial::generate(KeySpec::Sm2, &SystemRandom).unwrap();
    let public_key = material.public_key_der().unwrap().unwrap();
    let point = &public_key[public_key.len() - 64..];
    let curve = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC\
                 28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93\
                 32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
                 BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";
    let z = Sm3::new()
        .chain_update([0, 128])
        .chain_update(b"1234567812345678")
        .chain_update(hex::decode(curve).unwrap())
        .chain_update(point)
        .finalize();
    let digest = Sm3::new().chain_update(z).chain_update(b"message").finalize();
    let (key, algorithm) = (material.prepare().unwrap(), SigningAlgorithm::Sm2Dsa);
    let raw = key.sign(algorithm, MessageType::Raw, b"message", &SystemRandom).unwrap();
    assert_eq!(key.verify(algorithm, MessageType::Digest, &digest, &raw), Ok(()));
    let by_digest = key.sign(algorithm, MessageType::Digest, &digest, &SystemRandom).unwrap();
    assert_eq!(key.verify(algorithm, MessageType::Raw, b"message", &by_digest), Ok(()));
}

#[test]
fn an_algorithm_of_another_key_does_not_fit() {
    for spec in SPECS {
        let key = key(spec);
        let own: HashSet<_> = spec.signing_algorithms().iter().collect();
        for algorithm in SigningAlgorithm::ALL.iter().filter(|one| !own.contains(one)) {
            for &kind in MessageType::ALL {
                let signed = key.sign(*algorithm, kind, &[1; 64], &SystemRandom);
                assert_eq!(signed, Err(CryptoError::WrongAlgorithm), "{spec} {algorithm}");
                let verified = key.verify(*algorithm, kind, &[1; 64], &[1; 64]);
                assert_eq!(verified, Err(CryptoError::WrongAlgorithm), "{spec} {algorithm}");
            }
        }
        // A backing key encrypts by `encrypt`, never by itself.
        let own: HashSet<_> = spec.encryption_algorithms().iter().collect();
        let own = if spec.is_asymmetric() { own } else { HashSet::new() };
        for algorithm in EncryptionAlgorithm::ALL.iter().filter(|one| !own.contains(one)) {
            let encrypted = key.encrypt_public(*algorithm, b"x", &SystemRandom);
            assert_eq!(encrypted, Err(CryptoError::WrongAlgorithm), "{spec} {algorithm}");
            let decrypted = key.decrypt_private(*algorithm, &[0; 256]);
            assert_eq!(decrypted, Err(CryptoError::WrongAlgorithm), "{spec} {algorithm}");
        }
        for algorithm in MacAlgorithm::ALL {
            if spec.mac_algorithm() != Some(*algorithm) {
                assert_eq!(key.mac(*algorithm, b"x"), Err(CryptoError::WrongAlgorithm), "{spec}");
                let verified = key.verify_mac(*algorithm, b"x", &[0; 32]);
                assert_eq!(verified, Err(CryptoError::WrongAlgorithm), "{spec}");
            }
        }
        if !spec.usages().contains(&KeyUsage::KeyAgreement) {
            let peer = KeyMaterial::generate(KeySpec::EccNistP256, &SystemRandom).unwrap();
            let secret = key.derive_shared_secret(&peer.public_key_der().unwrap().unwrap());
            assert_eq!(secret, Err(CryptoError::WrongAlgorithm), "{spec}");
        }
        if !spec.usages().contains(&KeyUsage::EncapsulateDecapsulate) {
            let made = key.encapsulate(&SystemRandom).map(|_| ());
            assert_eq!(made, Err(CryptoError::WrongAlgorithm), "{spec}");
            let secret = key.decapsulate(&[0; 768]);
            assert_eq!(secret, Err(CryptoError::WrongAlgorithm), "{spec}");
        }
    }
}

#[test]
fn a_change_anywhere_in_a_mac_is_noticed_and_a_shorter_one_refused() {
    for spec in [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512] {
        let (key, algorithm) = (key(spec), spec.mac_algorithm().unwrap());
        let mac = key.mac(algorithm, b"message").unwrap();
        assert_eq!(key.verify_mac(algorithm, b"message", &mac), Ok(()));
        let invalid = Err(CryptoError::InvalidMac);
        assert_eq!(key.verify_mac(algorithm, b"messagf", &mac), invalid);
        for changed in changed(&mac, 1) {
            assert_eq!(key.verify_mac(algorithm, b"message", &changed), invalid, "{spec}");
        }
        for length in 0..mac.len() {
            assert_eq!(key.verify_mac(algorithm, b"message", &mac[..length]), invalid, "{spec}");
        }
        let longer = [&mac[..], &[0]].concat();
        assert_eq!(key.verify_mac(algorithm, b"message", &longer), invalid, "{spec}");
    }
}

#[test]
fn a_change_anywhere_in_a_ciphertext_is_noticed() {
    for spec in [KeySpec::Rsa2048, KeySpec::Sm2] {
        let key = key(spec);
        for &algorithm in spec.encryption_algorithms() {
            let ciphertext = key.encrypt_public(algorithm, b"plaintext", &SystemRandom).unwrap();
            let again = key.encrypt_public(algorithm, b"plaintext", &SystemRandom).unwrap();
            assert_ne!(ciphertext, again, "{algorithm}");
            let opened = key.decrypt_private(algorithm, &ciphertext).unwrap();
            assert_eq!(opened.expose(), b"plaintext");
            let cut = (0..ciphertext.len()).map(|length| ciphertext[..length].to_vec());
            for bad in changed(&ciphertext, 1).chain(cut) {
                let opened = key.decrypt_private(algorithm, &bad);
                assert_eq!(opened, Err(CryptoError::InvalidCiphertext), "{algorithm}");
            }
        }
    }
}

#[test]
fn plaintexts_are_as_long_as_aws_says() {
    for (spec, sha1, sha256) in
        [(KeySpec::Rsa2048, 214, 190), (KeySpec::Rsa3072, 342, 318), (KeySpec::Rsa4096, 470, 446)]
    {
        let key = key(spec);
        for (algorithm, most) in [
            (EncryptionAlgorithm::RsaesOaepSha1, sha1),
            (EncryptionAlgorithm::RsaesOaepSha256, sha256),
        ] {
            assert!(key.encrypt_public(algorithm, &vec![1; most], &SystemRandom).is_ok());
            let longer = key.encrypt_public(algorithm, &vec![1; most + 1], &SystemRandom);
            assert_eq!(longer, Err(CryptoError::InvalidMessageLength), "{spec} {algorithm}");
        }
    }
    let (key, algorithm) = (key(KeySpec::Sm2), EncryptionAlgorithm::Sm2Pke);
    for (length, fits) in [(0, false), (1, true), (1024, true), (1025, false)] {
        let encrypted = key.encrypt_public(algorithm, &vec![1; length], &SystemRandom);
        assert_eq!(encrypted.is_ok(), fits, "{length}");
        if let Ok(ciphertext) = encrypted {
            assert_eq!(
                key.decrypt_private(algorithm, &ciphertext).unwrap().expose(),
                vec![1; length]
            );
        }
    }
}

#[test]
fn a_peers_key_must_be_a_point_of_the_same_curve() {
    let specs = [KeySpec::EccNistP256, KeySpec::EccNistP384, KeySpec::EccNistP521, KeySpec::Sm2];
    let bytes = [32, 48, 66, 32];
    let public = |spec| {
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        material.public_key_der().unwrap().unwrap()
    };
    for (spec, bytes) in specs.into_iter().zip(bytes) {
        let key = key(spec);
        let peer = public(spec);
        assert_eq!(key.derive_shared_secret(&peer).unwrap().len(), bytes, "{spec}");
        let invalid = Err(CryptoError::InvalidPublicKey);
        let foreign = KeySpec::ALL.iter().filter(|other| other.is_asymmetric() && **other != spec);
        for other in foreign.filter(|other| other.family() != trent_types::KeyFamily::Rsa) {
            assert_eq!(key.derive_shared_secret(&public(*other)), invalid, "{spec} {other}");
        }
        // One bit of x or y changed is no point of the curve.
        for changed in changed(&peer[peer.len() - 2 * bytes..], 1) {
            let moved = [&peer[..peer.len() - 2 * bytes], &changed].concat();
            assert_eq!(key.derive_shared_secret(&moved), invalid, "{spec}");
        }
        for length in 0..peer.len() {
            assert_eq!(key.derive_shared_secret(&peer[..length]), invalid, "{spec} {length}");
        }
    }
}

#[test]
fn a_kem_ciphertext_of_another_length_is_refused() {
    let specs = [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024];
    for (spec, length) in specs.into_iter().zip([768, 1088, 1568]) {
        let key = key(spec);
        let (ciphertext, secret) = key.encapsulate(&SystemRandom).unwrap();
        assert_eq!((ciphertext.len(), secret.len()), (length, 32), "{spec}");
        let longer = [&ciphertext[..], &[0]].concat();
        for bad in [&[][..], &ciphertext[1..], &longer] {
            assert_eq!(key.decapsulate(bad), Err(CryptoError::InvalidCiphertext), "{spec}");
        }
    }
}

#[test]
fn keys_go_from_thread_to_thread() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<PreparedKey>();
    is_shared::<KeyMaterial>();
    is_shared::<trent_crypto::WrappingKey>();
    let key = std::sync::Arc::new(key(KeySpec::Rsa2048));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let key = std::sync::Arc::clone(&key);
            std::thread::spawn(move || {
                let algorithm = SigningAlgorithm::RsassaPssSha256;
                let signed = key.sign(algorithm, MessageType::Raw, b"message", &SystemRandom);
                key.verify(algorithm, MessageType::Raw, b"message", &signed.unwrap())
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_of_anyones_making_are_refused_without_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for spec in [KeySpec::EccNistP256, KeySpec::EccSecgP256k1, KeySpec::Sm2, KeySpec::MlDsa44] {
            let key = key(spec);
            for &algorithm in spec.signing_algorithms() {
                prop_assert!(key.verify(algorithm, MessageType::Raw, b"x", &bytes).is_err());
            }
            prop_assert!(key.derive_shared_secret(&bytes).is_err());
            let decrypted = key.decrypt_private(EncryptionAlgorithm::Sm2Pke, &bytes);
            prop_assert!(decrypted.is_err());
        }
    }
}
