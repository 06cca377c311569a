//! What only the Postgres store promises: migrations, the order of commits, and the audit trail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::time::Duration;

use sha2::{Digest, Sha256};
use support::cluster::cluster;
use support::connected;
use support::samples::*;
use tokio_postgres::NoTls;
use trent_store::{
    ArchiveStore, ArchivedPart, AuditStore, Committed, Invalidation, InvalidationCursor,
    LogFileStore, Postgres, PostgresOptions, RegistryStore, StoreError, migrate,
};
use trent_types::{AuditRecord, Change, KeyRecord, MaterialId, Origin, Timestamp};
use uuid::Uuid;

#[tokio::test]
async fn a_database_without_the_schema_asks_for_migrate() {
    let database = cluster().new_database("trent_owner").await;
    let owner = cluster().of_role("owner", &database);
    let refused = Postgres::connect(&owner).await;
    assert!(matches!(&refused, Err(StoreError::Schema(why)) if why.contains("trent migrate")));
    // Two at once take turns, and once more changes nothing.
    let twin = {
        let owner = owner.clone();
        std::thread::spawn(move || migrate(&owner))
    };
    migrate(&owner).unwrap();
    twin.join().unwrap().unwrap();
    migrate(&owner).unwrap();
    connected("policy", &database).await;
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    let database = cluster().migrated_database().await;
    let raw = raw(&database).await;
    let newer = "INSERT INTO refinery_schema_history SELECT version + 1, name, applied_on, \
        checksum FROM refinery_schema_history ORDER BY version DESC LIMIT 1";
    raw.batch_execute(newer).await.unwrap();
    let refused = Postgres::connect(&cluster().of_role("policy", &database)).await;
    assert!(matches!(&refused, Err(StoreError::Schema(why)) if why.contains("newer")));
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let away = PostgresOptions::new("postgres://trent@127.0.0.1:1/trent", 2);
    let refused = Postgres::connect(&away).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert!(matches!(migrate(&away), Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn the_owner_moves_the_key_clock_and_the_evaluator_sees_it() {
    let database = cluster().migrated_database().await;
    let (owner, policy) = (connected("owner", &database), connected("policy", &database));
    let (owner, policy) = tokio::join!(owner, policy);
    assert_eq!(policy.key_clock_offset().await.unwrap(), 0);
    for offset in [86_400_000, -5] {
        owner.set_key_clock_offset(offset).await.unwrap();
        assert_eq!(policy.key_clock_offset().await.unwrap(), offset);
        let told = policy.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
        assert_eq!(told.2, offset);
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_replaced() {
    let database = cluster().migrated_database().await;
    let store = one_connection(&database).await;
    let raw = raw(&database).await;
    let end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    raw.query(end_others, &[]).await.unwrap();
    let (request, record) = (new_request(), record_at(NOW));
    let change = create_key(&new_key(), Vec::new());
    loop {
        // The broken connection may be noticed at once or at its next use; never is anything else
        // said.
        match store.commit(request, &change, std::slice::from_ref(&record), NOW).await {
            Ok(done) => break assert_eq!(done, Committed::Now),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn invalidations_committed_out_of_order_are_all_delivered() {
    let database = cluster().migrated_database().await;
    let store = connected("policy", &database).await;
    let raw = raw(&database).await;
    // A transaction that takes its position first and commits last.
    raw.batch_execute(
        "BEGIN; INSERT INTO invalidation (kind, what, at) VALUES ('access key', 'AKIALATE', 0)",
    )
    .await
    .unwrap();
    let key = stored_key(&store).await.arn();
    let (early, cursor, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    let late = Invalidation::AccessKey("AKIALATE".to_owned());
    assert!(early.contains(&Invalidation::Key(key)));
    assert!(!early.contains(&late));
    raw.batch_execute("COMMIT").await.unwrap();
    let (then, _, _) = store.renew_lease(Uuid::nil(), cursor).await.unwrap();
    assert!(then.contains(&late));
}

#[tokio::test]
async fn a_committer_waits_for_its_twin_and_makes_the_change_if_the_twin_gave_up() {
    let database = cluster().migrated_database().await;
    let store = connected("policy", &database).await;
    let raw = raw(&database).await;
    let request = new_request();
    raw.batch_execute("BEGIN").await.unwrap();
    let insert = "INSERT INTO applied_change (request_id, at, given_up) VALUES ($1, 0, FALSE)";
    raw.execute(insert, &[&request.as_bytes().as_slice()]).await.unwrap();
    let (change, record) = (create_key(&new_key(), Vec::new()), record_at(NOW));
    let twin = store.commit(request, &change, std::slice::from_ref(&record), NOW);
    let give_up = async {
        // Until the twin waits for the lock.
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock'";
        while raw.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
        raw.batch_execute("ROLLBACK").await.unwrap();
    };
    let (done, ()) = tokio::join!(twin, give_up);
    assert_eq!(done.unwrap(), Committed::Now);
}

fn chain_hash(previous: &[u8; 32], sequence: u64, record: &AuditRecord) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(sequence.to_be_bytes());
    hasher.update(record.event_id.as_bytes());
    hasher.update(&record.cloudtrail_json);
    hasher.finalize().into()
}

async fn assert_chain(store: &Postgres, chain: Option<trent_types::AccountId>, length: u64) {
    let (mut after, mut previous) = (0, [0; 32]);
    loop {
        let page = store.records(chain, after, 7).await.unwrap();
        for link in &page {
            assert_eq!((link.sequence, link.previous_hash), (after + 1, previous));
            assert_eq!(link.hash, chain_hash(&previous, link.sequence, &link.record));
            assert_eq!(link.record.account, chain);
            (after, previous) = (link.sequence, link.hash);
        }
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(after, length);
    assert_eq!(store.head(chain).await.unwrap(), (length, previous));
}

fn of_chain(chain: Option<&str>, event_time: Timestamp) -> AuditRecord {
    AuditRecord { account: chain.map(|digits| digits.parse().unwrap()), ..record_at(event_time) }
}

#[tokio::test]
async fn records_are_appended_once_in_a_chain_for_each_account() {
    let database = cluster().migrated_database().await;
    let store = connected("audit", &database).await;
    assert_eq!(store.head(None).await.unwrap(), (0, [0; 32]));
    assert_eq!(store.chains().await.unwrap(), []);
    let month = 31 * 86_400_000;
    let mut records: Vec<_> = (0..30)
        .map(|n| {
            let chain = [None, Some("111122223333"), Some("444455556666")][n % 3];
            of_chain(chain, NOW.plus_millis(month * (n as i64 % 4)))
        })
        .collect();
    assert_eq!(store.append(&records[..20], chain_hash, &()).await.unwrap(), 20);
    // Delivered again, in part, with one twice in the same batch.
    records.push(records[29].clone());
    assert_eq!(store.append(&records[10..], chain_hash, &()).await.unwrap(), 10);
    assert_eq!(store.append(&records, chain_hash, &()).await.unwrap(), 0);
    assert_eq!(store.append(&[], chain_hash, &()).await.unwrap(), 0);
    let chains = store.chains().await.unwrap();
    assert_eq!(chains.len(), 3);
    for chain in chains {
        assert_chain(&store, chain, 10).await;
    }
    let first = store.records(None, 0, 1).await.unwrap();
    assert_eq!(first[0].record, records[0]);
}

#[tokio::test]
async fn concurrent_appends_keep_every_chain_whole() {
    let database = cluster().migrated_database().await;
    let (one, other) = tokio::join!(connected("audit", &database), connected("audit", &database));
    let batch = || -> Vec<_> {
        let chains = [Some("444455556666"), None, Some("111122223333")];
        (0..12).map(|n| of_chain(chains[n % 3], NOW)).collect()
    };
    let shared = batch();
    let append_many = async |store: &Postgres| {
        let mut new = 0;
        for _ in 0..15 {
            new += store.append(&batch(), chain_hash, &()).await.unwrap();
            new += store.append(&shared, chain_hash, &()).await.unwrap();
        }
        new
    };
    let new = tokio::join!(append_many(&one), append_many(&other), append_many(&one));
    assert_eq!(new.0 + new.1 + new.2, 46 * 12);
    for chain in one.chains().await.unwrap() {
        assert_chain(&other, chain, 46 * 4).await;
    }
}

#[tokio::test]
async fn partitions_are_made_for_each_month_once() {
    let database = cluster().migrated_database().await;
    let (one, other) = tokio::join!(connected("audit", &database), connected("audit", &database));
    let from = Timestamp::from_civil(2026, 11, 30, 23, 59, 59).unwrap();
    let to = Timestamp::from_civil(2027, 2, 1, 0, 0, 0).unwrap();
    let (a, b) = tokio::join!(one.ensure_partitions(from, to), other.ensure_partitions(from, to));
    a.unwrap();
    b.unwrap();
    let raw = raw(&database).await;
    let names =
        "SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1";
    let rows = raw.query(names, &[]).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let months = ["2026_11", "2026_12", "2027_01", "2027_02"];
    let expected = ["audit_event", "audit_posting"]
        .map(|parent| months.map(|month| format!("{parent}_{month}")))
        .concat();
    assert_eq!(names, expected);
    assert!(
        one.ensure_partitions(Timestamp::from_millis(0), NOW.plus_millis(1 << 45)).await.is_err()
    );
}

#[tokio::test]
async fn destroyed_material_leaves_the_data_files() {
    let database = cluster().migrated_database().await;
    let store = connected("policy", &database).await;
    let raw = raw(&database).await;
    let row = raw.query_one("SHOW data_directory", &[]).await.unwrap();
    let data = std::path::PathBuf::from(row.get::<_, String>(0)).join("base");
    // One that stays in its row, and one that is moved out of line.
    let (short, long) = (canary(b"short", 64), canary(b"long", 9_000));
    let (mut destroyed, mut deleted) = (Vec::new(), Vec::new());
    for sealed in [&short, &long] {
        let record = new_key();
        let mut change = create_key(&record, Vec::new());
        let Change::CreateKey { material: Some(material), .. } = &mut change else { panic!() };
        material.sealed.sealed.clone_from(sealed);
        make(&store, &change).await;
        destroyed.push(record.arn());
        let external = KeyRecord { origin: Origin::External, ..new_key() };
        let mut change = create_key(&external, Vec::new());
        let Change::CreateKey { material: Some(material), .. } = &mut change else { panic!() };
        material.sealed.sealed = [&b"imported "[..], sealed].concat();
        make(&store, &change).await;
        deleted.push((external.arn(), material_id_of(&change)));
    }
    let kept = stored_key(&store).await.arn();
    let checkpoint = async || raw.batch_execute("CHECKPOINT").await.unwrap();
    checkpoint().await;
    assert!(holds(&data, &short) && holds(&data, &long), "the test shows nothing");
    assert!(!store.scrub(NOW).await.unwrap(), "nothing is to be done yet");
    for key in destroyed {
        make(&store, &schedule(key, 1, NOW)).await;
        make(&store, &Change::DestroyKey { key, version: 2 }).await;
    }
    for (key, material_id) in deleted {
        make(&store, &Change::DeleteMaterial { key, version: 1, material_id, expired: false })
            .await;
    }
    checkpoint().await;
    assert!(holds(&data, &long), "a deleted row is still there");
    assert!(store.scrub(NOW).await.unwrap());
    checkpoint().await;
    assert!(!holds(&data, &short) && !holds(&data, &long));
    assert!(store.key(kept.region, kept.key_id).await.unwrap().is_some());
    // Once more later, for a snapshot that was older; then there is peace.
    assert!(!store.scrub(NOW).await.unwrap());
    assert!(store.scrub(NOW.plus_millis(600_000)).await.unwrap());
    assert!(!store.scrub(NOW.plus_millis(600_000)).await.unwrap());
    // Whoever reads for long is not waited for, and stops nobody.
    raw.batch_execute("BEGIN; SELECT 1 FROM key_material LIMIT 1").await.unwrap();
    let key = stored_key(&store).await.arn();
    make(&store, &schedule(key, 1, NOW)).await;
    make(&store, &Change::DestroyKey { key, version: 2 }).await;
    assert!(matches!(store.scrub(NOW).await, Err(StoreError::Unavailable(_))));
    raw.batch_execute("COMMIT").await.unwrap();
    assert!(store.scrub(NOW).await.unwrap());
}

/// Bytes that are nowhere else and do not compress.
fn canary(seed: &[u8], length: usize) -> Vec<u8> {
    let block =
        |n: usize| Sha256::new().chain_update(seed).chain_update(n.to_be_bytes()).finalize();
    let mut bytes: Vec<u8> = (0..length.div_ceil(32)).flat_map(block).collect();
    bytes.truncate(length);
    bytes
}

fn material_id_of(change: &Change) -> MaterialId {
    let Change::CreateKey { material: Some(material), .. } = change else { panic!() };
    material.sealed.material_id
}

/// Whether the beginning of this is in any file of the folder.
fn holds(folder: &std::path::Path, needle: &[u8]) -> bool {
    let needle = &needle[..32];
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

/// The evaluator with a single connection.
async fn one_connection(database: &str) -> Postgres {
    let options = PostgresOptions { pool_max: 1, ..cluster().of_role("policy", database) };
    Postgres::connect(&options).await.unwrap()
}

/// The superuser.
async fn raw(database: &str) -> tokio_postgres::Client {
    let url = cluster().admin_url(database);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_month_leaves_only_with_as_many_records_as_its_manifest_says_and_only_for_the_owner() {
    let database = cluster().migrated_database().await;
    let (owner, audit) = (connected("owner", &database), connected("audit", &database));
    let (owner, audit) = tokio::join!(owner, audit);
    let month = |year: i64, month: i64| year * 12 + month - 1;
    let at = |month| Timestamp::from_civil(2026, month, 1, 0, 0, 0).unwrap();
    let records = [record_at(at(3)), record_at(at(3)), record_at(at(4))];
    audit.append(&records, |_, sequence, _| [sequence as u8; 32], &()).await.unwrap();
    let chain = records[0].account;
    assert_eq!(owner.months().await.unwrap(), [month(2026, 3), month(2026, 4)]);
    assert_eq!(owner.next_chain_of_month(month(2026, 3), None).await.unwrap(), Some(chain));
    assert_eq!(owner.next_chain_of_month(month(2026, 3), Some(chain)).await.unwrap(), None);
    let read = owner.records_of_month(month(2026, 3), chain, 0, 9).await.unwrap();
    assert_eq!(read.iter().map(|link| link.sequence).collect::<Vec<_>>(), [1, 2]);
    let part = ArchivedPart { month: month(2026, 3), part: 1, manifest: "signed".into() };
    assert!(audit.drop_month(&part, 2).await.is_err());
    assert!(!owner.drop_month(&part, 3).await.unwrap());
    assert_eq!(owner.archived().await.unwrap(), []);
    assert!(owner.drop_month(&part, 2).await.unwrap());
    assert_eq!(owner.archived().await.unwrap(), [part]);
    assert_eq!(audit.manifests().await.unwrap(), ["signed"]);
    assert_eq!(audit.records(chain, 0, 9).await.unwrap().len(), 1);
    // A record that comes late finds a new place, at the latest when it is tried again.
    let late = [record_at(at(3))];
    let hash: trent_store::ChainHash = |_, sequence, _| [sequence as u8; 32];
    if audit.append(&late, hash, &()).await.is_err() {
        assert_eq!(audit.append(&late, hash, &()).await.unwrap(), 1);
    }
    assert_eq!(owner.records_of_month(month(2026, 3), chain, 0, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_writer_of_log_files_has_the_lease_and_states_follow_from_each_other() {
    let database = cluster().migrated_database().await;
    let audit = connected("audit", &database).await;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (long, short) = (Duration::from_secs(60), Duration::from_millis(1));
    assert!(audit.take_log_lease(one, long).await.unwrap());
    assert!(!audit.take_log_lease(other, long).await.unwrap());
    assert!(audit.take_log_lease(one, short).await.unwrap());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(audit.take_log_lease(other, long).await.unwrap());
    let account = "123456789012".parse().unwrap();
    assert_eq!(audit.log_state(account).await.unwrap(), None);
    assert!(audit.set_log_state(account, 0, "a").await.unwrap());
    assert!(!audit.set_log_state(account, 0, "b").await.unwrap());
    assert!(audit.set_log_state(account, 1, "c").await.unwrap());
    assert!(!audit.set_log_state(account, 1, "d").await.unwrap());
    assert_eq!(audit.log_state(account).await.unwrap(), Some((2, "c".to_owned())));
}
