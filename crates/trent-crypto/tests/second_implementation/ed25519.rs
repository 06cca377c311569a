//! Ed25519: aws-lc-rs here, ed25519-dalek against it.

use ed25519_dalek::{Signature, SigningKey};
use proptest::prelude::*;
use trent_crypto::{KeyMaterial, SystemRandom};
use trent_types::{KeySpec, MessageType, SigningAlgorithm};

const ALGORITHM: SigningAlgorithm = SigningAlgorithm::Ed25519Sha512;

proptest! {
    #![proptest_config(super::few(32))]

    #[test]
    fn keys_and_signatures_are_the_same(seed: [u8; 32], message: Vec<u8>) {
        let theirs = SigningKey::from_bytes(&seed);
        // RFC 8410, section 7: the seed after 16 bytes that never change.
        let pkcs8 = [&hex::decode("302e020100300506032b657004220420").unwrap()[..], &seed].concat();
        let material =
            KeyMaterial::from_imported(KeySpec::EccNistEdwards25519, &pkcs8).unwrap();
        let exported = material.private_key_der().unwrap();
        prop_assert_eq!(exported.expose(), pkcs8.as_slice());
        let public = material.public_key_der().unwrap().unwrap();
        prop_assert!(public.ends_with(theirs.verifying_key().as_bytes()));

        let ours = material.prepare().unwrap();
        let signature = ours.sign(ALGORITHM, MessageType::Raw, &message, &SystemRandom).unwrap();
        let their_signature: Signature = ed25519_dalek::Signer::sign(&theirs, &message);
        prop_assert_eq!(signature.as_slice(), &their_signature.to_bytes()[..]);
        let verified = ours.verify(ALGORITHM, MessageType::Raw, &message, &signature);
        prop_assert_eq!(verified, Ok(()));
    }
}
