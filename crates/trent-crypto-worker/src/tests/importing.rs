//! Import: wrapping keys, tokens, and what comes out of them.

use rsa::pkcs8::DecodePublicKey;
use rsa::{Oaep, PublicKey};
use trent_bus::messages::{ImportMaterialOrder, ImportParameters, MakeImportParametersOrder};
use trent_crypto::imported_material_id;

use super::*;

/// Wrapping key and token of a key, good for one more millisecond.
pub(super) async fn parameters_of(
    rig: &Rig,
    key: KeyArn,
    spec: &str,
    algorithm: &str,
) -> ImportParameters {
    let claims = claims(key, Duty::MakeImportParameters, &[], &[]);
    let order = MakeImportParametersOrder {
        permit: rig.permit(&claims),
        key: Some(key.into()),
        wrapping_spec: spec.into(),
        wrapping_algorithm: algorithm.into(),
        valid_to_ms: KEY_NOW.plus_millis(1).as_millis(),
    };
    let outcome = rig.send(CryptoOrder::MakeImportParameters(order)).await;
    let Outcome::ImportParameters(made) = outcome else { panic!("no parameters: {outcome:?}") };
    made
}

/// Material under a wrapping key, as its owner would wrap it: RSA OAEP with SHA-256.
pub(super) fn wrapped(public_key: &[u8], material: &[u8]) -> Bytes {
    let key = PublicKey::from_public_key_der(public_key).unwrap();
    let oaep = Oaep::<sha2::Sha256>::new();
    key.encrypt(&mut rand::rng(), oaep, material).unwrap().into()
}

fn import(
    rig: &Rig,
    claims: &Claims,
    spec: &str,
    (key, token, wrapped): (KeyArn, &Bytes, &Bytes),
) -> CryptoOrder {
    CryptoOrder::ImportMaterial(ImportMaterialOrder {
        permit: rig.permit(claims),
        key: Some(key.into()),
        spec: spec.into(),
        token: token.clone(),
        wrapped_material: wrapped.clone(),
    })
}

#[tokio::test]
async fn imported_material_serves_its_key_and_is_known_again() {
    let rig = rig();
    let ImportParameters { public_key, token } =
        parameters_of(&rig, key(1), "RSA_2048", "RSAES_OAEP_SHA_256").await;
    let allowed = claims(key(1), Duty::ImportMaterial, &[], &[]);
    let mut sealed = Vec::new();
    for _ in 0..2 {
        let blob = wrapped(&public_key, &[7; 32]);
        let order = import(&rig, &allowed, "SYMMETRIC_DEFAULT", (key(1), &token, &blob));
        let material = made(rig.send(order).await).material.unwrap();
        let id = imported_material_id(key(1).key_id, &[7; 32]);
        assert_eq!(&material.material_id[..], id.as_bytes());
        sealed.push(material);
    }
    let ctx = context(&[]);
    let blob = ciphertext(rig.encrypt(key(1), &sealed[0], &ctx).await);
    let decrypt = claims(key(1), Duty::Decrypt, &[&sealed[1]], &ctx);
    sealed_plaintext(rig.decrypt(&decrypt, key(1), &sealed[1], &ctx, &blob).await);
}

#[tokio::test]
async fn a_token_serves_its_own_key_until_its_end_by_the_key_clock() {
    let rig = rig();
    let ImportParameters { public_key, token } =
        parameters_of(&rig, key(1), "RSA_2048", "RSAES_OAEP_SHA_256").await;
    let blob = wrapped(&public_key, &[7; 32]);
    let symmetric = "SYMMETRIC_DEFAULT";
    let allowed = claims(key(1), Duty::ImportMaterial, &[], &[]);
    let late = Claims { key_now: Some(KEY_NOW.plus_millis(1)), ..allowed.clone() };
    let outcome = rig.send(import(&rig, &late, symmetric, (key(1), &token, &blob))).await;
    assert_eq!(outcome, fault(CryptoFault::ExpiredImportToken));
    let timeless = Claims { key_now: None, ..allowed.clone() };
    let outcome = rig.send(import(&rig, &timeless, symmetric, (key(1), &token, &blob))).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));

    let other = claims(key(2), Duty::ImportMaterial, &[], &[]);
    let outcome = rig.send(import(&rig, &other, symmetric, (key(2), &token, &blob))).await;
    assert_eq!(outcome, fault(CryptoFault::InvalidImportToken));
    let mut changed = token.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    for bad in [Bytes::new(), changed.into(), token.slice(1..)] {
        let outcome = rig.send(import(&rig, &allowed, symmetric, (key(1), &bad, &blob))).await;
        assert_eq!(outcome, fault(CryptoFault::InvalidImportToken));
    }
}

#[tokio::test]
async fn what_does_not_unwrap_and_what_is_no_material_are_told_apart() {
    let rig = rig();
    let ImportParameters { public_key, token } =
        parameters_of(&rig, key(1), "RSA_2048", "RSAES_OAEP_SHA_256").await;
    let allowed = claims(key(1), Duty::ImportMaterial, &[], &[]);
    let (good, short) = (wrapped(&public_key, &[7; 32]), wrapped(&public_key, &[7; 31]));
    let import =
        |spec: &str, blob: &Bytes| rig.send(import(&rig, &allowed, spec, (key(1), &token, blob)));
    for bad in [Bytes::new(), good.slice(1..)] {
        let outcome = import("SYMMETRIC_DEFAULT", &bad).await;
        assert_eq!(outcome, fault(CryptoFault::InvalidCiphertext));
    }
    let outcome = import("SYMMETRIC_DEFAULT", &short).await;
    assert_eq!(outcome, fault(CryptoFault::InvalidMaterial));
    for spec in ["ECC_NIST_P256", "HMAC_384", "ML_KEM_512"] {
        let outcome = import(spec, &good).await;
        assert_eq!(outcome, fault(CryptoFault::InvalidMaterial), "{spec}");
    }
    let outcome = import("HMAC_256", &good).await;
    assert!(made(outcome).public_key.is_empty());
}

#[tokio::test]
async fn wrapping_keys_that_aws_has_no_more_or_elsewhere_only_are_refused() {
    let rig = rig();
    let claims = claims(key(1), Duty::MakeImportParameters, &[], &[]);
    for (spec, algorithm) in [
        ("RSA_2048", "RSAES_PKCS1_V1_5"),
        ("SM2", "SM2PKE"),
        ("RSA_2048", "SM2PKE"),
        ("RSA_1024", "RSAES_OAEP_SHA_256"),
        ("RSA_2048", ""),
    ] {
        let order = MakeImportParametersOrder {
            permit: rig.permit(&claims),
            key: Some(key(1).into()),
            wrapping_spec: spec.into(),
            wrapping_algorithm: algorithm.into(),
            valid_to_ms: 0,
        };
        let outcome = rig.send(CryptoOrder::MakeImportParameters(order)).await;
        assert_eq!(outcome, fault(CryptoFault::Malformed), "{spec} {algorithm}");
    }
}
