//! What each role may not do, and what it must.

use trent_store::{AuditStore, InvalidationCursor, RegistryStore, StoreError};
use trent_types::{AuditRecord, Timestamp};
use uuid::Uuid;

use crate::support::connected;
use crate::support::raw::{connect, word};
use crate::support::samples::*;
use crate::trent;

/// Attempts of one role: what is tried, and the SQLSTATE that refuses it.
type Attempts = Vec<(String, &'static str)>;

/// insufficient_privilege
const DENIED: &str = "42501";

/// What no role may: objects, other roles, the server.
const NOBODY: &[&str] = &[
    "CREATE TABLE mine (a int)",
    "CREATE TEMPORARY TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION check_audit_head() RETURNS trigger LANGUAGE plpgsql AS \
     'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION make_audit_month(integer) RESET ALL",
    "CREATE EXTENSION pg_trgm",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "ALTER SCHEMA public OWNER TO CURRENT_USER",
    "DROP SCHEMA public CASCADE",
    "SET ROLE trent_owner",
    "GRANT trent_owner TO CURRENT_USER",
    "GRANT pg_write_all_data TO CURRENT_USER",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "SET SESSION AUTHORIZATION trent",
    "ALTER ROLE trent_owner PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "SELECT rolpassword FROM pg_authid",
    "SELECT passwd FROM pg_shadow",
    "SELECT stavalues1 FROM pg_statistic",
    "SELECT pg_read_file('pg_hba.conf')",
    "SELECT * FROM pg_hba_file_rules",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "SET session_replication_role = replica",
    "ALTER SYSTEM SET ssl = off",
    "CHECKPOINT",
    "SELECT nextval('outbox_sequence_seq')",
    "UPDATE refinery_schema_history SET version = 99",
    "DELETE FROM refinery_schema_history",
    "DROP TRIGGER audit_head_moves_forward ON audit_chain",
    "ALTER TABLE audit_chain DISABLE TRIGGER ALL",
    "ALTER TABLE audit_chain DISABLE TRIGGER audit_head_moves_forward",
    "ALTER TABLE audit_event OWNER TO CURRENT_USER",
];

/// What changes or removes what is kept, on the trail's table and on a partition of it.
const PAST: &[&str] = &[
    "UPDATE # SET cloudtrail_json = ''",
    "UPDATE # SET event_time = 0",
    "DELETE FROM #",
    "TRUNCATE #",
    "DROP TABLE #",
    "ALTER TABLE # DISABLE TRIGGER ALL",
    "ALTER TABLE # DROP COLUMN hash",
    "ALTER TABLE # RENAME TO gone",
    "CREATE RULE gone AS ON INSERT TO # DO INSTEAD NOTHING",
    "CREATE TRIGGER gone BEFORE INSERT ON # FOR EACH ROW EXECUTE FUNCTION check_audit_head()",
    "SELECT * FROM # FOR UPDATE",
];

const PARTITION: &str = "audit_event_2027_01";

/// What makes records impossible to find, on the table of postings and on a partition of it.
const INDEX: &[&str] = &[
    "UPDATE # SET value = ''",
    "UPDATE # SET latest = 0",
    "DELETE FROM #",
    "TRUNCATE #",
    "DROP TABLE #",
    "CREATE RULE gone AS ON INSERT TO # DO INSTEAD NOTHING",
    "SELECT * FROM # FOR UPDATE",
];

const POSTINGS: &str = "audit_posting_2027_01";

const REGISTRY: &[&str] = &[
    "kms_key",
    "key_policy",
    "key_tag",
    "key_material",
    "key_alias",
    "key_grant",
    "account",
    "iam_user",
    "iam_group",
    "iam_role",
    "iam_policy",
    "iam_policy_version",
    "iam_inline_policy",
    "iam_attachment",
    "iam_membership",
    "iam_tag",
    "service_principal",
    "explanation",
    "access_key",
    "quota_usage",
    "quota_override",
    "applied_change",
    "lease_holder",
    "invalidation_horizon",
    "invalidation",
    "outbox",
    "setting",
];

fn denied(statements: &[&str]) -> Attempts {
    statements.iter().map(|sql| ((*sql).to_owned(), DENIED)).collect()
}

/// The same statements on each of these tables.
fn on_each(tables: &[&str], statements: &[&str]) -> Attempts {
    let on = |table| statements.iter().map(move |sql| (sql.replace('#', table), DENIED));
    tables.iter().flat_map(|table| on(*table)).collect()
}

fn of_audit() -> Attempts {
    let mut attempts = on_each(&["audit_event", PARTITION], PAST);
    attempts.extend(on_each(&["audit_posting", POSTINGS], INDEX));
    attempts.extend(denied(&[
        "INSERT INTO audit_unposted VALUES ('111122223333', 1)",
        "UPDATE audit_unposted SET chain = '111122223333'",
        "SELECT * FROM audit_posting_2027_01",
        "INSERT INTO audit_posting_2027_01 SELECT * FROM audit_posting",
        "SELECT * FROM audit_event_2027_01",
        "INSERT INTO audit_event_2027_01 SELECT * FROM audit_event",
        "ALTER TABLE audit_event DETACH PARTITION audit_event_2027_01",
        "CREATE TABLE audit_event_2027_09 PARTITION OF audit_event FOR VALUES FROM (1) TO (2)",
        "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (event_time, event_id) \
         DO UPDATE SET cloudtrail_json = ''",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
        "UPDATE audit_chain SET chain = 'other'",
        "DROP TABLE audit_chain",
        "SELECT check_audit_head()",
        "DELETE FROM key_last_usage",
        "TRUNCATE key_last_usage",
        "UPDATE key_last_usage SET key_id = ''",
        "DELETE FROM usage_hour",
        "TRUNCATE usage_hour",
        "UPDATE usage_hour SET account = '999999999999'",
        "UPDATE usage_hour SET billed = FALSE",
        "DELETE FROM key_event",
        "TRUNCATE key_event",
        "UPDATE key_event SET detail = ''",
        "SELECT * FROM audit_events",
        "DROP VIEW usage_by_hour",
        "INSERT INTO audit_archive VALUES (24324, 1, '')",
        "UPDATE audit_archive SET manifest = ''",
        "DELETE FROM audit_archive",
        "DELETE FROM audit_log_state",
        "UPDATE audit_log_state SET account = ''",
        "DELETE FROM audit_log_lease",
    ]));
    let head_back = [
        "UPDATE audit_chain SET sequence = sequence - 1",
        "UPDATE audit_chain SET sequence = 0, hash = decode(repeat('00', 32), 'hex')",
        "UPDATE audit_chain SET hash = decode(repeat('11', 32), 'hex')",
        "INSERT INTO audit_chain VALUES ('999999999999', 7, decode(repeat('11', 32), 'hex'))",
        "INSERT INTO audit_chain VALUES ('111122223333', 0, decode(repeat('00', 32), 'hex')) \
         ON CONFLICT (chain) DO UPDATE SET sequence = 0",
    ];
    attempts.extend(head_back.map(|sql| (sql.to_owned(), "23514")));
    for wild in ["NULL", "0", "2147483647", "-1"] {
        attempts.push((format!("SELECT make_audit_month({wild})"), "22003"));
    }
    attempts.push(("SELECT make_audit_month('1; DROP TABLE audit_event')".into(), "22P02"));
    attempts.extend(on_each(REGISTRY, &["SELECT * FROM #", "DELETE FROM #", "TRUNCATE #"]));
    attempts
}

fn of_policy() -> Attempts {
    let mut attempts = on_each(&["audit_event", PARTITION], PAST);
    attempts.extend(on_each(&["audit_posting", POSTINGS], INDEX));
    let trail = ["audit_event", "audit_chain", "audit_posting", PARTITION, POSTINGS];
    attempts.extend(on_each(&trail, &["SELECT * FROM #", "INSERT INTO # DEFAULT VALUES"]));
    let ddl = ["DROP TABLE #", "TRUNCATE #", "ALTER TABLE # ADD COLUMN mine int", "LOCK TABLE #"];
    attempts.extend(on_each(REGISTRY, &ddl[..3]));
    attempts.extend(denied(&[
        "UPDATE audit_chain SET sequence = 0",
        "INSERT INTO key_last_usage DEFAULT VALUES",
        "UPDATE key_last_usage SET used_at = 0",
        "SELECT make_audit_month(24324)",
        "CREATE INDEX ON key_material (region)",
        "DELETE FROM setting",
        "UPDATE setting SET name = 'other'",
        "UPDATE outbox SET cloudtrail_json = ''",
        "UPDATE applied_change SET given_up = TRUE",
        "DELETE FROM invalidation_horizon",
        "UPDATE iam_policy_version SET document = '{}'",
        "UPDATE explanation SET json = '{}'",
        "UPDATE service_principal SET name = 'other'",
        "UPDATE account SET name = 'other'",
        "DELETE FROM account",
    ]));
    attempts.extend(denied(&["SELECT * FROM audit_events"]));
    let usage = ["usage_hour", "key_event", "usage_by_hour"];
    let kept = ["audit_archive", "audit_log_state", "audit_log_lease"];
    attempts.extend(on_each(&kept, &["SELECT * FROM #", "DELETE FROM #"]));
    attempts.extend(on_each(&usage, &["SELECT * FROM #", "DELETE FROM #"]));
    attempts
}

fn of_reader() -> Attempts {
    let mut attempts = on_each(&["audit_event", PARTITION], PAST);
    let writes = ["INSERT INTO # DEFAULT VALUES", "DELETE FROM #", "TRUNCATE #"];
    attempts.extend(on_each(&["audit_posting", POSTINGS], INDEX));
    let trail = ["audit_event", "audit_chain", "audit_posting", PARTITION, POSTINGS];
    attempts.extend(on_each(&trail, &writes));
    attempts.extend(on_each(&["usage_hour", "key_event", "audit_archive"], &writes));
    attempts.extend(on_each(&["audit_log_state", "audit_log_lease"], &["SELECT * FROM #"]));
    attempts.extend(on_each(REGISTRY, &["SELECT * FROM #", "DELETE FROM #"]));
    attempts.extend(denied(&[
        "UPDATE usage_hour SET requests = 0",
        "DELETE FROM usage_by_hour",
        "SELECT * FROM audit_event_2027_01",
        "UPDATE audit_chain SET sequence = 0",
        "SELECT make_audit_month(24324)",
        "SELECT * FROM key_last_usage",
        "INSERT INTO key_last_usage DEFAULT VALUES",
        "DELETE FROM key_last_usage",
    ]));
    attempts
}

#[tokio::test]
async fn every_role_is_refused_what_it_must_not_do() {
    let trent = trent().await;
    connected_to("audit").await.append(&[record_at(NOW)], |_, _, _| [7; 32], &()).await.unwrap();
    stored_key(&connected_to("policy").await).await;
    let (mut refused, mut wrong) = (0, Vec::new());
    for (role, attempts) in
        [("audit", of_audit()), ("policy", of_policy()), ("reader", of_reader())]
    {
        let client = connect(&trent.of_role(role, "trent")).await.unwrap();
        for (sql, expected) in attempts.into_iter().chain(denied(NOBODY)) {
            let answer = client.batch_execute(&sql).await;
            let code = answer.as_ref().err().map_or_else(|| "done".to_owned(), word);
            println!("{:<13} {code}  {sql}", format!("trent_{role}"));
            refused += 1;
            if code != expected {
                wrong.push(format!("trent_{role}: {sql}: {answer:?}, not {expected}"));
            }
        }
    }
    println!("{refused} attempts, {} not refused as they must be", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn no_role_can_give_away_what_it_has() {
    let database = trent().await.migrated_database().await;
    for (role, table) in [("audit", "audit_event"), ("reader", "audit_event"), ("policy", "outbox")]
    {
        let client = connect(&trent().await.of_role(role, &database)).await.unwrap();
        // Without a grant option this is a warning, and nothing is granted.
        client.batch_execute(&format!("GRANT ALL ON {table} TO PUBLIC")).await.unwrap();
    }
    let given = "SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE grantee = 0 \
        AND relnamespace = 'public'::regnamespace";
    let owner = connect(&trent().await.of_role("owner", &database)).await.unwrap();
    let given: i64 = owner.query_one(given, &[]).await.unwrap().get(0);
    assert_eq!(given, 0);
}

#[tokio::test]
async fn no_role_sees_what_another_does() {
    let trent = trent().await;
    let reader = connect(&trent.of_role("reader", "trent")).await.unwrap();
    let policy = connect(&trent.of_role("policy", "trent")).await.unwrap();
    let pid: i32 = policy.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let doing = "SELECT query FROM pg_stat_activity WHERE pid = $1";
    let seen: String = reader.query_one(doing, &[&pid]).await.unwrap().get(0);
    assert_eq!(seen, "<insufficient privilege>");
    let end = reader.query_one("SELECT pg_terminate_backend($1)", &[&pid]).await;
    assert_eq!(word(&end.unwrap_err()), DENIED);
    trent.psql("trent", "ANALYZE kms_key");
    let statistics = "SELECT count(*) FROM pg_stats WHERE tablename = 'kms_key'";
    let seen: i64 = reader.query_one(statistics, &[]).await.unwrap().get(0);
    assert_eq!(seen, 0);
    let audit = connect(&trent.of_role("audit", "trent")).await.unwrap();
    let seen: i64 = audit.query_one(statistics, &[]).await.unwrap().get(0);
    assert_eq!(seen, 0);
}

/// The registry's and the trail's own promises are kept under these roles in the other test
/// programs; here is that each role can do its work while the others do theirs.
#[tokio::test]
async fn every_role_can_do_what_it_must() {
    let database = trent().await.migrated_database().await;
    let policy = connected("policy", &database).await;
    let key = stored_key(&policy).await;
    let (_, _, offset) = policy.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!((policy.outbox_len().await.unwrap(), offset), (1, 0));
    let record = policy.outbox(1).await.unwrap().remove(0);
    policy.outbox_remove(&[record.event_id]).await.unwrap();
    let stored = policy.key(region(), key.key_id).await.unwrap().unwrap();
    assert_eq!(stored.record, key);

    let audit = connected("audit", &database).await;
    let later = AuditRecord { event_time: NOW.plus_millis(32 * 86_400_000), ..record_at(NOW) };
    let records = [record.clone(), later.clone()];
    assert_eq!(
        audit.append(&records, |_, sequence, _| [sequence as u8; 32], &()).await.unwrap(),
        2
    );
    let used = used_at(NOW);
    let (uses, more) = (Uses(vec![(key.arn(), used)]), record_at(NOW));
    assert_eq!(audit.append(&[more], |_, _, _| [3; 32], &uses).await.unwrap(), 1);
    assert_eq!(policy.last_usage(region(), key.key_id).await.unwrap(), Some(used));
    let to = Timestamp::from_civil(2030, 1, 1, 0, 0, 0).unwrap();
    audit.ensure_partitions(NOW, to).await.unwrap();

    let reader = connected("reader", &database).await;
    let chain = record.account;
    assert_eq!(reader.chains().await.unwrap(), [chain]);
    assert_eq!(reader.head(chain).await.unwrap(), (3, [3; 32]));
    let read: Vec<_> = reader.records(chain, 0, 10).await.unwrap();
    let read: Vec<_> = read.into_iter().map(|link| link.record).collect();
    assert_eq!(read.len(), 3);
    assert_eq!(read[1].event_id, later.event_id);

    let refused = reader.append(&records, |_, _, _| [9; 32], &()).await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{refused:?}");
    let refused = audit.access_key("AKIA").await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{refused:?}");
    let refused = policy.chains().await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{refused:?}");
}

async fn connected_to(who: &str) -> trent_store::Postgres {
    connected(who, "trent").await
}
