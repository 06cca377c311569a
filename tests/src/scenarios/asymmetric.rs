//! Signatures, MACs, key agreement, encapsulation, public keys and data key pairs.

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{
    DataKeyPairSpec, EncapsulationAlgorithmSpec, KeyAgreementAlgorithmSpec, KeyMetadata, KeySpec,
    KeyUsageType, MacAlgorithmSpec, SigningAlgorithmSpec,
};

use super::{NO_KEY, new_key, refusal};

async fn key_of(kms: &Client, spec: KeySpec, usage: KeyUsageType) -> KeyMetadata {
    let call = kms.create_key().key_spec(spec).key_usage(usage);
    call.send().await.unwrap().key_metadata.unwrap()
}

/// Sign and Verify.
pub async fn signatures_verify(kms: Client) {
    let key = key_of(&kms, KeySpec::EccNistP256, KeyUsageType::SignVerify).await;
    let sign = kms.sign().key_id(&key.key_id).message(Blob::new("message"));
    let sign = sign.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
    let signed = sign.clone().send().await.unwrap();
    assert_eq!(
        (&signed.key_id, signed.signing_algorithm.unwrap()),
        (&key.arn, SigningAlgorithmSpec::EcdsaSha256)
    );
    let verify = kms.verify().key_id(&key.key_id).signature(signed.signature.unwrap());
    let verify = verify.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
    let verified = verify.clone().message(Blob::new("message")).send().await.unwrap();
    assert!(verified.signature_valid);
    let other = verify.message(Blob::new("another message")).send().await;
    assert!(refusal(other).is_kms_invalid_signature_exception());
    let wrong = sign.signing_algorithm(SigningAlgorithmSpec::EcdsaSha384).send().await;
    assert!(refusal(wrong).is_invalid_key_usage_exception());
}

/// GenerateMac and VerifyMac.
pub async fn macs_verify(kms: Client) {
    let key = key_of(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
    let generate = kms.generate_mac().key_id(&key.key_id).message(Blob::new("message"));
    let generate = generate.mac_algorithm(MacAlgorithmSpec::HmacSha256);
    let mac = generate.clone().send().await.unwrap().mac.unwrap();
    assert_eq!(mac.as_ref().len(), 32);
    let verify = kms.verify_mac().key_id(&key.key_id).message(Blob::new("message"));
    let verify = verify.mac_algorithm(MacAlgorithmSpec::HmacSha256);
    assert!(verify.clone().mac(mac).send().await.unwrap().mac_valid);
    let wrong = verify.mac(Blob::new([0; 32])).send().await;
    assert!(refusal(wrong).is_kms_invalid_mac_exception());
    let wrong = generate.mac_algorithm(MacAlgorithmSpec::HmacSha384).send().await;
    assert!(refusal(wrong).is_invalid_key_usage_exception());
}

/// DeriveSharedSecret and GetPublicKey.
pub async fn two_keys_agree_on_a_secret(kms: Client) {
    let one = key_of(&kms, KeySpec::EccNistP384, KeyUsageType::KeyAgreement).await;
    let other = key_of(&kms, KeySpec::EccNistP384, KeyUsageType::KeyAgreement).await;
    let mut secrets = Vec::new();
    for (mine, theirs) in [(&one, &other), (&other, &one)] {
        let public = kms.get_public_key().key_id(&theirs.key_id).send().await.unwrap();
        assert_eq!(public.key_agreement_algorithms(), [KeyAgreementAlgorithmSpec::Ecdh]);
        let derive = kms.derive_shared_secret().key_id(&mine.key_id);
        let derive = derive.key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
        let derived = derive.public_key(public.public_key.unwrap()).send().await.unwrap();
        secrets.push(derived.shared_secret.unwrap().into_inner());
    }
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(secrets[0].len(), 48);
    let symmetric = new_key(&kms).await.key_id;
    let none = kms.get_public_key().key_id(&symmetric).send().await;
    assert!(refusal(none).is_unsupported_operation_exception());
    let derive = kms.derive_shared_secret().key_id(&symmetric).public_key(Blob::new("x"));
    let derive = derive.key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh).send().await;
    assert!(refusal(derive).is_invalid_key_usage_exception());
}

/// Encapsulate and Decapsulate.
pub async fn encapsulated_secrets_come_out(kms: Client) {
    let key = key_of(&kms, KeySpec::MlKem768, KeyUsageType::EncapsulateDecapsulate).await;
    let call = kms.encapsulate().key_id(&key.key_id);
    let made =
        call.encapsulation_algorithm(EncapsulationAlgorithmSpec::MlKem).send().await.unwrap();
    let carried = made.shared_secret_ciphertext_blob.unwrap();
    assert_eq!(carried.as_ref().len(), 1088);
    let open = kms.decapsulate().key_id(&key.key_id);
    let open = open.encapsulation_algorithm(EncapsulationAlgorithmSpec::MlKem);
    let opened = open.clone().shared_secret_ciphertext_blob(carried).send().await.unwrap();
    assert_eq!(opened.shared_secret, made.shared_secret);
    let short = open.shared_secret_ciphertext_blob(Blob::new("short")).send().await;
    assert!(refusal(short).is_invalid_ciphertext_exception());
    let call = kms.encapsulate().key_id(new_key(&kms).await.key_id);
    let wrong = call.encapsulation_algorithm(EncapsulationAlgorithmSpec::MlKem).send().await;
    assert!(refusal(wrong).is_invalid_key_usage_exception());
}

/// GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext.
pub async fn data_key_pairs_open_again(kms: Client) {
    let key = new_key(&kms).await.key_id;
    let call = kms.generate_data_key_pair().key_id(&key);
    let made = call.key_pair_spec(DataKeyPairSpec::EccNistP256).send().await.unwrap();
    let sealed = made.private_key_ciphertext_blob.unwrap();
    let opened = kms.decrypt().ciphertext_blob(sealed).send().await.unwrap();
    assert_eq!(opened.plaintext, made.private_key_plaintext);
    let call = kms.generate_data_key_pair_without_plaintext().key_id(&key);
    let made = call.key_pair_spec(DataKeyPairSpec::EccNistEdwards25519).send().await.unwrap();
    let sealed = made.private_key_ciphertext_blob.unwrap();
    assert!(kms.decrypt().ciphertext_blob(sealed).send().await.unwrap().plaintext.is_some());
    let unknown = kms.generate_data_key_pair().key_id(NO_KEY);
    let unknown = unknown.key_pair_spec(DataKeyPairSpec::EccNistP256).send().await;
    assert!(refusal(unknown).is_not_found_exception());
    let unknown = kms.generate_data_key_pair_without_plaintext().key_id(NO_KEY);
    let unknown = unknown.key_pair_spec(DataKeyPairSpec::EccNistP256).send().await;
    assert!(refusal(unknown).is_not_found_exception());
}
