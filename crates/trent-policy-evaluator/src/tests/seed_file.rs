//! Seed files through the evaluator: what is missing is made, and nothing else changes.

use std::sync::Arc;

use prost::Message;
use trent_bus::messages::admin_answer::Outcome as AdminOutcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::change_answer::Outcome;
use trent_bus::messages::{self, AdminAnswer, AdminRequest, SeedOrder};
use trent_bus::{Purpose, Subject, convert};
use trent_store::{RegistryStore, Sqlite, StoredKey};
use trent_types::{
    Change, KeyArn, KeySpec, MaterialState, Rotation, SealedMaterial, SecretBytes, Timestamp,
};
use uuid::Uuid;

use super::rig::{Rig, account, default_policy, furnished_store, record, region};
use crate::seed_file::{Seed, SeedHome, Seeded, Seeder};
use crate::{Form, StartError};

const AES: &str = "bc436485-5092-42b8-92a3-0aa8b93536dc";
const RSA: &str = "ff275b92-0def-4dfc-b0f6-87c96b26c6c7";

fn text() -> String {
    format!(
        r#"
Keys:
  Symmetric:
    Aes:
      - Metadata: {{KeyId: {AES}, Description: first}}
        NextKeyRotation: 2027-01-31
        BackingKeys: ["{}", "{}"]
        Tags: {{a: b}}
  Asymmetric:
    Rsa:
      - Metadata: {{KeyId: {RSA}, KeyUsage: SIGN_VERIFY}}
        PrivateKeyPem: "-----BEGIN RSA PRIVATE KEY-----"
Aliases:
  - {{AliasName: alias/first, TargetKeyId: {AES}}}
"#,
        "01".repeat(32),
        "02".repeat(32)
    )
}

fn seed(text: &str) -> Seed {
    let home = SeedHome { account: account(), region: region(), regions: vec![region()] };
    Seed::parse(&SecretBytes::new(text.as_bytes().to_vec()), &home).unwrap()
}

fn store() -> (tempfile::TempDir, Arc<Sqlite>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("registry")).unwrap();
    (folder, Arc::new(store))
}

async fn apply(rig: &Rig, text: &str) -> Result<Seeded, String> {
    let seeder = Seeder { registry: &rig.evaluator.registry, claimant: None };
    seeder.apply(&seed(text)).await.map_err(|fault| fault.to_string())
}

async fn key(store: &Sqlite, id: &str) -> Option<StoredKey> {
    store.key(region(), id.parse().unwrap()).await.unwrap()
}

fn outcome(made: u64, kept: u64, differing: u64) -> Seeded {
    Seeded { made, kept, differing }
}

#[tokio::test]
async fn what_a_file_names_is_made_with_its_records_and_once() {
    let (_folder, store) = store();
    let rig = Rig::on_real(store.clone()).await;
    assert_eq!(apply(&rig, &text()).await, Ok(outcome(3, 0, 0)));
    let symmetric = key(&store, AES).await.unwrap();
    assert_eq!(symmetric.record.description, "first");
    let next = Timestamp::from_civil(2027, 1, 31, 0, 0, 0).unwrap();
    assert_eq!(symmetric.record.rotation, Some(Rotation { period_days: 365, next }));
    assert_eq!(symmetric.record.created_at, rig.now());
    assert_eq!((symmetric.tags.len(), symmetric.policy == default_policy()), (1, true));
    let ids: Vec<_> = seed(&text()).keys[0].materials.iter().map(|(id, _)| *id).collect();
    let states: Vec<_> =
        symmetric.material_records.iter().map(|one| (one.material_id, one.state)).collect();
    assert_eq!(states, [(ids[0], MaterialState::NonCurrent), (ids[1], MaterialState::Current)]);
    assert_eq!(symmetric.record.current_material, Some(ids[1]));
    assert!(symmetric.material_records.iter().all(|one| one.present));
    let rsa = key(&store, RSA).await.unwrap();
    assert_eq!((rsa.record.spec, rsa.public_key), (KeySpec::Rsa2048, Some(b"public".to_vec())));

    let records = store.outbox(10).await.unwrap();
    let told: Vec<serde_json::Value> = records
        .iter()
        .map(|record| serde_json::from_slice(&record.cloudtrail_json).unwrap())
        .collect();
    let events: Vec<_> = told.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(events, ["ImportSeedKey", "ImportSeedKey", "ImportSeedAlias"]);
    assert_eq!(told[0]["eventType"], "AwsServiceEvent");
    assert_eq!(told[0]["resources"][0]["ARN"], symmetric.record.arn().to_string());
    assert_eq!(
        told[0]["serviceEventDetails"],
        serde_json::json!({
            "keyId": AES,
            "keySpec": "SYMMETRIC_DEFAULT",
            "keyUsage": "ENCRYPT_DECRYPT",
            "origin": "AWS_KMS",
            "multiRegion": false,
            "tags": [{"tagKey": "a", "tagValue": "b"}],
        })
    );
    assert_eq!(told[1]["serviceEventDetails"]["keySpec"], "RSA_2048");
    assert_eq!(told[2]["serviceEventDetails"]["aliasName"], "alias/first");
    assert!(records.iter().all(|record| record.account == Some(account())));

    assert_eq!(apply(&rig, &text()).await, Ok(outcome(0, 3, 0)));
    assert_eq!(store.outbox(10).await.unwrap().len(), 3, "no second record");
}

#[tokio::test]
async fn what_is_there_stays_as_it_is_though_the_file_says_otherwise() {
    let (_folder, store) = store();
    let rig = Rig::on_real(store.clone()).await;
    apply(&rig, &text()).await.unwrap();
    let before = key(&store, AES).await;
    for (old, new) in [
        ("Description: first", "Description: second".to_owned()),
        (&"01".repeat(32), "03".repeat(32)),
        ("Tags: {a: b}", "Account: \"444455556666\"".to_owned()),
    ] {
        let other = text().replace(old, &new);
        let done = apply(&rig, &other).await;
        // The alias belongs to its key's account, where it is not.
        if new.starts_with("Account") {
            assert!(done.unwrap_err().contains("Aliases[0]"));
        } else {
            assert_eq!(done, Ok(outcome(0, 3, 1)), "{new}");
        }
        assert_eq!(key(&store, AES).await, before, "{new}");
    }
    let moved = text().replace(&format!("TargetKeyId: {AES}"), &format!("TargetKeyId: {RSA}"));
    assert_eq!(apply(&rig, &moved).await, Ok(outcome(0, 3, 1)));
}

#[tokio::test]
async fn a_key_is_made_whole_or_not_at_all_and_those_before_it_stay() {
    for (old, new, told) in [
        (
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN X-----",
            "Rsa[0] (line 11): its private key",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN P-256", "spec ECC_NIST_P256 cannot be"),
        (
            "KeyUsage: SIGN_VERIFY}",
            "KeyUsage: SIGN_VERIFY}\n        Policy: {Version: 2012-10-17, Statement: [{\
             Effect: Allow, \
             Principal: {AWS: \"arn:aws:iam::111122223333:user/nobody\"}, Action: kms:*, \
             Resource: \"*\"}]}",
            "malformed policy",
        ),
    ] {
        let (_folder, store) = store();
        let rig = Rig::on_real(store.clone()).await;
        let wrong = apply(&rig, &text().replace(old, new)).await.unwrap_err();
        assert!(wrong.contains(told), "{wrong}");
        assert!(key(&store, AES).await.is_some() && key(&store, RSA).await.is_none());
        assert_eq!(apply(&rig, &text()).await, Ok(outcome(2, 1, 0)), "corrected");
    }
}

#[tokio::test]
async fn an_alias_needs_a_key() {
    let (_folder, store) = store();
    let rig = Rig::on_real(store.clone()).await;
    let nowhere = format!("Aliases: [{{AliasName: alias/a, TargetKeyId: {RSA}}}]");
    assert!(apply(&rig, &nowhere).await.unwrap_err().contains("Aliases[0] (line 1): its key"));
    apply(&rig, &text()).await.unwrap();
    assert_eq!(apply(&rig, &nowhere).await, Ok(outcome(1, 0, 0)), "a key of the registry will do");
}

#[tokio::test]
async fn no_permit_of_a_caller_stands_for_seeding() {
    let rig = Rig::embedded().await;
    let material =
        SealedMaterial { material_id: record(7).current_material.unwrap(), sealed: vec![1, 7, 7] };
    let change = Change::SeedKey {
        record: record(7),
        policy: default_policy(),
        tags: Vec::new(),
        materials: vec![material],
        public_key: None,
    };
    let permit = rig.new_key_permit().await;
    let refused = rig.change(vec![permit], change).await;
    let Outcome::Refused(refused) = refused else { panic!("{refused:?}") };
    assert!(format!("{refused:?}").contains("a Permit for the change is missing"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn of_several_evaluators_one_seeds_and_the_others_wait_for_it() {
    let rig = Rig::on(furnished_store(), Form::Distributed, super::rig::MARK, None).await.unwrap();
    let other = Uuid::from_bytes([9; 16]);
    let mut claim = (rig.now().as_millis() + 30_000).to_be_bytes().to_vec();
    claim.extend_from_slice(other.as_bytes());
    rig.store.state.lock().unwrap().settings.insert("seed_claim".into(), claim);
    let seeded = seed(&text().replace("Aliases:", "#").replace("  - {Al", "#"));
    let seeder = Seeder { registry: &rig.evaluator.registry, claimant: Some(super::rig::OWN) };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(10), seeder.apply(&seeded));
    assert!(waited.await.is_err(), "the other one is at work");
    assert!(rig.store.state.lock().unwrap().committed.is_empty());
    let places = seeded.keys.iter().map(|key| key.arn);
    // It is through: nothing is left to do, whoever has the claim.
    for (number, KeyArn { key_id, .. }) in (0..).zip(places.clone()) {
        let mut state = rig.store.state.lock().unwrap();
        let mut stored = state.keys.values().next().unwrap().clone();
        stored.record.key_id = key_id;
        stored.record.description = format!("{number}");
        state.keys.insert((region(), key_id), stored);
    }
    assert_eq!(seeder.apply(&seeded).await.unwrap(), outcome(0, 2, 2));
    // It died: its claim runs out.
    rig.store.state.lock().unwrap().keys.clear();
    rig.clock.advance_millis(31_000);
    assert_eq!(seeder.apply(&seeded).await.unwrap(), outcome(2, 0, 0));
    // And it gives its own claim up when it is through.
    rig.store.state.lock().unwrap().keys.clear();
    let next = Seeder { registry: &rig.evaluator.registry, claimant: Some(other) };
    let before = tokio::time::Instant::now();
    assert_eq!(next.apply(&seeded).await.unwrap(), outcome(2, 0, 0));
    assert!(before.elapsed().is_zero());
}

/// What is answered to an operator who sends this file, sealed under this request id.
async fn sent(rig: &Rig, sealed_for: u8, text: &str) -> AdminOutcome {
    let id = super::rig::request_id(8);
    let sealer = &rig.evaluator.registry.core.worker.sealer;
    let purpose = Purpose::OperatorToEvaluator;
    let sealed = sealer.seal(purpose, super::rig::request_id(sealed_for), text.as_bytes());
    let request = AdminRequest {
        request_id: convert::bytes(id.as_bytes()),
        command: Some(Command::Seed(SeedOrder { sealed_file: sealed.into() })),
    };
    let answer = super::rig::call(&rig.bus(), Subject::Admin, &request).await;
    AdminAnswer::decode(answer).unwrap().outcome.unwrap()
}

#[tokio::test]
async fn an_operator_seeds_a_running_deployment() {
    let rig = Rig::embedded().await;
    let seeded = |made, kept| AdminOutcome::Seeded(messages::Seeded { made, kept, differing: 0 });
    assert_eq!(sent(&rig, 8, &text()).await, seeded(3, 0));
    assert_eq!(rig.store.state.lock().unwrap().outbox.len(), 3, "with their records");
    let refused = |outcome: AdminOutcome| match outcome {
        AdminOutcome::Refused(why) => why,
        other => panic!("{other:?}"),
    };
    let why = refused(sent(&rig, 7, &text()).await);
    assert_eq!(why, "the sealed payload is not authentic");
    let why = refused(sent(&rig, 8, "Key: x").await);
    assert_eq!(why, "Key (line 1): is not known here");
    let another = text().replace(RSA, "ff275b92-0def-4dfc-b0f6-87c96b26c6c8");
    let why = refused(sent(&rig, 8, &another.replace("BEGIN RSA", "BEGIN NO")).await);
    assert!(why.starts_with("Keys.Asymmetric.Rsa[0]"), "{why}");
    let distributed = Rig::distributed().await;
    let why = refused(sent(&distributed, 8, &text()).await);
    assert!(why.contains("TRENT_SEED_ALLOW=distributed"), "{why}");
}

#[tokio::test]
async fn a_start_with_a_seed_that_cannot_be_made_is_none() {
    let wrong = text().replace("BEGIN RSA", "BEGIN NO");
    let started = Rig::seeded(furnished_store(), seed(&wrong)).await;
    let Some(StartError::Seed(why)) = started.err() else { panic!("it started") };
    assert!(why.contains("Keys.Asymmetric.Rsa[0]"), "{why}");
    let rig = Rig::seeded(furnished_store(), seed(&text())).await.unwrap();
    assert!(rig.store.state.lock().unwrap().keys.contains_key(&(region(), AES.parse().unwrap())));
}
