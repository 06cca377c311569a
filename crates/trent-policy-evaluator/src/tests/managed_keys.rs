//! AWS managed keys: made when they are needed, and whom they let do what.

use trent_bus::messages::{DenialKind, Denied, Question};
use trent_types::{AliasArn, Change, KeyArn, KeyManager};

use super::people::user;
use super::people::user_arn;
use super::rig::{ANN, ROOT, Rig, about_key, account, region};
use super::services::{S3, add_s3, signed};

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";

fn alias(service: &str) -> AliasArn {
    let name = format!("alias/aws/{service}").parse().unwrap();
    AliasArn { region: region(), account: account(), name }
}

fn about(operation: &str, service: &str) -> Question {
    about_key(&format!("kms:{operation}"), &format!("alias/aws/{service}"))
}

fn made(rig: &Rig) -> usize {
    let state = rig.store.state.lock().unwrap();
    state.committed.iter().filter(|change| matches!(change, Change::SeedKey { .. })).count()
}

#[tokio::test]
async fn a_service_that_calls_for_somebody_finds_its_key_made() {
    let rig = Rig::embedded().await;
    add_s3(&rig);
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), None);
    let bob = || signed(&rig, S3, "GenerateDataKey", &user_arn("bob"));
    let (claims, _) = rig.decide(bob(), about("GenerateDataKey", "s3"), "").await.unwrap();
    let key = *claims.key().unwrap();
    {
        let state = rig.store.state.lock().unwrap();
        let stored = &state.keys[&(region(), key.key_id)];
        assert_eq!(stored.record.manager, KeyManager::Aws);
        let text = "Default key that protects my S3 objects when no other key is defined";
        assert_eq!(stored.record.description, text);
        assert_eq!(stored.record.rotation.unwrap().period_days, 365);
        assert_eq!(state.aliases[&alias("s3")].target, key.key_id);
        assert_eq!(state.outbox.len(), 2, "CreateKey and CreateAlias");
    }
    let (claims, _) = rig.decide(bob(), about("GenerateDataKey", "s3"), "").await.unwrap();
    assert_eq!(claims.key(), Some(&key));
    assert_eq!(made(&rig), 1);
}

#[tokio::test]
async fn it_is_made_once_however_many_ask_at_the_same_moment() {
    let rig = Rig::embedded().await;
    let asking = (0..20).map(|_| async {
        let asked = about("DescribeKey", "ebs");
        *rig.decide(rig.sign(ROOT, "DescribeKey"), asked, "").await.unwrap().0.key().unwrap()
    });
    let keys: Vec<KeyArn> = futures_util::future::join_all(asking).await;
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(made(&rig), 1);
    assert_eq!(rig.store.state.lock().unwrap().aliases.len(), 1);
}

#[tokio::test]
async fn two_evaluators_make_the_same_key() {
    let one = Rig::embedded().await;
    let other = Rig::on(one.store.clone(), crate::Form::Embedded, super::rig::MARK, None).await;
    let other = other.unwrap();
    let ask = async |rig: &Rig| {
        let asked = about("DescribeKey", "rds");
        *rig.decide(rig.sign(ROOT, "DescribeKey"), asked, "").await.unwrap().0.key().unwrap()
    };
    let (first, second) = tokio::join!(ask(&one), ask(&other));
    assert_eq!(first, second);
    assert_eq!(made(&one), 1);
}

#[tokio::test]
async fn none_is_made_for_who_is_no_service_or_only_uses_a_name() {
    let rig = Rig::embedded().await;
    for (operation, service) in
        [("DescribeKey", "nothing"), ("Encrypt", "s3"), ("ScheduleKeyDeletion", "s3")]
    {
        let decided = rig.decide(rig.sign(ROOT, operation), about(operation, service), "").await;
        assert_eq!(decided.unwrap_err().kind(), DenialKind::NotFound, "{operation} {service}");
    }
    assert_eq!(made(&rig), 0);
    rig.store
        .state
        .lock()
        .unwrap()
        .services
        .push(trent_types::Service { name: "nothing.amazonaws.com".into(), created_at: rig.now() });
    rig.decide(rig.sign(ROOT, "DescribeKey"), about("DescribeKey", "nothing"), "").await.unwrap();
    assert_eq!(made(&rig), 1);
}

#[tokio::test]
async fn nobody_changes_a_key_that_aws_manages() {
    let rig = Rig::embedded().await;
    let asked = about("DescribeKey", "s3");
    let (claims, _) = rig.decide(rig.sign(ROOT, "DescribeKey"), asked, "").await.unwrap();
    let key = claims.key().unwrap().to_string();
    for operation in [
        "EnableKey",
        "DisableKey",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "PutKeyPolicy",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "RotateKeyOnDemand",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "DeleteAlias",
        "CreateAlias",
        "UpdateKeyDescription",
        "Encrypt",
        "Decrypt",
        "GenerateDataKey",
    ] {
        let asked = about_key(&format!("kms:{operation}"), &key);
        let Err(Denied { message, .. }) = rig.decide(rig.sign(ROOT, operation), asked, "").await
        else {
            panic!("{operation} is allowed")
        };
        assert!(message.contains("no resource-based policy allows"), "{operation}: {message}");
    }
    let terms = trent_types::GrantTerms {
        grantee: trent_types::GrantPrincipal::Arn(format!("arn:aws:iam::{}:root", account())),
        retiring: None,
        operations: std::iter::once(trent_types::GrantOperation::Encrypt).collect(),
        constraints: trent_types::GrantConstraints::default(),
    };
    let new =
        trent_bus::messages::NewGrant { key_reference: key.clone(), terms: Some(terms.into()) };
    let asked = super::rig::question(
        "kms:CreateGrant",
        trent_bus::messages::question::Resource::NewGrant(new),
    );
    assert!(rig.decide(rig.sign(ROOT, "CreateGrant"), asked, "").await.is_err());
    for operation in ["DescribeKey", "GetKeyPolicy", "ListGrants", "GetKeyRotationStatus"] {
        let asked = about_key(&format!("kms:{operation}"), &key);
        assert!(rig.decide(rig.sign(ROOT, operation), asked, "").await.is_ok(), "{operation}");
    }
    let asked = about_key("kms:DescribeKey", &key);
    assert!(rig.decide(rig.sign(ANN, "DescribeKey"), asked, "").await.is_err());
}
