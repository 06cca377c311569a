//! What only the SQLite store promises: one file that outlives the process and forgets what it deletes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::os::unix::fs::PermissionsExt;

use support::samples::*;
use trent_store::{Committed, RegistryStore, Sqlite, StoreError};
use trent_types::{Change, KeyUpdate};

#[tokio::test]
async fn what_was_answered_is_there_when_the_file_is_opened_again() {
    let fresh = support::fresh_sqlite();
    let path = fresh.directory.path().join("trent.db");
    let key = stored_key(&fresh.store).await;
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(key.arn(), 1, KeyUpdate::Disable);
    fresh.store.commit(request, &change, &record, NOW).await.unwrap();
    drop(fresh.store);
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 2);
    assert_eq!(store.outbox(10).await.unwrap().last(), Some(&record));
    let again = store.commit(request, &change, &record, NOW).await.unwrap();
    assert_eq!(again, Committed::Before);
}

#[tokio::test]
async fn what_was_answered_is_in_the_files_without_an_orderly_end() {
    let fresh = support::fresh_sqlite();
    let key = stored_key(&fresh.store).await;
    // The files as a crash would leave them, while the store still has them open.
    let crashed = tempfile::tempdir().unwrap();
    for name in ["trent.db", "trent.db-wal"] {
        let from = fresh.directory.path().join(name);
        std::fs::copy(from, crashed.path().join(name)).unwrap();
    }
    let store = Sqlite::open(crashed.path().join("trent.db")).unwrap();
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record, key);
}

#[tokio::test]
async fn destroyed_material_is_in_none_of_the_files() {
    let fresh = support::fresh_sqlite();
    let key = stored_key(&fresh.store).await.arn();
    assert!(holds(&fresh, &material().sealed), "the test looks for the right bytes");
    make(&fresh.store, &schedule(key, 1, NOW)).await;
    make(&fresh.store, &Change::DestroyKey { key, version: 2 }).await;
    assert!(!holds(&fresh, &material().sealed));
}

fn holds(fresh: &support::FreshSqlite, wanted: &[u8]) -> bool {
    std::fs::read_dir(fresh.directory.path()).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let fresh = support::fresh_sqlite();
    stored_key(&fresh.store).await;
    for entry in std::fs::read_dir(fresh.directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[test]
fn a_store_serves_one_runtime_after_another() {
    let fresh = support::fresh_sqlite();
    let current = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let key = current().block_on(stored_key(&fresh.store));
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let store = std::sync::Arc::new(fresh.store);
    let shared = std::sync::Arc::clone(&store);
    // Spawning takes futures that are Send.
    let read = many.spawn(async move { shared.key(region(), key.key_id).await });
    let stored = current().block_on(read).unwrap().unwrap();
    assert!(stored.is_some());
}

#[test]
fn a_file_that_is_no_database_and_a_path_that_is_not_there_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trent.db");
    std::fs::write(&path, [b'x'; 8192]).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Corrupt(_))));
    let nowhere = directory.path().join("missing/trent.db");
    assert!(matches!(Sqlite::open(nowhere), Err(StoreError::Unavailable(_))));
}
