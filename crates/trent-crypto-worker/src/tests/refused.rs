//! Orders that must be refused.

use proptest::prelude::*;

use trent_bus::messages::{
    CopyMaterialOrder, DecapsulateOrder, DeriveSharedSecretOrder, EncapsulateOrder,
    GenerateDataKeyPairOrder, GenerateMacOrder, ImportMaterialOrder, MakeImportParametersOrder,
    SealMaterialOrder, SignOrder, VerifyMacOrder, VerifyOrder,
};
use trent_types::Primitive;

use super::*;

#[tokio::test]
async fn an_order_without_the_right_permit_is_refused_whatever_is_wrong_with_it() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let other_material = rig.material_of(key(1)).await;
    let ctx = context(&[("a", "b")]);
    let good = claims(key(1), Duty::Encrypt, &[&material], &ctx);
    let other_request = RequestId::from_bytes([2; 16]);
    let other_context = EncryptionContext::digest_of(&context(&[("a", "c")]));
    let cases = [
        ("another request's", Claims { request_id: other_request, ..good.clone() }),
        ("another key's", Claims { resource: ClaimedResource::Key(key(2)), ..good.clone() }),
        ("no key's", Claims { resource: ClaimedResource::Other("*".into()), ..good.clone() }),
        ("another context's", Claims { context_digest: other_context, ..good.clone() }),
        ("without context", Claims { context_digest: [0; 32], ..good.clone() }),
        ("another action's", Claims { action: "kms:Decrypt".into(), ..good.clone() }),
        ("another primitive's", claims(key(1), Duty::Decrypt, &[&material], &ctx)),
        ("no primitive's", Claims { primitives: Primitives::NONE, ..good.clone() }),
        ("another material's", claims(key(1), Duty::Encrypt, &[&other_material], &ctx)),
        ("no material's", Claims { material_ids: vec![], ..good.clone() }),
    ];
    for (what, claims) in cases {
        let key_use = rig.key_use(&claims, key(1), &material);
        let outcome = rig.send(rig.encrypt_order(key_use, &ctx)).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted), "{what}");
    }
    // The one that is right in all of this is let through.
    ciphertext(rig.send(rig.encrypt_order(rig.key_use(&good, key(1), &material), &ctx)).await);
}

#[tokio::test]
async fn missing_and_forged_permits_are_refused() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    let good = claims(key(1), Duty::Encrypt, &[&material], &ctx);
    let genuine = rig.permit(&good);
    let foreign = PermitKeys::new(ring(0xdd)).mint_wire(&good);
    let mut flipped = genuine.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let forgeries = [Bytes::new(), foreign.into(), flipped.into()];
    for permit in forgeries {
        let key_use = KeyUse { permit, ..rig.key_use(&good, key(1), &material) };
        let outcome = rig.send(rig.encrypt_order(key_use, &ctx)).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    }
}

#[tokio::test]
async fn a_permit_is_refused_from_its_last_moment_on() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    rig.clock.advance_millis(1_999);
    ciphertext(rig.encrypt(key(1), &material, &ctx).await);
    rig.clock.advance_millis(1);
    let outcome = rig.encrypt(key(1), &material, &ctx).await;
    assert_eq!(outcome, fault(CryptoFault::PermitExpired));
}

#[tokio::test]
async fn a_cached_key_helps_no_order_that_lacks_its_sealed_material() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    ciphertext(rig.encrypt(key(1), &material, &ctx).await);
    let mut changed = material.sealed.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    for sealed in [Bytes::new(), changed.into(), material.sealed.slice(1..)] {
        let material = SealedMaterial { sealed, ..material.clone() };
        let outcome = rig.encrypt(key(1), &material, &ctx).await;
        assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
    }
    // The same bytes under another key's name.
    let outcome = rig.encrypt(key(2), &material, &ctx).await;
    assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
}

#[tokio::test]
async fn re_encrypt_needs_a_permit_for_each_key() {
    let rig = rig();
    let (from, to) = (rig.material_of(key(1)).await, rig.material_of(key(2)).await);
    let (ctx, new_ctx) = (context(&[("a", "b")]), context(&[("c", "d")]));
    let blob = ciphertext(rig.encrypt(key(1), &from, &ctx).await);
    let source = claims(key(1), Duty::ReEncryptFrom, &[&from], &ctx);
    let destination = claims(key(2), Duty::ReEncryptTo, &[&to], &new_ctx);
    let order = |source: &Claims, destination: &Claims| {
        CryptoOrder::ReEncrypt(ReEncryptOrder {
            source: Some(rig.key_use(source, key(1), &from)),
            source_context: ctx.clone(),
            ciphertext: blob.clone(),
            destination: Some(rig.key_use(destination, key(2), &to)),
            destination_context: new_ctx.clone(),
            ..Default::default()
        })
    };

    let moved = ciphertext(rig.send(order(&source, &destination)).await);
    let decrypt = claims(key(2), Duty::Decrypt, &[&to], &new_ctx);
    let sealed = sealed_plaintext(rig.decrypt(&decrypt, key(2), &to, &new_ctx, &moved).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &sealed).expose(), b"plaintext");
    let both = Primitives::from_bits(Primitive::Encrypt as u32 | Primitive::Decrypt as u32);
    for (source, destination) in [
        (&source, &source),
        (&destination, &destination),
        (&destination, &source),
        (&source, &Claims { primitives: both, ..source.clone() }),
        (&source, &Claims { primitives: Primitives::NONE, ..destination.clone() }),
        (&Claims { primitives: Primitives::NONE, ..source.clone() }, &destination),
    ] {
        let outcome = rig.send(order(source, destination)).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    }
}

#[tokio::test]
async fn material_is_made_for_the_permitted_key_only() {
    let rig = rig();
    let allowed = claims(key(1), Duty::GenerateMaterial, &[], &[]);
    let order = |key: KeyArn, spec: &str| rig.generate_order(&allowed, key, spec, &[]);
    let outcome = rig.send(order(key(2), "SYMMETRIC_DEFAULT")).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    let outcome = rig.send(order(key(1), "ROT_13")).await;
    assert_eq!(outcome, fault(CryptoFault::Malformed));
}

#[tokio::test]
async fn secrets_are_refused_to_permits_of_other_accounts_access_keys_and_primitives() {
    let rig = rig();
    let seal = about(USER, Duty::SealNewSecret);
    let outcome = rig.seal_secret(&seal, "210987654321", Bytes::new()).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    let outcome = rig.seal_secret(&seal, "nobody", Bytes::new()).await;
    assert_eq!(outcome, fault(CryptoFault::Malformed));

    let secret = sealed_secret(rig.seal_secret(&seal, "123456789012", Bytes::new()).await);
    let stored = secret.stored_secret;
    for refused in [
        about("AKIAIOSFODNN7EXAMPLE", Duty::OpenSecret),
        about(DOMAIN_KEY_CHECK, Duty::SealGivenSecret),
        claims(key(1), Duty::OpenSecret, &[], &[]),
    ] {
        let outcome = rig.open_secret(&refused, DOMAIN_KEY_CHECK, stored.clone()).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    }
    // A Permit for another access key does not make this secret that key's.
    let open = about("AKIAIOSFODNN7EXAMPLE", Duty::OpenSecret);
    let outcome = rig.open_secret(&open, "AKIAIOSFODNN7EXAMPLE", stored).await;
    assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
}

#[tokio::test]
async fn what_cannot_be_decoded_is_rejected_and_what_is_incomplete_is_malformed() {
    let rig = rig();
    let no_order = CryptoRequest { request_id: convert::bytes(REQUEST.as_bytes()), order: None };
    let no_id = CryptoRequest {
        request_id: Bytes::new(),
        order: Some(CryptoOrder::Encrypt(EncryptOrder::default())),
    };
    for payload in [vec![0xff; 40], vec![], no_order.encode_to_vec(), no_id.encode_to_vec()] {
        assert_eq!(rig.send_raw(payload.into()).await, Err(Rejection::Malformed));
    }
    for order in [
        CryptoOrder::Encrypt(EncryptOrder::default()),
        CryptoOrder::Decrypt(DecryptOrder { r#use: Some(KeyUse::default()), ..Default::default() }),
        CryptoOrder::ReEncrypt(ReEncryptOrder::default()),
        CryptoOrder::GenerateMaterial(GenerateMaterialOrder::default()),
        CryptoOrder::Sign(SignOrder::default()),
        CryptoOrder::Verify(VerifyOrder::default()),
        CryptoOrder::GenerateMac(GenerateMacOrder::default()),
        CryptoOrder::VerifyMac(VerifyMacOrder::default()),
        CryptoOrder::DeriveSharedSecret(DeriveSharedSecretOrder::default()),
        CryptoOrder::Encapsulate(EncapsulateOrder::default()),
        CryptoOrder::Decapsulate(DecapsulateOrder::default()),
        CryptoOrder::GenerateDataKeyPair(GenerateDataKeyPairOrder::default()),
        CryptoOrder::MakeImportParameters(MakeImportParametersOrder::default()),
        CryptoOrder::ImportMaterial(ImportMaterialOrder::default()),
        CryptoOrder::CopyMaterial(CopyMaterialOrder::default()),
        CryptoOrder::SealMaterial(SealMaterialOrder::default()),
    ] {
        assert_eq!(rig.send(order).await, fault(CryptoFault::Malformed));
    }
}

#[tokio::test]
async fn a_plaintext_sealed_for_another_request_or_purpose_is_refused() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    let allowed = claims(key(1), Duty::Encrypt, &[&material], &ctx);
    let other_request = RequestId::from_bytes([2; 16]);
    for sealed_plaintext in [
        rig.sealer.seal(Purpose::GatewayToWorker, other_request, b"plaintext"),
        rig.sealer.seal(Purpose::WorkerToGateway, REQUEST, b"plaintext"),
        b"plaintext".to_vec(),
    ] {
        let order = EncryptOrder {
            r#use: Some(rig.key_use(&allowed, key(1), &material)),
            context: ctx.clone(),
            sealed_plaintext: sealed_plaintext.into(),
            algorithm: String::new(),
        };
        let outcome = rig.send(CryptoOrder::Encrypt(order)).await;
        assert_eq!(outcome, fault(CryptoFault::Malformed));
    }
}

#[tokio::test]
async fn a_change_of_any_bit_of_an_order_is_refused() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[("a", "b")]);
    let allowed = claims(key(1), Duty::Encrypt, &[&material], &ctx);
    let order = rig.encrypt_order(rig.key_use(&allowed, key(1), &material), &ctx);
    let request_id = convert::bytes(REQUEST.as_bytes());
    let payload = CryptoRequest { request_id, order: Some(order) }.encode_to_vec();
    for at in 0..payload.len() {
        for bit in 0..8 {
            let mut changed = payload.clone();
            changed[at] ^= 1 << bit;
            if let Ok(answer) = rig.send_raw(changed.into()).await {
                let outcome = CryptoAnswer::decode(answer).unwrap().outcome.unwrap();
                assert!(matches!(outcome, Outcome::Fault(_)), "byte {at} bit {bit}");
            }
        }
    }
}

#[tokio::test]
async fn a_worker_with_another_domain_key_seals_nothing_from_its_first_order_on() {
    let material = rig().material_of(key(1)).await;
    let secret = |permit| {
        CryptoOrder::SealSecret(SealSecretOrder {
            permit,
            account: "123456789012".into(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            sealed_secret: Bytes::new(),
        })
    };
    let (make, seal) = (Duty::GenerateMaterial, Duty::SealNewSecret);
    let other = || rig_with_domain_key(0x11, 100);
    let (one, two, three) = (other(), other(), other());
    let orders = [
        (&one, one.material_order(&claims(key(1), make, &[], &[]), key(1))),
        (&two, secret(two.permit(&about("AKIAIOSFODNN7EXAMPLE", seal)))),
        (
            &three,
            re_seal_material(
                three.permit(&claims(key(1), Duty::ReSeal, &[&material], &[])),
                key(1),
                &material,
            ),
        ),
    ];
    for (rig, order) in orders {
        let request_id = convert::bytes(REQUEST.as_bytes());
        let request = CryptoRequest { request_id, order: Some(order) };
        let answer = rig.send_raw(request.encode_to_vec().into()).await;
        assert_eq!(answer, Err(Rejection::Unavailable));
        assert!(rig.worker.ready().unwrap_err().contains("does not open what this deployment"));
    }
    let rig = rig();
    let unchecked = claims(key(1), make, &[], &[]);
    let unchecked = Claims { domain_key_check: Bytes::new(), ..unchecked };
    let outcome = rig.send(rig.material_order(&unchecked, key(1))).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted), "a Permit without the check");
}

proptest! {
    #[test]
    fn orders_of_anyones_making_are_refused_without_harm(
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Ok(answer) = runtime.block_on(rig().send_raw(payload.into())) {
            let outcome = CryptoAnswer::decode(answer).unwrap().outcome.unwrap();
            prop_assert!(matches!(outcome, Outcome::Fault(_)));
        }
    }
}
