//! The distributed form's trail, in Postgres.

use std::sync::Arc;

use trent_audit_logger::chain;
use trent_audit_logger::derive::{Deriver, post_what_was_kept_before};
use trent_audit_logger::queries::{StoredTrail, TrailReader};
use trent_runtime::Shutdown;
use trent_store::{AuditStore, Postgres};
use trent_types::{AuditRecord, LookupQuery, Timestamp};

use crate::cluster::cluster;
use crate::conformance::{self, Form};
use crate::history::{self, account, region};

/// The audit logger keeps and reads.
struct Stored {
    store: Arc<Postgres>,
    trail: StoredTrail<Postgres>,
    database: String,
}

impl Stored {
    async fn new() -> Self {
        let database = cluster().migrated_database().await;
        let store = Arc::new(connect("audit", &database).await);
        Self { trail: StoredTrail::new(Arc::clone(&store)), store, database }
    }
}

async fn connect(role: &str, database: &str) -> Postgres {
    Postgres::connect(&cluster().of_role(role, database)).await.unwrap()
}

impl Form for Stored {
    async fn keep(&self, records: &[AuditRecord]) {
        self.store.append(records, chain::hash, &Deriver::new()).await.unwrap();
    }

    fn trail(&self) -> &dyn TrailReader {
        &self.trail
    }
}

#[tokio::test]
async fn lookups_find_what_a_walk_finds() {
    conformance::lookups_find_what_a_walk_finds(&Stored::new().await).await;
}

#[tokio::test]
async fn what_comes_again_is_found_once() {
    conformance::what_comes_again_is_found_once(&Stored::new().await).await;
}

#[tokio::test]
async fn a_chain_is_followed_in_its_order() {
    conformance::a_chain_is_followed_in_its_order(&Stored::new().await).await;
}

fn everything() -> LookupQuery {
    LookupQuery {
        filter: None,
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(history::START * 2),
        before: None,
        limit: 1_000,
    }
}

#[tokio::test]
async fn two_appenders_of_the_same_records_post_each_of_them_once() {
    let form = Stored::new().await;
    let other = connect("audit", &form.database).await;
    let history = history::history(11, 300);
    let records: Vec<_> = history.iter().map(|told| told.record.clone()).collect();
    let append = async |store: &Postgres, step: usize| {
        let mut new = 0;
        for batch in records.chunks(step) {
            new += store.append(batch, chain::hash, &Deriver::new()).await.unwrap();
        }
        new
    };
    let new = tokio::join!(append(&form.store, 13), append(&other, 29), append(&form.store, 50));
    assert_eq!(new.0 + new.1 + new.2, 300);
    for (a, r) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (account, region) = (account(a), region(r));
        let found = form.trail.lookup(account, region, &everything()).await.unwrap();
        assert_eq!(found, history::expected(&history, account, region, &everything()));
    }
}

#[tokio::test]
async fn what_a_dropped_month_held_is_not_found_and_the_rest_is() {
    let form = Stored::new().await;
    let history = history::history(3, 400);
    let records: Vec<_> = history.iter().map(|told| told.record.clone()).collect();
    form.keep(&records).await;
    // As far as the records go: their postings are still there.
    cluster().psql(&form.database, "DROP TABLE audit_event_2026_12");
    let query = everything();
    let mut expected = history::expected(&history, account(0), region(0), &query);
    let all = expected.len();
    let january = Timestamp::from_civil(2027, 1, 1, 0, 0, 0).unwrap();
    expected.retain(|record| record.event_time >= january);
    assert!((1..all).contains(&expected.len()), "the history crosses no month");
    let found = form.trail.lookup(account(0), region(0), &query).await.unwrap();
    assert_eq!(found, expected);
    cluster().psql(&form.database, "DROP TABLE audit_posting_2026_12");
    let found = form.trail.lookup(account(0), region(0), &query).await.unwrap();
    assert_eq!(found, expected);
}

/// As the program before kept them.
#[tokio::test]
async fn what_was_kept_before_there_were_postings_is_posted_once_by_however_many() {
    let form = Stored::new().await;
    let history = history::history(13, 2_600);
    let records: Vec<_> = history.iter().map(|told| told.record.clone()).collect();
    for batch in records[..2_500].chunks(500) {
        form.store.append(batch, chain::hash, &()).await.unwrap();
    }
    let left = "INSERT INTO audit_unposted SELECT chain, sequence FROM audit_chain";
    cluster().psql(&form.database, left);
    let (_trigger, shutdown) = Shutdown::new();
    let other = Arc::new(connect("audit", &form.database).await);
    let post = |store: &Arc<Postgres>| post_what_was_kept_before(store.clone(), shutdown.clone());
    tokio::join!(post(&form.store), post(&other), form.keep(&records[2_500..]));
    post(&other).await;
    for (a, r) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (account, region) = (account(a), region(r));
        let found = form.trail.lookup(account, region, &everything()).await.unwrap();
        let expected = history::expected(&history, account, region, &everything());
        assert_eq!(found, expected[..found.len()]);
        assert!(found.len() > 500);
    }
}

#[tokio::test]
async fn the_reader_may_read_and_nobody_else_may() {
    let form = Stored::new().await;
    let history = history::history(3, 20);
    let records: Vec<_> = history.iter().map(|told| told.record.clone()).collect();
    form.keep(&records).await;
    let reader = StoredTrail::new(Arc::new(connect("reader", &form.database).await));
    let found = reader.lookup(account(0), region(0), &everything()).await.unwrap();
    assert_eq!(found, history::expected(&history, account(0), region(0), &everything()));
    let policy = StoredTrail::new(Arc::new(connect("policy", &form.database).await));
    assert!(policy.lookup(account(0), region(0), &everything()).await.is_err());
    let refused = Postgres::connect(&cluster().of_role("reader", &form.database)).await.unwrap();
    assert!(refused.append(&records, chain::hash, &Deriver::new()).await.is_err());
}
