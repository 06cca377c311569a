//! What every form must do, through the AWS SDK for Rust: each operation's typed answer, and one of
//! its typed errors.

mod asymmetric;
mod families;
mod grants;
mod identity;
mod import;
mod key_stores;
mod rotation;

pub use asymmetric::*;
pub use families::*;
pub use grants::*;
pub use identity::*;
pub use import::*;
pub use key_stores::*;
pub use rotation::*;

use std::fmt::Debug;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeyMetadata, KeyState, Tag};

/// The code of a refused call.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(
    outcome: Result<T, SdkError<E, R>>,
) -> String {
    match outcome {
        Ok(answer) => panic!("expected an error, got {answer:?}"),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

/// The typed error of a refused call.
pub(crate) fn refusal<T: Debug, E: Debug, R: Debug>(outcome: Result<T, SdkError<E, R>>) -> E {
    match outcome {
        Err(SdkError::ServiceError(refused)) => refused.into_err(),
        other => panic!("expected an error of the service, got {other:?}"),
    }
}

/// An id that no key has.
const NO_KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

async fn new_key(kms: &Client) -> KeyMetadata {
    kms.create_key().send().await.unwrap().key_metadata.unwrap()
}

async fn sealed(kms: &Client, key: &str, plaintext: &[u8]) -> Blob {
    let call = kms.encrypt().key_id(key).plaintext(Blob::new(plaintext));
    call.send().await.unwrap().ciphertext_blob.unwrap()
}

/// Encrypt and Decrypt, with a context, and with the wrong one.
pub async fn what_was_encrypted_decrypts(kms: Client) {
    let key = new_key(&kms).await;
    let call = kms.encrypt().key_id(&key.key_id).plaintext(Blob::new("hello"));
    let answer = call.encryption_context("a", "bc").send().await.unwrap();
    assert_eq!(answer.key_id, key.arn);
    let blob = answer.ciphertext_blob.unwrap();
    let open = kms.decrypt().ciphertext_blob(blob.clone());
    let opened = open.encryption_context("a", "bc").send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().into_inner(), b"hello");
    assert_eq!(opened.key_material_id, key.current_key_material_id);
    let wrong = kms.decrypt().ciphertext_blob(blob).encryption_context("ab", "c").send().await;
    assert!(refusal(wrong).is_invalid_ciphertext_exception());
    let unknown = kms.encrypt().key_id(NO_KEY).plaintext(Blob::new("hello")).send().await;
    assert!(refusal(unknown).is_not_found_exception());
}

/// ReEncrypt.
pub async fn ciphertexts_move_between_keys(kms: Client) {
    let (one, other) = (new_key(&kms).await, new_key(&kms).await);
    let blob = sealed(&kms, &one.key_id, b"moving").await;
    let call = kms.re_encrypt().ciphertext_blob(blob.clone()).destination_key_id(&other.key_id);
    let wrong = call.clone().source_key_id(&other.key_id).send().await;
    assert!(refusal(wrong).is_incorrect_key_exception());
    let moved = call.send().await.unwrap();
    assert_eq!((moved.source_key_id, moved.key_id), (one.arn, other.arn));
    let opened = kms.decrypt().ciphertext_blob(moved.ciphertext_blob.unwrap()).send().await;
    assert_eq!(opened.unwrap().plaintext.unwrap().into_inner(), b"moving");
}

/// GenerateDataKey and GenerateDataKeyWithoutPlaintext.
pub async fn data_keys_open_again(kms: Client) {
    let key = new_key(&kms).await;
    let call = kms.generate_data_key().key_id(&key.key_id).key_spec(DataKeySpec::Aes256);
    let made = call.send().await.unwrap();
    let opened = kms.decrypt().ciphertext_blob(made.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext, made.plaintext);
    let dry = kms.generate_data_key().key_id(&key.key_id).number_of_bytes(1).dry_run(true);
    assert!(refusal(dry.send().await).is_dry_run_operation_exception());
    let dry = kms.generate_data_key_without_plaintext().key_id(&key.key_id).number_of_bytes(1);
    assert!(refusal(dry.dry_run(true).send().await).is_dry_run_operation_exception());
    let call = kms.generate_data_key_without_plaintext().key_id(&key.key_id);
    let made = call.number_of_bytes(17).send().await.unwrap();
    let opened = kms.decrypt().ciphertext_blob(made.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().into_inner().len(), 17);
}

/// CreateAlias, UpdateAlias, ListAliases, DeleteAlias.
pub async fn aliases_follow_their_keys(kms: Client) {
    let (one, other) = (new_key(&kms).await, new_key(&kms).await);
    let name = format!("alias/rust-{:016x}", rand::random::<u64>());
    kms.create_alias().alias_name(&name).target_key_id(&one.key_id).send().await.unwrap();
    let again = kms.create_alias().alias_name(&name).target_key_id(&one.key_id).send().await;
    assert!(refusal(again).is_already_exists_exception());
    let described = kms.describe_key().key_id(&name).send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().key_id, one.key_id);
    kms.update_alias().alias_name(&name).target_key_id(&other.key_id).send().await.unwrap();
    let listed = kms.list_aliases().key_id(&other.key_id).send().await.unwrap();
    assert_eq!(listed.aliases()[0].alias_name(), Some(name.as_str()));
    let wrong = kms.list_aliases().marker("made-up").send().await;
    assert!(refusal(wrong).is_invalid_marker_exception());
    kms.delete_alias().alias_name(&name).send().await.unwrap();
    let gone = kms.describe_key().key_id(&name).send().await;
    assert!(refusal(gone).is_not_found_exception());
    let gone = kms.delete_alias().alias_name(&name).send().await;
    assert!(refusal(gone).is_not_found_exception());
    let gone = kms.update_alias().alias_name(&name).target_key_id(&one.key_id).send().await;
    assert!(refusal(gone).is_not_found_exception());
}

/// DisableKey and EnableKey.
pub async fn disabled_keys_refuse(kms: Client) {
    let key = new_key(&kms).await;
    kms.disable_key().key_id(&key.key_id).send().await.unwrap();
    let refused = kms.encrypt().key_id(&key.key_id).plaintext(Blob::new("x")).send().await;
    assert!(refusal(refused).is_disabled_exception());
    kms.enable_key().key_id(&key.key_id).send().await.unwrap();
    sealed(&kms, &key.key_id, b"x").await;
    let unknown = kms.disable_key().key_id(NO_KEY).send().await;
    assert!(refusal(unknown).is_not_found_exception());
    kms.schedule_key_deletion().key_id(&key.key_id).send().await.unwrap();
    let pending = kms.enable_key().key_id(&key.key_id).send().await;
    assert!(refusal(pending).is_kms_invalid_state_exception());
}

/// ScheduleKeyDeletion and CancelKeyDeletion.
pub async fn deletion_can_be_cancelled(kms: Client) {
    let key = new_key(&kms).await;
    let call = kms.schedule_key_deletion().key_id(&key.key_id).pending_window_in_days(7);
    let scheduled = call.send().await.unwrap();
    assert_eq!(scheduled.key_state, Some(KeyState::PendingDeletion));
    let refused = kms.encrypt().key_id(&key.key_id).plaintext(Blob::new("x")).send().await;
    assert!(refusal(refused).is_kms_invalid_state_exception());
    let again = kms.schedule_key_deletion().key_id(&key.key_id).send().await;
    assert!(refusal(again).is_kms_invalid_state_exception());
    kms.cancel_key_deletion().key_id(&key.key_id).send().await.unwrap();
    let again = kms.cancel_key_deletion().key_id(&key.key_id).send().await;
    assert!(refusal(again).is_kms_invalid_state_exception());
    let described = kms.describe_key().key_id(&key.key_id).send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().key_state, Some(KeyState::Disabled));
}

/// GetKeyPolicy, PutKeyPolicy, ListKeyPolicies, TagResource, ListResourceTags, UntagResource,
/// UpdateKeyDescription.
pub async fn policies_and_tags_come_back(kms: Client) {
    let key = new_key(&kms).await;
    let policy = kms.get_key_policy().key_id(&key.key_id).send().await.unwrap().policy.unwrap();
    let spaced = format!("{policy}\n");
    kms.put_key_policy().key_id(&key.key_id).policy(&spaced).send().await.unwrap();
    let read = kms.get_key_policy().key_id(&key.key_id).send().await.unwrap().policy;
    assert_eq!(read, Some(spaced));
    let named = kms.list_key_policies().key_id(&key.key_id).send().await.unwrap();
    assert_eq!(named.policy_names(), ["default"]);
    let tag = Tag::builder().tag_key("team").tag_value("red").build().unwrap();
    kms.tag_resource().key_id(&key.key_id).tags(tag.clone()).send().await.unwrap();
    let listed = kms.list_resource_tags().key_id(&key.key_id).send().await.unwrap();
    assert_eq!(listed.tags(), [tag]);
    kms.untag_resource().key_id(&key.key_id).tag_keys("team").send().await.unwrap();
    let listed = kms.list_resource_tags().key_id(&key.key_id).send().await.unwrap();
    assert!(listed.tags().is_empty());
    let call = kms.update_key_description().key_id(&key.key_id).description("new words");
    call.send().await.unwrap();
    let described = kms.describe_key().key_id(&key.key_id).send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().description.as_deref(), Some("new words"));
}

/// What CreateKey, PutKeyPolicy and the operations on tags, policies and descriptions refuse.
pub async fn wrong_policies_tags_and_keys_are_refused(kms: Client) {
    let key = new_key(&kms).await.key_id;
    let aws = Tag::builder().tag_key("aws:x").tag_value("").build().unwrap();
    let made = kms.create_key().tags(aws.clone()).send().await;
    assert!(refusal(made).is_tag_exception());
    let policy = kms.put_key_policy().key_id(&key).policy("{}").send().await;
    assert!(refusal(policy).is_malformed_policy_document_exception());
    let tagged = kms.tag_resource().key_id(&key).tags(aws).send().await;
    assert!(refusal(tagged).is_tag_exception());
    let marked = kms.list_resource_tags().key_id(&key).marker("made-up").send().await;
    assert!(refusal(marked).is_invalid_marker_exception());
    let named = kms.get_key_policy().key_id(&key).policy_name("other").send().await;
    assert!(refusal(named).is_not_found_exception());
    let listed = kms.list_key_policies().key_id(NO_KEY).send().await;
    assert!(refusal(listed).is_not_found_exception());
    kms.schedule_key_deletion().key_id(&key).send().await.unwrap();
    let untagged = kms.untag_resource().key_id(&key).tag_keys("x").send().await;
    assert!(refusal(untagged).is_kms_invalid_state_exception());
    let described = kms.update_key_description().key_id(&key).description("words").send().await;
    assert!(refusal(described).is_kms_invalid_state_exception());
}

/// ListKeys by the SDK's own paginator.
pub async fn lists_page_to_their_end(kms: Client) {
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(new_key(&kms).await.key_id);
    }
    let pages = kms.list_keys().limit(2).into_paginator().items().send();
    let listed: Vec<_> = pages.try_collect().await.unwrap();
    let ids: Vec<_> = listed.into_iter().filter_map(|entry| entry.key_id).collect();
    assert!(made.iter().all(|id| ids.contains(id)));
    let wrong = kms.list_keys().marker("made-up").send().await;
    assert!(refusal(wrong).is_invalid_marker_exception());
}

/// GenerateRandom.
pub async fn random_bytes_differ(kms: Client) {
    let one = kms.generate_random().number_of_bytes(32).send().await.unwrap().plaintext.unwrap();
    let other = kms.generate_random().number_of_bytes(32).send().await.unwrap().plaintext.unwrap();
    assert_eq!(one.as_ref().len(), 32);
    assert_ne!(one, other);
    let stored =
        kms.generate_random().number_of_bytes(32).custom_key_store_id("cks-1").send().await;
    assert!(refusal(stored).is_unsupported_operation_exception());
}

/// A signature with another secret.
pub async fn wrong_secrets_are_refused(kms: Client) {
    let forged =
        aws_sdk_kms::config::Credentials::new("AKIATRENTTESTROOT000", "x", None, None, "t");
    let config = kms.config().to_builder().credentials_provider(forged).build();
    let refused = Client::from_conf(config).list_keys().send().await;
    assert_eq!(code(refused), "InvalidSignatureException");
}
