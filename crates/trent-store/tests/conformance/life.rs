//! Rotation, imported material and multi-Region families.

use trent_store::{Claimant, Committed, DueKind, RegistryStore, StoredKey};
use trent_types::{
    Change, ChangeRefused, Expiration, ImportType, KeyArn, KeyRecord, KeyState, KeyUpdate,
    MaterialId, MaterialState, MultiRegion, NewMaterial, Origin, Region, Rotation, RotationType,
    SealedMaterial, Timestamp,
};

use crate::support::samples::*;

const DAY_MS: i64 = 86_400_000;

on_both_stores! {
    a_rotation_adds_a_material_and_sets_the_next_date
    only_so_many_rotations_are_made_on_demand
    due_rotations_are_those_of_enabled_primary_keys
    imported_material_comes_goes_and_comes_again
    a_second_material_waits_for_its_rotation
    expired_material_is_claimed_and_deleted_only_at_its_end
    a_replica_shares_what_its_primary_has
    another_region_becomes_the_primary
    a_primary_waits_for_its_last_replica
    imported_material_of_a_family_waits_for_every_member
}

fn new_material(id: u8) -> NewMaterial {
    let material_id = MaterialId::from_bytes([id; 32]);
    let sealed = SealedMaterial { material_id, sealed: vec![1, 1, id] };
    NewMaterial { sealed, public_key: None, replicas: Vec::new() }
}

fn id(of: u8) -> MaterialId {
    MaterialId::from_bytes([of; 32])
}

fn other_region() -> Region {
    "us-west-2".parse().unwrap()
}

async fn read(store: &impl RegistryStore, key: KeyArn) -> StoredKey {
    store.key(key.region, key.key_id).await.unwrap().unwrap()
}

async fn version(store: &impl RegistryStore, key: KeyArn) -> u64 {
    read(store, key).await.record.version
}

async fn rotate(
    store: &impl RegistryStore,
    key: KeyArn,
    rotation_type: RotationType,
    material: Option<NewMaterial>,
) -> Committed {
    let version = version(store, key).await;
    commit(store, &Change::RotateKey { key, version, rotation_type, at: NOW, material }).await
}

async fn import(
    store: &impl RegistryStore,
    key: KeyArn,
    material: u8,
    import_type: ImportType,
    end: Option<Timestamp>,
) -> Committed {
    let change = Change::ImportMaterial {
        key,
        version: version(store, key).await,
        material: new_material(material),
        expiration: Expiration::from_valid_to(end),
        description: Some(format!("material {material}")),
        import_type,
    };
    commit(store, &change).await
}

async fn delete(store: &impl RegistryStore, key: KeyArn, of: u8, expired: bool) -> Committed {
    let version = version(store, key).await;
    commit(store, &Change::DeleteMaterial { key, version, material_id: id(of), expired }).await
}

fn states(stored: &StoredKey) -> Vec<(MaterialId, MaterialState, bool)> {
    stored.material_records.iter().map(|one| (one.material_id, one.state, one.present)).collect()
}

async fn external_key(store: &impl RegistryStore) -> KeyArn {
    let record = KeyRecord {
        origin: Origin::External,
        state: KeyState::PendingImport,
        current_material: None,
        ..new_key()
    };
    make_without_material(store, &record).await;
    record.arn()
}

async fn make_without_material(store: &impl RegistryStore, record: &KeyRecord) {
    let mut change = create_key(record, Vec::new());
    if let Change::CreateKey { material, .. } = &mut change {
        *material = None;
    }
    make(store, &change).await;
}

async fn multi_region_key(store: &impl RegistryStore) -> KeyRecord {
    let record = key_with_id(trent_types::KeyId::from_bytes(new_bytes(), true));
    let family = MultiRegion { primary: record.region, replicas: Vec::new() };
    let record = KeyRecord { multi_region: Some(family), ..record };
    make(store, &create_key(&record, Vec::new())).await;
    record
}

async fn replicate(store: &impl RegistryStore, primary: &KeyRecord) -> KeyArn {
    let stored = read(store, primary.arn()).await;
    let record = KeyRecord { region: other_region(), version: 1, ..primary.clone() };
    let arn = record.arn();
    let change = Change::ReplicateKey {
        primary: primary.arn(),
        version: stored.record.version,
        record,
        policy: "{}".to_owned(),
        bypass_lockout_check: false,
        tags: tags(1),
        materials: stored.materials,
        creating_until: NOW.plus_millis(5),
    };
    make(store, &change).await;
    arn
}

async fn a_rotation_adds_a_material_and_sets_the_next_date(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let rotation = Rotation { period_days: 100, next: NOW };
    make(store, &update(key, 1, KeyUpdate::EnableRotation(rotation))).await;
    assert_eq!(read(store, key).await.record.rotation, Some(rotation));
    let done = rotate(store, key, RotationType::Automatic, Some(new_material(9))).await;
    assert_eq!(done, Committed::Now);
    let stored = read(store, key).await;
    let (old, new) = (MaterialState::NonCurrent, MaterialState::Current);
    assert_eq!(states(&stored), [(id(7), old, true), (id(9), new, true)]);
    assert_eq!(stored.record.current_material, Some(id(9)));
    assert_eq!(stored.materials.len(), 2);
    let rotated: Vec<_> = stored.material_records.iter().map(|one| one.rotated).collect();
    assert_eq!(rotated, [None, Some((NOW, RotationType::Automatic))]);
    let next = stored.record.rotation.map(|rotation| rotation.next);
    assert_eq!(next, Some(NOW.plus_millis(100 * DAY_MS)));
    let before = stored.record.version;
    rotate(store, key, RotationType::OnDemand, Some(new_material(10))).await;
    let after = read(store, key).await.record;
    assert_eq!((after.rotation.map(|r| r.next), after.version), (next, before + 1));
    make(store, &update(key, after.version, KeyUpdate::DisableRotation)).await;
    assert_eq!(read(store, key).await.record.rotation, None);
}

async fn only_so_many_rotations_are_made_on_demand(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    for material in 0..25 {
        let material = Some(new_material(100 + material));
        assert_eq!(rotate(store, key, RotationType::OnDemand, material).await, Committed::Now);
    }
    let one_more = rotate(store, key, RotationType::OnDemand, Some(new_material(200))).await;
    let Committed::Refused(ChangeRefused::LimitExceeded { limit, current, .. }) = one_more else {
        panic!("{one_more:?}")
    };
    assert_eq!((limit, current), (25, 25));
    let by_schedule = rotate(store, key, RotationType::Automatic, Some(new_material(201))).await;
    assert_eq!(by_schedule, Committed::Now);
}

async fn due_rotations_are_those_of_enabled_primary_keys(store: &impl RegistryStore) {
    let (due, disabled, later) =
        (stored_key(store).await, stored_key(store).await, stored_key(store).await);
    let at = |next| KeyUpdate::EnableRotation(Rotation { period_days: 90, next });
    make(store, &update(due.arn(), 1, at(NOW))).await;
    make(store, &update(disabled.arn(), 1, at(NOW))).await;
    make(store, &update(disabled.arn(), 2, KeyUpdate::Disable)).await;
    make(store, &update(later.arn(), 1, at(NOW.plus_millis(1)))).await;
    let primary = multi_region_key(store).await;
    replicate(store, &primary).await;
    let version = version(store, primary.arn()).await;
    make(store, &update(primary.arn(), version, at(NOW))).await;
    let claimant = Claimant { name: "a", now: NOW, until: NOW.plus_millis(10), limit: 100 };
    let claimed = store.claim_due(DueKind::Rotation, NOW, claimant).await.unwrap();
    let mut claimed: Vec<KeyArn> = claimed.iter().map(|due| due.key.arn()).collect();
    let mut wanted = vec![due.arn(), primary.arn()];
    claimed.sort_by_key(|key| key.key_id);
    wanted.sort_by_key(|key| key.key_id);
    assert_eq!(claimed, wanted);
    let again = store.claim_due(DueKind::Rotation, NOW, claimant).await.unwrap();
    assert_eq!(again, []);
    rotate(store, due.arn(), RotationType::Automatic, Some(new_material(3))).await;
    let material =
        NewMaterial { replicas: vec![(other_region(), new_material(3).sealed)], ..new_material(3) };
    rotate(store, primary.arn(), RotationType::Automatic, Some(material)).await;
}

async fn imported_material_comes_goes_and_comes_again(store: &impl RegistryStore) {
    let key = external_key(store).await;
    assert_eq!(read(store, key).await.record.current_material, None);
    let end = NOW.plus_millis(DAY_MS);
    let unknown = import(store, key, 1, ImportType::Existing, None).await;
    assert_eq!(unknown, Committed::Refused(ChangeRefused::IncorrectMaterial));
    assert_eq!(import(store, key, 1, ImportType::New, Some(end)).await, Committed::Now);
    let stored = read(store, key).await;
    assert_eq!(stored.record.state, KeyState::Enabled);
    assert_eq!(stored.record.current_material, Some(id(1)));
    assert_eq!(stored.record.expiration, Some(Expiration::At(end)));
    assert_eq!(stored.material_records[0].description, "material 1");
    assert_eq!(delete(store, key, 1, false).await, Committed::Now);
    let stored = read(store, key).await;
    assert_eq!((stored.record.state, stored.record.expiration), (KeyState::PendingImport, None));
    assert_eq!(states(&stored), [(id(1), MaterialState::Current, false)]);
    assert!(stored.materials.is_empty());
    let other = import(store, key, 2, ImportType::Existing, None).await;
    assert_eq!(other, Committed::Refused(ChangeRefused::IncorrectMaterial));
    assert_eq!(import(store, key, 1, ImportType::Existing, None).await, Committed::Now);
    let stored = read(store, key).await;
    assert_eq!(stored.record.state, KeyState::Enabled);
    assert_eq!(stored.record.expiration, Some(Expiration::Never));
    // A key that waits for its deletion stays so, whatever becomes of its material.
    make(store, &schedule(key, stored.record.version, NOW)).await;
    delete(store, key, 1, false).await;
    let stored = read(store, key).await;
    assert_eq!(stored.record.state, KeyState::PendingDeletion);
    make(store, &update(key, stored.record.version, KeyUpdate::CancelDeletion)).await;
    assert_eq!(read(store, key).await.record.state, KeyState::PendingImport);
}

async fn a_second_material_waits_for_its_rotation(store: &impl RegistryStore) {
    let key = external_key(store).await;
    import(store, key, 1, ImportType::New, None).await;
    let none = rotate(store, key, RotationType::OnDemand, None).await;
    assert_eq!(none, Committed::Refused(ChangeRefused::Conflict));
    import(store, key, 2, ImportType::New, None).await;
    import(store, key, 3, ImportType::New, None).await;
    let stored = read(store, key).await;
    let (current, waits) = (MaterialState::Current, MaterialState::PendingRotation);
    assert_eq!(states(&stored), [(id(1), current, true), (id(3), waits, true)], "one waits");
    assert_eq!(stored.materials.len(), 2);
    let twice = import(store, key, 1, ImportType::New, None).await;
    assert_eq!(twice, Committed::Refused(ChangeRefused::IncorrectMaterial));
    assert_eq!(rotate(store, key, RotationType::OnDemand, None).await, Committed::Now);
    let stored = read(store, key).await;
    let old = MaterialState::NonCurrent;
    assert_eq!(states(&stored), [(id(1), old, true), (id(3), current, true)]);
    // Without its old material the key is not whole.
    delete(store, key, 1, false).await;
    assert_eq!(read(store, key).await.record.state, KeyState::PendingImport);
    import(store, key, 1, ImportType::Existing, None).await;
    assert_eq!(read(store, key).await.record.state, KeyState::Enabled);
    // What waits can go without a trace.
    import(store, key, 4, ImportType::New, None).await;
    delete(store, key, 4, false).await;
    let stored = read(store, key).await;
    assert_eq!((stored.record.state, states(&stored).len()), (KeyState::Enabled, 2));
}

async fn expired_material_is_claimed_and_deleted_only_at_its_end(store: &impl RegistryStore) {
    let key = external_key(store).await;
    import(store, key, 1, ImportType::New, Some(NOW.plus_millis(1))).await;
    let early = delete(store, key, 1, true).await;
    assert_eq!(early, Committed::Refused(ChangeRefused::Conflict), "it is good for longer");
    let claim = async |key_now: Timestamp| {
        let claimant = Claimant { name: "a", now: NOW, until: NOW.plus_millis(10), limit: 100 };
        store.claim_due(DueKind::Expiry, key_now, claimant).await.unwrap()
    };
    assert_eq!(claim(NOW).await, []);
    let due = claim(NOW.plus_millis(1)).await;
    assert_eq!((due.len(), due[0].key.arn(), due[0].material), (1, key, Some(id(1))));
    assert_eq!(claim(NOW.plus_millis(1)).await, [], "it is claimed");
    let version = version(store, key).await;
    let change = Change::DeleteMaterial { key, version, material_id: id(1), expired: true };
    let done =
        store.commit(new_request(), &change, &[record_at(NOW)], NOW.plus_millis(1)).await.unwrap();
    assert_eq!(done, Committed::Now);
    assert_eq!(read(store, key).await.record.state, KeyState::PendingImport);
}

async fn a_replica_shares_what_its_primary_has(store: &impl RegistryStore) {
    let primary = multi_region_key(store).await;
    let rotation = Rotation { period_days: 365, next: NOW.plus_millis(DAY_MS) };
    make(store, &update(primary.arn(), 1, KeyUpdate::EnableRotation(rotation))).await;
    let replica = replicate(store, &primary).await;
    let stored = read(store, replica).await;
    assert_eq!(stored.state_at(NOW), KeyState::Creating);
    assert_eq!(stored.state_at(NOW.plus_millis(5)), KeyState::Enabled);
    assert_eq!(stored.record.rotation, Some(rotation));
    assert_eq!(states(&stored), [(id(7), MaterialState::Current, true)]);
    assert_eq!((stored.tags.len(), stored.policy.as_str()), (1, "{}"));
    let family = MultiRegion { primary: primary.region, replicas: vec![other_region()] };
    assert_eq!(stored.record.multi_region, Some(family.clone()));
    let original = read(store, primary.arn()).await;
    assert_eq!((original.record.multi_region, original.record.version), (Some(family), 3));
    let twice = Change::ReplicateKey {
        primary: primary.arn(),
        version: 3,
        record: KeyRecord { region: other_region(), version: 1, ..primary.clone() },
        policy: "{}".to_owned(),
        bypass_lockout_check: false,
        tags: Vec::new(),
        materials: Vec::new(),
        creating_until: NOW,
    };
    let twice = commit(store, &twice).await;
    assert_eq!(twice, Committed::Refused(ChangeRefused::AlreadyExists));
    let material = NewMaterial {
        replicas: vec![(other_region(), SealedMaterial { sealed: vec![1, 1, 77], ..material() })],
        ..new_material(9)
    };
    let material = NewMaterial {
        replicas: vec![(
            other_region(),
            SealedMaterial { material_id: id(9), ..material.replicas[0].1.clone() },
        )],
        ..material
    };
    rotate(store, primary.arn(), RotationType::OnDemand, Some(material)).await;
    for (key, byte) in [(primary.arn(), 9), (replica, 77)] {
        let stored = read(store, key).await;
        assert_eq!(stored.record.current_material, Some(id(9)));
        assert_eq!(stored.materials[1].sealed, [1, 1, byte], "each is sealed for itself");
    }
}

async fn another_region_becomes_the_primary(store: &impl RegistryStore) {
    let primary = multi_region_key(store).await;
    let replica = replicate(store, &primary).await;
    let change = |version| Change::UpdatePrimaryRegion {
        key: primary.arn(),
        version,
        to: other_region(),
        updating_until: NOW.plus_millis(5),
    };
    let version = version(store, primary.arn()).await;
    assert_eq!(commit(store, &change(version)).await, Committed::Now);
    for key in [primary.arn(), replica] {
        let stored = read(store, key).await;
        assert_eq!(stored.state_at(NOW), KeyState::Updating);
        assert_eq!(stored.state_at(NOW.plus_millis(5)), KeyState::Enabled);
        assert_eq!(stored.record.is_primary(), key == replica);
    }
    let replica_version = read(store, replica).await.record.version;
    make(store, &update(replica, replica_version, KeyUpdate::Disable)).await;
    let back = Change::UpdatePrimaryRegion {
        key: replica,
        version: replica_version + 1,
        to: primary.region,
        updating_until: NOW,
    };
    let refused = commit(store, &back).await;
    assert_eq!(refused, Committed::Refused(ChangeRefused::Conflict), "both must be enabled");
}

async fn a_primary_waits_for_its_last_replica(store: &impl RegistryStore) {
    let primary = multi_region_key(store).await;
    let replica = replicate(store, &primary).await;
    let pending_window_days = 9;
    let version_of = async |key| version(store, key).await;
    let wait = KeyUpdate::ScheduleReplicaDeletion { pending_window_days };
    make(store, &update(primary.arn(), version_of(primary.arn()).await, wait)).await;
    let stored = read(store, primary.arn()).await.record;
    assert_eq!(stored.state, KeyState::PendingReplicaDeletion);
    assert_eq!((stored.pending_window_days, stored.deletion_date), (Some(9), None));
    make(store, &schedule(replica, version_of(replica).await, NOW)).await;
    let destroy = Change::DestroyKey { key: replica, version: version_of(replica).await };
    assert_eq!(commit(store, &destroy).await, Committed::Now);
    let stored = read(store, primary.arn()).await.record;
    assert_eq!(stored.state, KeyState::PendingDeletion);
    assert_eq!(stored.deletion_date, Some(NOW.plus_millis(9 * DAY_MS)));
    assert_eq!(stored.multi_region.unwrap().replicas, []);
    assert_eq!(stored.pending_window_days, None);
}

async fn imported_material_of_a_family_waits_for_every_member(store: &impl RegistryStore) {
    let record = key_with_id(trent_types::KeyId::from_bytes(new_bytes(), true));
    let primary = KeyRecord {
        origin: Origin::External,
        state: KeyState::PendingImport,
        current_material: None,
        multi_region: Some(MultiRegion { primary: record.region, replicas: Vec::new() }),
        ..record
    };
    make_without_material(store, &primary).await;
    import(store, primary.arn(), 1, ImportType::New, None).await;
    let replica = KeyRecord {
        region: other_region(),
        current_material: Some(id(1)),
        version: 1,
        ..primary.clone()
    };
    let change = Change::ReplicateKey {
        primary: primary.arn(),
        version: version(store, primary.arn()).await,
        record: replica.clone(),
        policy: "{}".to_owned(),
        bypass_lockout_check: false,
        tags: Vec::new(),
        materials: Vec::new(),
        creating_until: NOW,
    };
    make(store, &change).await;
    let replica = replica.arn();
    let stored = read(store, replica).await;
    assert_eq!(stored.record.state, KeyState::PendingImport);
    assert_eq!(states(&stored), [(id(1), MaterialState::Current, false)]);
    let new = import(store, replica, 2, ImportType::New, None).await;
    assert_eq!(new, Committed::Refused(ChangeRefused::IncorrectMaterial), "only on the primary");
    import(store, replica, 1, ImportType::Existing, None).await;
    assert_eq!(read(store, replica).await.record.state, KeyState::Enabled);
    import(store, primary.arn(), 2, ImportType::New, None).await;
    let pending = |stored: &StoredKey| stored.material_records[1].state;
    let waits_for_all = MaterialState::PendingMultiRegionImportAndRotation;
    assert_eq!(pending(&read(store, primary.arn()).await), waits_for_all);
    let early = rotate(store, primary.arn(), RotationType::OnDemand, None).await;
    assert_eq!(early, Committed::Refused(ChangeRefused::Conflict));
    import(store, replica, 2, ImportType::Existing, None).await;
    assert_eq!(pending(&read(store, primary.arn()).await), MaterialState::PendingRotation);
    assert_eq!(pending(&read(store, replica).await), MaterialState::PendingRotation);
    let done = rotate(store, primary.arn(), RotationType::OnDemand, None).await;
    assert_eq!(done, Committed::Now);
    assert_eq!(read(store, replica).await.record.current_material, Some(id(2)));
}
