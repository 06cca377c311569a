//! Why requests were denied, and who is told.

use std::time::Duration;

use prost::Message as _;
use trent_bus::messages::admin_answer::Outcome as AdminOutcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{AdminAnswer, AdminRequest, ConditionValue, Explain, Question};
use trent_bus::{Subject, convert};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_store::StoredExplanation;

use super::people::user;
use super::rig::{ANN, ROOT, Rig, about_key, account, arn, call, question};

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";

fn running(rig: &Rig) -> ShutdownTrigger {
    let (trigger, shutdown) = Shutdown::new();
    let evaluator = std::sync::Arc::clone(&rig.evaluator);
    tokio::spawn(async move { evaluator.run(shutdown).await });
    trigger
}

async fn kept(rig: &Rig, count: usize) -> Vec<StoredExplanation> {
    for _ in 0..1_000 {
        let kept = rig.store.state.lock().unwrap().explanations.clone();
        if kept.len() >= count {
            return kept;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not kept");
}

const POLICY: &str = r#"{"Statement": [{"Sid": "with context", "Effect": "Allow",
    "Principal": {"AWS": "*"}, "Action": "kms:Encrypt", "Resource": "*",
    "Condition": {"StringEquals": {"kms:EncryptionContext:team": "hidden-value"}}},
    {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*",
    "Resource": "*"}]}"#;

#[tokio::test]
async fn a_denial_is_explained_by_names_and_never_by_values() {
    let rig = Rig::embedded().await;
    let _running = running(&rig);
    rig.set_key_policy(1, POLICY);
    let said = ConditionValue { key: "kms:X".into(), values: vec!["other-hidden".into()] };
    let asked =
        Question { conditions: vec![said], ..about_key("kms:Encrypt", &arn(1).to_string()) };
    rig.denied(ANN, asked).await;
    let kept = kept(&rig, 1).await;
    let [one] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((one.key, one.account, one.at), (Some(arn(1)), account(), rig.now()));
    assert_eq!(one.request_id, rig.request_id());
    assert!(!one.json.contains("hidden"), "{}", one.json);
    let json: serde_json::Value = serde_json::from_str(&one.json).unwrap();
    assert_eq!(json["outcome"], "implicitDeny");
    assert_eq!(json["action"], "kms:Encrypt");
    let statement = &json["statements"][0];
    assert_eq!(statement["sid"], "with context");
    assert_eq!(statement["outcome"], "conditionsFailed");
    let failed = &statement["failedConditions"][0];
    assert_eq!(failed["operator"], "StringEquals");
    assert_eq!(failed["key"], "kms:EncryptionContext:team");
}

#[tokio::test]
async fn whoever_may_read_a_keys_policy_is_told_about_that_key_only() {
    let rig = Rig::embedded().await;
    let _running = running(&rig);
    rig.denied(ANN, about_key("kms:Encrypt", &arn(1).to_string())).await;
    rig.denied(ANN, question("kms:ListKeys", Resource::Arn("*".into()))).await;
    rig.granted(ROOT, about_key("kms:Encrypt", &arn(1).to_string())).await;
    assert_eq!(kept(&rig, 2).await.len(), 2, "what is allowed is not explained");
    let wanted = || Explain { request_id: convert::bytes(rig.request_id().as_bytes()) };
    let asked = about_key("kms:GetKeyPolicy", &arn(1).to_string());
    let permit = rig.granted(ROOT, asked).await.1.permit;
    let ReadOutcome::Explanations(told) = rig.read(permit, Read::Explain(wanted())).await else {
        panic!()
    };
    let [one] = told.explanations.as_slice() else { panic!("{told:?}") };
    assert_eq!(one.key_arn, arn(1).to_string());
    let describe = about_key("kms:DescribeKey", &arn(1).to_string());
    let permit = rig.granted(ROOT, describe).await.1.permit;
    let refused = rig.read(permit, Read::Explain(wanted())).await;
    assert!(matches!(refused, ReadOutcome::NotPermitted(_)), "{refused:?}");

    let request = AdminRequest {
        request_id: convert::bytes(&[1; 16]),
        command: Some(Command::Explain(wanted())),
    };
    let answer = AdminAnswer::decode(call(&rig.bus(), Subject::Admin, &request).await).unwrap();
    let Some(AdminOutcome::Explanations(told)) = answer.outcome else { panic!("{answer:?}") };
    assert_eq!(told.explanations.len(), 2);
}

#[tokio::test]
async fn explanations_are_forgotten_after_ninety_days_and_never_hold_a_request_up() {
    let rig = Rig::embedded().await;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), None);
    // Nobody writes them yet: what is too much is dropped.
    for _ in 0..4_200 {
        rig.denied(ANN, about_key("kms:Encrypt", &arn(1).to_string())).await;
    }
    let _running = running(&rig);
    assert_eq!(kept(&rig, 4_096).await.len(), 4_096);
    rig.clock.advance_millis(90 * 86_400_000 + 1);
    rig.denied(BOB, about_key("kms:Encrypt", &arn(1).to_string())).await;
    for _ in 0..1_000 {
        if rig.store.state.lock().unwrap().explanations.len() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the old ones are still there");
}

#[tokio::test]
async fn the_use_of_access_keys_is_noted_once_a_minute() {
    let rig = Rig::embedded().await;
    let running = running(&rig);
    rig.granted(ROOT, about_key("kms:Encrypt", &arn(1).to_string())).await;
    let first = rig.now();
    rig.clock.advance_millis(30_000);
    rig.granted(ROOT, about_key("kms:Encrypt", &arn(1).to_string())).await;
    let mut wrong = rig.sign(ANN, "ListKeys");
    wrong.signature = vec![0; 32].into();
    rig.authorize(wrong, vec![]).await;
    drop(running);
    for _ in 0..1_000 {
        if !rig.store.state.lock().unwrap().key_uses.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let uses = rig.store.state.lock().unwrap().key_uses.clone();
    let used = uses.get(ROOT).unwrap();
    assert_eq!((used.at, used.service.as_str(), used.region.as_str()), (first, "kms", "us-east-1"));
    assert!(!uses.contains_key(ANN), "a wrong signature is no use");
}
