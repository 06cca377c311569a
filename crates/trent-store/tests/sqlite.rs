//! What only the SQLite store promises: one file that outlives the process and forgets what it
//! deletes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::os::unix::fs::PermissionsExt;

use support::identities::*;
use support::samples::*;
use trent_store::{
    Committed, IdentityStore, LogFileStore, RegistryStore, SealedItem, Snapshot, Sqlite, StoreError,
};
use trent_types::{AccessKey, Account, AdminChange, Change, ChangeRefused, KeyUpdate, Service};

#[tokio::test]
async fn what_was_answered_is_there_when_the_file_is_opened_again() {
    let fresh = support::fresh_sqlite();
    let path = fresh.directory.path().join("trent.db");
    let key = stored_key(&fresh.store).await;
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(key.arn(), 1, KeyUpdate::Disable);
    fresh.store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
    drop(fresh.store);
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 2);
    assert_eq!(store.outbox(10).await.unwrap().last(), Some(&record));
    let again = store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
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

#[tokio::test]
async fn the_key_clock_moves_and_every_lease_tells_of_it() {
    let fresh = support::fresh_sqlite();
    assert_eq!(fresh.store.key_clock_offset().await.unwrap(), 0);
    for offset in [86_400_000, -5] {
        fresh.store.set_key_clock_offset(offset).await.unwrap();
        assert_eq!(fresh.store.key_clock_offset().await.unwrap(), offset);
        let none = (uuid::Uuid::nil(), trent_store::InvalidationCursor(0));
        let (_, _, told) = fresh.store.renew_lease(none.0, none.1).await.unwrap();
        assert_eq!(told, offset);
    }
}

fn holds(fresh: &support::FreshSqlite, wanted: &[u8]) -> bool {
    std::fs::read_dir(fresh.directory.path()).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[tokio::test]
async fn a_snapshot_has_the_sealed_secrets_of_every_owner() {
    let fresh = support::fresh_sqlite();
    let other = "444455556666".parse().unwrap();
    let store = &fresh.store;
    store.put_root_key(&access_key("AKIAFIRST", None), b"first").await.unwrap();
    make_all(store, [create_user("ann"), create_access_key("AKIAANN", Some("ann"))]).await;
    let account = AdminChange::CreateAccount {
        account: Account { id: other, name: "Prod".to_owned(), created_at: NOW },
        root_key: AccessKey { account: other, ..access_key("AKIAOTHER", None) },
        sealed_secret: b"other".to_vec(),
    };
    let service = AdminChange::CreateService {
        service: Service { name: "s3.amazonaws.com".to_owned(), created_at: NOW },
        access_key: access_key("AKIAS3", None),
        sealed_secret: b"s3".to_vec(),
    };
    for change in [account, service] {
        assert_eq!(administer(store, change).await, Committed::Now);
    }
    let (from, to) = (fresh.directory.path().join("trent.db"), fresh.directory.path().join("copy"));
    let snapshot = Snapshot::take(&from, &to).unwrap();
    assert_eq!(snapshot.counts().unwrap().access_keys, 4);
    let mut found = Vec::new();
    let visit = |item| {
        if let SealedItem::Secret { account, access_key_id, sealed } = item {
            found.push((access_key_id, account == other, sealed));
        }
        Ok::<_, StoreError>(())
    };
    snapshot.each_sealed(visit).unwrap();
    found.sort();
    let secret = |id: &str, of_other, sealed: &[u8]| (id.to_owned(), of_other, sealed.to_vec());
    let expected = [
        secret("AKIAANN", false, b"sealed"),
        secret("AKIAFIRST", false, b"first"),
        secret("AKIAOTHER", true, b"other"),
        secret("AKIAS3", false, b"s3"),
    ];
    assert_eq!(found, expected);
    // It is opened again as a registry that knows them all.
    let copy = Sqlite::open(&to).unwrap();
    assert_eq!(copy.services().await.unwrap().len(), 1);
    assert_eq!(copy.accounts().await.unwrap().len(), 1);
    assert!(copy.principal(&entity(USER, "ann")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_policy_without_its_version_in_force_is_corrupt_and_not_one_of_awss() {
    let fresh = support::fresh_sqlite();
    let arn = policy_arn("limit");
    make_all(&fresh.store, [create_policy("limit"), create_user("ann")]).await;
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    make_all(&fresh.store, [attach(USER, "ann", &arn)]).await;
    raw.execute_batch("DELETE FROM iam_policy_version").unwrap();
    let read = fresh.store.principal(&entity(USER, "ann")).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    let changes = [detach(USER, "ann", &arn), bound(USER, "ann", Some(&arn))];
    make_all(&fresh.store, changes).await;
    let read = fresh.store.principal(&entity(USER, "ann")).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    // Nor does an access key without its user or service pass for root's.
    make_all(&fresh.store, [create_access_key("AKIAANN", Some("ann"))]).await;
    raw.execute_batch("DELETE FROM iam_user").unwrap();
    let read = fresh.store.access_key("AKIAANN").await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
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

#[tokio::test]
async fn an_account_has_a_hundred_thousand_keys_in_a_region_at_most() {
    let fresh = support::fresh_sqlite();
    let key = stored_key(&fresh.store).await.arn();
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    let almost_full = "UPDATE quota_usage SET used = 99999";
    assert_eq!(raw.execute(almost_full, []).unwrap(), 1);
    stored_key(&fresh.store).await;
    let what = "KMS keys".to_owned();
    let limit = ChangeRefused::LimitExceeded { what, limit: 100_000, current: 100_000 };
    let one_more = commit(&fresh.store, &create_key(&new_key(), Vec::new())).await;
    assert_eq!(one_more, Committed::Refused(limit));
    let mut elsewhere = new_key();
    elsewhere.region = "us-east-1".parse().unwrap();
    make(&fresh.store, &create_key(&elsewhere, Vec::new())).await;
    // A destroyed key gives its place back.
    make(&fresh.store, &schedule(key, 1, NOW)).await;
    make(&fresh.store, &Change::DestroyKey { key, version: 2 }).await;
    stored_key(&fresh.store).await;
}

#[tokio::test]
async fn a_key_has_fifty_thousand_grants_at_most() {
    let fresh = support::fresh_sqlite();
    let key = stored_key(&fresh.store).await.arn();
    let create = |n| Change::CreateGrant(grant(key, n));
    make(&fresh.store, &create(1)).await;
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    let almost_full = "UPDATE quota_usage SET used = 49999 WHERE counted LIKE 'grants of %'";
    assert_eq!(raw.execute(almost_full, []).unwrap(), 1);
    make(&fresh.store, &create(2)).await;
    let what = "Grants per key".to_owned();
    let limit = ChangeRefused::LimitExceeded { what, limit: 50_000, current: 50_000 };
    assert_eq!(commit(&fresh.store, &create(3)).await, Committed::Refused(limit));
    // A grant that is there already takes no place.
    make(&fresh.store, &create(2)).await;
    let another = stored_key(&fresh.store).await.arn();
    make(&fresh.store, &Change::CreateGrant(grant(another, 3))).await;
    // A removed grant gives its place back, and a destroyed key all of them.
    let removed = trent_types::GrantId::from_bytes([1; 32]);
    make(&fresh.store, &Change::RemoveGrant { key, grant_id: removed, retired: true }).await;
    make(&fresh.store, &create(3)).await;
    make(&fresh.store, &schedule(key, 1, NOW)).await;
    make(&fresh.store, &Change::DestroyKey { key, version: 2 }).await;
    let counts = "SELECT count(*) FROM quota_usage WHERE counted LIKE 'grants of %'";
    assert_eq!(raw.query_row(counts, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[tokio::test]
async fn a_file_that_another_program_keeps_locked_is_unavailable_and_nothing_changes() {
    let fresh = support::fresh_sqlite();
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (key, request, record) = (new_key(), new_request(), record_at(NOW));
    let change = create_key(&key, Vec::new());
    let refused = fresh.store.commit(request, &change, std::slice::from_ref(&record), NOW).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    // Reading goes on.
    assert_eq!(fresh.store.key(region(), key.key_id).await.unwrap(), None);
    raw.execute_batch("ROLLBACK").unwrap();
    let done =
        fresh.store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
    assert_eq!(done, Committed::Now);
}

#[tokio::test]
async fn a_row_that_does_not_decode_is_corrupt() {
    let fresh = support::fresh_sqlite();
    let key = stored_key(&fresh.store).await.key_id;
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    for damage in [
        "UPDATE kms_key SET state = 'Open'",
        "UPDATE kms_key SET state = 'Enabled', current_material = x'00'",
        "UPDATE kms_key SET current_material = zeroblob(32)",
        "DELETE FROM key_policy",
    ] {
        raw.execute_batch(damage).unwrap();
        let read = fresh.store.key(region(), key).await;
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{damage}: {read:?}");
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

#[tokio::test]
async fn states_of_log_files_follow_from_each_other() {
    let fresh = support::fresh_sqlite();
    let store = &fresh.store;
    let account = "123456789012".parse().unwrap();
    assert!(store.take_log_lease(uuid::Uuid::nil(), std::time::Duration::ZERO).await.unwrap());
    assert_eq!(store.log_state(account).await.unwrap(), None);
    assert!(store.set_log_state(account, 0, "a").await.unwrap());
    assert!(!store.set_log_state(account, 0, "b").await.unwrap());
    assert!(store.set_log_state(account, 1, "c").await.unwrap());
    assert_eq!(store.log_state(account).await.unwrap(), Some((2, "c".to_owned())));
}
