//! What is asked for by values, in the same process.

use trent_bus::{LocalWorker, NotDone, Work};
use trent_types::{
    Ciphering, EncryptionAlgorithm, KeyUse as ValueKey, MacAlgorithm, Permit,
    SealedMaterial as ValueMaterial,
};

use super::*;

/// The same bytes as [`context`] gives.
fn pairs(pairs: &[(&str, &str)]) -> EncryptionContext {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn value(material: &SealedMaterial) -> ValueMaterial {
    material.clone().try_into().unwrap()
}

/// A symmetric key with its material and a context.
struct Held {
    rig: Rig,
    sent: SealedMaterial,
    material: ValueMaterial,
    context: EncryptionContext,
}

impl Held {
    async fn new() -> Self {
        let rig = rig();
        let sent = rig.material_of(key(1)).await;
        Self { rig, material: value(&sent), sent, context: pairs(&[("a", "b")]) }
    }

    fn claims(&self, duty: Duty) -> Claims {
        claims(key(1), duty, &[&self.sent], &self.context.canonical_bytes())
    }

    fn permit(&self, duty: Duty) -> Permit {
        self.rig.permits.mint(self.claims(duty))
    }

    fn key<'a>(&'a self, permit: &'a Permit) -> ValueKey<'a> {
        ValueKey { permit, key: key(1), material: &self.material }
    }

    fn with<'a>(&'a self, permit: &'a Permit) -> Ciphering<'a> {
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        Ciphering { key: self.key(permit), algorithm, context: &self.context }
    }

    fn encrypt(&self, permit: &Permit) -> Work<Vec<u8>> {
        let plaintext = SecretBytes::new(b"plaintext".to_vec());
        self.rig.worker.encrypt(REQUEST, self.with(permit), &plaintext)
    }
}

const NOT_PERMITTED: NotDone = NotDone::Fault(CryptoFault::NotPermitted);

#[tokio::test]
async fn what_is_encrypted_by_value_decrypts_by_value_and_by_message() {
    let held = Held::new().await;
    let blob = held.encrypt(&held.permit(Duty::Encrypt)).unwrap();
    let permit = held.permit(Duty::Decrypt);
    let opened = held.rig.worker.decrypt(REQUEST, held.with(&permit), &blob).unwrap();
    assert_eq!(opened.expose(), b"plaintext");
    let (allowed, ctx) = (held.claims(Duty::Decrypt), context(&[("a", "b")]));
    let answer = held.rig.decrypt(&allowed, key(1), &held.sent, &ctx, &blob.into()).await;
    let opened = held.rig.open(Purpose::WorkerToGateway, &sealed_plaintext(answer));
    assert_eq!(opened.expose(), b"plaintext");
}

#[tokio::test]
async fn a_permit_that_travelled_is_as_good_as_the_object() {
    let held = Held::new().await;
    let wire = held.rig.permit(&held.claims(Duty::Encrypt));
    assert!(held.encrypt(&convert::permit(&wire, "permit").unwrap()).is_ok());
    let foreign = PermitKeys::new(ring(0xbb)).mint(held.claims(Duty::Encrypt));
    assert!(held.encrypt(&foreign).is_ok(), "of the same key, in other hands");
    let forged = PermitKeys::new(ring(0xdd)).mint(held.claims(Duty::Encrypt));
    assert_eq!(held.encrypt(&forged), Err(NOT_PERMITTED));
}

#[tokio::test]
async fn a_permit_for_anything_else_is_refused_by_value_too() {
    let held = Held::new().await;
    let other = held.rig.material_of(key(1)).await;
    let ctx = held.context.canonical_bytes();
    let good = held.claims(Duty::Encrypt);
    let other_request = RequestId::from_bytes([2; 16]);
    let other_context = EncryptionContext::digest_of(&context(&[("a", "c")]));
    let cases = [
        ("another request's", Claims { request_id: other_request, ..good.clone() }),
        ("another key's", Claims { resource: ClaimedResource::Key(key(2)), ..good.clone() }),
        ("no key's", Claims { resource: ClaimedResource::Other("*".into()), ..good.clone() }),
        ("another context's", Claims { context_digest: other_context, ..good.clone() }),
        ("another action's", Claims { action: "kms:ReEncryptTo".into(), ..good.clone() }),
        ("another primitive's", held.claims(Duty::Decrypt)),
        ("another material's", claims(key(1), Duty::Encrypt, &[&other], &ctx)),
        ("no material's", Claims { material_ids: vec![], ..good.clone() }),
    ];
    for (what, claims) in cases {
        let refused = held.encrypt(&held.rig.permits.mint(claims));
        assert_eq!(refused, Err(NOT_PERMITTED), "{what}");
    }
    let permit = held.rig.permits.mint(good);
    assert!(held.encrypt(&permit).is_ok());
    held.rig.clock.advance_millis(2_000);
    assert_eq!(held.encrypt(&permit), Err(NotDone::Fault(CryptoFault::PermitExpired)));
}

#[tokio::test]
async fn a_held_permit_is_refused_when_its_key_is_gone() {
    let held = Held::new().await;
    let permit = held.permit(Duty::Encrypt);
    assert!(held.encrypt(&permit).is_ok());
    held.rig.permits.replace(ring(0xee));
    assert_eq!(held.encrypt(&permit), Err(NOT_PERMITTED));
}

#[tokio::test]
async fn decrypt_refuses_other_permits_and_what_was_not_encrypted_so() {
    let held = Held::new().await;
    let blob = held.encrypt(&held.permit(Duty::Encrypt)).unwrap();
    let decrypt = |permit: &Permit, blob: &[u8]| {
        held.rig.worker.decrypt(REQUEST, held.with(permit), blob).map(|_| ())
    };
    for duty in [Duty::Encrypt, Duty::ReEncryptFrom, Duty::GenerateDataKey] {
        assert_eq!(decrypt(&held.permit(duty), &blob), Err(NOT_PERMITTED), "{duty:?}");
    }
    let invalid = Err(NotDone::Fault(CryptoFault::InvalidCiphertext));
    assert_eq!(decrypt(&held.permit(Duty::Decrypt), &blob[1..]), invalid);
    assert_eq!(decrypt(&held.permit(Duty::Decrypt), &blob), Ok(()));
}

#[tokio::test]
async fn a_data_key_has_its_plaintext_only_where_that_is_permitted() {
    let held = Held::new().await;
    let generate = |duty, with_plaintext| {
        let permit = held.permit(duty);
        let key = held.key(&permit);
        held.rig.worker.generate_data_key(REQUEST, key, &held.context, 32, with_plaintext)
    };
    let (blob, plaintext) = generate(Duty::GenerateDataKey, true).unwrap();
    let permit = held.permit(Duty::Decrypt);
    let opened = held.rig.worker.decrypt(REQUEST, held.with(&permit), &blob).unwrap();
    assert_eq!((opened.len(), Some(opened)), (32, plaintext));
    let (blob, plaintext) = generate(Duty::GenerateDataKeyWithoutPlaintext, false).unwrap();
    assert!(held.rig.worker.decrypt(REQUEST, held.with(&permit), &blob).is_ok());
    assert_eq!(plaintext, None);
    let refused = generate(Duty::GenerateDataKeyWithoutPlaintext, true);
    assert_eq!(refused, Err(NOT_PERMITTED));
}

#[tokio::test]
async fn random_bytes_need_a_permit_and_a_length() {
    let rig = rig();
    let permit = rig.permits.mint(about("*", Duty::GenerateRandom));
    let (one, other) = (
        rig.worker.generate_random(REQUEST, &permit, 1024).unwrap(),
        rig.worker.generate_random(REQUEST, &permit, 1024).unwrap(),
    );
    assert!(one.len() == 1024 && one != other);
    for number in [0, 1025] {
        let refused = rig.worker.generate_random(REQUEST, &permit, number);
        assert_eq!(refused, Err(NotDone::Fault(CryptoFault::Malformed)));
    }
    let permit = rig.permits.mint(about("*", Duty::OpenSecret));
    assert_eq!(rig.worker.generate_random(REQUEST, &permit, 1), Err(NOT_PERMITTED));
}

#[tokio::test]
async fn a_mac_by_value_is_the_mac_by_message() {
    let rig = rig();
    let material = rig.new_key(key(1), "HMAC_256").await.material.unwrap();
    let allowed = claims(key(1), Duty::GenerateMac, &[&material], &[]);
    let order = CryptoOrder::GenerateMac(trent_bus::messages::GenerateMacOrder {
        r#use: Some(rig.key_use(&allowed, key(1), &material)),
        algorithm: "HMAC_SHA_256".to_owned(),
        sealed_message: rig.seal(b"message"),
    });
    let sent = rig.open(Purpose::WorkerToGateway, &sealed_plaintext(rig.send(order).await));
    let (message, held) = (SecretBytes::new(b"message".to_vec()), value(&material));
    let generate = |claims: Claims| {
        let permit = rig.permits.mint(claims);
        let key = ValueKey { permit: &permit, key: key(1), material: &held };
        rig.worker.generate_mac(REQUEST, key, MacAlgorithm::HmacSha256, &message)
    };
    assert_eq!(generate(allowed), Ok(sent));
    let verify = claims(key(1), Duty::VerifyMac, &[&material], &[]);
    assert_eq!(generate(verify), Err(NOT_PERMITTED));
}

#[tokio::test]
async fn only_symmetric_algorithms_are_used_by_value() {
    let held = Held::new().await;
    let permit = held.permit(Duty::Encrypt);
    let plaintext = SecretBytes::new(b"plaintext".to_vec());
    for algorithm in [
        EncryptionAlgorithm::RsaesOaepSha1,
        EncryptionAlgorithm::RsaesOaepSha256,
        EncryptionAlgorithm::Sm2Pke,
    ] {
        let with = Ciphering { algorithm, ..held.with(&permit) };
        let refused = held.rig.worker.encrypt(REQUEST, with, &plaintext);
        assert_eq!(refused, Err(NotDone::Fault(CryptoFault::Malformed)));
    }
}

#[tokio::test]
async fn a_worker_with_another_domain_key_does_nothing_by_value_either() {
    let held = Held::new().await;
    let permit = held.permit(Duty::Encrypt);
    // It finds out by an order that brings the deployment's check.
    let allowed = Claims {
        domain_key_check: check(0xab),
        ..claims(key(2), Duty::GenerateMaterial, &[], &[])
    };
    let order = held.rig.material_order(&allowed, key(2));
    let request_id = convert::bytes(REQUEST.as_bytes());
    let request = CryptoRequest { request_id, order: Some(order) };
    let answer = held.rig.send_raw(request.encode_to_vec().into()).await;
    assert_eq!(answer, Err(Rejection::Unavailable));
    assert_eq!(held.encrypt(&permit), Err(NotDone::Rejected(Rejection::Unavailable)));
}

#[tokio::test]
async fn changed_material_is_unusable_by_value_too() {
    let mut held = Held::new().await;
    *held.material.sealed.last_mut().unwrap() ^= 1;
    let refused = held.encrypt(&held.permit(Duty::Encrypt));
    assert_eq!(refused, Err(NotDone::Fault(CryptoFault::MaterialUnusable)));
}
