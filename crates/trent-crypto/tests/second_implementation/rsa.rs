//! RSA: aws-lc-rs here, the rsa crate against it.

use std::sync::OnceLock;

use ::rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ::rsa::signature::hazmat::PrehashVerifier;
use ::rsa::signature::{RandomizedSigner, SignatureEncoding, Signer, Verifier};
use ::rsa::{Oaep, PrivateKey, PublicKey, pkcs1v15, pss};
use proptest::prelude::*;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use trent_crypto::{PreparedKey, SystemRandom};
use trent_types::{EncryptionAlgorithm, KeySpec, MessageType, SigningAlgorithm};

struct Pair {
    ours: PreparedKey,
    private: PrivateKey,
    public: PublicKey,
}

/// One key pair for all tests: they are slow to make.
fn pair() -> &'static Pair {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let (private, public, ours) = super::new_key(KeySpec::Rsa2048);
        let theirs = PrivateKey::from_pkcs8_der(&private).unwrap();
        Pair { ours, private: theirs, public: PublicKey::from_public_key_der(&public).unwrap() }
    })
}

#[test]
fn rsa_keys_of_every_size_have_the_same_encodings() {
    for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096] {
        let (private, public, _) = super::new_key(spec);
        let theirs = PrivateKey::from_pkcs8_der(&private).unwrap();
        theirs.validate().unwrap();
        assert_eq!(theirs.to_pkcs8_der().unwrap().as_bytes(), private, "{spec}");
        let their_public = theirs.to_public_key().to_public_key_der().unwrap();
        assert_eq!(their_public.as_bytes(), public, "{spec}");
    }
}

macro_rules! signatures {
    ($name:ident, $hash:ty, $pss:expr, $pkcs1:expr) => {
        fn $name(message: &[u8]) {
            let Pair { ours, private, public } = pair();
            let (raw, digest) = (MessageType::Raw, <$hash>::digest(message));
            // PSS, ours to theirs and theirs to ours.
            let signature = ours.sign($pss, raw, message, &SystemRandom).unwrap();
            let signature = pss::Signature::try_from(signature.as_slice()).unwrap();
            let verifying = pss::VerifyingKey::<$hash>::new(public.clone());
            verifying.verify(message, &signature).unwrap();
            verifying.verify_prehash(&digest, &signature).unwrap();
            let signing = pss::SigningKey::<$hash>::new(private.clone());
            let signature = signing.sign_with_rng(&mut rand::rng(), message).to_vec();
            ours.verify($pss, raw, message, &signature).unwrap();
            ours.verify($pss, MessageType::Digest, &digest, &signature).unwrap();
            // PKCS #1 v1.5 has no randomness: the signatures are equal.
            let signature = ours.sign($pkcs1, raw, message, &SystemRandom).unwrap();
            let signing = pkcs1v15::SigningKey::<$hash>::new(private.clone());
            assert_eq!(signing.sign(message).to_vec(), signature);
            let kind = MessageType::Digest;
            assert_eq!(ours.sign($pkcs1, kind, &digest, &SystemRandom).unwrap(), signature);
            ours.verify($pkcs1, kind, &digest, &signature).unwrap();
        }
    };
}

signatures!(
    with_sha256,
    Sha256,
    SigningAlgorithm::RsassaPssSha256,
    SigningAlgorithm::RsassaPkcs1V15Sha256
);
signatures!(
    with_sha384,
    Sha384,
    SigningAlgorithm::RsassaPssSha384,
    SigningAlgorithm::RsassaPkcs1V15Sha384
);
signatures!(
    with_sha512,
    Sha512,
    SigningAlgorithm::RsassaPssSha512,
    SigningAlgorithm::RsassaPkcs1V15Sha512
);

#[test]
fn a_pss_salt_of_another_length_than_the_digest_is_refused() {
    let Pair { ours, private, .. } = pair();
    for length in [0, 31, 33, 64] {
        let signing = pss::SigningKey::<Sha256>::new_with_salt_len(private.clone(), length);
        let signature = signing.sign_with_rng(&mut rand::rng(), b"message").to_vec();
        let algorithm = SigningAlgorithm::RsassaPssSha256;
        let verified = ours.verify(algorithm, MessageType::Raw, b"message", &signature);
        assert!(verified.is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(super::few(8))]

    #[test]
    fn rsa_signatures_go_both_ways(message: Vec<u8>) {
        with_sha256(&message);
        with_sha384(&message);
        with_sha512(&message);
    }

    #[test]
    fn oaep_ciphertexts_go_both_ways(plaintext in prop::collection::vec(any::<u8>(), 0..=190)) {
        let Pair { ours, private, public } = pair();
        let mut rng = rand::rng();
        for &algorithm in KeySpec::Rsa2048.encryption_algorithms() {
            let sha1 = algorithm == EncryptionAlgorithm::RsaesOaepSha1;
            let ciphertext = ours.encrypt_public(algorithm, &plaintext, &SystemRandom).unwrap();
            let (opened, ciphertext) = if sha1 {
                let opened = private.decrypt(Oaep::<Sha1>::new(), &ciphertext);
                (opened, public.encrypt(&mut rng, Oaep::<Sha1>::new(), &plaintext))
            } else {
                let opened = private.decrypt(Oaep::<Sha256>::new(), &ciphertext);
                (opened, public.encrypt(&mut rng, Oaep::<Sha256>::new(), &plaintext))
            };
            prop_assert_eq!(&opened.unwrap(), &plaintext);
            let opened = ours.decrypt_private(algorithm, &ciphertext.unwrap()).unwrap();
            prop_assert_eq!(opened.expose(), plaintext.as_slice());
        }
    }
}
