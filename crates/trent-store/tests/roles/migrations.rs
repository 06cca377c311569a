//! Which users can migrate which databases.

use trent_store::{AuditStore, Postgres, PostgresOptions, StoreError, migrate};
use trent_types::SecretBytes;

use crate::support::cluster::{Cluster, cluster};
use crate::support::connected;
use crate::support::raw::{connect, word};
use crate::support::samples::*;

/// Who owns the tables, the functions, the schema and the database.
async fn owners(database: &str) -> Vec<String> {
    let client = superuser(database).await;
    let owners = "SELECT DISTINCT pg_get_userbyid(owner)::text FROM (\
        SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace \
        UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
        UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'public' \
        UNION SELECT datdba FROM pg_database WHERE datname = current_database()) o ORDER BY 1";
    client.query(owners, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_database_that_a_superuser_made_is_handed_over_and_keeps_what_it_has() {
    let database = cluster().new_database("trent").await;
    // As version 3 left it, with a month and a head.
    for version in ["V1__registry", "postgres/V2__queues", "postgres/V3__audit"] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let sql = std::fs::read_to_string(format!("{folder}/{version}.sql")).unwrap();
        cluster().psql(&database, &sql);
    }
    cluster().psql(
        &database,
        "CREATE TABLE audit_event_2027_01 PARTITION OF audit_event \
             FOR VALUES FROM (1798761600000) TO (1801440000000); \
         INSERT INTO audit_chain VALUES ('111122223333', 1, decode(repeat('07', 32), 'hex')); \
         INSERT INTO audit_event VALUES (1800000000000, decode(repeat('01', 16), 'hex'), \
             '111122223333', 1, decode(repeat('00', 32), 'hex'), \
             decode(repeat('07', 32), 'hex'), '{}')",
    );
    note_version_3(&database).await;
    let owner = cluster().of_role("owner", &database);
    let refused = migrate(&owner);
    assert!(
        matches!(&refused, Err(StoreError::Schema(why)) if why.contains("belong to trent:")),
        "{refused:?}"
    );
    let superuser = PostgresOptions::new(&cluster().admin_url(&database), 1);
    migrate(&superuser).unwrap();
    assert_eq!(owners(&database).await, ["trent_owner"]);
    migrate(&owner).unwrap();
    let audit = connected("audit", &database).await;
    assert_eq!(audit.append(&[record_at(NOW)], |_, _, _| [8; 32], &()).await.unwrap(), 1);
    assert_eq!(audit.head(Some(account())).await.unwrap(), (2, [8; 32]));
    assert_eq!(audit.records(Some(account()), 0, 9).await.unwrap().len(), 2);
    // The superuser still comes in, as before roles.
    Postgres::connect(&superuser).await.unwrap();
}

/// Notes in refinery's table what version 3 of the program would have noted.
async fn note_version_3(database: &str) {
    let whole = superuser(&cluster().migrated_database().await).await;
    let noted = "SELECT format('INSERT INTO refinery_schema_history VALUES (%L, %L, %L, %L)', \
        version, name, applied_on, checksum) FROM refinery_schema_history WHERE version <= 3";
    let client = superuser(database).await;
    let like = "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, \
        name varchar(255), applied_on varchar(255), checksum varchar(255))";
    client.batch_execute(like).await.unwrap();
    for row in whole.query(noted, &[]).await.unwrap() {
        client.batch_execute(row.get(0)).await.unwrap();
    }
}

async fn superuser(database: &str) -> tokio_postgres::Client {
    connect(&PostgresOptions::new(&cluster().admin_url(database), 1)).await.unwrap()
}

#[tokio::test]
async fn a_managed_database_is_served_with_a_password_over_tls() {
    cluster().psql("postgres", "CREATE ROLE managed LOGIN CREATEROLE PASSWORD 'of-a-file'");
    let database = cluster().new_database("managed").await;
    // Channel binding: the password is proved to the server with this certificate and to no other.
    let place = format!("127.0.0.1:{}/{database}?channel_binding=require", cluster().port);
    let with = |secret: &str| PostgresOptions {
        tls: Some(cluster().authority.anonymous()),
        password: Some(SecretBytes::new(secret.as_bytes().to_vec())),
        ..PostgresOptions::new(&format!("postgres://managed@{place}"), 2)
    };
    assert!(matches!(migrate(&with("another")), Err(StoreError::Refused(_))));
    migrate(&with("of-a-file")).unwrap();
    migrate(&with("of-a-file")).unwrap();
    let store = Postgres::connect(&with("of-a-file")).await.unwrap();
    stored_key(&store).await;
    assert_eq!(store.append(&[record_at(NOW)], |_, _, _| [8; 32], &()).await.unwrap(), 1);
    // And by the roles, which were made there.
    stored_key(&connected("policy", &database).await).await;
    let audit = connected("audit", &database).await;
    assert_eq!(audit.append(&[record_at(NOW)], |_, _, _| [9; 32], &()).await.unwrap(), 1);
}

#[tokio::test]
async fn roles_that_cannot_be_made_are_asked_for() {
    let alone = Cluster::start();
    alone.psql("postgres", "CREATE ROLE trent_owner LOGIN");
    let database = alone.new_database("trent_owner").await;
    let owner = alone.of_role("owner", &database);
    let refused = migrate(&owner);
    assert!(
        matches!(&refused, Err(StoreError::Schema(why))
            if why.contains("CREATE ROLE trent_policy LOGIN")),
        "{refused:?}"
    );
    alone.psql("postgres", "CREATE ROLE trent_policy LOGIN; CREATE ROLE trent_audit LOGIN");
    alone.psql("postgres", "CREATE ROLE trent_reader LOGIN");
    migrate(&owner).unwrap();
    Postgres::connect(&alone.of_role("policy", &database)).await.unwrap();
    // Made with more than it must have.
    for (give, take) in [
        ("ALTER ROLE trent_audit CREATEROLE", "ALTER ROLE trent_audit NOCREATEROLE"),
        ("GRANT trent_owner TO trent_audit", "REVOKE trent_owner FROM trent_audit"),
        ("GRANT pg_write_all_data TO trent_audit", "REVOKE pg_write_all_data FROM trent_audit"),
        ("GRANT pg_read_all_data TO trent_reader", "REVOKE pg_read_all_data FROM trent_reader"),
    ] {
        alone.psql("postgres", give);
        let refused = migrate(&owner);
        assert!(
            matches!(&refused, Err(StoreError::Schema(why)) if why.contains("more than it must")),
            "{give}: {refused:?}"
        );
        alone.psql("postgres", take);
        migrate(&owner).unwrap();
    }
    // What somebody granted besides is taken back.
    alone.psql(&database, "GRANT UPDATE, DELETE ON audit_event TO trent_audit");
    migrate(&owner).unwrap();
    let audit = connect(&alone.of_role("audit", &database)).await.unwrap();
    let error = audit.batch_execute("DELETE FROM audit_event").await.unwrap_err();
    assert_eq!(word(&error), "42501");
}
