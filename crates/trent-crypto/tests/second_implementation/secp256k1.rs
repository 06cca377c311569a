//! secp256k1: k256 here, aws-lc-rs against it.

use aws_lc_rs::rand::SystemRandom as LibraryRandom;
use aws_lc_rs::signature::{
    ECDSA_P256K1_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use trent_crypto::SystemRandom;
use trent_types::{KeySpec, MessageType, SigningAlgorithm};

const ALGORITHM: SigningAlgorithm = SigningAlgorithm::EcdsaSha256;

proptest! {
    #![proptest_config(super::few(16))]

    #[test]
    fn signatures_go_both_ways_whichever_s_they_have(message: Vec<u8>) {
        let (private, public, ours) = super::new_key(KeySpec::EccSecgP256k1);
        let theirs = EcdsaKeyPair::from_pkcs8(&ECDSA_P256K1_SHA256_ASN1_SIGNING, &private).unwrap();
        prop_assert!(public.ends_with(theirs.public_key().as_ref()));
        let digest = Sha256::digest(&message);
        let verifying = UnparsedPublicKey::new(&ECDSA_P256K1_SHA256_ASN1, &public);
        for (kind, bytes) in
            [(MessageType::Raw, message.as_slice()), (MessageType::Digest, &digest)]
        {
            let signature = ours.sign(ALGORITHM, kind, bytes, &SystemRandom).unwrap();
            prop_assert!(verifying.verify(&message, &signature).is_ok());
        }
        // Four signatures: each has the higher s with a chance of one half.
        for _ in 0..4 {
            let signature = theirs.sign(&LibraryRandom::new(), &message).unwrap();
            let raw = ours.verify(ALGORITHM, MessageType::Raw, &message, signature.as_ref());
            prop_assert_eq!(raw, Ok(()));
            let by_digest =
                ours.verify(ALGORITHM, MessageType::Digest, &digest, signature.as_ref());
            prop_assert_eq!(by_digest, Ok(()));
        }
    }
}
