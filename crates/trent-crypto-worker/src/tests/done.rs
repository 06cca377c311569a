//! Orders that are done, and how the worker stays fit for them.

use super::*;

#[tokio::test]
async fn what_was_encrypted_decrypts_with_its_context_only() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let (ctx, other) = (context(&[("a", "bc")]), context(&[("ab", "c")]));
    let blob = ciphertext(rig.encrypt(key(1), &material, &ctx).await);

    let allowed = claims(key(1), Duty::Decrypt, &[&material], &ctx);
    let sealed = sealed_plaintext(rig.decrypt(&allowed, key(1), &material, &ctx, &blob).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &sealed).expose(), b"plaintext");
    let allowed = claims(key(1), Duty::Decrypt, &[&material], &other);
    let outcome = rig.decrypt(&allowed, key(1), &material, &other, &blob).await;
    assert_eq!(outcome, fault(CryptoFault::InvalidCiphertext));
}

#[tokio::test]
async fn a_cache_of_one_key_and_of_none_serve_all_the_same() {
    for max in [0, 1] {
        let rig = rig_with_domain_key(0xaa, max);
        let ctx = context(&[]);
        for byte in 1..=5 {
            let material = rig.material_of(key(byte)).await;
            ciphertext(rig.encrypt(key(byte), &material, &ctx).await);
            assert!(rig.worker.parsed_keys() <= max);
        }
    }
}

#[tokio::test]
async fn a_ciphertext_of_another_key_or_material_is_invalid() {
    let rig = rig();
    let ctx = context(&[]);
    let (one, other) = (rig.material_of(key(1)).await, rig.material_of(key(2)).await);
    let newer = rig.material_of(key(1)).await;
    let blob = ciphertext(rig.encrypt(key(1), &one, &ctx).await);
    for (key, material) in [(key(2), &other), (key(1), &newer)] {
        let claims = claims(key, Duty::Decrypt, &[material], &ctx);
        let outcome = rig.decrypt(&claims, key, material, &ctx, &blob).await;
        assert_eq!(outcome, fault(CryptoFault::InvalidCiphertext));
    }
}

#[tokio::test]
async fn material_of_another_domain_key_is_unusable() {
    let other = rig_with_domain_key(0x11, 100);
    let allowed = claims(key(1), Duty::GenerateMaterial, &[], &[]);
    let allowed = Claims { domain_key_check: check(0x11), ..allowed };
    let outcome = other.send(other.material_order(&allowed, key(1))).await;
    let material = made(outcome).material.unwrap();
    let outcome = rig().encrypt(key(1), &material, &context(&[])).await;
    assert_eq!(outcome, fault(CryptoFault::MaterialUnusable));
}

#[tokio::test]
async fn a_data_key_decrypts_to_its_plaintext_and_shows_it_only_when_asked() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[("a", "b")]);
    let order = |number_of_bytes, with_plaintext| {
        let duty = if with_plaintext {
            Duty::GenerateDataKey
        } else {
            Duty::GenerateDataKeyWithoutPlaintext
        };
        let allowed = claims(key(1), duty, &[&material], &ctx);
        CryptoOrder::GenerateDataKey(GenerateDataKeyOrder {
            r#use: Some(rig.key_use(&allowed, key(1), &material)),
            context: ctx.clone(),
            number_of_bytes,
            with_plaintext,
        })
    };
    for (number, with_plaintext) in [(1, true), (32, true), (1024, true), (32, false)] {
        let Outcome::DataKey(data_key) = rig.send(order(number, with_plaintext)).await else {
            panic!("no data key of {number} bytes");
        };
        let decrypt = claims(key(1), Duty::Decrypt, &[&material], &ctx);
        let sealed = sealed_plaintext(
            rig.decrypt(&decrypt, key(1), &material, &ctx, &data_key.ciphertext).await,
        );
        let plaintext = rig.open(Purpose::WorkerToGateway, &sealed);
        assert_eq!(plaintext.len(), number as usize);
        if with_plaintext {
            let shown = rig.open(Purpose::WorkerToGateway, &data_key.sealed_plaintext);
            assert_eq!(shown, plaintext);
        } else {
            assert!(data_key.sealed_plaintext.is_empty());
        }
    }
    for number in [0, 1025, u32::MAX] {
        assert_eq!(rig.send(order(number, true)).await, fault(CryptoFault::Malformed));
    }
}

#[tokio::test]
async fn random_bytes_need_their_permit_and_a_length_in_bounds() {
    let rig = rig();
    let order = |duty, number_of_bytes| {
        let permit = rig.permit(&about("*", duty));
        CryptoOrder::GenerateRandom(GenerateRandomOrder { permit, number_of_bytes })
    };
    let sealed = sealed_plaintext(rig.send(order(Duty::GenerateRandom, 1024)).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &sealed).len(), 1024);
    for number in [0, 1025] {
        let outcome = rig.send(order(Duty::GenerateRandom, number)).await;
        assert_eq!(outcome, fault(CryptoFault::Malformed));
    }
    let outcome = rig.send(order(Duty::Encrypt, 32)).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));
}

#[tokio::test]
async fn a_new_secret_access_key_goes_to_the_caller_and_opens_for_the_evaluator() {
    let rig = rig();
    let seal = about(USER, Duty::SealNewSecret);
    let secret = sealed_secret(rig.seal_secret(&seal, "123456789012", Bytes::new()).await);
    let shown = rig.open(Purpose::WorkerToGateway, &secret.sealed_secret);
    assert_eq!(shown.len(), 40);

    let open = about(DOMAIN_KEY_CHECK, Duty::OpenSecret);
    let opened =
        sealed_secret(rig.open_secret(&open, DOMAIN_KEY_CHECK, secret.stored_secret.clone()).await);
    assert_eq!(rig.open(Purpose::WorkerToEvaluator, &opened.sealed_secret), shown);
    let to_gateway = rig.sealer.open(Purpose::WorkerToGateway, REQUEST, &opened.sealed_secret);
    assert!(to_gateway.is_err(), "an opened secret is for the evaluator alone");
}

#[tokio::test]
async fn a_secret_of_the_configuration_is_sealed_as_it_is() {
    let rig = rig();
    let given = rig.sealer.seal(Purpose::EvaluatorToWorker, REQUEST, b"known");
    let seal = about(DOMAIN_KEY_CHECK, Duty::SealGivenSecret);
    let secret = sealed_secret(rig.seal_secret(&seal, "123456789012", given.into()).await);
    assert!(secret.sealed_secret.is_empty());
    let open = about(DOMAIN_KEY_CHECK, Duty::OpenSecret);
    let opened =
        sealed_secret(rig.open_secret(&open, DOMAIN_KEY_CHECK, secret.stored_secret).await);
    assert_eq!(rig.open(Purpose::WorkerToEvaluator, &opened.sealed_secret).expose(), b"known");
}

#[tokio::test]
async fn a_failed_domain_key_check_makes_the_worker_unready_until_one_succeeds() {
    let seal = about(USER, Duty::SealNewSecret);
    let stored = |outcome| sealed_secret(outcome).stored_secret;
    let elsewhere = rig_with_domain_key(0x11, 100);
    let foreign = stored(elsewhere.seal_secret(&seal, "123456789012", Bytes::new()).await);
    let rig = rig();
    let own = stored(rig.seal_secret(&seal, "123456789012", Bytes::new()).await);
    assert_eq!(rig.worker.ready(), Ok(()));

    let forged = about("AKIAIOSFODNN7EXAMPLE", Duty::OpenSecret);
    rig.open_secret(&forged, DOMAIN_KEY_CHECK, foreign.clone()).await;
    assert_eq!(rig.worker.ready(), Ok(()), "a check without its Permit says nothing");

    let check = about(DOMAIN_KEY_CHECK, Duty::OpenSecret);
    rig.open_secret(&check, DOMAIN_KEY_CHECK, foreign).await;
    assert!(rig.worker.ready().is_err());
    let order = CryptoOrder::SealSecret(SealSecretOrder::default());
    let request_id = convert::bytes(REQUEST.as_bytes());
    let request = CryptoRequest { request_id, order: Some(order) };
    let refused = rig.send_raw(request.encode_to_vec().into()).await;
    assert_eq!(refused, Err(Rejection::Unavailable), "it seals nothing by a wrong key");
    rig.open_secret(&check, DOMAIN_KEY_CHECK, own).await;
    assert_eq!(rig.worker.ready(), Ok(()));
}

/// Prints what one Encrypt of 32 bytes costs: `cargo test --release -p trent-crypto-worker --
/// --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement, not a check"]
async fn cost_of_one_encrypt() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    let allowed = claims(key(1), Duty::Encrypt, &[&material], &ctx);
    let order = rig.encrypt_order(rig.key_use(&allowed, key(1), &material), &ctx);
    let request_id = convert::bytes(REQUEST.as_bytes());
    let payload = Bytes::from(CryptoRequest { request_id, order: Some(order) }.encode_to_vec());
    let rounds = 200_000_u32;
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        let answer = rig.send_raw(payload.clone()).await.unwrap();
        assert!(answer.len() > 100);
    }
    println!("{:?} an Encrypt", start.elapsed() / rounds);
}
