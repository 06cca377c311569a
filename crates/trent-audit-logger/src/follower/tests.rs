//! The follower over crashes, damage, other journals and a store that is away.

use std::fs;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use proptest::prelude::*;
use trent_store::{FollowerPlaces, JournalPlace, RegistryStore, Sqlite, StoreError, TrailIndex};
use trent_types::{AuditRecord, KeyArn, ManualClock};

use super::*;
use crate::journal::JournalConfig;
use crate::usage::tests::{Golden, KEY, OWN, arn};
use crate::usage::tracking_start;

/// A journal and a store under one folder, as the embedded form has them.
pub(crate) struct Embedded {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) segment_bytes: u64,
}

impl Embedded {
    pub(crate) fn new(segment_bytes: u64) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), segment_bytes }
    }

    pub(crate) fn journal(&self) -> Journal {
        let config = JournalConfig::new(self.folder.path().join("journal"));
        Journal::open(&JournalConfig { segment_bytes: self.segment_bytes, ..config }).unwrap()
    }

    pub(crate) fn store(&self) -> Arc<Sqlite> {
        Arc::new(Sqlite::open(self.folder.path().join("registry.sqlite")).unwrap())
    }
}

pub(crate) fn follower(journal: &Journal, store: Arc<dyn FollowerStore>) -> Follower {
    let clock = ManualClock::at(Timestamp::from_millis(0));
    Follower::new(journal.clone(), store, Arc::new(clock))
}

/// Steps until everything that is there has been read.
pub(crate) async fn catch_up(follower: &Follower) {
    let mut progress = None;
    while follower.step(&mut progress).await.unwrap() {}
}

async fn derived_place(store: &Sqlite) -> Option<JournalPlace> {
    store.follower_places().await.unwrap().derived.map(|read| read.place)
}

async fn event_of(store: &Sqlite) -> Option<u8> {
    let key: KeyArn = arn(OWN, KEY).parse().unwrap();
    let used = store.last_usage(key.region, key.key_id).await.unwrap();
    used.map(|used| used.event_id.as_bytes()[0])
}

#[tokio::test]
async fn a_follower_goes_on_where_it_stood_over_segments_and_restarts() {
    let embedded = Embedded::new(2_000);
    let store = embedded.store();
    for round in 0..4u8 {
        let journal = embedded.journal();
        let follower = follower(&journal, store.clone());
        // Another process each time: nothing is remembered but what the store keeps.
        let mut progress = None;
        while follower.step(&mut progress).await.unwrap() {}
        for number in 1..=5 {
            let record = Golden::default().record(round * 5 + number, i64::from(round));
            journal.relay(&[record]).await.unwrap();
        }
        if round == 2 {
            // It ends before it has read this round: the next one does.
            assert_eq!(event_of(&store).await, Some(10));
            continue;
        }
        while follower.step(&mut progress).await.unwrap() {}
        assert_eq!(event_of(&store).await, Some(round * 5 + 5));
        assert_eq!(derived_place(&store).await, Some(journal.end()));
    }
    let (journal, clock) = (embedded.journal(), ManualClock::at(Timestamp::from_millis(9)));
    let first = tracking_start(&journal, &clock).await.unwrap();
    assert_eq!(first, Timestamp::from_millis(17));
}

#[tokio::test]
async fn only_what_is_durable_is_read_and_a_foreign_place_begins_again() {
    let embedded = Embedded::new(64 << 20);
    let (journal, store) = (embedded.journal(), embedded.store());
    let now = ManualClock::at(Timestamp::from_millis(9));
    assert_eq!(tracking_start(&journal, &now).await.unwrap(), Timestamp::from_millis(9));
    journal.relay(&[Golden::default().record(1, 1)]).await.unwrap();
    // A line that was written and not synced, as the writer leaves one for a moment.
    let segment = embedded.folder.path().join("journal/00000000000000000001.jsonl");
    let whole = fs::read(&segment).unwrap();
    let line = whole.split_inclusive(|byte| *byte == b'\n').nth(1).unwrap();
    let unsynced = [whole.as_slice(), line].concat();
    fs::write(&segment, &unsynced).unwrap();
    let follower = follower(&journal, store.clone());
    catch_up(&follower).await;
    let end = JournalPlace { segment: 1, offset: whole.len() as u64 };
    assert_eq!(derived_place(&store).await, Some(end));
    for (place, check) in [(JournalPlace { segment: 7, offset: 0 }, 0), (end, 7)] {
        let read = ReadPlace { place, check };
        let derived = Some((Derived::default(), read));
        let followed = Followed { derived, indexed: Some(read), block: None };
        store.keep_followed(followed).await.unwrap();
        follower.prepare().await.unwrap();
        assert_eq!(store.follower_places().await.unwrap(), FollowerPlaces::default());
        catch_up(&follower).await;
        assert_eq!(derived_place(&store).await, Some(journal.end()));
        assert_eq!(event_of(&store).await, Some(1));
    }
}

#[tokio::test]
async fn a_damaged_line_is_passed_over_and_a_lost_segment_too() {
    let embedded = Embedded::new(1);
    let store = embedded.store();
    {
        let journal = embedded.journal();
        for number in 1..=4 {
            journal.relay(&[Golden::default().record(number, i64::from(number))]).await.unwrap();
        }
    }
    let segment = |n: u8| embedded.folder.path().join(format!("journal/{n:020}.jsonl"));
    fs::remove_file(segment(1)).unwrap();
    let mut damaged = fs::read(segment(3)).unwrap();
    let place = damaged.len() - 20;
    damaged[place] ^= 1;
    fs::write(segment(3), damaged).unwrap();
    let journal = embedded.journal();
    catch_up(&follower(&journal, store.clone())).await;
    assert_eq!(event_of(&store).await, Some(4));
    assert_eq!(derived_place(&store).await, Some(journal.end()));
}

#[tokio::test]
async fn an_index_that_is_thrown_away_is_made_again_and_counts_nothing_twice() {
    let embedded = Embedded::new(3_000);
    let (journal, store) = (embedded.journal(), embedded.store());
    for number in 1..=20 {
        journal.relay(&[of_own_key(number)]).await.unwrap();
    }
    let unsure = Arc::new(Unsure::over(store.clone(), Vec::new()));
    let noted = || unsure.noted.lock().unwrap().iter().sum::<usize>();
    let follower = follower(&journal, unsure.clone());
    catch_up(&follower).await;
    let indexed = store.indexed().await.unwrap();
    assert!(indexed.is_some_and(|place| place.segment > 2));
    assert_eq!(noted(), 20);
    store.forget_blocks().await.unwrap();
    catch_up(&follower).await;
    assert_eq!((store.indexed().await.unwrap(), noted()), (indexed, 20));
}

/// A store that fails as it is told: before it does what it is asked, or only with its answer.
struct Unsure {
    store: Arc<Sqlite>,
    fails: Mutex<Vec<Option<bool>>>,
    /// Uses that were noted with each part.
    noted: Mutex<Vec<usize>>,
}

impl Unsure {
    fn over(store: Arc<Sqlite>, fails: Vec<Option<bool>>) -> Self {
        Self { store, fails: Mutex::new(fails), noted: Mutex::default() }
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("away".into()))
}

#[async_trait]
impl FollowerStore for Unsure {
    async fn follower_places(&self) -> Result<FollowerPlaces, StoreError> {
        self.store.follower_places().await
    }

    async fn keep_followed(&self, followed: Followed) -> Result<(), StoreError> {
        let fail = self.fails.lock().unwrap().pop().flatten();
        if fail == Some(false) {
            return away();
        }
        let uses = followed.derived.as_ref().map_or(0, |(derived, _)| derived.uses.len());
        self.noted.lock().unwrap().push(uses);
        self.store.keep_followed(followed).await?;
        if fail == Some(true) { away() } else { Ok(()) }
    }

    async fn forget_blocks(&self) -> Result<(), StoreError> {
        self.store.forget_blocks().await
    }

    async fn forget_derived(&self) -> Result<(), StoreError> {
        self.store.forget_derived().await
    }

    async fn forget_blocks_before(&self, segment: u64) -> Result<(), StoreError> {
        self.store.forget_blocks_before(segment).await
    }
}

/// A record of a key of its own.
fn of_own_key(number: u8) -> AuditRecord {
    let key = arn(OWN, &format!("{number:08x}-12ab-34cd-56ef-1234567890ab"));
    Golden { keys: vec![key], ..Golden::default() }.record(number, i64::from(number))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_each_record_counts_once(
        rounds in prop::collection::vec(1u8..12, 1..6),
        fails in prop::collection::vec(prop::option::of(any::<bool>()), 0..12),
        segment_bytes in 1u64..8_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let embedded = Embedded::new(segment_bytes);
            let unsure = Arc::new(Unsure::over(embedded.store(), fails));
            let mut number = 0;
            for round in rounds {
                let journal = embedded.journal();
                let follower = follower(&journal, unsure.clone());
                for _ in 0..round {
                    number += 1;
                    journal.relay(&[of_own_key(number)]).await.unwrap();
                }
                let mut progress = None;
                while !matches!(follower.step(&mut progress).await, Ok(false)) {}
            }
            let noted: usize = unsure.noted.lock().unwrap().iter().sum();
            prop_assert_eq!(noted, usize::from(number));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_store_that_comes_back_hears_of_everything_and_the_follower_ends_when_told() {
    let embedded = Embedded::new(64 << 20);
    let (journal, store) = (embedded.journal(), embedded.store());
    journal.relay(&[Golden::default().record(1, 1)]).await.unwrap();
    let away = Arc::new(Unsure::over(store.clone(), vec![Some(false), Some(true), Some(false)]));
    let (trigger, shutdown) = trent_runtime::Shutdown::new();
    let running = tokio::spawn(follower(&journal, away).run(shutdown));
    while event_of(&store).await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    trigger.trigger();
    running.await.unwrap();
}
