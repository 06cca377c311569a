//! Signatures, MACs, asymmetric encryption and data key pairs, as far as the worker has a part in
//! them; the algorithms are tested where they are.

use trent_bus::messages::{
    DataKeyPair, GenerateDataKeyPairOrder, GenerateMacOrder, SignOrder, Unit, VerifyMacOrder,
    VerifyOrder,
};
use trent_types::KeySpec;

use super::*;

/// A message with the material that it is about.
struct Signing {
    rig: Rig,
    material: SealedMaterial,
}

impl Signing {
    async fn with(spec: &str) -> Self {
        let rig = rig();
        let material = rig.new_key(key(1), spec).await.material.unwrap();
        Self { rig, material }
    }

    fn key_use(&self, duty: Duty) -> Option<KeyUse> {
        let claims = claims(key(1), duty, &[&self.material], &[]);
        Some(self.rig.key_use(&claims, key(1), &self.material))
    }

    async fn sign(&self, algorithm: &str, kind: &str, message: &[u8]) -> Outcome {
        let order = SignOrder {
            r#use: self.key_use(Duty::Sign),
            algorithm: algorithm.into(),
            message_type: kind.into(),
            sealed_message: self.rig.seal(message),
        };
        self.rig.send(CryptoOrder::Sign(order)).await
    }

    async fn verify(&self, algorithm: &str, kind: &str, message: &[u8], sig: &Bytes) -> Outcome {
        let order = VerifyOrder {
            r#use: self.key_use(Duty::Verify),
            algorithm: algorithm.into(),
            message_type: kind.into(),
            sealed_message: self.rig.seal(message),
            signature: sig.clone(),
        };
        self.rig.send(CryptoOrder::Verify(order)).await
    }
}

#[tokio::test]
async fn what_was_signed_verifies_whichever_thread_did_it() {
    for (spec, algorithm) in [
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_NIST_P521", "ECDSA_SHA_512"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256"),
        ("SM2", "SM2DSA"),
    ] {
        let signing = Signing::with(spec).await;
        let signature = signing.sign(algorithm, "RAW", b"message").await;
        let Outcome::Signature(signature) = signature else { panic!("{spec}: {signature:?}") };
        let good = signing.verify(algorithm, "RAW", b"message", &signature).await;
        assert_eq!(good, Outcome::Verified(Unit {}), "{spec}");
        let bad = signing.verify(algorithm, "RAW", b"massage", &signature).await;
        assert_eq!(bad, fault(CryptoFault::InvalidSignature), "{spec}");
    }
}

#[tokio::test]
async fn faults_of_a_message_are_told_from_defects_of_the_client() {
    let signing = Signing::with("ECC_NIST_P256").await;
    let outcome = signing.sign("ECDSA_SHA_256", "DIGEST", &[1; 31]).await;
    assert_eq!(outcome, fault(CryptoFault::InvalidMessageLength));
    for (algorithm, kind) in [
        ("ECDSA_SHA_384", "RAW"),
        ("RSASSA_PSS_SHA_256", "RAW"),
        ("ECDSA_SHA_256", "EXTERNAL_MU"),
        ("", "RAW"),
        ("ECDSA_SHA_256", ""),
    ] {
        let outcome = signing.sign(algorithm, kind, b"message").await;
        assert_eq!(outcome, fault(CryptoFault::Malformed), "{algorithm} {kind}");
    }
}

#[tokio::test]
async fn a_mac_travels_sealed_and_verifies() {
    let signing = Signing::with("HMAC_384").await;
    let (rig, algorithm) = (&signing.rig, "HMAC_SHA_384".to_owned());
    let order = GenerateMacOrder {
        r#use: signing.key_use(Duty::GenerateMac),
        algorithm: algorithm.clone(),
        sealed_message: rig.seal(b"message"),
    };
    let sealed = sealed_plaintext(rig.send(CryptoOrder::GenerateMac(order)).await);
    let mac = rig.open(Purpose::WorkerToGateway, &sealed);
    assert_eq!(mac.len(), 48);
    let verify = |message: &[u8], mac: &[u8]| {
        CryptoOrder::VerifyMac(VerifyMacOrder {
            r#use: signing.key_use(Duty::VerifyMac),
            algorithm: algorithm.clone(),
            sealed_message: rig.seal(message),
            sealed_mac: rig.seal(mac),
        })
    };
    assert_eq!(rig.send(verify(b"message", mac.expose())).await, Outcome::Verified(Unit {}));
    for (message, mac) in [(&b"massage"[..], mac.expose()), (b"message", &mac.expose()[..47])] {
        assert_eq!(rig.send(verify(message, mac)).await, fault(CryptoFault::InvalidMac));
    }
}

#[tokio::test]
async fn asymmetric_ciphertexts_move_to_a_symmetric_key_and_back() {
    let rig = rig();
    let rsa = rig.new_key(key(1), "RSA_2048").await.material.unwrap();
    let aes = rig.material_of(key(2)).await;
    let (ctx, none) = (context(&[("a", "b")]), Bytes::new());
    let oaep = || "RSAES_OAEP_SHA_256".to_owned();
    let encrypt = claims(key(1), Duty::Encrypt, &[&rsa], &none);
    let order = EncryptOrder {
        r#use: Some(rig.key_use(&encrypt, key(1), &rsa)),
        context: none.clone(),
        sealed_plaintext: rig.seal(b"plaintext"),
        algorithm: oaep(),
    };
    let sealed = ciphertext(rig.send(CryptoOrder::Encrypt(order.clone())).await);
    assert_eq!(sealed.len(), 256);
    let from = claims(key(1), Duty::ReEncryptFrom, &[&rsa], &none);
    let to = claims(key(2), Duty::ReEncryptTo, &[&aes], &ctx);
    let moved = ReEncryptOrder {
        source: Some(rig.key_use(&from, key(1), &rsa)),
        source_context: none.clone(),
        ciphertext: sealed,
        destination: Some(rig.key_use(&to, key(2), &aes)),
        destination_context: ctx.clone(),
        source_algorithm: oaep(),
        destination_algorithm: String::new(),
    };
    let moved = ciphertext(rig.send(CryptoOrder::ReEncrypt(moved)).await);
    let decrypt = claims(key(2), Duty::Decrypt, &[&aes], &ctx);
    let opened = sealed_plaintext(rig.decrypt(&decrypt, key(2), &aes, &ctx, &moved).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &opened).expose(), b"plaintext");

    // An encryption context would be forgotten silently.
    let bound = claims(key(1), Duty::Encrypt, &[&rsa], &ctx);
    let bound =
        EncryptOrder { r#use: Some(rig.key_use(&bound, key(1), &rsa)), context: ctx, ..order };
    let outcome = rig.send(CryptoOrder::Encrypt(bound)).await;
    assert_eq!(outcome, fault(CryptoFault::Malformed));
}

#[tokio::test]
async fn a_data_key_pair_shows_its_private_key_only_when_asked() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[("a", "b")]);
    let order = |spec: KeySpec, with_plaintext| {
        let duty = if with_plaintext {
            Duty::GenerateDataKeyPair
        } else {
            Duty::GenerateDataKeyPairWithoutPlaintext
        };
        let allowed = claims(key(1), duty, &[&material], &ctx);
        CryptoOrder::GenerateDataKeyPair(GenerateDataKeyPairOrder {
            r#use: Some(rig.key_use(&allowed, key(1), &material)),
            context: ctx.clone(),
            spec: spec.as_str().into(),
            with_plaintext,
        })
    };
    // One size of RSA stands for all: the others only take longer.
    let tried = |spec: &&KeySpec| {
        spec.is_data_key_pair() && !matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096)
    };
    for spec in KeySpec::ALL.iter().filter(tried) {
        for with_plaintext in [true, false] {
            let outcome = rig.send(order(*spec, with_plaintext)).await;
            let Outcome::DataKeyPair(pair) = outcome else { panic!("{spec}: {outcome:?}") };
            let DataKeyPair { private_key_ciphertext, sealed_plaintext: shown, public_key } = pair;
            assert_eq!(public_key[0], 0x30, "{spec}");
            let decrypt = claims(key(1), Duty::Decrypt, &[&material], &ctx);
            let sealed = sealed_plaintext(
                rig.decrypt(&decrypt, key(1), &material, &ctx, &private_key_ciphertext).await,
            );
            let private_key = rig.open(Purpose::WorkerToGateway, &sealed);
            assert_eq!(private_key.expose()[0], 0x30, "{spec}");
            assert_eq!(shown.is_empty(), !with_plaintext);
            if with_plaintext {
                assert_eq!(rig.open(Purpose::WorkerToGateway, &shown), private_key);
            }
        }
    }
    for spec in [KeySpec::SymmetricDefault, KeySpec::Hmac256, KeySpec::MlDsa44] {
        assert_eq!(rig.send(order(spec, true)).await, fault(CryptoFault::Malformed));
    }
}
