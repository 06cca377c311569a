//! Secrets that two parties come to share.

use trent_bus::messages::{DecapsulateOrder, DeriveSharedSecretOrder, EncapsulateOrder};

use super::*;

#[tokio::test]
async fn two_keys_derive_the_same_secret_from_each_others_public_keys() {
    let rig = rig();
    for (spec, bytes) in [("ECC_NIST_P256", 32), ("ECC_NIST_P521", 66), ("SM2", 32)] {
        let (ann, bob) = (rig.new_key(key(1), spec).await, rig.new_key(key(2), spec).await);
        let other = rig.new_key(key(3), "ECC_NIST_P384").await;
        let derive = |own: KeyArn, material: &MadeMaterial, public_key: &Bytes| {
            let material = material.material.clone().unwrap();
            let claims = claims(own, Duty::DeriveSharedSecret, &[&material], &[]);
            rig.send(CryptoOrder::DeriveSharedSecret(DeriveSharedSecretOrder {
                r#use: Some(rig.key_use(&claims, own, &material)),
                algorithm: "ECDH".into(),
                public_key: public_key.clone(),
            }))
        };
        let open = |outcome| rig.open(Purpose::WorkerToGateway, &sealed_plaintext(outcome));
        let one = open(derive(key(1), &ann, &bob.public_key).await);
        assert_eq!(one, open(derive(key(2), &bob, &ann.public_key).await));
        assert_eq!(one.len(), bytes, "{spec}");
        for bad in [&other.public_key, &Bytes::from_static(b"no key"), &Bytes::new()] {
            let outcome = derive(key(1), &ann, bad).await;
            assert_eq!(outcome, fault(CryptoFault::InvalidPublicKey), "{spec}");
        }
    }
}

#[tokio::test]
async fn an_encapsulated_secret_comes_back_and_a_changed_one_is_another() {
    let rig = rig();
    let material = rig.new_key(key(1), "ML_KEM_512").await.material.unwrap();
    let claims = |duty| claims(key(1), duty, &[&material], &[]);
    let key_use = |duty| Some(rig.key_use(&claims(duty), key(1), &material));
    let order = EncapsulateOrder { r#use: key_use(Duty::Encapsulate) };
    let outcome = rig.send(CryptoOrder::Encapsulate(order)).await;
    let Outcome::Encapsulated(made) = outcome else { panic!("no secret: {outcome:?}") };
    let secret = rig.open(Purpose::WorkerToGateway, &made.sealed_plaintext);
    let decapsulate = |ciphertext: Bytes| {
        let order = DecapsulateOrder { r#use: key_use(Duty::Decapsulate), ciphertext };
        rig.send(CryptoOrder::Decapsulate(order))
    };
    let back = sealed_plaintext(decapsulate(made.ciphertext.clone()).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &back), secret);
    let mut changed = made.ciphertext.to_vec();
    changed[0] ^= 1;
    let other = sealed_plaintext(decapsulate(changed.into()).await);
    assert_ne!(rig.open(Purpose::WorkerToGateway, &other), secret);
    let shorter = decapsulate(made.ciphertext.slice(1..)).await;
    assert_eq!(shorter, fault(CryptoFault::InvalidCiphertext));
}
