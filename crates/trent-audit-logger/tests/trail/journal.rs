//! The embedded form's trail: a journal, and its index in SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use trent_audit_logger::follower::Follower;
use trent_audit_logger::journal::{Journal, JournalConfig};
use trent_audit_logger::queries::{JournalTrail, TrailReader};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_store::{FollowerStore, Sqlite};
use trent_types::{AuditRecord, SystemClock};

use crate::conformance::{self, Form};

/// A journal, which is followed.
struct Followed {
    journal: Journal,
    store: Arc<Sqlite>,
    trail: JournalTrail,
    kept: AtomicU32,
    _trigger: ShutdownTrigger,
    _folder: tempfile::TempDir,
}

impl Followed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = JournalConfig::new(folder.path().join("journal"));
        // Each batch or two has a segment, and so a block, of its own.
        let journal = Journal::open(&JournalConfig { segment_bytes: 50_000, ..config }).unwrap();
        let store = Arc::new(Sqlite::open(folder.path().join("registry.sqlite")).unwrap());
        let follower = Follower::new(journal.clone(), store.clone(), Arc::new(SystemClock));
        let (trigger, shutdown) = Shutdown::new();
        tokio::spawn(follower.run(shutdown));
        let trail = JournalTrail::new(journal.clone(), store.clone());
        let kept = AtomicU32::new(0);
        Self { journal, store, trail, kept, _trigger: trigger, _folder: folder }
    }
}

impl Form for Followed {
    async fn keep(&self, records: &[AuditRecord]) {
        self.journal.relay(records).await.unwrap();
        // Sometimes the follower has caught up, and sometimes it has not.
        if self.kept.fetch_add(1, Ordering::Relaxed) == 6 {
            let end = self.journal.end();
            let read = async || self.store.follower_places().await.unwrap().derived;
            while read().await.is_none_or(|read| read.place < end) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    fn trail(&self) -> &dyn TrailReader {
        &self.trail
    }
}

#[tokio::test]
async fn lookups_find_what_a_walk_finds() {
    conformance::lookups_find_what_a_walk_finds(&Followed::new()).await;
}

#[tokio::test]
async fn what_comes_again_is_found_once() {
    conformance::what_comes_again_is_found_once(&Followed::new()).await;
}

#[tokio::test]
async fn a_chain_is_followed_in_its_order() {
    conformance::a_chain_is_followed_in_its_order(&Followed::new()).await;
}
