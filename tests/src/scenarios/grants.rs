//! Grants, and when a key was last used.

use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{GrantOperation, KeyLastUsageTrackingOperation, KeyMetadata};

use super::{NO_KEY, new_key, refusal, sealed};

/// A grant that nobody has made.
const NO_GRANT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn root(key: &KeyMetadata) -> String {
    format!("arn:aws:iam::{}:root", key.aws_account_id.as_deref().unwrap())
}

/// CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant.
pub async fn grants_come_and_go(kms: Client) {
    let key = new_key(&kms).await;
    let (id, root) = (&key.key_id, root(&key));
    let create = kms.create_grant().key_id(id).grantee_principal(&root);
    let create = create.retiring_principal(&root).operations(GrantOperation::Decrypt);
    let dry = create.clone().dry_run(true).send().await;
    assert!(refusal(dry).is_dry_run_operation_exception());
    let one = create.clone().send().await.unwrap();
    let other = create.send().await.unwrap();
    let listed = kms.list_grants().key_id(id).send().await.unwrap();
    assert_eq!(listed.grants().len(), 2);
    assert!(listed.grants().iter().all(|grant| grant.key_id == key.arn));
    let retirable = kms.list_retirable_grants().retiring_principal(&root).into_paginator();
    let retirable: Vec<_> = retirable.send().try_collect().await.unwrap();
    let ids: Vec<_> =
        retirable.iter().flat_map(|page| page.grants()).map(|one| &one.grant_id).collect();
    assert!([&one.grant_id, &other.grant_id].into_iter().all(|wanted| ids.contains(&wanted)));
    kms.retire_grant().grant_token(one.grant_token.unwrap()).send().await.unwrap();
    kms.revoke_grant().key_id(id).grant_id(other.grant_id.unwrap()).send().await.unwrap();
    assert!(kms.list_grants().key_id(id).send().await.unwrap().grants().is_empty());
}

/// What the grant operations refuse.
pub async fn grants_that_are_none_are_refused(kms: Client) {
    let id = new_key(&kms).await.key_id;
    let marked = kms.list_grants().key_id(&id).marker("made-up").send().await;
    assert!(refusal(marked).is_invalid_marker_exception());
    let principal = kms.list_retirable_grants().retiring_principal("nobody").send().await;
    assert!(refusal(principal).is_invalid_arn_exception());
    let token = kms.retire_grant().grant_token("made-up").send().await;
    assert!(refusal(token).is_invalid_grant_token_exception());
    let unknown = kms.revoke_grant().key_id(&id).grant_id(NO_GRANT).send().await;
    assert!(refusal(unknown).is_not_found_exception());
}

/// GetKeyLastUsage.
pub async fn the_last_use_of_a_key_is_known(kms: Client) {
    let key = new_key(&kms).await;
    let unused = kms.get_key_last_usage().key_id(&key.key_id).send().await.unwrap();
    assert_eq!(unused.key_last_usage.and_then(|usage| usage.operation), None);
    sealed(&kms, &key.key_id, b"x").await;
    // It follows from the audit trail, a moment after the answer.
    let end = Instant::now() + Duration::from_secs(20);
    let operation = loop {
        let used = kms.get_key_last_usage().key_id(&key.key_id).send().await.unwrap();
        match used.key_last_usage.and_then(|usage| usage.operation) {
            Some(operation) => break operation,
            None => assert!(Instant::now() < end, "no usage in time"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(operation, KeyLastUsageTrackingOperation::Encrypt);
    let unknown = kms.get_key_last_usage().key_id(NO_KEY).send().await;
    assert!(refusal(unknown).is_not_found_exception());
}
