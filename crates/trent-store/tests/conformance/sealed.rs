//! What is sealed under the domain key: found by version, replaced only as it was read.

use crate::support::identities::access_key;
use crate::support::samples::*;
use trent_store::{
    Invalidation, InvalidationCursor, RegistryStore, SealedKind, SealedPlace, SealedRow,
};
use trent_types::{Change, KeyArn, KeyUpdate};
use uuid::Uuid;

on_both_stores! {
    what_older_versions_sealed_is_found_and_counted
    sealed_bytes_are_replaced_only_as_they_were_read
    destroyed_material_is_not_made_again
    a_setting_is_replaced_only_as_it_was_read
}

fn sealed(version: u8, content: u8) -> Vec<u8> {
    vec![1, version, content, content]
}

async fn sealed_key(store: &impl RegistryStore, version: u8, content: u8) -> KeyArn {
    let record = new_key();
    let mut change = create_key(&record, Vec::new());
    if let Change::CreateKey { material: Some(material), .. } = &mut change {
        material.sealed.sealed = sealed(version, content);
    }
    make(store, &change).await;
    record.arn()
}

async fn below(store: &impl RegistryStore, kind: SealedKind, version: u8) -> Vec<SealedRow> {
    let mut found = Vec::new();
    loop {
        let skip = u32::try_from(found.len()).unwrap();
        let batch = store.sealed_below(kind, version, skip, 2).await.unwrap();
        if batch.is_empty() {
            return found;
        }
        found.extend(batch);
    }
}

fn row(key: KeyArn, sealed: Vec<u8>) -> SealedRow {
    let material_id = material().material_id;
    SealedRow { place: SealedPlace::Material { key, material_id }, sealed }
}

async fn what_older_versions_sealed_is_found_and_counted(store: &impl RegistryStore) {
    let mut keys = Vec::new();
    for version in [3, 1, 2, 1, 200] {
        keys.push((version, sealed_key(store, version, version).await));
    }
    store.put_root_key(&access_key("AKIAROOT", None), &sealed(2, 9)).await.unwrap();
    let found = below(store, SealedKind::Material, 3).await;
    let versions: Vec<u8> = found.iter().map(|row| row.sealed[1]).collect();
    assert_eq!(versions, [1, 1, 2], "lowest first");
    assert!(found.contains(&row(keys[1].1, sealed(1, 1))));
    assert!(below(store, SealedKind::Material, 1).await.is_empty());
    let place = SealedPlace::Secret { account: account(), access_key_id: "AKIAROOT".into() };
    let secret = SealedRow { place, sealed: sealed(2, 9) };
    assert_eq!(below(store, SealedKind::Secret, 3).await, [secret]);
    assert!(below(store, SealedKind::Secret, 2).await.is_empty());
    assert_eq!(store.count_sealed_below(3).await.unwrap(), 4);
    assert_eq!(store.count_sealed_below(1).await.unwrap(), 0);
    let mut counted = [0; 256];
    for (version, count) in store.sealed_versions().await.unwrap() {
        counted[usize::from(version)] += count;
    }
    assert_eq!([counted[1], counted[2], counted[3], counted[200]], [2, 2, 1, 1]);
}

async fn sealed_bytes_are_replaced_only_as_they_were_read(store: &impl RegistryStore) {
    let (first, second) = (sealed_key(store, 1, 1).await, sealed_key(store, 1, 2).await);
    store.put_root_key(&access_key("AKIAROOT", None), &sealed(1, 9)).await.unwrap();
    let (_, before, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    let place = SealedPlace::Secret { account: account(), access_key_id: "AKIAROOT".into() };
    let secret = SealedRow { place, sealed: sealed(1, 9) };
    let rows = [
        (row(first, sealed(1, 1)), sealed(2, 1)),
        (row(second, sealed(1, 77)), sealed(2, 2)),
        (secret, sealed(2, 9)),
    ];
    let stale = store.re_seal(&rows, NOW).await.unwrap();
    let expected = [Invalidation::Key(first), Invalidation::AccessKey("AKIAROOT".into())];
    assert_eq!(stale, expected, "the second had changed");
    let (told, _, _) = store.renew_lease(Uuid::nil(), before).await.unwrap();
    assert!(expected.iter().all(|stale| told.contains(stale)));
    for (key, version) in [(first, 2), (second, 1)] {
        let stored = store.key(key.region, key.key_id).await.unwrap().unwrap();
        assert_eq!(stored.materials[0].sealed[1], version);
        assert_eq!(stored.record.version, 1, "sealing anew is no change of the key");
    }
    let stored = store.access_key("AKIAROOT").await.unwrap().unwrap();
    assert_eq!(stored.sealed_secret, sealed(2, 9));
    assert!(store.re_seal(&rows, NOW).await.unwrap().is_empty(), "twice is once");
}

async fn destroyed_material_is_not_made_again(store: &impl RegistryStore) {
    let key = sealed_key(store, 1, 1).await;
    make(store, &update(key, 1, KeyUpdate::Disable)).await;
    make(store, &schedule(key, 2, NOW)).await;
    let destroy = Change::DestroyKey { key, version: 3 };
    make(store, &destroy).await;
    let rows = [(row(key, sealed(1, 1)), sealed(2, 1))];
    assert!(store.re_seal(&rows, NOW).await.unwrap().is_empty());
    assert_eq!(store.key(key.region, key.key_id).await.unwrap(), None);
    assert_eq!(store.count_sealed_below(255).await.unwrap(), 0);
}

async fn a_setting_is_replaced_only_as_it_was_read(store: &impl RegistryStore) {
    assert!(!store.replace_setting("check", b"old", b"new").await.unwrap(), "there is none");
    store.setting_or_insert("check", b"old").await.unwrap();
    assert!(!store.replace_setting("check", b"other", b"new").await.unwrap());
    assert!(store.replace_setting("check", b"old", b"new").await.unwrap());
    assert_eq!(store.setting("check").await.unwrap().as_deref(), Some(b"new".as_slice()));
}
