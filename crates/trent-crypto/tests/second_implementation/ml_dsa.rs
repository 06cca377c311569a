//! ML-DSA: aws-lc-rs for messages, ml-dsa for an external μ, each against the other.

use ml_dsa::pkcs8::spki::AssociatedAlgorithmIdentifier;
use ml_dsa::pkcs8::{EncodePrivateKey, EncodePublicKey, der::AnyRef};
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, SigningKey};
use proptest::prelude::*;
use shake::{ExtendableOutput, Shake256, Update};
use trent_crypto::SystemRandom;
use trent_types::{KeySpec, MessageType, SigningAlgorithm};

const ALGORITHM: SigningAlgorithm = SigningAlgorithm::MlDsaShake256;

/// μ of a message without a context, as AWS KMS's documentation has callers compute it.
fn mu(public_key: &[u8], message: &[u8]) -> [u8; 64] {
    let (mut tr, mut mu) = ([0; 64], [0; 64]);
    let mut hash = Shake256::default();
    hash.update(public_key);
    hash.finalize_xof_into(&mut tr);
    let mut hash = Shake256::default();
    hash.update(&tr);
    hash.update(&[0, 0]);
    hash.update(message);
    hash.finalize_xof_into(&mut mu);
    mu
}

fn both_ways<P>(spec: KeySpec, message: &[u8])
where
    P: MlDsaParams + AssociatedAlgorithmIdentifier<Params = AnyRef<'static>>,
{
    let (private, public, ours) = super::new_key(spec);
    // PKCS#8 of a seed ends with it.
    let seed: [u8; 32] = private[private.len() - 32..].try_into().unwrap();
    let theirs = Box::new(ExpandedSigningKey::<P>::from_seed(&seed.into()));
    let verifying = theirs.verifying_key();
    let their_key = Box::new(SigningKey::<P>::from_seed(&seed.into()));
    assert_eq!(their_key.to_pkcs8_der().unwrap().as_bytes(), private, "{spec}");
    assert_eq!(verifying.to_public_key_der().unwrap().as_bytes(), public, "{spec}");
    let public_key = verifying.encode();
    assert!(public.ends_with(&public_key), "{spec}");
    let mu = mu(&public_key, message);

    let mut made = vec![theirs.sign_deterministic(message, &[]).unwrap().encode().to_vec()];
    for (kind, bytes) in [(MessageType::Raw, message), (MessageType::ExternalMu, &mu)] {
        let one = ours.sign(ALGORITHM, kind, bytes, &SystemRandom).unwrap();
        let other = ours.sign(ALGORITHM, kind, bytes, &SystemRandom).unwrap();
        assert_ne!(one, other, "{spec}: hedged signatures are never the same");
        made.extend([one, other]);
    }
    for signature in &made {
        let decoded = Signature::<P>::try_from(signature.as_slice()).unwrap();
        assert!(verifying.verify_with_context(message, &[], &decoded), "{spec}");
        for (kind, bytes) in [(MessageType::Raw, message), (MessageType::ExternalMu, &mu)] {
            assert_eq!(ours.verify(ALGORITHM, kind, bytes, signature), Ok(()), "{spec} {kind}");
        }
    }
}

proptest! {
    #![proptest_config(super::few(4))]

    #[test]
    fn signatures_of_messages_and_of_mu_go_both_ways(message: Vec<u8>) {
        both_ways::<MlDsa44>(KeySpec::MlDsa44, &message);
        both_ways::<MlDsa65>(KeySpec::MlDsa65, &message);
        both_ways::<MlDsa87>(KeySpec::MlDsa87, &message);
    }
}
