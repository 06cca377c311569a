//! The last use of a key: it only moves forward, belongs to one key in one Region, and goes with
//! the key.

use trent_store::{
    AuditStore, Derived, Followed, FollowerStore, JournalPlace, Postgres, ReadPlace, RegistryStore,
    Sqlite,
};
use trent_types::{Change, EventId, KeyArn, KeyId, KeyUsed, TrackedOperation};

use crate::support::cluster::cluster;
use crate::support::samples::*;
use crate::support::{FreshSqlite, connected, fresh_sqlite};

/// A registry, and whoever notes uses in it.
trait Noted {
    type Registry: RegistryStore;

    fn registry(&self) -> &Self::Registry;

    async fn note(&self, uses: &[(KeyArn, KeyUsed)]);
}

impl Noted for FreshSqlite {
    type Registry = Sqlite;

    fn registry(&self) -> &Sqlite {
        &self.store
    }

    async fn note(&self, uses: &[(KeyArn, KeyUsed)]) {
        let read = ReadPlace { place: JournalPlace { segment: 1, offset: 1 }, check: 0 };
        let derived = Derived { uses: uses.to_vec(), ..Derived::default() };
        let followed = Followed { derived: Some((derived, read)), ..Followed::default() };
        self.store.keep_followed(followed).await.unwrap();
    }
}

/// The evaluator's and the audit logger's connections.
struct Distributed {
    policy: Postgres,
    audit: Postgres,
}

impl Distributed {
    async fn new() -> Self {
        let database = cluster().migrated_database().await;
        let (policy, audit) =
            tokio::join!(connected("policy", &database), connected("audit", &database));
        Self { policy, audit }
    }
}

impl Noted for Distributed {
    type Registry = Postgres;

    fn registry(&self) -> &Postgres {
        &self.policy
    }

    async fn note(&self, uses: &[(KeyArn, KeyUsed)]) {
        let uses = Uses(uses.to_vec());
        self.audit.append(&[record_at(NOW)], |_, _, _| [7; 32], &uses).await.unwrap();
    }
}

/// The promises that both keep.
async fn keeps_its_promises(noted: &impl Noted) {
    let store = noted.registry();
    let (key, other) = (stored_key(store).await.arn(), stored_key(store).await.arn());
    let of = async |key: KeyArn| store.last_usage(key.region, key.key_id).await.unwrap();
    assert_eq!(of(key).await, None);
    let first = used_at(NOW);
    noted.note(&[(key, first), (other, first)]).await;
    assert_eq!((of(key).await, of(other).await), (Some(first), Some(first)));

    let operation = TrackedOperation::Decapsulate;
    let later = KeyUsed { operation, ..used_at(NOW.plus_millis(1)) };
    noted.note(&[(other, first), (key, later)]).await;
    assert_eq!((of(key).await, of(other).await), (Some(later), Some(first)));
    noted.note(&[(key, first)]).await;
    noted.note(&[(key, later)]).await;
    noted.note(&[]).await;
    assert_eq!(of(key).await, Some(later), "it never goes back");

    let mut ids = [later.event_id, EventId::from_bytes(new_bytes())];
    ids.sort();
    let [smaller, larger] = ids.map(|event_id| KeyUsed { event_id, ..later });
    noted.note(&[(key, larger)]).await;
    noted.note(&[(key, smaller)]).await;
    assert_eq!(of(key).await, Some(larger), "of one moment always the same");

    // Each key of a multi-Region family has its own.
    let family = KeyId::from_bytes(new_bytes(), true);
    let [primary, replica] = ["eu-west-1", "us-east-1"].map(|region| KeyArn {
        region: region.parse().unwrap(),
        key_id: family,
        ..key
    });
    noted.note(&[(primary, first)]).await;
    assert_eq!((of(primary).await, of(replica).await), (Some(first), None));
    let single = KeyArn { key_id: KeyId::from_bytes(*family.as_bytes(), false), ..primary };
    assert_eq!(of(single).await, None);

    make(store, &schedule(key, 1, NOW)).await;
    make(store, &Change::DestroyKey { key, version: 2 }).await;
    assert_eq!((of(key).await, of(other).await), (None, Some(first)), "it goes with its key");
}

#[tokio::test]
async fn sqlite_keeps_the_last_use() {
    keeps_its_promises(&fresh_sqlite()).await;
}

#[tokio::test]
async fn postgres_keeps_the_last_use() {
    keeps_its_promises(&Distributed::new().await).await;
}

#[tokio::test]
async fn appends_of_many_loggers_note_the_newest_use_of_each_key() {
    let stores = Distributed::new().await;
    let keys: Vec<_> = (0..40)
        .map(|_| KeyArn {
            region: region(),
            account: account(),
            key_id: KeyId::from_bytes(new_bytes(), false),
        })
        .collect();
    let rounds = 12;
    let work = async |offset: i64| {
        for round in 0..rounds {
            let at = NOW.plus_millis(round * 2 + offset);
            let mut uses: Vec<_> = keys.iter().map(|key| (*key, used_at(at))).collect();
            // In whatever order a logger has them.
            uses.rotate_left(usize::try_from(round + offset).unwrap());
            stores.note(&uses).await;
        }
    };
    tokio::join!(work(0), work(1), work(0));
    for key in keys {
        let used = stores.policy.last_usage(key.region, key.key_id).await.unwrap().unwrap();
        assert_eq!(used.at, NOW.plus_millis((rounds - 1) * 2 + 1));
    }
}
