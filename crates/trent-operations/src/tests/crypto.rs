//! Encrypt, Decrypt, ReEncrypt, data keys and random bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use trent_types::{CiphertextHeader, KeyState, MaterialId};

use crate::ports::WorkerError;
use crate::testing::*;

/// A blob of a key, in base64.
fn blob(key: &str) -> String {
    let mut bytes = Vec::new();
    let material_id = MaterialId::from_bytes([7; 32]);
    CiphertextHeader { key_id: key.parse().unwrap(), material_id }.write(&mut bytes);
    bytes.extend_from_slice(b"sealed");
    STANDARD.encode(bytes)
}

#[test]
fn encrypt_answers_blob_key_arn_and_algorithm_but_no_material_id() {
    let answer = World::new().ok("Encrypt", &format!(r#"{{"KeyId":"{KEY}","Plaintext":"aGk="}}"#));
    let expected = json!({
        "CiphertextBlob": blob(KEY),
        "KeyId": arn_of(KEY),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    });
    assert_eq!(answer, expected);
}

#[test]
fn encrypt_names_every_violation() {
    let body = r#"{"Plaintext":"","EncryptionAlgorithm":"AES"}"#;
    let (code, message) = World::new().error("Encrypt", body);
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message.unwrap(),
        "3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member \
         must not be null; Value at 'plaintext' failed to satisfy constraint: Member must have \
         length greater than or equal to 1; Value 'AES' at 'encryptionAlgorithm' failed to satisfy \
         constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, \
         RSAES_OAEP_SHA_256, SM2PKE]"
    );
}

#[test]
fn encrypt_of_4096_bytes_works_and_of_4097_does_not() {
    let body = |bytes: usize| {
        format!(r#"{{"KeyId":"{KEY}","Plaintext":"{}"}}"#, STANDARD.encode(vec![1; bytes]))
    };
    World::new().ok("Encrypt", &body(4096));
    assert_eq!(World::new().error("Encrypt", &body(4097)).0, "ValidationException");
}

#[test]
fn key_states_stop_cryptography() {
    let bodies = [
        ("Encrypt", format!(r#"{{"KeyId":"{KEY}","Plaintext":"aGk="}}"#)),
        ("Decrypt", format!(r#"{{"CiphertextBlob":"{}"}}"#, blob(KEY))),
        ("GenerateDataKey", format!(r#"{{"KeyId":"{KEY}","KeySpec":"AES_256"}}"#)),
        (
            "ReEncrypt",
            format!(r#"{{"CiphertextBlob":"{}","DestinationKeyId":"{KEY}"}}"#, blob(OTHER_KEY)),
        ),
    ];
    for (operation, body) in &bodies {
        let disabled = World::in_state(KeyState::Disabled).error(operation, body);
        let text = format!("{} is disabled.", arn_of(KEY));
        assert_eq!(disabled, ("DisabledException".to_owned(), Some(text)), "{operation}");
        let pending = World::in_state(KeyState::PendingDeletion).error(operation, body);
        let text = format!("{} is pending deletion.", arn_of(KEY));
        assert_eq!(pending, ("KMSInvalidStateException".to_owned(), Some(text)), "{operation}");
    }
}

#[test]
fn a_dry_run_checks_everything_and_does_nothing() {
    let body = format!(r#"{{"KeyId":"{KEY}","Plaintext":"aGk=","DryRun":true}}"#);
    let world = World::new();
    assert_eq!(world.error("Encrypt", &body).0, "DryRunOperationException");
    assert_eq!(world.only_record()["requestParameters"]["dryRun"], true);
    let disabled = World::in_state(KeyState::Disabled);
    assert_eq!(disabled.error("Encrypt", &body).0, "DisabledException");
}

#[test]
fn grant_tokens_recipients_and_other_algorithms_are_refused_not_ignored() {
    let error = |operation: &str, body: String| World::new().error(operation, &body).0;
    let encrypt = |more: &str| format!(r#"{{"KeyId":"{KEY}","Plaintext":"aGk=",{more}}}"#);
    assert_eq!(error("Encrypt", encrypt(r#""GrantTokens":["x"]"#)), "InvalidGrantTokenException");
    World::new().ok("Encrypt", &encrypt(r#""GrantTokens":[]"#));
    let rsa = encrypt(r#""EncryptionAlgorithm":"RSAES_OAEP_SHA_1""#);
    assert_eq!(error("Encrypt", rsa), "InvalidKeyUsageException");
    let decrypt = |more: &str| format!(r#"{{"CiphertextBlob":"{}",{more}}}"#, blob(KEY));
    let unsupported = "UnsupportedOperationException";
    assert_eq!(error("Decrypt", decrypt(r#""Recipient":{}"#)), unsupported);
    let recipient = format!(r#"{{"KeyId":"{KEY}","KeySpec":"AES_128","Recipient":{{}}}}"#);
    assert_eq!(error("GenerateDataKey", recipient), unsupported);
}

#[test]
fn decrypt_finds_the_key_in_the_blob() {
    let world = World::new();
    let answer = world.ok("Decrypt", &format!(r#"{{"CiphertextBlob":"{}"}}"#, blob(KEY)));
    let expected = json!({
        "KeyId": arn_of(KEY),
        "Plaintext": STANDARD.encode("secret"),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": material_hex(),
    });
    assert_eq!(answer, expected);
    let record = world.only_record();
    let parameters = json!({"encryptionAlgorithm": "SYMMETRIC_DEFAULT"});
    assert_eq!(record["requestParameters"], parameters);
    assert_eq!(record["additionalEventData"]["keyMaterialId"], material_hex());
    assert!(!record.to_string().contains(&STANDARD.encode("secret")));
}

#[test]
fn decrypt_with_another_key_or_another_blob_fails_as_at_aws() {
    let other = format!(r#"{{"CiphertextBlob":"{}","KeyId":"{OTHER_KEY}"}}"#, blob(KEY));
    let (code, message) = World::new().error("Decrypt", &other);
    assert_eq!(code, "IncorrectKeyException");
    assert_eq!(
        message.unwrap(),
        "The key ID in the request does not identify a CMK that can perform this operation."
    );
    let invalid = ("InvalidCiphertextException".to_owned(), None);
    assert_eq!(World::new().error("Decrypt", r#"{"CiphertextBlob":"aGk="}"#), invalid);
    let world = World::new();
    *world.worker_error.borrow_mut() = Some(WorkerError::InvalidCiphertext);
    let body = format!(r#"{{"CiphertextBlob":"{}"}}"#, blob(KEY));
    assert_eq!(world.error("Decrypt", &body), invalid);
    assert!(world.only_record().get("errorMessage").is_none());
}

#[test]
fn re_encrypt_asks_both_permissions_and_shows_both_keys() {
    let world = World::new();
    let body = format!(
        r#"{{"CiphertextBlob":"{}","DestinationKeyId":"{OTHER_KEY}",
            "DestinationEncryptionContext":{{"a":"b"}}}}"#,
        blob(KEY)
    );
    let answer = world.ok("ReEncrypt", &body);
    assert_eq!(*world.asked.borrow(), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    assert_eq!(answer["SourceKeyId"], arn_of(KEY));
    assert_eq!(answer["KeyId"], arn_of(OTHER_KEY));
    assert_eq!(answer["CiphertextBlob"], blob(OTHER_KEY));
    assert_eq!(answer["SourceKeyMaterialId"], material_hex());
    let record = world.only_record();
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    assert_eq!(record["resources"][1]["ARN"], arn_of(OTHER_KEY));
    assert_eq!(record["requestParameters"]["destinationEncryptionContext"], json!({"a": "b"}));
    assert_eq!(record["additionalEventData"]["destinationKeyMaterialId"], material_hex());
}

#[test]
fn data_keys_are_as_long_as_was_asked() {
    for (asked, bytes) in [
        (r#""KeySpec":"AES_128""#, 16),
        (r#""KeySpec":"AES_256""#, 32),
        (r#""NumberOfBytes":7"#, 7),
    ] {
        let body = format!(r#"{{"KeyId":"{KEY}",{asked}}}"#);
        let answer = World::new().ok("GenerateDataKey", &body);
        let plaintext = STANDARD.decode(answer["Plaintext"].as_str().unwrap()).unwrap();
        assert_eq!(plaintext.len(), bytes);
        assert_eq!(answer["KeyMaterialId"], material_hex());
        let hidden = World::new().ok("GenerateDataKeyWithoutPlaintext", &body);
        assert!(hidden.get("Plaintext").is_none());
        assert_eq!(hidden["KeyId"], arn_of(KEY));
    }
}

#[test]
fn a_data_key_has_one_length() {
    let text = "Please specify either number of bytes or key spec.";
    for more in ["", r#","KeySpec":"AES_256","NumberOfBytes":32"#] {
        let body = format!(r#"{{"KeyId":"{KEY}"{more}}}"#);
        let error = World::new().error("GenerateDataKey", &body);
        assert_eq!(error, ("ValidationException".to_owned(), Some(text.to_owned())));
    }
}

#[test]
fn generate_random_records_nothing_of_the_request() {
    let world = World::new();
    let answer = world.ok("GenerateRandom", r#"{"NumberOfBytes":3}"#);
    assert_eq!(answer, json!({"Plaintext": STANDARD.encode([9; 3])}));
    let record = world.only_record();
    assert_eq!(record["requestParameters"], json!(null));
    assert_eq!(record["resources"], json!([]));
    let code = |body: &str| World::new().error("GenerateRandom", body).0;
    assert_eq!(code("{}"), "ValidationException");
    assert_eq!(code(r#"{"NumberOfBytes":1025}"#), "ValidationException");
    let store = r#"{"NumberOfBytes":1,"CustomKeyStoreId":"cks-1"}"#;
    assert_eq!(code(store), "UnsupportedOperationException");
}
