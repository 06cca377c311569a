//! Leases, invalidations and what is remembered.

mod principals;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::change_answer::Outcome as ChangeOutcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{self, Invalidate, Unit, invalidation};
use trent_bus::{Order, Service, ServiceFuture, Subject};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_store::{Invalidation, LeaseHolder};
use trent_types::{AliasName, AliasRecord, Change, KeyState, KeyUpdate};
use uuid::Uuid;

use super::fake_store::Hold;
use super::rig::{OWN, ROOT, Rig, about_key, arn, call, question, region};

const OTHER: Uuid = Uuid::from_bytes([2; 16]);

/// Another evaluator: counts what it is told, and acknowledges after a while.
struct Other {
    told: Arc<AtomicUsize>,
    after: Duration,
}

impl Service for Other {
    fn handle<'a>(&'a self, _order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            self.told.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(self.after).await;
            Ok(prost::Message::encode_to_vec(&Unit {}).into())
        })
    }
}

/// Starts the background work and returns once the lease holds.
async fn running(rig: &Rig) -> ShutdownTrigger {
    let (trigger, shutdown) = Shutdown::new();
    let evaluator = Arc::clone(&rig.evaluator);
    tokio::spawn(async move { evaluator.run(shutdown).await });
    while rig.evaluator.ready().is_err() {
        tokio::task::yield_now().await;
    }
    trigger
}

async fn disable(rig: &Rig) -> ChangeOutcome {
    let (_, granted) = rig.granted(ROOT, about_key("kms:DisableKey", &arn(1).to_string())).await;
    let change = Change::UpdateKey { key: arn(1), version: 1, update: KeyUpdate::Disable };
    rig.change(vec![granted.permit], change).await
}

async fn state_seen(rig: &Rig) -> String {
    let asked = about_key("kms:DescribeKey", &arn(1).to_string());
    rig.granted(ROOT, asked).await.1.key.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn without_a_lease_nothing_is_decided() {
    let rig = Rig::distributed().await;
    let authorize = || rig.authorize(rig.sign(ROOT, "ListKeys"), vec![]);
    assert!(matches!(authorize().await, Outcome::Unavailable(_)));
    let _running = running(&rig).await;
    assert!(matches!(authorize().await, Outcome::Authorized(_)));

    rig.store.state.lock().unwrap().away = true;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(rig.evaluator.ready().is_err());
    assert!(matches!(authorize().await, Outcome::Unavailable(_)), "all that it needs is cached");
}

#[tokio::test(start_paused = true)]
async fn who_finishes_gives_its_lease_back_and_is_not_waited_for() {
    let rig = Rig::distributed().await;
    let (trigger, shutdown) = Shutdown::new();
    let evaluator = Arc::clone(&rig.evaluator);
    let background = tokio::spawn(async move { evaluator.run(shutdown).await });
    while rig.evaluator.ready().is_err() {
        tokio::task::yield_now().await;
    }
    let another = LeaseHolder { evaluator: OTHER, renewals: 7 };
    rig.store.state.lock().unwrap().holders.push(another);
    assert_eq!(rig.store.state.lock().unwrap().holders.len(), 2);
    trigger.trigger();
    background.await.unwrap();
    assert_eq!(rig.store.state.lock().unwrap().holders, [another]);
    let authorized = rig.authorize(rig.sign(ROOT, "ListKeys"), vec![]).await;
    assert!(matches!(authorized, Outcome::Unavailable(_)), "it decides nothing any more");
}

#[tokio::test(start_paused = true)]
async fn after_a_gap_nothing_old_is_remembered() {
    let rig = Rig::distributed().await;
    let _running = running(&rig).await;
    assert_eq!(state_seen(&rig).await, "Enabled");
    rig.store.state.lock().unwrap().away = true;
    tokio::time::sleep(Duration::from_secs(2)).await;
    {
        let mut state = rig.store.state.lock().unwrap();
        state.away = false;
        let place = (region(), arn(1).key_id);
        state.keys.get_mut(&place).unwrap().record.state = KeyState::Disabled;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(state_seen(&rig).await, "Disabled");
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_spans_a_gap_is_not_given_out() {
    let rig = Rig::distributed().await;
    let _running = running(&rig).await;
    let hold = Arc::new(Hold::default());
    *rig.store.hold.lock().unwrap() = Some(Arc::clone(&hold));
    let signed = rig.sign(ROOT, "DescribeKey");
    let asked = vec![about_key("kms:DescribeKey", &arn(1).to_string())];
    let deciding = rig.authorize(signed, asked);
    let stopping = async {
        hold.reached.notified().await;
        rig.store.state.lock().unwrap().away = true;
        tokio::time::sleep(Duration::from_secs(3)).await;
        rig.store.state.lock().unwrap().away = false;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(rig.evaluator.ready().is_ok(), "the lease holds again");
        hold.release.notify_one();
    };
    let (outcome, ()) = tokio::join!(deciding, stopping);
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
}

#[tokio::test]
async fn what_was_read_before_an_invalidation_is_not_remembered_after_it() {
    let rig = Rig::embedded().await;
    let hold = Arc::new(Hold::default());
    *rig.store.hold.lock().unwrap() = Some(Arc::clone(&hold));
    let reading = state_seen(&rig);
    let disabling = async {
        hold.reached.notified().await;
        let outcome = disable(&rig).await;
        hold.release.notify_one();
        outcome
    };
    let (seen, outcome) = tokio::join!(reading, disabling);
    assert_eq!(seen, "Enabled", "it was in flight");
    assert_eq!(outcome, ChangeOutcome::Committed(Unit {}));
    assert_eq!(state_seen(&rig).await, "Disabled");
}

#[tokio::test]
async fn what_is_remembered_is_not_read_again_until_it_is_invalidated() {
    let rig = Rig::embedded().await;
    let reads = || rig.store.state.lock().unwrap().key_reads;
    state_seen(&rig).await;
    state_seen(&rig).await;
    assert_eq!(reads(), 1);
    let subject = Some(invalidation::Subject::Key(arn(1).into()));
    let told = Invalidate { invalidations: vec![messages::Invalidation { subject }] };
    call(&rig.bus(), Subject::Invalidate(OWN), &told).await;
    state_seen(&rig).await;
    assert_eq!(reads(), 2);
    let unknown = Invalidate { invalidations: vec![messages::Invalidation { subject: None }] };
    call(&rig.bus(), Subject::Invalidate(OWN), &unknown).await;
    state_seen(&rig).await;
    assert_eq!(reads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_brings_invalidations() {
    let rig = Rig::distributed().await;
    let _running = running(&rig).await;
    assert_eq!(state_seen(&rig).await, "Enabled");
    {
        let mut state = rig.store.state.lock().unwrap();
        let place = (region(), arn(1).key_id);
        state.keys.get_mut(&place).unwrap().record.state = KeyState::Disabled;
        state.invalidations.push(Invalidation::Key(arn(1)));
    }
    tokio::time::sleep(Duration::from_millis(501)).await;
    assert_eq!(state_seen(&rig).await, "Disabled");
}

async fn with_other(after: Duration) -> (Rig, ShutdownTrigger, Arc<AtomicUsize>) {
    let rig = Rig::distributed().await;
    let running = running(&rig).await;
    let told = Arc::new(AtomicUsize::new(0));
    let other = Other { told: Arc::clone(&told), after };
    rig.services.serve(Subject::Invalidate(OTHER), Arc::new(other)).unwrap();
    let holder = LeaseHolder { evaluator: OTHER, renewals: 5 };
    rig.store.state.lock().unwrap().holders.push(holder);
    (rig, running, told)
}

#[tokio::test(start_paused = true)]
async fn a_change_is_answered_when_the_others_have_acknowledged() {
    let (rig, _running, told) = with_other(Duration::from_millis(300)).await;
    let began = Instant::now();
    assert_eq!(disable(&rig).await, ChangeOutcome::Committed(Unit {}));
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(300) && waited < Duration::from_millis(500));
    assert_eq!(told.load(Ordering::SeqCst), 1);
    assert_eq!(state_seen(&rig).await, "Disabled");
    assert_eq!(rig.store.state.lock().unwrap().holders.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dead_evaluator_is_waited_for_two_seconds_and_forgotten() {
    let (rig, _running, told) = with_other(Duration::from_secs(60)).await;
    let began = Instant::now();
    assert_eq!(disable(&rig).await, ChangeOutcome::Committed(Unit {}));
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(2) && waited < Duration::from_millis(2_100));
    assert_eq!(told.load(Ordering::SeqCst), 1);
    let holders = rig.store.state.lock().unwrap().holders.clone();
    assert_eq!(holders.iter().map(|holder| holder.evaluator).collect::<Vec<_>>(), [OWN]);
}

#[tokio::test(start_paused = true)]
async fn an_evaluator_that_nobody_reaches_is_waited_for_as_long() {
    let (rig, _running, _) = with_other(Duration::ZERO).await;
    let gone = LeaseHolder { evaluator: Uuid::from_bytes([3; 16]), renewals: 1 };
    rig.store.state.lock().unwrap().holders.push(gone);
    let began = Instant::now();
    assert_eq!(disable(&rig).await, ChangeOutcome::Committed(Unit {}));
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_given_up_is_finished_nevertheless() {
    let (rig, _running, told) = with_other(Duration::from_millis(300)).await;
    let changing = tokio::time::timeout(Duration::from_millis(10), disable(&rig));
    assert!(changing.await.is_err());
    assert_eq!(told.load(Ordering::SeqCst), 1);
    assert_eq!(state_seen(&rig).await, "Disabled");
}

/// The name may be free because of a change that the others have not heard of yet.
#[tokio::test(start_paused = true)]
async fn a_new_alias_is_answered_when_nobody_remembers_what_it_stood_for() {
    let (rig, _running, told) = with_other(Duration::from_millis(300)).await;
    let name: AliasName = "alias/app".parse().unwrap();
    let action = "kms:CreateAlias";
    let alias = question(action, Resource::Alias(name.as_str().into()));
    let permits = vec![
        rig.granted(ROOT, alias).await.1.permit,
        rig.granted(ROOT, about_key(action, &arn(1).to_string())).await.1.permit,
    ];
    let change = Change::CreateAlias(AliasRecord {
        account: arn(1).account,
        region: region(),
        name,
        target: arn(1).key_id,
        created_at: rig.now(),
        updated_at: rig.now(),
    });
    let began = Instant::now();
    assert_eq!(rig.change(permits, change).await, ChangeOutcome::Committed(Unit {}));
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(told.load(Ordering::SeqCst), 1);
}
