//! Fresh stores for the tests, and a Postgres cluster that does not outlive them.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod authority;
pub(crate) mod cluster;
pub(crate) mod identities;
pub(crate) mod raw;
pub(crate) mod samples;

use cluster::cluster;
use trent_store::{Postgres, Sqlite};

/// A fresh SQLite store; the directory lives as long as it does.
pub(crate) struct FreshSqlite {
    pub(crate) store: Sqlite,
    pub(crate) directory: tempfile::TempDir,
}

pub(crate) fn fresh_sqlite() -> FreshSqlite {
    let directory = tempfile::tempdir().unwrap();
    let store = Sqlite::open(directory.path().join("trent.db")).unwrap();
    FreshSqlite { store, directory }
}

/// A fresh Postgres store in a database of its own, as the policy evaluator.
pub(crate) async fn fresh_postgres() -> Postgres {
    let database = cluster().migrated_database().await;
    connected("policy", &database).await
}

/// A store as this role: `owner`, `policy`, `audit` or `reader`.
pub(crate) async fn connected(who: &str, database: &str) -> Postgres {
    Postgres::connect(&cluster().of_role(who, database)).await.unwrap()
}
