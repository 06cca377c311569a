//! Imported key material.

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{
    AlgorithmSpec, ExpirationModelType, KeyState, OriginType, WrappingKeySpec,
};

use super::{new_key, refusal, sealed};

/// Material under a wrapping public key (RSAES-OAEP with SHA-256, RFC 8017 section 7.1).
fn wrapped(public_key: &Blob, material: &[u8]) -> Blob {
    let public = PublicEncryptingKey::from_der(public_key.as_ref()).unwrap();
    let oaep = OaepPublicEncryptingKey::new(public).unwrap();
    let mut out = vec![0; oaep.ciphertext_size()];
    let length = oaep.encrypt(&OAEP_SHA256_MGF1SHA256, material, &mut out, None).unwrap().len();
    out.truncate(length);
    Blob::new(out)
}

/// GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.
pub async fn imported_material_comes_and_goes(kms: Client) {
    let call = kms.create_key().origin(OriginType::External).send().await;
    let key = call.unwrap().key_metadata.unwrap();
    let id = &key.key_id;
    assert_eq!(key.key_state, Some(KeyState::PendingImport));
    let call = kms.get_parameters_for_import().key_id(id);
    let call = call.wrapping_algorithm(AlgorithmSpec::RsaesOaepSha256);
    let parameters = call.wrapping_key_spec(WrappingKeySpec::Rsa2048).send().await.unwrap();
    let material = rand::random::<[u8; 32]>();
    let import = kms.import_key_material().key_id(id);
    let import = import.expiration_model(ExpirationModelType::KeyMaterialDoesNotExpire);
    let import = import.encrypted_key_material(wrapped(&parameters.public_key.unwrap(), &material));
    let wrong = import.clone().import_token(Blob::new("made up")).send().await;
    assert!(refusal(wrong).is_invalid_import_token_exception());
    let imported = import.import_token(parameters.import_token.unwrap()).send().await.unwrap();
    assert_eq!(imported.key_id, key.arn);
    let blob = sealed(&kms, id, b"kept").await;
    let deleted = kms.delete_imported_key_material().key_id(id).send().await.unwrap();
    assert_eq!(deleted.key_material_id, imported.key_material_id);
    let refused = kms.decrypt().ciphertext_blob(blob).send().await;
    assert!(refusal(refused).is_kms_invalid_state_exception());
}

/// What the import operations refuse.
pub async fn nothing_is_imported_into_other_keys(kms: Client) {
    let id = &new_key(&kms).await.key_id;
    let call = kms.get_parameters_for_import().key_id(id);
    let call = call.wrapping_algorithm(AlgorithmSpec::RsaesOaepSha256);
    let refused = call.wrapping_key_spec(WrappingKeySpec::Rsa2048).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
    let refused = kms.delete_imported_key_material().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
}
