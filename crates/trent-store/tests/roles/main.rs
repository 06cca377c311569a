//! What each database role is refused, and that it can do what it must: attempts against a real
//! Postgres with the rules of `deploy/pg_hba.conf`. With `--nocapture` the tests print the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod connections;
mod grants;
mod migrations;
#[path = "../support/mod.rs"]
mod support;
mod views;

use support::cluster::{Cluster, cluster};
use tokio::sync::OnceCell;

/// The database that `deploy/pg_hba.conf` names, on the shared server.
async fn trent() -> &'static Cluster {
    static MADE: OnceCell<()> = OnceCell::const_new();
    MADE.get_or_init(async || {
        cluster().psql("postgres", "CREATE DATABASE trent OWNER trent_owner");
        trent_store::migrate(&cluster().of_role("owner", "trent")).unwrap();
    })
    .await;
    cluster()
}
