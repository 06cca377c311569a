//! The operator's requests.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use serde_json::Value;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::authorize_answer::Outcome as AuthorizeOutcome;
use trent_bus::messages::{
    self, AdminAnswer, AdminRequest, ListQuotas, MoveKeyClock, QuotaOverride, ResetQuota, Unit,
};
use trent_bus::{Subject, convert};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_store::{Invalidation, RegistryStore};
use trent_types::{Quota, QuotaScope, RequestClass};

use super::fake_store::FakeStore;
use super::rig::{OWN, ROOT, Rig, account, call, furnished_store, request_id};
use crate::Form;

const DAY: i64 = 86_400_000;

async fn ask(rig: &Rig, id: u8, command: Command) -> Outcome {
    let request = AdminRequest {
        request_id: convert::bytes(request_id(id).as_bytes()),
        command: Some(command),
    };
    let answer = call(&rig.bus(), Subject::Admin, &request).await;
    AdminAnswer::decode(answer).unwrap().outcome.unwrap()
}

fn moved(by_ms: i64) -> Command {
    Command::MoveKeyClock(MoveKeyClock { by_ms })
}

fn set(code: &str, account: &str, value: u64) -> Command {
    let (code, account) = (code.to_owned(), account.to_owned());
    Command::SetQuota(QuotaOverride { code, account, region: String::new(), value })
}

async fn in_dev(form: Form) -> Rig {
    Rig::for_development(furnished_store(), form).await
}

fn run(rig: &Rig) -> ShutdownTrigger {
    let (trigger, shutdown) = Shutdown::new();
    let evaluator = Arc::clone(&rig.evaluator);
    tokio::spawn(async move { evaluator.run(shutdown).await });
    trigger
}

async fn authorized(rig: &Rig) -> messages::Authorized {
    match rig.authorize(rig.sign(ROOT, "ListKeys"), Vec::new()).await {
        AuthorizeOutcome::Authorized(authorized) => authorized,
        other => panic!("not authorized: {other:?}"),
    }
}

fn only_record(store: &FakeStore) -> Value {
    let state = store.state.lock().unwrap();
    assert_eq!(state.outbox.len(), 1, "{:?}", state.outbox);
    serde_json::from_slice(&state.outbox[0].cloudtrail_json).unwrap()
}

#[tokio::test]
async fn the_key_clock_moves_at_once_and_the_change_is_recorded() {
    let rig = in_dev(Form::Embedded).await;
    let now = rig.now().as_millis();
    let shown =
        Outcome::KeyClock(messages::KeyClock { offset_ms: 30 * DAY, now_ms: now + 30 * DAY });
    assert_eq!(ask(&rig, 50, moved(30 * DAY)).await, shown);
    assert_eq!(ask(&rig, 50, moved(30 * DAY)).await, shown, "a second try moves nothing");
    assert_eq!(authorized(&rig).await.key_now_ms, now + 30 * DAY);
    let record = only_record(&rig.store);
    assert_eq!(record["eventName"], "MoveKeyClock");
    assert_eq!(record["eventType"], "AwsServiceEvent");
    assert_eq!(record["userIdentity"]["invokedBy"], "trent admin");
    assert_eq!(record["userIdentity"]["accountId"], account().as_str());
    assert_eq!(record["requestParameters"]["byMilliseconds"], (30 * DAY).to_string());
    let back = messages::KeyClock { offset_ms: 0, now_ms: now };
    assert_eq!(ask(&rig, 51, Command::ResetKeyClock(Unit {})).await, Outcome::KeyClock(back));
    assert_eq!(ask(&rig, 52, Command::ShowKeyClock(Unit {})).await, Outcome::KeyClock(back));
}

#[tokio::test]
async fn without_dev_the_key_clock_stays() {
    let rig = Rig::embedded().await;
    for command in [moved(1), Command::ResetKeyClock(Unit {})] {
        let Outcome::Refused(why) = ask(&rig, 50, command).await else { panic!("not refused") };
        assert!(why.contains("--dev"), "{why}");
    }
    let shown = ask(&rig, 51, Command::ShowKeyClock(Unit {})).await;
    assert!(matches!(shown, Outcome::KeyClock(messages::KeyClock { offset_ms: 0, .. })));
    assert!(rig.store.state.lock().unwrap().outbox.is_empty());
    let rig = in_dev(Form::Embedded).await;
    let far = ask(&rig, 50, moved(i64::MIN)).await;
    assert!(matches!(far, Outcome::Refused(_)), "{far:?}");
}

#[tokio::test]
async fn a_quota_that_was_set_comes_with_the_callers_answers_until_it_is_reset() {
    let rig = Rig::embedded().await;
    assert_eq!(authorized(&rig).await.quota_overrides, []);
    let own = account().as_str().to_owned();
    let code = RequestClass::CreateKey.code();
    assert_eq!(ask(&rig, 50, set(code, &own, 7)).await, Outcome::Done(Unit {}));
    assert_eq!(ask(&rig, 51, set(code, "444455556666", 8)).await, Outcome::Done(Unit {}));
    assert_eq!(ask(&rig, 52, set("keys-per-region", "", 9)).await, Outcome::Done(Unit {}));
    let seen = authorized(&rig).await.quota_overrides;
    let [only] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((only.code.as_str(), only.account.as_str(), only.value), (code, own.as_str(), 7));
    let reset = ResetQuota { code: code.to_owned(), account: own, region: String::new() };
    let reset = Command::ResetQuota(reset);
    assert_eq!(ask(&rig, 53, reset.clone()).await, Outcome::Done(Unit {}));
    assert_eq!(authorized(&rig).await.quota_overrides, []);
    assert!(matches!(ask(&rig, 54, reset).await, Outcome::Refused(_)));
    let state = rig.store.state.lock().unwrap();
    let events: Vec<Value> = state
        .outbox
        .iter()
        .map(|record| serde_json::from_slice(&record.cloudtrail_json).unwrap())
        .collect();
    let names: Vec<_> = events.iter().map(|event| event["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["SetQuota", "SetQuota", "SetQuota", "ResetQuota"]);
    assert_eq!(events[1]["recipientAccountId"], "444455556666");
    assert_eq!(events[2]["requestParameters"]["account"], "all");
    assert_eq!(events[2]["requestParameters"]["value"], "9");
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let rig = Rig::embedded().await;
    let mars = QuotaOverride {
        code: "keys-per-region".to_owned(),
        region: "eu-west-1".to_owned(),
        ..QuotaOverride::default()
    };
    for (command, why) in [
        (set("tags-per-key", "", 60), "cannot be changed"),
        (set("nonsense", "", 1), "trent quota list"),
        (set("keys-per-region", "12", 1), "account"),
        (set("keys-per-region", "", 1_000_000_001), "at most"),
        (Command::SetQuota(mars), "not served"),
    ] {
        let Outcome::Refused(text) = ask(&rig, 50, command).await else { panic!("not {why}") };
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(rig.store.quota_overrides().await.unwrap(), []);
    assert!(rig.store.state.lock().unwrap().outbox.is_empty());
}

#[tokio::test]
async fn the_list_shows_every_quota_with_what_is_in_force() {
    let rig = Rig::embedded().await;
    ask(&rig, 50, set("keys-per-region", "", 9)).await;
    let Outcome::Quotas(list) = ask(&rig, 51, Command::ListQuotas(ListQuotas::default())).await
    else {
        panic!("no list")
    };
    assert_eq!((list.account.as_str(), list.region.as_str()), (account().as_str(), "us-east-1"));
    assert_eq!(list.quotas.len(), Quota::all().count());
    let keys = list.quotas.iter().find(|quota| quota.code == "keys-per-region").unwrap();
    assert_eq!((keys.default_value, keys.value, keys.used), (Some(100_000), Some(9), Some(1)));
    let tags = list.quotas.iter().find(|quota| quota.code == "tags-per-key").unwrap();
    assert!(!tags.adjustable && tags.set_by.is_none() && tags.used.is_none());
}

#[tokio::test]
async fn a_store_that_is_away_leaves_it_open_whether_anything_was_changed() {
    let rig = in_dev(Form::Embedded).await;
    rig.store.state.lock().unwrap().away = true;
    let answer = ask(&rig, 50, moved(DAY)).await;
    assert!(matches!(answer, Outcome::Unavailable(_)), "{answer:?}");
    rig.store.state.lock().unwrap().away = false;
    assert!(matches!(ask(&rig, 50, moved(DAY)).await, Outcome::KeyClock(_)));
}

/// What another evaluator has changed is read before its telling is acknowledged, and before a
/// lease is extended that began before.
#[tokio::test(start_paused = true)]
async fn what_another_evaluator_changed_is_read_before_it_is_acknowledged() {
    let rig = in_dev(Form::Distributed).await;
    let _running = run(&rig);
    while rig.evaluator.ready().is_err() {
        tokio::task::yield_now().await;
    }
    let now = rig.now().as_millis();
    rig.store.state.lock().unwrap().key_offset = DAY;
    let told = messages::Invalidate { invalidations: vec![messages::Invalidation::default()] };
    call(&rig.bus(), Subject::Invalidate(OWN), &told).await;
    assert_eq!(authorized(&rig).await.key_now_ms, now + DAY);

    {
        let mut state = rig.store.state.lock().unwrap();
        state.overrides.push(trent_types::QuotaOverride {
            quota: Quota::Request(RequestClass::Symmetric),
            scope: QuotaScope::default(),
            value: 3,
        });
        state.invalidations.push(Invalidation::Everything);
    }
    tokio::time::sleep(Duration::from_millis(501)).await;
    assert_eq!(authorized(&rig).await.quota_overrides.len(), 1);
}
