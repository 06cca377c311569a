//! Conditions that follow from what a whole request is about.

use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{EntityKind as WireKind, decision};
use trent_store::StoredKey;
use trent_types::EntityRecord;

use super::fake_store::FakeThing;
use super::people::{named, user};
use super::rig::{
    ANN, ROOT, Rig, SECRET, about_key, account, arn, default_policy, material, question, record,
    region,
};
use super::signing::sign_form_by;

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";

const UNLESS_ON_SAME_KEY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Deny", "Principal": "*", "Action": "kms:ReEncrypt*", "Resource": "*",
     "Condition": {"Bool": {"kms:ReEncryptOnSameKey": "FORBIDDEN"}}}]}"#;

/// A rig with key 2 besides.
async fn two_keys() -> Rig {
    let rig = Rig::embedded().await;
    let stored = StoredKey {
        record: record(2),
        policy: default_policy(),
        tags: Vec::new(),
        materials: vec![material(2)],
        material_records: Vec::new(),
        passing: None,
        public_key: None,
        aliases: Vec::new(),
    };
    rig.store.state.lock().unwrap().keys.insert((region(), stored.record.key_id), stored);
    rig
}

/// Whether root may ReEncrypt from one key to another, question by question.
async fn re_encrypts(rig: &Rig, from: u8, to: u8) -> Vec<bool> {
    let asked = vec![
        about_key("kms:ReEncryptFrom", &arn(from).to_string()),
        about_key("kms:ReEncryptTo", &arn(to).to_string()),
    ];
    let answer = rig.authorize(rig.sign(ROOT, "ReEncrypt"), asked).await;
    let Outcome::Authorized(answer) = answer else { panic!("{answer:?}") };
    let outcomes = answer.decisions.into_iter().map(|decision| decision.outcome.unwrap());
    outcomes.map(|outcome| matches!(outcome, decision::Outcome::Granted(_))).collect()
}

#[tokio::test]
async fn re_encrypt_on_one_key_is_told_from_that_on_two() {
    let rig = two_keys().await;
    assert_eq!(re_encrypts(&rig, 1, 1).await, [true, true]);
    for (forbidden, on_one, on_two) in [("true", false, true), ("false", true, false)] {
        rig.set_key_policy(1, &UNLESS_ON_SAME_KEY.replace("FORBIDDEN", forbidden));
        assert_eq!(re_encrypts(&rig, 1, 1).await, [on_one, on_one], "{forbidden}");
        assert_eq!(re_encrypts(&rig, 1, 2).await, [on_two, true], "{forbidden}");
    }
}

#[tokio::test]
async fn the_tags_of_a_key_to_be_made_are_decided_by_patterns_of_keys() {
    let rig = Rig::embedded().await;
    let keys = r#"{"Statement": {"Effect": "Allow", "Action": "kms:TagResource",
        "Resource": "arn:aws:kms:*:111122223333:key/*"}}"#;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), Some(keys));
    let tags = || question("kms:TagResource", Resource::Arn("*".into()));
    let decide = |who| rig.decide(rig.sign(who, "CreateKey"), tags(), "");
    assert!(decide(BOB).await.is_ok());
    let denied = decide(ANN).await.unwrap_err();
    let expected = "User: arn:aws:iam::111122223333:user/team/ann is not authorized to perform: \
         kms:TagResource because no identity-based policy allows the kms:TagResource action";
    assert_eq!(denied.message, expected);
}

#[tokio::test]
async fn the_permissions_boundary_is_that_of_whom_the_request_is_about() {
    let rig = Rig::embedded().await;
    let allow = r#"{"Statement": {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PermissionsBoundary":
        "arn:aws:iam::111122223333:policy/limit"}}}}"#;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), Some(allow));
    let mut bound = FakeThing::new(EntityRecord::User(user(account(), "eve", "AIDAEVE")));
    bound.boundary = Some("arn:aws:iam::111122223333:policy/limit".into());
    rig.add_thing(bound);
    for (name, may) in [("eve", true), ("ann", false)] {
        let form = format!("Action=PutUserPolicy&UserName={name}");
        let asked = question("iam:PutUserPolicy", named(WireKind::User, name));
        let signed = sign_form_by((BOB, SECRET), "iam", &form, rig.now());
        assert_eq!(rig.decide(signed, asked, &form).await.is_ok(), may, "{name}");
    }
}
