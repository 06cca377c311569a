//! What the program before left in a store is there after the migration.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use support::cluster::cluster;
use support::identities::*;
use support::raw::connect;
use support::samples::*;
use trent_store::{
    AccessKeyOwner, Invalidation, InvalidationCursor, Postgres, PostgresOptions, RegistryStore,
    Sqlite, StoreError, migrate,
};
use trent_types::EntityRecord;
use uuid::Uuid;

/// The versions of the program before identities had groups, roles and policies.
const SQLITE: [&str; 7] = [
    "V1__registry",
    "sqlite/V2__queues",
    "V5__sealed_versions",
    "V6__materials_and_families",
    "V7__grants",
    "V8__quota_overrides",
    "V9__key_last_usage",
];
const POSTGRES: [&str; 10] = [
    "V1__registry",
    "postgres/V2__queues",
    "postgres/V3__audit",
    "postgres/V4__audit_guard",
    "V5__sealed_versions",
    "V6__materials_and_families",
    "V7__grants",
    "V8__quota_overrides",
    "V9__key_last_usage",
    "postgres/V10__scrub",
];

/// Two users, of whom one has two access keys, and root's key; an invalidation as it was written.
const DATA: &str = "\
    INSERT INTO iam_user (account, folded_name, name, path, user_id, created_at) VALUES \
        ('111122223333', 'ann', 'Ann', '/team/', 'AIDAAnn', 1800000000000), \
        ('111122223333', 'bob', 'bob', '/team/', 'AIDAbob', 1800000000000); \
    INSERT INTO access_key \
        (access_key_id, account, owner, status, created_at, sealed_secret, seeded) VALUES \
        ('AKIA1', '111122223333', 'ann', 'Active', 1800000000000, '1', FALSE), \
        ('AKIA2', '111122223333', 'ann', 'Inactive', 1800000000000, '2', FALSE), \
        ('AKIAROOT', '111122223333', '', 'Active', 1800000000000, '3', TRUE); \
    INSERT INTO quota_usage (account, counted, used) VALUES \
        ('111122223333', 'access keys of ann', 2), ('111122223333', 'access keys of ', 1); \
    INSERT INTO invalidation (kind, what, at) VALUES \
        ('user', '111122223333/Ann', 1800000000000);";

fn migration(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    std::fs::read_to_string(format!("{folder}/{name}.sql")).unwrap()
}

async fn check(store: &impl RegistryStore) {
    let ann = view(store, USER, "ANN").await;
    assert_eq!(ann.record, EntityRecord::User(user("Ann")));
    let ids: Vec<_> = ann.access_keys.iter().map(|key| key.access_key_id.as_str()).collect();
    assert_eq!((ids, ann.boundary), (vec!["AKIA1", "AKIA2"], None));
    let root = store.access_key("AKIAROOT").await.unwrap().unwrap();
    assert_eq!(root.owner, AccessKeyOwner::Root);
    assert_eq!(store.access_key_use("AKIA1").await.unwrap().unwrap().1, None);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!(stale, [Invalidation::Identities(account())]);
    // What was counted goes on from there.
    let third = attempt(store, create_access_key("AKIA3", Some("ann"))).await;
    assert_eq!(third, too_many("Cannot exceed quota for AccessKeysPerUser: 2"));
    make_all(store, [rename(USER, "ann", "anna"), delete(USER, "bob")]).await;
    make_all(store, [create_role("ops"), attach(USER, "anna", OF_AWS)]).await;
    let (users, more) = store.entities(account(), USER, "/", None, 9).await.unwrap();
    assert_eq!((users.len(), more), (1, false));
}

#[tokio::test]
async fn a_sqlite_file_of_version_9_keeps_its_users_and_access_keys() {
    let fresh = support::fresh_sqlite();
    let folder = fresh.directory.path();
    let old = folder.join("old.db");
    let raw = rusqlite::Connection::open(&old).unwrap();
    for name in SQLITE {
        raw.execute_batch(&migration(name)).unwrap();
    }
    // What refinery would have noted then.
    let noted = "ATTACH ?1 AS new";
    raw.execute(noted, [folder.join("trent.db").to_str().unwrap()]).unwrap();
    raw.execute_batch(
        "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), \
             applied_on VARCHAR(255), checksum VARCHAR(255)); \
         INSERT INTO refinery_schema_history \
             SELECT * FROM new.refinery_schema_history WHERE version <= 9; DETACH new;",
    )
    .unwrap();
    raw.execute_batch(DATA).unwrap();
    // As bytes, which SQLite does not make of text.
    raw.execute_batch("UPDATE access_key SET sealed_secret = CAST(sealed_secret AS BLOB)").unwrap();
    drop(raw);
    let store = Sqlite::open(&old).unwrap();
    check(&store).await;
    let raw = rusqlite::Connection::open(&old).unwrap();
    let used = "SELECT used FROM quota_usage WHERE counted = 'users'";
    assert_eq!(raw.query_row(used, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[tokio::test]
async fn a_postgres_database_of_version_10_keeps_its_users_and_access_keys() {
    let database = cluster().new_database("trent_owner").await;
    let owner = cluster().of_role("owner", &database);
    let raw = connect(&owner).await.unwrap();
    for name in POSTGRES {
        raw.batch_execute(&migration(name)).await.unwrap();
    }
    let whole = PostgresOptions::new(&cluster().admin_url(&cluster().migrated_database().await), 1);
    let whole = connect(&whole).await.unwrap();
    raw.batch_execute(
        "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name varchar(255), \
         applied_on varchar(255), checksum varchar(255))",
    )
    .await
    .unwrap();
    let noted = "SELECT format('INSERT INTO refinery_schema_history VALUES (%L, %L, %L, %L)', \
        version, name, applied_on, checksum) FROM refinery_schema_history WHERE version <= 10";
    for row in whole.query(noted, &[]).await.unwrap() {
        raw.batch_execute(row.get(0)).await.unwrap();
    }
    raw.batch_execute(DATA).await.unwrap();
    let policy = cluster().of_role("policy", &database);
    let refused = Postgres::connect(&policy).await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{refused:?}");
    migrate(&owner).unwrap();
    check(&Postgres::connect(&policy).await.unwrap()).await;
    let used = "SELECT used FROM quota_usage WHERE counted = 'users'";
    let used: i64 = raw.query_one(used, &[]).await.unwrap().get(0);
    assert_eq!(used, 1);
}
