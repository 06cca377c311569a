//! What every use of a key has in common, and encryption under asymmetric keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trent_types::{CiphertextHeader, KeySpec, KeyState, KeyUsage, MaterialId};

use crate::testing::*;

pub(super) const RSA: (KeySpec, KeyUsage) = (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
pub(super) const SIGNING: (KeySpec, KeyUsage) = (KeySpec::EccNistP256, KeyUsage::SignVerify);

pub(super) fn world((spec, usage): (KeySpec, KeyUsage)) -> World {
    World::with_key(spec, usage)
}

/// A request's body about the usual key.
pub(super) fn about(more: &Value) -> String {
    let mut body = json!({"KeyId": KEY});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body.to_string()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A symmetric blob of a key.
fn blob(key: &str) -> String {
    let mut bytes = Vec::new();
    let material_id = MaterialId::from_bytes([7; 32]);
    CiphertextHeader { key_id: key.parse().unwrap(), material_id }.write(&mut bytes);
    bytes.extend_from_slice(b"sealed");
    STANDARD.encode(bytes)
}

/// Every operation that uses a key, with a key that it can use and a good body.
pub(super) fn uses() -> Vec<(&'static str, (KeySpec, KeyUsage), Value)> {
    let sign = json!({"Message": base64(b"m"), "SigningAlgorithm": "ECDSA_SHA_256"});
    let mut verify = sign.clone();
    verify["Signature"] = base64(b"signature").into();
    let mac = json!({"Message": base64(b"m"), "MacAlgorithm": "HMAC_SHA_256"});
    let mut verify_mac = mac.clone();
    verify_mac["Mac"] = base64(b"mac").into();
    let hmac = (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    let agreement = (KeySpec::EccNistP384, KeyUsage::KeyAgreement);
    let kem = (KeySpec::MlKem768, KeyUsage::EncapsulateDecapsulate);
    let symmetric = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let derive = json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": base64(b"p")});
    let oaep = json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256", "Plaintext": base64(b"p")});
    let open = json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256", "CiphertextBlob": base64(b"c")});
    let capsule = json!({
        "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecretCiphertextBlob": base64(b"capsule"),
    });
    let pair = json!({"KeyPairSpec": "ECC_NIST_P256"});
    vec![
        ("Sign", SIGNING, sign),
        ("Verify", SIGNING, verify),
        ("GenerateMac", hmac, mac),
        ("VerifyMac", hmac, verify_mac),
        ("DeriveSharedSecret", agreement, derive),
        ("Encapsulate", kem, json!({"EncapsulationAlgorithm": "ML_KEM"})),
        ("Decapsulate", kem, capsule),
        ("GenerateDataKeyPair", symmetric, pair.clone()),
        ("GenerateDataKeyPairWithoutPlaintext", symmetric, pair),
        ("Encrypt", RSA, oaep),
        ("Decrypt", RSA, open),
    ]
}

pub(super) fn with(body: &Value, more: &Value) -> String {
    let mut body = body.clone();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    about(&body)
}

#[test]
fn every_use_is_answered_and_recorded_without_its_secrets() {
    for (operation, kind, body) in uses() {
        let world = world(kind);
        let answer = world.ok(operation, &about(&body));
        assert_eq!(answer["KeyId"], arn_of(KEY), "{operation}");
        assert_eq!(*world.asked.borrow(), [format!("kms:{operation}")]);
        let record = world.only_record();
        assert_eq!(record["eventName"], operation);
        assert_eq!(record["readOnly"], true, "{operation}");
        assert_eq!(record["responseElements"], json!(null), "{operation}");
        assert_eq!(record["requestParameters"]["keyId"], KEY, "{operation}");
        let symmetric = kind.0 == KeySpec::SymmetricDefault;
        assert_eq!(record.get("additionalEventData").is_some(), symmetric, "{operation}");
        let text = record.to_string();
        for secret in ["m", "p", "c", "mac", "signature", "secret", "shared", "private", "public"] {
            assert!(!text.contains(&format!("\"{}\"", base64(secret.as_bytes()))), "{operation}");
        }
    }
}

#[test]
fn records_show_what_was_asked_as_cloudtrail_does() {
    let expected = |operation: &str| match operation {
        "Sign" | "Verify" => json!({"messageType": "RAW", "signingAlgorithm": "ECDSA_SHA_256"}),
        "GenerateMac" | "VerifyMac" => json!({"macAlgorithm": "HMAC_SHA_256"}),
        "DeriveSharedSecret" => json!({"keyAgreementAlgorithm": "ECDH"}),
        "Encapsulate" | "Decapsulate" => json!({"encapsulationAlgorithm": "ML_KEM"}),
        "Encrypt" | "Decrypt" => json!({"encryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
        _ => json!({"keyPairSpec": "ECC_NIST_P256"}),
    };
    for (operation, kind, body) in uses() {
        let world = world(kind);
        world.ok(operation, &about(&body));
        let mut parameters = expected(operation);
        parameters["keyId"] = KEY.into();
        assert_eq!(world.only_record()["requestParameters"], parameters, "{operation}");
    }
}

#[test]
fn states_and_usages_are_checked_before_a_dry_run_ends() {
    for (operation, kind, body) in uses() {
        let dry = with(&body, &json!({"DryRun": true}));
        let end = world(kind);
        assert_eq!(end.error(operation, &dry).0, "DryRunOperationException", "{operation}");
        assert!(end.ordered.borrow().is_empty(), "{operation}");
        assert_eq!(end.only_record()["requestParameters"]["dryRun"], true);

        let disabled = world(kind).but_in_state(KeyState::Disabled).error(operation, &dry);
        let text = format!("{} is disabled.", arn_of(KEY));
        assert_eq!(disabled, ("DisabledException".to_owned(), Some(text)), "{operation}");
        let pending = world(kind).but_in_state(KeyState::PendingImport).error(operation, &dry);
        assert_eq!(pending.0, "KMSInvalidStateException", "{operation}");

        let signs = kind.1 == KeyUsage::SignVerify;
        let other = if signs { (KeySpec::EccNistP256, KeyUsage::KeyAgreement) } else { SIGNING };
        let text =
            format!("{} key usage is {} which is not valid for {operation}.", arn_of(KEY), other.1);
        let wrong = world(other).error(operation, &dry);
        assert_eq!(wrong, ("InvalidKeyUsageException".to_owned(), Some(text)), "{operation}");
    }
}

#[test]
fn grant_tokens_and_recipients_are_refused() {
    for (operation, kind, body) in uses() {
        let token = with(&body, &json!({"GrantTokens": ["x"]}));
        assert_eq!(world(kind).error(operation, &token).0, "InvalidGrantTokenException");
        if matches!(operation, "Decrypt" | "DeriveSharedSecret" | "GenerateDataKeyPair") {
            let recipient = with(&body, &json!({"Recipient": {}}));
            let code = world(kind).error(operation, &recipient).0;
            assert_eq!(code, "UnsupportedOperationException", "{operation}");
        }
    }
}

#[test]
fn algorithms_of_other_key_specs_are_incompatible() {
    let refused = |operation: &str, kind, more: Value, algorithm: &str| {
        let (code, message) = world(kind).error(operation, &about(&more));
        assert_eq!(code, "InvalidKeyUsageException", "{operation}");
        let text = format!("Algorithm {algorithm} is incompatible with key spec {}.", kind.0);
        assert_eq!(message.unwrap(), text, "{operation}");
    };
    let plain = json!({"Plaintext": base64(b"x")});
    refused("Encrypt", RSA, plain.clone(), "SYMMETRIC_DEFAULT");
    refused("GenerateDataKey", RSA, json!({"KeySpec": "AES_256"}), "SYMMETRIC_DEFAULT");
    refused("GenerateDataKeyPair", RSA, json!({"KeyPairSpec": "SM2"}), "SYMMETRIC_DEFAULT");
    let blob = json!({"CiphertextBlob": base64(&[1; 256])});
    refused("Decrypt", RSA, blob, "SYMMETRIC_DEFAULT");
    let pss = json!({"Message": base64(b"x"), "SigningAlgorithm": "RSASSA_PSS_SHA_256"});
    refused("Sign", SIGNING, pss, "RSASSA_PSS_SHA_256");
    let mac = json!({"Message": base64(b"x"), "MacAlgorithm": "HMAC_SHA_512"});
    let hmac = (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    refused("GenerateMac", hmac, mac, "HMAC_SHA_512");
}

#[test]
fn plaintexts_under_rsa_are_as_long_as_oaep_allows() {
    for (spec, algorithm, most) in [
        (KeySpec::Rsa2048, "RSAES_OAEP_SHA_1", 214),
        (KeySpec::Rsa2048, "RSAES_OAEP_SHA_256", 190),
        (KeySpec::Rsa3072, "RSAES_OAEP_SHA_1", 342),
        (KeySpec::Rsa3072, "RSAES_OAEP_SHA_256", 318),
        (KeySpec::Rsa4096, "RSAES_OAEP_SHA_1", 470),
        (KeySpec::Rsa4096, "RSAES_OAEP_SHA_256", 446),
        (KeySpec::Sm2, "SM2PKE", 1024),
    ] {
        let kind = (spec, KeyUsage::EncryptDecrypt);
        let body = |bytes: usize| {
            let plaintext = base64(&vec![1; bytes]);
            about(&json!({"Plaintext": plaintext, "EncryptionAlgorithm": algorithm}))
        };
        let answer = world(kind).ok("Encrypt", &body(most));
        assert_eq!(answer["EncryptionAlgorithm"], algorithm);
        let text = format!(
            "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} \
             bytes."
        );
        let error = world(kind).error("Encrypt", &body(most + 1));
        assert_eq!(error, ("ValidationException".to_owned(), Some(text)));
    }
}

#[test]
fn an_encryption_context_is_for_symmetric_algorithms_only() {
    let context = json!({"EncryptionContext": {"a": "b"}});
    for (operation, kind, body) in uses() {
        if matches!(operation, "Encrypt" | "Decrypt") {
            let error = world(kind).error(operation, &with(&body, &context));
            assert_eq!(error.0, "ValidationException", "{operation}");
            world(kind).ok(operation, &with(&body, &json!({"EncryptionContext": {}})));
        }
    }
}

#[test]
fn asymmetric_decryption_names_its_key_and_has_no_material_id() {
    let body = json!({"CiphertextBlob": "AA==", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"});
    let answer = world(RSA).ok("Decrypt", &about(&body));
    let expected = json!({
        "KeyId": arn_of(KEY),
        "Plaintext": base64(b"secret"),
        "EncryptionAlgorithm": "RSAES_OAEP_SHA_1",
    });
    assert_eq!(answer, expected);
    assert_eq!(world(RSA).error("Decrypt", &body.to_string()).0, "ValidationException");
}

#[test]
fn re_encrypt_shows_the_material_ids_of_symmetric_keys_only() {
    let world = world(RSA);
    let body = json!({
        "CiphertextBlob": blob(OTHER_KEY),
        "DestinationKeyId": KEY,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    });
    let answer = world.ok("ReEncrypt", &body.to_string());
    assert_eq!(answer["SourceKeyMaterialId"], material_hex());
    assert!(answer.get("DestinationKeyMaterialId").is_none());
    assert_eq!(*world.ordered.borrow(), ["re-encrypt SYMMETRIC_DEFAULT RSAES_OAEP_SHA_256"]);
    let additional = json!({"sourceKeyMaterialId": material_hex()});
    assert_eq!(world.only_record()["additionalEventData"], additional);
}

#[test]
fn a_dry_run_may_do_without_a_ciphertext() {
    let ignore = json!({"DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]});
    let end = "DryRunOperationException";
    assert_eq!(World::new().error("Decrypt", &about(&ignore)).0, end);
    let garbage = with(&ignore, &json!({"CiphertextBlob": base64(b"garbage")}));
    assert_eq!(World::new().error("Decrypt", &garbage).0, end);
    assert_eq!(World::new().error("Decrypt", &ignore.to_string()).0, "ValidationException");
    let modifiers = json!({"DryRunModifiers": ["IGNORE_CIPHERTEXT"]});
    let without = World::new().error("Decrypt", &about(&modifiers));
    assert_eq!(without.0, "ValidationException", "no dry run: the ciphertext is needed");
    let denied = World::new();
    denied.denied.set("kms:Decrypt");
    assert_eq!(denied.error("Decrypt", &about(&ignore)).0, "AccessDeniedException");

    let mut re_encrypt = ignore.clone();
    re_encrypt["DestinationKeyId"] = OTHER_KEY.into();
    let missing = World::new().error("ReEncrypt", &re_encrypt.to_string());
    assert_eq!(missing.0, "ValidationException");
    re_encrypt["SourceKeyId"] = KEY.into();
    assert_eq!(World::new().error("ReEncrypt", &re_encrypt.to_string()).0, end);
    let unknown = about(&json!({"DryRun": true, "DryRunModifiers": ["IGNORE_ALL"]}));
    assert_eq!(World::new().error("Decrypt", &unknown).0, "ValidationException");
}

#[test]
fn policies_see_what_the_request_sets() {
    for (operation, kind, body) in uses() {
        let expected: &[(&str, &str)] = match operation {
            "Sign" | "Verify" => {
                &[("kms:MessageType", "RAW"), ("kms:SigningAlgorithm", "ECDSA_SHA_256")]
            }
            "GenerateMac" | "VerifyMac" => &[("kms:MacAlgorithm", "HMAC_SHA_256")],
            "DeriveSharedSecret" => &[("kms:KeyAgreementAlgorithm", "ECDH")],
            "Encrypt" | "Decrypt" => &[("kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_256")],
            "Encapsulate" | "Decapsulate" => &[],
            _ => &[
                ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
                ("kms:DataKeyPairSpec", "ECC_NIST_P256"),
            ],
        };
        let world = world(kind);
        world.ok(operation, &about(&body));
        let conditions = world.conditions.borrow();
        let seen: Vec<_> =
            conditions.iter().map(|(name, values)| (name.as_str(), values.join(","))).collect();
        let expected: Vec<_> =
            expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(seen, expected, "{operation}");
    }
}
