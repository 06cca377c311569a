//! The domain key rotates while the evaluator works.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use trent_bus::messages::{Question, SealedMaterial};
use trent_types::{KeyArn, Primitive, Primitives, sealed_under};
use uuid::Uuid;

use super::fake_worker::sealed;
use super::rig::{ANN, MARK, ROOT, Rig, about_key, arn, default_policy, material, record, region};
use crate::re_seal::{ReSealing, sealed_versions};

const NEXT: u8 = MARK + 2;

fn re_sealing(rig: &Rig, claimant: Option<Uuid>) -> ReSealing {
    ReSealing::new(Arc::clone(&rig.evaluator.registry), claimant)
}

/// Adds a key whose material this version has sealed.
fn add_key(rig: &Rig, id: u8, version: u8) -> KeyArn {
    let mut key_material = material(id);
    key_material.sealed = sealed(version, &[id; 78]);
    let stored = trent_store::StoredKey {
        record: record(id),
        policy: default_policy(),
        tags: Vec::new(),
        materials: vec![key_material],
        material_records: Vec::new(),
        passing: None,
        public_key: None,
        aliases: Vec::new(),
    };
    let mut state = rig.store.state.lock().unwrap();
    state.keys.insert((region(), stored.record.key_id), stored);
    arn(id)
}

fn version_of(rig: &Rig, key: KeyArn) -> Option<u8> {
    let state = rig.store.state.lock().unwrap();
    let stored = state.keys.get(&(region(), key.key_id))?;
    sealed_under(&stored.materials[0].sealed)
}

async fn all_versions(rig: &Rig) -> Vec<(u8, u64)> {
    sealed_versions(&*rig.store).await.unwrap().into_iter().collect()
}

fn rotate(rig: &Rig, version: u8) {
    rig.next_version.store(version, Ordering::SeqCst);
}

#[tokio::test(start_paused = true)]
async fn everything_that_an_older_version_sealed_is_sealed_anew_and_used() {
    let rig = Rig::embedded().await;
    for id in 2..150 {
        add_key(&rig, id, MARK);
    }
    let primitives = Primitives::only(Primitive::Encrypt).bits();
    let about = Question { primitives, ..about_key("kms:Encrypt", &arn(1).to_string()) };
    let sealed_material = |material: Option<SealedMaterial>| material.unwrap().sealed;
    let (_, before) = rig.granted(ROOT, about.clone()).await;
    assert_eq!(sealed_under(&sealed_material(before.material)), Some(MARK));
    let mut work = re_sealing(&rig, None);
    work.round().await.unwrap();
    // 149 keys, two access keys, the check, and the note that is not there.
    assert_eq!(all_versions(&rig).await, [(MARK, 152)]);

    rotate(&rig, NEXT);
    work.round().await.unwrap();
    assert_eq!(all_versions(&rig).await, [(NEXT, 152)]);
    let (_, after) = rig.granted(ROOT, about).await;
    assert_eq!(sealed_under(&sealed_material(after.material)), Some(NEXT), "the cache forgot");
    // Whose secret was sealed anew is known as before.
    rig.ask(ANN, about_key("kms:Encrypt", &arn(1).to_string())).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_destroyed_or_changed_meanwhile_stays_so() {
    let rig = Rig::embedded().await;
    let (destroyed, changed, other) =
        (add_key(&rig, 2, MARK), add_key(&rig, 3, MARK), add_key(&rig, 4, MARK));
    rotate(&rig, NEXT);
    let change = move |state: &mut super::fake_store::State| {
        state.keys.remove(&(region(), destroyed.key_id));
        let key = state.keys.get_mut(&(region(), changed.key_id)).unwrap();
        key.materials[0].sealed = sealed(NEXT + 1, b"newer");
    };
    *rig.store.before_re_seal.lock().unwrap() = Some(Box::new(change));
    re_sealing(&rig, None).round().await.unwrap();
    assert_eq!(version_of(&rig, destroyed), None);
    assert_eq!(version_of(&rig, changed), Some(NEXT + 1));
    assert_eq!(version_of(&rig, other), Some(NEXT));
}

#[tokio::test(start_paused = true)]
async fn versions_only_rise_whichever_worker_is_asked() {
    let rig = Rig::embedded().await;
    rotate(&rig, NEXT);
    let mut work = re_sealing(&rig, None);
    work.round().await.unwrap();
    // A worker that still seals with the version before has made a key, and is asked now.
    let late = add_key(&rig, 2, NEXT - 1);
    rotate(&rig, NEXT - 1);
    work.round().await.unwrap();
    assert_eq!(version_of(&rig, late), Some(NEXT - 1), "it cannot do it");
    assert_eq!(version_of(&rig, arn(1)), Some(NEXT), "and undoes nothing");
    assert_eq!(rig.store.state.lock().unwrap().settings["domain_key_check"][1], NEXT);
    {
        // The fake knows one version before the current one: this one.
        let mut state = rig.store.state.lock().unwrap();
        let key = state.keys.get_mut(&(region(), late.key_id)).unwrap();
        key.materials[0].sealed = sealed(MARK, &[2; 78]);
    }
    rotate(&rig, NEXT);
    work.round().await.unwrap();
    assert_eq!(version_of(&rig, late), Some(NEXT));
}

#[tokio::test(start_paused = true)]
async fn what_no_domain_key_opens_holds_nothing_else_up() {
    let rig = Rig::embedded().await;
    for id in 2..100 {
        add_key(&rig, id, 3);
    }
    rotate(&rig, NEXT);
    re_sealing(&rig, None).round().await.unwrap();
    assert_eq!(all_versions(&rig).await, [(3, 98), (NEXT, 4)]);
}

#[tokio::test(start_paused = true)]
async fn one_evaluator_works_at_a_time() {
    let rig = Rig::embedded().await;
    let [first, second] = [1, 2].map(Uuid::from_u128);
    let (mut one, mut other) = (re_sealing(&rig, Some(first)), re_sealing(&rig, Some(second)));
    one.round().await.unwrap();
    rotate(&rig, NEXT);
    other.round().await.unwrap();
    assert_eq!(version_of(&rig, arn(1)), Some(MARK), "the first has claimed it");
    rig.clock.advance_millis(30_000);
    other.round().await.unwrap();
    assert_eq!(version_of(&rig, arn(1)), Some(NEXT), "its claim has run out");
}
