//! Multi-Region keys.

use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::config::Region;
use aws_sdk_kms::types::{KeyMetadata, KeyState, MultiRegionKeyType};

use super::{new_key, refusal, sealed};

const THERE: &str = "eu-west-1";

fn there(kms: &Client) -> Client {
    Client::from_conf(kms.config().to_builder().region(Region::new(THERE)).build())
}

/// The key as soon as it is enabled.
async fn enabled(kms: &Client, id: &str) -> KeyMetadata {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let described = kms.describe_key().key_id(id).send().await.unwrap().key_metadata.unwrap();
        if described.key_state == Some(KeyState::Enabled) {
            return described;
        }
        assert!(Instant::now() < end, "{described:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// ReplicateKey and UpdatePrimaryRegion.
pub async fn replicas_open_what_the_primary_closed(kms: Client) {
    let made = kms.create_key().multi_region(true).send().await.unwrap();
    let id = made.key_metadata.unwrap().key_id;
    let elsewhere = kms.update_primary_region().key_id(&id).primary_region(THERE).send().await;
    assert!(refusal(elsewhere).is_not_found_exception());
    let made = kms.replicate_key().key_id(&id).replica_region(THERE).send().await.unwrap();
    assert_eq!(made.replica_key_metadata.unwrap().key_state, Some(KeyState::Creating));
    let again = kms.replicate_key().key_id(&id).replica_region(THERE).send().await;
    assert!(refusal(again).is_already_exists_exception());
    let there = there(&kms);
    enabled(&there, &id).await;
    let blob = sealed(&kms, &id, b"here").await;
    let opened = there.decrypt().ciphertext_blob(blob).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().into_inner(), b"here");
    kms.update_primary_region().key_id(&id).primary_region(THERE).send().await.unwrap();
    let primary = enabled(&there, &id).await.multi_region_configuration.unwrap();
    assert_eq!(primary.multi_region_key_type, Some(MultiRegionKeyType::Primary));
}

/// ReplicateKey of a single-Region key.
pub async fn single_region_keys_have_no_replicas(kms: Client) {
    let id = new_key(&kms).await.key_id;
    let refused = kms.replicate_key().key_id(&id).replica_region(THERE).send().await;
    assert!(refusal(refused).is_unsupported_operation_exception());
}
