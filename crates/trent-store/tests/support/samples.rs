//! Keys, aliases, users and records to store.

use std::sync::atomic::{AtomicU64, Ordering};

use trent_store::{Committed, Derive, Derived, RegistryStore};
use trent_types::{
    AccountId, AdminChange, AliasArn, AliasRecord, AuditRecord, Change, EventId, Grant,
    GrantConstraints, GrantId, GrantOperation, GrantPrincipal, GrantTerms, KeyArn, KeyId,
    KeyManager, KeyRecord, KeySpec, KeyState, KeyUpdate, KeyUsage, KeyUsed, MaterialId,
    NewMaterial, Origin, Region, RequestId, SealedMaterial, Tag, Timestamp, TrackedOperation,
};

/// The moment at which everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

/// 16 bytes that were not given before in this process.
pub(crate) fn new_bytes() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub(crate) fn new_request() -> RequestId {
    RequestId::from_bytes(new_bytes())
}

pub(crate) fn record_at(event_time: Timestamp) -> AuditRecord {
    let event_id = EventId::from_bytes(new_bytes());
    let cloudtrail_json = format!("{{\"eventID\":\"{event_id}\"}}").into_bytes();
    let account = Some(account());
    AuditRecord { event_id, account, event_time, cloudtrail_json, trace: None }
}

pub(crate) fn new_key() -> KeyRecord {
    key_with_id(KeyId::from_bytes(new_bytes(), false))
}

pub(crate) fn key_with_id(key_id: KeyId) -> KeyRecord {
    KeyRecord {
        account: account(),
        region: region(),
        key_id,
        created_at: NOW,
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: "für Ünicode".to_owned(),
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(MaterialId::from_bytes([7; 32])),
        expiration: None,
        multi_region: None,
        rotation: None,
        version: 1,
    }
}

pub(crate) fn material() -> SealedMaterial {
    let material_id = MaterialId::from_bytes([7; 32]);
    SealedMaterial { material_id, sealed: b"sealed-material-of-a-key".to_vec() }
}

pub(crate) fn tags(count: usize) -> Vec<Tag> {
    (0..count).map(|n| Tag { key: format!("tag-{n:03}"), value: format!("{n}") }).collect()
}

pub(crate) fn create_key(record: &KeyRecord, tags: Vec<Tag>) -> Change {
    Change::CreateKey {
        record: record.clone(),
        policy: "{\"Version\":\"2012-10-17\"}".to_owned(),
        bypass_lockout_check: false,
        tags,
        material: Some(NewMaterial { sealed: material(), public_key: None, replicas: Vec::new() }),
    }
}

pub(crate) fn update(key: KeyArn, version: u64, update: KeyUpdate) -> Change {
    Change::UpdateKey { key, version, update }
}

pub(crate) fn schedule(key: KeyArn, version: u64, deletion_date: Timestamp) -> Change {
    update(key, version, KeyUpdate::ScheduleDeletion { deletion_date })
}

pub(crate) fn alias(name: &str, target: KeyId) -> AliasRecord {
    AliasRecord {
        account: account(),
        region: region(),
        name: name.parse().unwrap(),
        target,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn alias_arn(name: &str) -> AliasArn {
    AliasArn { region: region(), account: account(), name: name.parse().unwrap() }
}

/// Who has the sample grants.
pub(crate) const ANN: &str = "arn:aws:iam::111122223333:user/ann";

/// A grant of a key to [`ANN`], by a number that is its id.
pub(crate) fn grant(key: KeyArn, n: u8) -> Grant {
    Grant {
        key,
        grant_id: GrantId::from_bytes([n; 32]),
        name: None,
        created_at: NOW,
        issuing_account: "arn:aws:iam::111122223333:root".into(),
        terms: GrantTerms {
            grantee: GrantPrincipal::Arn(ANN.into()),
            retiring: None,
            operations: vec![GrantOperation::Encrypt],
            constraints: GrantConstraints::default(),
        },
    }
}

/// A use of a key at this moment.
pub(crate) fn used_at(at: Timestamp) -> KeyUsed {
    let (event_id, request_id) = (EventId::from_bytes(new_bytes()), new_request());
    KeyUsed { operation: TrackedOperation::Sign, at, event_id, request_id }
}

/// Commits a change as a request of its own.
pub(crate) async fn commit(store: &impl RegistryStore, change: &Change) -> Committed {
    store.commit(new_request(), change, &[record_at(NOW)], NOW).await.unwrap()
}

/// Makes an operator's change as a request of its own.
pub(crate) async fn administer(store: &impl RegistryStore, change: AdminChange) -> Committed {
    store.administer(new_request(), &change, &record_at(NOW)).await.unwrap()
}

/// Commits a change that must succeed.
pub(crate) async fn make(store: &impl RegistryStore, change: &Change) {
    assert_eq!(commit(store, change).await, Committed::Now, "{change:?}");
}

/// A key in the store.
pub(crate) async fn stored_key(store: &impl RegistryStore) -> KeyRecord {
    let record = new_key();
    make(store, &create_key(&record, Vec::new())).await;
    record
}

/// Derives these uses, whatever the records.
pub(crate) struct Uses(pub(crate) Vec<(KeyArn, KeyUsed)>);

impl Derive for Uses {
    fn derive(&self, _: &[(u64, &AuditRecord)]) -> Derived {
        Derived { uses: self.0.clone(), ..Derived::default() }
    }
}
