//! Messages and their signatures, the answers of every use of a key, and public keys.

use serde_json::{Value, json};
use trent_types::{KeySpec, KeyState, KeyUsage};

use super::asymmetric::{RSA, SIGNING, about, base64, uses, world};
use crate::ports::WorkerError;
use crate::testing::*;

#[test]
fn messages_fit_their_type_and_algorithm() {
    let sign = |spec, algorithm: &str, kind: &str, bytes: usize| {
        let message = base64(&vec![1; bytes]);
        let members =
            json!({"Message": message, "MessageType": kind, "SigningAlgorithm": algorithm});
        let world = world((spec, KeyUsage::SignVerify));
        let response = world.kms("Sign", &about(&members));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        body.get("message").map(|text| text.as_str().unwrap().to_owned())
    };
    use KeySpec::{EccNistEdwards25519 as Ed25519, EccNistP256 as P256, MlDsa65, Rsa2048};
    for (spec, algorithm, kind, bytes) in [
        (P256, "ECDSA_SHA_256", "RAW", 4096),
        (P256, "ECDSA_SHA_256", "DIGEST", 32),
        (Rsa2048, "RSASSA_PSS_SHA_384", "DIGEST", 48),
        (Rsa2048, "RSASSA_PKCS1_V1_5_SHA_512", "DIGEST", 64),
        (KeySpec::Sm2, "SM2DSA", "DIGEST", 32),
        (Ed25519, "ED25519_SHA_512", "RAW", 1),
        (Ed25519, "ED25519_PH_SHA_512", "DIGEST", 64),
        (MlDsa65, "ML_DSA_SHAKE_256", "RAW", 1),
        (MlDsa65, "ML_DSA_SHAKE_256", "EXTERNAL_MU", 64),
    ] {
        assert_eq!(sign(spec, algorithm, kind, bytes), None, "{algorithm} {kind}");
    }
    for (spec, algorithm, kind, bytes) in [
        (P256, "ECDSA_SHA_256", "DIGEST", 31),
        (Rsa2048, "RSASSA_PSS_SHA_384", "DIGEST", 32),
        (Ed25519, "ED25519_PH_SHA_512", "DIGEST", 32),
        (MlDsa65, "ML_DSA_SHAKE_256", "EXTERNAL_MU", 63),
    ] {
        let text = format!("Digest is invalid length for algorithm {algorithm}.");
        assert_eq!(sign(spec, algorithm, kind, bytes), Some(text), "{algorithm} {kind}");
    }
    for (spec, algorithm, kind) in [
        (P256, "ECDSA_SHA_256", "EXTERNAL_MU"),
        (Ed25519, "ED25519_SHA_512", "DIGEST"),
        (Ed25519, "ED25519_PH_SHA_512", "RAW"),
        (MlDsa65, "ML_DSA_SHAKE_256", "DIGEST"),
    ] {
        let text = format!("MessageType {kind} is not valid for algorithm {algorithm}.");
        assert_eq!(sign(spec, algorithm, kind, 64), Some(text));
    }
}

#[test]
fn a_bad_signature_or_mac_is_an_error_without_a_text() {
    let verify = |operation: &str, member: &str| {
        let (_, kind, mut body) = uses().into_iter().find(|(name, ..)| *name == operation).unwrap();
        body[member] = base64(b"forged").into();
        world(kind).error(operation, &about(&body))
    };
    let none = |code: &str| (code.to_owned(), None);
    assert_eq!(verify("Verify", "Signature"), none("KMSInvalidSignatureException"));
    assert_eq!(verify("VerifyMac", "Mac"), none("KMSInvalidMacException"));
}

#[test]
fn answers_have_the_members_of_the_model() {
    let members = |operation: &str| {
        let (_, kind, body) = uses().into_iter().find(|(name, ..)| *name == operation).unwrap();
        let answer = world(kind).ok(operation, &about(&body));
        answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members("Sign"), ["KeyId", "Signature", "SigningAlgorithm"]);
    assert_eq!(members("Verify"), ["KeyId", "SignatureValid", "SigningAlgorithm"]);
    assert_eq!(members("GenerateMac"), ["KeyId", "Mac", "MacAlgorithm"]);
    assert_eq!(members("VerifyMac"), ["KeyId", "MacAlgorithm", "MacValid"]);
    assert_eq!(
        members("DeriveSharedSecret"),
        ["KeyAgreementAlgorithm", "KeyId", "KeyOrigin", "SharedSecret"]
    );
    assert_eq!(
        members("Encapsulate"),
        ["EncapsulationAlgorithm", "KeyId", "SharedSecret", "SharedSecretCiphertextBlob"]
    );
    assert_eq!(members("Decapsulate"), ["EncapsulationAlgorithm", "KeyId", "SharedSecret"]);
    let bare = ["KeyId", "KeyMaterialId", "KeyPairSpec", "PrivateKeyCiphertextBlob"];
    let mut plain = bare.to_vec();
    plain.extend(["PrivateKeyPlaintext", "PublicKey"]);
    assert_eq!(members("GenerateDataKeyPair"), plain);
    let mut hidden = bare.to_vec();
    hidden.push("PublicKey");
    assert_eq!(members("GenerateDataKeyPairWithoutPlaintext"), hidden);
}

#[test]
fn the_public_key_of_an_asymmetric_key_is_shown_unless_it_is_to_be_deleted() {
    let body = about(&json!({}));
    for state in [KeyState::Enabled, KeyState::Disabled, KeyState::PendingImport] {
        let world = world(RSA).but_in_state(state);
        let expected = json!({
            "KeyId": arn_of(KEY),
            "PublicKey": base64(b"public"),
            "CustomerMasterKeySpec": "RSA_2048",
            "KeySpec": "RSA_2048",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
        });
        assert_eq!(world.ok("GetPublicKey", &body), expected);
        let record = world.only_record();
        assert_eq!(record["readOnly"], true);
        assert_eq!(record["requestParameters"], json!({"keyId": KEY}));
    }
    let deleted = world(RSA).but_in_state(KeyState::PendingDeletion).error("GetPublicKey", &body);
    assert_eq!(deleted.0, "KMSInvalidStateException");
    let symmetric = World::new().error("GetPublicKey", &body);
    assert_eq!(symmetric.0, "UnsupportedOperationException");
    let hmac = world((KeySpec::Hmac256, KeyUsage::GenerateVerifyMac));
    assert_eq!(hmac.error("GetPublicKey", &body).0, "UnsupportedOperationException");
    let empty = world(SIGNING).but_in_state(KeyState::PendingImport);
    *empty.public_key.borrow_mut() = None;
    assert_eq!(empty.error("GetPublicKey", &body).0, "KMSInvalidStateException");
}

#[test]
fn what_the_worker_finds_wrong_is_aws_own_error() {
    let derive = uses().into_iter().find(|(name, ..)| *name == "DeriveSharedSecret").unwrap();
    let world = world(derive.1);
    *world.worker_error.borrow_mut() = Some(WorkerError::InvalidPublicKey);
    assert_eq!(world.error("DeriveSharedSecret", &about(&derive.2)).0, "ValidationException");
}

#[test]
fn required_members_are_named_in_the_models_order() {
    let (code, message) = World::new().error("Verify", r#"{"MessageType":"X"}"#);
    assert_eq!(code, "ValidationException");
    let message = message.unwrap();
    let order = ["'keyId'", "'message'", "'messageType'", "'signature'", "'signingAlgorithm'"];
    let at: Vec<_> = order.iter().map(|path| message.find(path).unwrap()).collect();
    assert!(at.is_sorted(), "{message}");
    assert!(message.starts_with("5 validation errors detected: "), "{message}");
    for (operation, count) in [
        ("Sign", 3),
        ("GenerateMac", 3),
        ("VerifyMac", 4),
        ("DeriveSharedSecret", 3),
        ("Encapsulate", 2),
        ("Decapsulate", 3),
        ("GenerateDataKeyPair", 2),
        ("GenerateDataKeyPairWithoutPlaintext", 2),
        ("GetPublicKey", 1),
    ] {
        let (code, message) = World::new().error(operation, "{}");
        assert_eq!(code, "ValidationException");
        assert!(message.unwrap().starts_with(&format!("{count} validation error")), "{operation}");
    }
}
