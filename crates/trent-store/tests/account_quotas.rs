//! IAM's quotas of an account, in both stores: of two who want the last place one gets it.
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
use trent_store::{Committed, RegistryStore};
use trent_types::{EntityKind, IdentityChange};

/// Kind, what is counted, the quota's name and value.
const QUOTAS: [(EntityKind, &str, &str, u64); 4] = [
    (USER, "users", "UsersPerAccount", 5_000),
    (GROUP, "groups", "GroupsPerAccount", 300),
    (ROLE, "roles", "RolesPerAccount", 1_000),
    (POLICY, "policies", "PoliciesPerAccount", 1_500),
];

fn create(kind: EntityKind, name: &str) -> IdentityChange {
    match kind {
        EntityKind::User => create_user(name),
        EntityKind::Group => create_group(name),
        EntityKind::Role => create_role(name),
        EntityKind::Policy => create_policy(name),
    }
}

/// `set` runs a statement past the store.
async fn the_last_place_is_taken_once(store: &impl RegistryStore, set: impl Fn(&str)) {
    for (kind, counted, quota, limit) in QUOTAS {
        make_all(store, [create(kind, "first")]).await;
        let used = limit - 1;
        set(&format!("UPDATE quota_usage SET used = {used} WHERE counted = '{counted}'"));
        let (one, other) =
            tokio::join!(attempt(store, create(kind, "one")), attempt(store, create(kind, "two")));
        let full = too_many(&format!("Cannot exceed quota for {quota}: {limit}"));
        let outcomes = [one, other];
        assert!(outcomes.contains(&Committed::Now), "{outcomes:?}");
        assert!(outcomes.contains(&full), "{outcomes:?}");
        assert_eq!(attempt(store, create(kind, "three")).await, full);
        // Whoever goes gives a place back.
        make_all(store, [delete(kind, "first"), create(kind, "three")]).await;
        assert_eq!(attempt(store, create(kind, "four")).await, full);
    }
}

#[tokio::test]
async fn the_last_place_of_an_account_is_taken_once_in_sqlite() {
    let fresh = support::fresh_sqlite();
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    the_last_place_is_taken_once(&fresh.store, |sql| raw.execute_batch(sql).unwrap()).await;
}

#[tokio::test]
async fn the_last_place_of_an_account_is_taken_once_in_postgres() {
    let database = cluster().migrated_database().await;
    let store = support::connected("policy", &database).await;
    the_last_place_is_taken_once(&store, |sql| cluster().psql(&database, sql)).await;
}
