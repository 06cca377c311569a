//! The lifecycle role against a registry that hands out claims and notes the changes.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use trent_bus::messages::{self, DueWork, Rejection, Unit};
use trent_bus::{InProcessBus, Service, ServiceFuture};
use trent_runtime::ShutdownTrigger;
use trent_types::{
    AuditRecord, KeyManager, KeySpec, KeyState, KeyUsage, ManualClock, MaterialId, Origin,
    Timestamp,
};

use prost::Message;
use trent_bus::messages::change_answer::Outcome as ChangeOutcome;
use trent_bus::messages::claim_due_answer::Outcome as ClaimOutcome;
use trent_bus::messages::crypto_answer::Outcome as CryptoOutcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{
    ChangeAnswer, ChangeRequest, ClaimDueAnswer, ClaimDueRequest, CryptoAnswer, CryptoRequest,
};
use trent_bus::{Order, Subject};
use trent_types::{ChangeRefused, MultiRegion, NewMaterial, Rotation, SealedMaterial};

use super::*;
use crate::Lifecycle;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// By the key clock it is later.
const KEY_NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// One after the other: what the registry says to the changes; after the last one the shutdown is
/// triggered.
#[derive(Default)]
struct Registry {
    due: Mutex<Vec<Vec<KeyRecord>>>,
    rotations: Mutex<Vec<KeyRecord>>,
    expiries: Mutex<Vec<KeyRecord>>,
    answers: Mutex<Vec<ChangeOutcome>>,
    changes: Mutex<Vec<(ChangeRequest, Change, AuditRecord)>>,
    done: Mutex<Option<ShutdownTrigger>>,
    rejections: Mutex<u32>,
    claims: Mutex<u32>,
}

struct Claims(Arc<Registry>);
struct Changes(Arc<Registry>);
struct Worker;

impl Service for Claims {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            *self.0.claims.lock().unwrap() += 1;
            let mut rejections = self.0.rejections.lock().unwrap();
            if *rejections > 0 {
                *rejections -= 1;
                return Err(Rejection::Unavailable);
            }
            let request = ClaimDueRequest::decode(order.payload).unwrap();
            assert_eq!((request.claimant.as_str(), request.claim_ms), ("here", 30_000));
            let keys = self.0.due.lock().unwrap().pop();
            if keys.is_none() {
                drop(self.0.done.lock().unwrap().take());
            }
            let deletions = keys.unwrap_or_default().into_iter().map(|key| DueDeletion {
                permit: Bytes::from(format!("permit {}", key.key_id)),
                request_id: Bytes::copy_from_slice(&[9; 16]),
                key: Some(key.into()),
            });
            let rotations = std::mem::take(&mut *self.0.rotations.lock().unwrap());
            let rotations = rotations.into_iter().map(|key| DueRotation {
                permit: Bytes::from_static(b"rotate"),
                request_id: Bytes::copy_from_slice(&[8; 16]),
                key: Some(key.into()),
            });
            let expiries = std::mem::take(&mut *self.0.expiries.lock().unwrap());
            let expiries = expiries.into_iter().map(|key| DueExpiry {
                permit: Bytes::from_static(b"expire"),
                request_id: Bytes::copy_from_slice(&[7; 16]),
                material_id: Bytes::copy_from_slice(&[1; 32]),
                key: Some(key.into()),
            });
            let due = DueWork {
                deletions: deletions.collect(),
                rotations: rotations.collect(),
                expiries: expiries.collect(),
                key_now_ms: KEY_NOW.as_millis(),
            };
            let answer = ClaimDueAnswer { outcome: Some(ClaimOutcome::Due(due)) };
            Ok(answer.encode_to_vec().into())
        })
    }
}

impl Service for Worker {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let request = CryptoRequest::decode(order.payload).unwrap();
            assert_eq!(request.request_id, [8u8; 16].as_slice());
            let Some(CryptoOrder::GenerateMaterial(order)) = request.order else {
                panic!("another order")
            };
            assert_eq!((&order.permit[..], &*order.spec), (&b"rotate"[..], "SYMMETRIC_DEFAULT"));
            let replica = |region: String| messages::ReplicaMaterial {
                region,
                material: Some(material().into()),
            };
            let made = messages::MadeMaterial {
                material: Some(material().into()),
                replicas: order.replica_regions.into_iter().map(replica).collect(),
                public_key: Bytes::new(),
                spec: order.spec,
            };
            let answer = CryptoAnswer { outcome: Some(CryptoOutcome::Made(made)) };
            Ok(answer.encode_to_vec().into())
        })
    }
}

fn material() -> SealedMaterial {
    SealedMaterial { material_id: MaterialId::from_bytes([2; 32]), sealed: vec![1, 1] }
}

impl Service for Changes {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let request = ChangeRequest::decode(order.payload).unwrap();
            let change = Change::try_from(request.change.clone().unwrap()).unwrap();
            let record = AuditRecord::try_from(request.record.clone().unwrap()).unwrap();
            self.0.changes.lock().unwrap().push((request, change, record));
            let outcome = self.0.answers.lock().unwrap().pop();
            let outcome = Some(outcome.unwrap_or(ChangeOutcome::Committed(Unit {})));
            Ok(ChangeAnswer { outcome }.encode_to_vec().into())
        })
    }
}

fn key(number: u128) -> KeyRecord {
    KeyRecord {
        account: "123456789012".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        key_id: uuid::Uuid::from_u128(number).to_string().parse().unwrap(),
        created_at: NOW.plus_millis(-1_000_000_000),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::PendingDeletion,
        description: String::new(),
        deletion_date: Some(NOW),
        pending_window_days: None,
        current_material: Some(MaterialId::from_bytes([1; 32])),
        expiration: None,
        multi_region: None,
        rotation: None,
        version: 7,
    }
}

fn refused(refusal: ChangeRefused) -> ChangeOutcome {
    ChangeOutcome::Refused(messages::ChangeRefused::from(refusal))
}

/// Runs the role until nothing more is due.
async fn run(registry: Registry, claims_max: u32) -> Arc<Registry> {
    let (trigger, shutdown) = Shutdown::new();
    *registry.done.lock().unwrap() = Some(trigger);
    let registry = Arc::new(registry);
    let services = InProcessBus::new();
    services.serve(Subject::ClaimDue, Arc::new(Claims(registry.clone()))).unwrap();
    services.serve(Subject::RegistryChange, Arc::new(Changes(registry.clone()))).unwrap();
    services.serve(Subject::CryptoSlow, Arc::new(Worker)).unwrap();
    let config = LifecycleConfig {
        claims_max,
        ..LifecycleConfig::new(Duration::from_secs(60), "here".into())
    };
    let clock = Arc::new(ManualClock::at(NOW));
    Lifecycle::new(config, services.bus(), clock).run(shutdown).await;
    registry
}

#[tokio::test(start_paused = true)]
async fn a_due_key_is_destroyed_with_its_permit_and_its_service_event() {
    let registry = Registry { due: Mutex::new(vec![vec![key(5)]]), ..Registry::default() };
    let registry = run(registry, 32).await;
    let changes = registry.changes.lock().unwrap();
    let [(request, change, record)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(*change, Change::DestroyKey { key: key(5).arn(), version: 7 });
    assert_eq!(request.request_id, [9u8; 16].as_slice());
    assert_eq!(request.permits, [Bytes::from(format!("permit {}", key(5).key_id))]);
    assert_eq!((record.account, record.event_time), (Some(key(5).account), NOW));
    let json = String::from_utf8(record.cloudtrail_json.clone()).unwrap();
    for part in [r#""eventName":"DeleteKey""#, r#""eventType":"AwsServiceEvent""#] {
        assert!(json.contains(part), "{json}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_refusal_does_not_keep_other_keys_alive() {
    let registry = Registry {
        due: Mutex::new(vec![vec![key(1), key(2), key(3)]]),
        answers: Mutex::new(vec![
            ChangeOutcome::Committed(Unit {}),
            refused(ChangeRefused::NotPermitted("expired".into())),
            refused(ChangeRefused::Conflict),
        ]),
        ..Registry::default()
    };
    let registry = run(registry, 32).await;
    assert_eq!(registry.changes.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_full_claim_is_followed_by_another_at_once() {
    let due = Mutex::new(vec![vec![key(3)], vec![key(1), key(2)]]);
    let began = tokio::time::Instant::now();
    let registry = run(Registry { due, ..Registry::default() }, 2).await;
    assert_eq!(registry.changes.lock().unwrap().len(), 3);
    // Two full rounds without a pause, then one interval until the empty third.
    assert_eq!((*registry.claims.lock().unwrap(), began.elapsed().as_secs()), (3, 60));
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_is_away_is_asked_again() {
    let due = Mutex::new(vec![vec![key(1)]]);
    let registry = run(Registry { due, rejections: Mutex::new(4), ..Registry::default() }, 2).await;
    assert_eq!(registry.changes.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_due_rotation_brings_new_material_for_the_whole_family() {
    let (here, there) = (key(1).region, "us-east-1".parse().unwrap());
    let primary = KeyRecord {
        state: KeyState::Enabled,
        multi_region: Some(MultiRegion { primary: here, replicas: vec![there] }),
        rotation: Some(Rotation { period_days: 90, next: NOW }),
        ..key(1)
    };
    let rotations = Mutex::new(vec![primary.clone()]);
    let registry =
        run(Registry { rotations, due: Mutex::new(vec![Vec::new()]), ..Registry::default() }, 32);
    let registry = registry.await;
    let changes = registry.changes.lock().unwrap();
    let [(request, change, record)] = changes.as_slice() else { panic!("{changes:?}") };
    let material =
        NewMaterial { sealed: material(), public_key: None, replicas: vec![(there, material())] };
    let wanted = Change::RotateKey {
        key: primary.arn(),
        version: 7,
        rotation_type: RotationType::Automatic,
        at: KEY_NOW,
        material: Some(material),
    };
    assert_eq!(*change, wanted);
    let json = String::from_utf8(record.cloudtrail_json.clone()).unwrap();
    let (old, new) = ("01".repeat(32), "02".repeat(32));
    let details = format!(
        r#""rotationType":"AUTOMATIC","keyOrigin":"AWS_KMS","previousKeyMaterialId":"{old}",{}"#,
        format_args!(r#""currentKeyMaterialId":"{new}""#),
    );
    assert!(json.contains(r#""eventName":"RotateKey""#) && json.contains(&details), "{json}");
    let event = String::from_utf8(request.events[0].cloudtrail_json.to_vec()).unwrap();
    assert!(event.contains(r#""eventName":"SynchronizeMultiRegionKey""#), "{event}");
    assert!(event.contains(&primary.arn().to_string()), "{event}");
}

#[tokio::test(start_paused = true)]
async fn material_whose_time_is_over_is_deleted() {
    let expiries = Mutex::new(vec![key(1)]);
    let registry =
        run(Registry { expiries, due: Mutex::new(vec![Vec::new()]), ..Registry::default() }, 32);
    let registry = registry.await;
    let changes = registry.changes.lock().unwrap();
    let [(request, change, record)] = changes.as_slice() else { panic!("{changes:?}") };
    let material_id = MaterialId::from_bytes([1; 32]);
    let wanted =
        Change::DeleteMaterial { key: key(1).arn(), version: 7, material_id, expired: true };
    assert_eq!((change, &request.permits[..]), (&wanted, &[Bytes::from_static(b"expire")][..]));
    let json = String::from_utf8(record.cloudtrail_json.clone()).unwrap();
    assert!(json.contains(r#""eventName":"DeleteExpiredKeyMaterial""#), "{json}");
}
