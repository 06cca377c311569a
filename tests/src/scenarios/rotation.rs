//! Rotation by schedule and on demand.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, RotationType};

use super::{new_key, refusal, sealed};

/// EnableKeyRotation, GetKeyRotationStatus, DisableKeyRotation, RotateKeyOnDemand,
/// ListKeyRotations.
pub async fn rotated_keys_open_what_they_closed(kms: Client) {
    let key = new_key(&kms).await;
    let id = &key.key_id;
    let blob = sealed(&kms, id, b"old").await;
    kms.enable_key_rotation().key_id(id).rotation_period_in_days(90).send().await.unwrap();
    let status = kms.get_key_rotation_status().key_id(id).send().await.unwrap();
    assert!(status.key_rotation_enabled);
    assert_eq!(status.rotation_period_in_days, Some(90));
    kms.disable_key_rotation().key_id(id).send().await.unwrap();
    let status = kms.get_key_rotation_status().key_id(id).send().await.unwrap();
    assert!(!status.key_rotation_enabled);
    assert_eq!(kms.rotate_key_on_demand().key_id(id).send().await.unwrap().key_id, key.arn);
    let listed = kms.list_key_rotations().key_id(id).send().await.unwrap();
    assert_eq!(listed.rotations().len(), 1);
    assert_eq!(listed.rotations()[0].rotation_type, Some(RotationType::OnDemand));
    let opened = kms.decrypt().ciphertext_blob(blob).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().into_inner(), b"old");
    assert_eq!(opened.key_material_id, key.current_key_material_id);
}

/// What the rotation operations refuse.
pub async fn only_symmetric_keys_rotate(kms: Client) {
    let call = kms.create_key().key_spec(KeySpec::Hmac256);
    let call = call.key_usage(KeyUsageType::GenerateVerifyMac).send().await;
    let id = &call.unwrap().key_metadata.unwrap().key_id;
    let refused = kms.enable_key_rotation().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
    let refused = kms.disable_key_rotation().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
    let refused = kms.get_key_rotation_status().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
    let refused = kms.rotate_key_on_demand().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
    let refused = kms.list_key_rotations().key_id(id).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
}
