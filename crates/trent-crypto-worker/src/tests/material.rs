//! Material for several Regions, and material that the evaluator brings.

use trent_bus::messages::{CopiedMaterial, CopyMaterialOrder, SealMaterialOrder};

use super::actions::multi_region_key;
use super::*;

fn in_region(key: KeyArn, region: &str) -> KeyArn {
    KeyArn { region: region.parse().unwrap(), ..key }
}

#[tokio::test]
async fn the_material_of_related_keys_is_the_same_and_sealed_for_each() {
    let rig = rig();
    let primary = multi_region_key(1);
    let allowed = claims(primary, Duty::GenerateMaterial, &[], &[]);
    let regions = ["us-east-1", "ap-south-1"];
    let order = rig.generate_order(&allowed, primary, "SYMMETRIC_DEFAULT", &regions);
    let MadeMaterial { material, replicas, public_key, .. } = made(rig.send(order).await);
    assert!(public_key.is_empty());
    let (material, ctx) = (material.unwrap(), context(&[]));
    let blob = ciphertext(rig.encrypt(primary, &material, &ctx).await);
    assert_eq!(replicas.iter().map(|one| one.region.as_str()).collect::<Vec<_>>(), regions);
    for replica in replicas {
        let (key, copy) = (in_region(primary, &replica.region), replica.material.unwrap());
        let decrypt = claims(key, Duty::Decrypt, &[&copy], &ctx);
        let opened = sealed_plaintext(rig.decrypt(&decrypt, key, &copy, &ctx, &blob).await);
        assert_eq!(rig.open(Purpose::WorkerToGateway, &opened).expose(), b"plaintext");
        // What is sealed for one Region opens in no other.
        let outcome = rig.encrypt(primary, &copy, &ctx).await;
        assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
    }
}

#[tokio::test]
async fn a_single_region_key_has_no_replicas_and_none_is_in_its_own_region() {
    let rig = rig();
    for (key, region) in
        [(key(1), "us-east-1"), (multi_region_key(1), "eu-west-1"), (multi_region_key(1), "moon")]
    {
        let allowed = claims(key, Duty::GenerateMaterial, &[], &[]);
        let order = rig.generate_order(&allowed, key, "SYMMETRIC_DEFAULT", &[region]);
        assert_eq!(rig.send(order).await, fault(CryptoFault::Malformed), "{region}");
    }
}

#[tokio::test]
async fn copies_need_a_permit_for_each_material() {
    let rig = rig();
    let primary = multi_region_key(1);
    let (old, new) = (rig.material_of(primary).await, rig.material_of(primary).await);
    let copy = |claims: &Claims, materials: &[&SealedMaterial], region: &str| {
        rig.send(CryptoOrder::CopyMaterial(CopyMaterialOrder {
            permit: rig.permit(claims),
            key: Some(primary.into()),
            materials: materials.iter().map(|one| (*one).clone()).collect(),
            region: region.into(),
        }))
    };
    let both = claims(primary, Duty::CopyMaterial, &[&new, &old], &[]);
    let outcome = copy(&both, &[&new, &old], "us-east-1").await;
    let Outcome::Copied(CopiedMaterial { materials }) = outcome else { panic!("{outcome:?}") };
    let ids: Vec<_> = materials.iter().map(|one| &one.material_id).collect();
    assert_eq!(ids, [&new.material_id, &old.material_id]);
    let (key, ctx) = (in_region(primary, "us-east-1"), context(&[]));
    let blob = ciphertext(rig.encrypt(primary, &old, &ctx).await);
    let decrypt = claims(key, Duty::Decrypt, &[&materials[1]], &ctx);
    let opened = rig.decrypt(&decrypt, key, &materials[1], &ctx, &blob).await;
    assert_eq!(
        rig.open(Purpose::WorkerToGateway, &sealed_plaintext(opened)).expose(),
        b"plaintext"
    );

    let one = claims(primary, Duty::CopyMaterial, &[&new], &[]);
    let outcome = copy(&one, &[&new, &old], "us-east-1").await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    let outcome = copy(&both, &[&new], "eu-west-1").await;
    assert_eq!(outcome, fault(CryptoFault::Malformed), "its own Region");
    let forged = SealedMaterial { sealed: old.sealed.clone(), ..new.clone() };
    let outcome = copy(&both, &[&forged], "us-east-1").await;
    assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
}

/// Made by openssl for this test, and used nowhere else.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy3PTy/cEkh0ncUfb\n\
    sIR1cG2ylQcNrv2nxrvOQPpeZIqhRANCAAR44CRXaR4BEW6qgDhwAJ2C+PHQvCmQ\n\
    4OeqnXyXyCUTAffRbFLUjlrDmFKKy0XjnVG9gTQ5cRS9VIO2uIi+RWgT\n\
    -----END PRIVATE KEY-----\n";

#[tokio::test]
async fn material_that_the_evaluator_brings_is_sealed_as_what_it_is() {
    let rig = rig();
    let order = |spec: &str, id: &[u8], material: &[u8]| {
        rig.send(CryptoOrder::SealMaterial(SealMaterialOrder {
            permit: rig.permit(&claims(key(1), Duty::SealMaterial, &[], &[])),
            key: Some(key(1).into()),
            spec: spec.into(),
            material_id: convert::bytes(id),
            sealed_material: rig.sealer.seal(Purpose::EvaluatorToWorker, REQUEST, material).into(),
        }))
    };
    let raw = made(order("SYMMETRIC_DEFAULT", &[5; 32], &[7; 32]).await).material.unwrap();
    assert_eq!(&raw.material_id[..], [5; 32]);
    ciphertext(rig.encrypt(key(1), &raw, &context(&[])).await);
    let one = made(order("ECC_NIST_P256", &[], PEM.as_bytes()).await);
    let other = made(order("ECC_NIST_P256", &[], PEM.as_bytes()).await);
    assert_eq!(one.public_key, other.public_key);
    assert_ne!(one.material.unwrap().material_id, other.material.unwrap().material_id);
    // Without a spec a PEM says itself what it is; raw bytes could be anything.
    let told = made(order("", &[5; 32], PEM.as_bytes()).await);
    assert_eq!((told.spec.as_str(), told.public_key), ("ECC_NIST_P256", one.public_key));
    assert_eq!(order("", &[], &[7; 32]).await, fault(CryptoFault::Malformed));
    for (spec, material) in [
        ("ECC_NIST_P384", PEM.as_bytes()),
        ("SYMMETRIC_DEFAULT", PEM.as_bytes()),
        ("SYMMETRIC_DEFAULT", &[7; 31]),
        ("ML_DSA_44", &[7; 32]),
    ] {
        let outcome = order(spec, &[], material).await;
        assert_eq!(outcome, fault(CryptoFault::InvalidMaterial), "{spec}");
    }
    assert_eq!(order("SYMMETRIC_DEFAULT", &[5; 31], &[7; 32]).await, fault(CryptoFault::Malformed));
}
