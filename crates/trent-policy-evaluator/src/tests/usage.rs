//! The last use of a key: who may read it, and what a policy can make of it.

use trent_bus::messages::read_answer::Outcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{self, LastUsage, ReadAnswer, ReadRequest, Unit};
use trent_bus::{Subject, convert};
use trent_types::{Clock, EventId, KeyUsed, RequestId, Timestamp, TrackedOperation};

use super::rig::{ANN, ROOT, Rig, TRACKING_START, about_key, account, arn, call, region};
use prost::Message;

const DAY_MS: i64 = 86_400_000;

fn used_at(at: Timestamp) -> KeyUsed {
    let (event_id, request_id) = (EventId::from_bytes([1; 16]), RequestId::from_bytes([2; 16]));
    KeyUsed { operation: TrackedOperation::Sign, at, event_id, request_id }
}

fn note(rig: &Rig, used: KeyUsed) {
    rig.store.state.lock().unwrap().uses.insert((region(), arn(1).key_id), used);
}

#[tokio::test]
async fn the_last_use_is_read_with_its_own_permit_only() {
    let rig = Rig::embedded().await;
    let read = async |action: &str| {
        let (_, granted) = rig.granted(ROOT, about_key(action, &arn(1).to_string())).await;
        let request = ReadRequest {
            request_id: convert::bytes(super::rig::request_id(9).as_bytes()),
            permit: granted.permit,
            read: Some(Read::LastUsage(Unit {})),
        };
        let answer = call(&rig.bus(), Subject::RegistryRead, &request).await;
        ReadAnswer::decode(answer).unwrap().outcome.unwrap()
    };
    let usage = |used: Option<KeyUsed>| {
        let tracking_start_ms = TRACKING_START.as_millis();
        Outcome::LastUsage(LastUsage { tracking_start_ms, used: used.map(messages::KeyUsed::from) })
    };
    assert_eq!(read("kms:GetKeyLastUsage").await, usage(None));
    let used = used_at(Timestamp::from_millis(5));
    note(&rig, used);
    assert_eq!(read("kms:GetKeyLastUsage").await, usage(Some(used)));
    assert!(matches!(read("kms:DescribeKey").await, Outcome::NotPermitted(_)));
}

/// Root may do everything, and nobody may end the use of a key that was used in the last 30 days.
fn cautious() -> String {
    let root = format!("arn:aws:iam::{}:root", account());
    let guarded = r#"["kms:DisableKey","kms:ScheduleKeyDeletion","kms:EnableKey"]"#;
    let condition = r#"{"NumericLessThan":{"kms:TrailingDaysWithoutKeyUsage":"30"}}"#;
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"{root}"}},"Action":"kms:*","Resource":"*"}},
        {{"Effect":"Deny","Principal":"*","Action":{guarded},"Resource":"*",
         "Condition":{condition}}}
        ]}}"#
    )
}

#[tokio::test]
async fn a_policy_can_keep_a_key_in_use_until_nobody_has_used_it_for_a_while() {
    let rig = Rig::embedded().await;
    let place = (region(), arn(1).key_id);
    rig.store.state.lock().unwrap().keys.get_mut(&place).unwrap().policy = cautious();
    let key = arn(1).to_string();
    let [disable, delete] = ["kms:DisableKey", "kms:ScheduleKeyDeletion"];
    // The key is older than the tracking of uses, which began ten days ago.
    rig.denied(ROOT, about_key(disable, &key)).await;
    rig.clock.advance_millis(20 * DAY_MS - 1);
    rig.denied(ROOT, about_key(disable, &key)).await;
    rig.clock.advance_millis(1);
    rig.granted(ROOT, about_key(disable, &key)).await;
    rig.granted(ROOT, about_key(delete, &key)).await;
    note(&rig, used_at(rig.now().plus_millis(-30 * DAY_MS + 1)));
    rig.denied(ROOT, about_key(delete, &key)).await;
    note(&rig, used_at(rig.now().plus_millis(-30 * DAY_MS)));
    rig.granted(ROOT, about_key(delete, &key)).await;
    // For other permissions the condition key is not there.
    note(&rig, used_at(rig.now()));
    rig.granted(ROOT, about_key("kms:EnableKey", &key)).await;
    rig.denied(ANN, about_key(delete, &key)).await;
}

#[tokio::test]
async fn the_last_use_is_looked_up_only_where_it_can_play_a_part() {
    let rig = Rig::embedded().await;
    let key = arn(1).to_string();
    for action in ["kms:DescribeKey", "kms:EnableKey", "kms:CancelKeyDeletion"] {
        rig.granted(ROOT, about_key(action, &key)).await;
    }
    let reads = || rig.store.state.lock().unwrap().usage_reads;
    assert_eq!(reads(), 0);
    for _ in 0..3 {
        rig.granted(ROOT, about_key("kms:DisableKey", &key)).await;
    }
    assert_eq!(reads(), 1, "the default policy has no condition: its decision is remembered");
}

#[tokio::test]
async fn when_tracking_began_is_noted_once() {
    let rig = Rig::embedded().await;
    let note =
        |rig: &Rig| rig.store.state.lock().unwrap().settings["key_usage_tracking_start"].clone();
    let first = note(&rig);
    assert_eq!(first, TRACKING_START.as_millis().to_be_bytes());
    let later = crate::seed::tracking_start(rig.store.as_ref(), rig.clock.now()).await.unwrap();
    assert_eq!((later, note(&rig)), (TRACKING_START, first));
}
