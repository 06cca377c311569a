//! Seeded keys: with several materials from the beginning, and once.

use trent_store::{Committed, RegistryStore};
use trent_types::{
    Change, ChangeRefused, KeyManager, KeyRecord, MaterialId, MaterialState, Rotation,
    SealedMaterial,
};

use crate::support::samples::*;

on_both_stores! {
    a_seeded_key_has_its_materials_in_order_and_the_last_is_current
    a_key_that_is_there_is_not_seeded_again
    a_key_that_aws_manages_counts_to_no_quota
}

fn sealed(id: u8) -> SealedMaterial {
    SealedMaterial { material_id: MaterialId::from_bytes([id; 32]), sealed: vec![1, 1, id] }
}

fn seed(record: &KeyRecord, materials: &[u8]) -> Change {
    let materials: Vec<_> = materials.iter().map(|id| sealed(*id)).collect();
    Change::SeedKey {
        record: record.clone(),
        policy: "{\"Version\":\"2012-10-17\"}".to_owned(),
        tags: tags(2),
        materials,
        public_key: None,
    }
}

async fn a_seeded_key_has_its_materials_in_order_and_the_last_is_current(
    store: &impl RegistryStore,
) {
    let next = NOW.plus_millis(86_400_000);
    let record = KeyRecord {
        current_material: Some(MaterialId::from_bytes([3; 32])),
        rotation: Some(Rotation { period_days: 365, next }),
        ..new_key()
    };
    make(store, &seed(&record, &[9, 1, 3])).await;
    let stored = store.key(region(), record.key_id).await.unwrap().unwrap();
    assert_eq!((&stored.record, stored.tags.len()), (&record, 2));
    let known: Vec<_> = stored
        .material_records
        .iter()
        .map(|one| (one.material_id.as_bytes()[0], one.state, one.present, one.rotated))
        .collect();
    let (old, now) = (MaterialState::NonCurrent, MaterialState::Current);
    assert_eq!(known, [(9, old, true, None), (1, old, true, None), (3, now, true, None)]);
    for id in [9, 1, 3] {
        assert!(stored.materials.contains(&sealed(id)), "{id}");
    }
    assert_eq!(store.outbox(10).await.unwrap().len(), 1, "with its record");
}

async fn a_key_that_is_there_is_not_seeded_again(store: &impl RegistryStore) {
    let record = stored_key(store).await;
    let before = store.key(region(), record.key_id).await.unwrap();
    let again = commit(store, &seed(&record, &[7])).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
    assert_eq!(store.key(region(), record.key_id).await.unwrap(), before);
    assert_eq!(store.outbox(10).await.unwrap().len(), 1, "no second record");
}

async fn a_key_that_aws_manages_counts_to_no_quota(store: &impl RegistryStore) {
    let used = || store.keys_used(account(), region());
    for (manager, counted) in [(KeyManager::Aws, 0), (KeyManager::Customer, 1)] {
        let current_material = Some(MaterialId::from_bytes([3; 32]));
        make(store, &seed(&KeyRecord { manager, current_material, ..new_key() }, &[3])).await;
        assert_eq!(used().await.unwrap(), counted, "{manager}");
    }
}
