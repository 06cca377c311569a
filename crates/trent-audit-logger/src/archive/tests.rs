//! Archives: made, broken off at any point, damaged, and verified over.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tempfile::TempDir;
use trent_store::{
    ArchiveStore, ArchivedPart, AuditStore, ChainHash, ChainedRecord, Derive, StoreError,
};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

use super::*;
use crate::chain::{self, Chain, Head, START};
use crate::journal::{self, Journal, JournalConfig};
use crate::signing::TrailKeyFile;
use crate::verify::{Against, FaultKind, verify_journal_against, verify_store_against};

const MARCH: i64 = 2026 * 12 + 2;

fn account() -> Chain {
    Some("123456789012".parse().unwrap())
}

fn at(month: u32, second: u32) -> Timestamp {
    Timestamp::from_civil(2026, month, 1, 0, 0, second).unwrap()
}

fn record(number: u64, chain: Chain, event_time: Timestamp) -> AuditRecord {
    let mut id = [0x40; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    AuditRecord {
        event_id: EventId::from_bytes(id),
        account: chain,
        event_time,
        cloudtrail_json: format!(r#"{{"n":{number}}}"#).into_bytes(),
        trace: None,
    }
}

fn keys() -> TrailKeyFile {
    TrailKeyFile::generate(Timestamp::default()).unwrap()
}

/// A store in memory.
#[derive(Default)]
struct Store {
    rows: Mutex<Vec<ChainedRecord>>,
    heads: Mutex<Vec<(Chain, Head)>>,
    archived: Mutex<Vec<ArchivedPart>>,
    /// The database is lost when it shall remove records.
    lost: AtomicBool,
    /// A record that comes while a month is being written.
    late: Mutex<Option<AuditRecord>>,
}

impl Store {
    /// January: one record; then two months whose records take turns in the chain of the account.
    fn filled() -> Self {
        let store = Self::default();
        store.add(record(1, None, at(1, 0)));
        store.add(record(2, account(), at(1, 1)));
        for number in 3..=12 {
            let month = if number < 8 || number == 9 { 3 } else { 4 };
            store.add(record(number, account(), at(month, number as u32)));
        }
        store.add(record(13, None, at(3, 30)));
        store
    }

    fn add(&self, record: AuditRecord) {
        let chain = record.account;
        let (mut rows, mut heads) = (self.rows.lock().unwrap(), self.heads.lock().unwrap());
        if !heads.iter().any(|(known, _)| *known == chain) {
            heads.push((chain, Head { sequence: 0, hash: START }));
        }
        let (_, head) = heads.iter_mut().find(|(known, _)| *known == chain).unwrap();
        let (sequence, previous_hash) = (head.sequence + 1, head.hash);
        let hash = chain::hash(&previous_hash, sequence, &record);
        *head = Head { sequence, hash };
        rows.push(ChainedRecord { record, sequence, previous_hash, hash });
    }

    fn of(&self, month: i64, chain: Chain) -> Vec<ChainedRecord> {
        let rows = self.rows.lock().unwrap();
        let fits = |row: &&ChainedRecord| {
            let (year, of_year, ..) = row.record.event_time.civil();
            row.record.account == chain && year * 12 + i64::from(of_year) - 1 == month
        };
        rows.iter().filter(fits).cloned().collect()
    }

    async fn report(&self, keys: &TrailKeyFile) -> crate::verify::Report {
        let lines = self.manifests().await.unwrap();
        let archives = Archives::read(lines, &keys.public_keys()).unwrap();
        let against = Against { archives, ..Against::default() };
        verify_store_against(self, &against).await.unwrap()
    }
}

#[async_trait]
impl ArchiveStore for Store {
    async fn months(&self) -> Result<Vec<i64>, StoreError> {
        unreachable!("the caller says which month")
    }

    async fn next_chain_of_month(
        &self,
        month: i64,
        after: Option<Chain>,
    ) -> Result<Option<Chain>, StoreError> {
        let chains =
            [None, account()].into_iter().filter(|chain| !self.of(month, *chain).is_empty());
        Ok(chains.filter(|chain| after.is_none_or(|after| *chain > after)).min())
    }

    async fn records_of_month(
        &self,
        month: i64,
        chain: Option<AccountId>,
        after: u64,
        _: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let rows = self.of(month, chain);
        Ok(rows.into_iter().filter(|row| row.sequence > after).take(2).collect())
    }

    async fn archived(&self) -> Result<Vec<ArchivedPart>, StoreError> {
        Ok(self.archived.lock().unwrap().clone())
    }

    async fn drop_month(&self, part: &ArchivedPart, records: u64) -> Result<bool, StoreError> {
        if let Some(late) = self.late.lock().unwrap().take() {
            self.add(late);
        }
        let gone: Vec<_> = [None, account()]
            .into_iter()
            .flat_map(|chain| self.of(part.month, chain))
            .map(|row| row.record.event_id)
            .collect();
        if gone.len() as u64 != records {
            return Ok(false);
        }
        if self.lost.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("lost".into()));
        }
        self.rows.lock().unwrap().retain(|row| !gone.contains(&row.record.event_id));
        self.archived.lock().unwrap().push(part.clone());
        Ok(true)
    }
}

#[async_trait]
impl AuditStore for Store {
    async fn append(
        &self,
        _: &[AuditRecord],
        _: ChainHash,
        _: &dyn Derive,
    ) -> Result<u64, StoreError> {
        unreachable!("nothing is appended")
    }

    async fn chains(&self) -> Result<Vec<Chain>, StoreError> {
        Ok(self.heads.lock().unwrap().iter().map(|(chain, _)| *chain).collect())
    }

    async fn head(&self, chain: Chain) -> Result<(u64, [u8; 32]), StoreError> {
        let heads = self.heads.lock().unwrap();
        let head = heads.iter().find(|(known, _)| *known == chain).map(|(_, head)| *head);
        Ok(head.map_or((0, START), |head| (head.sequence, head.hash)))
    }

    async fn records(
        &self,
        chain: Chain,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let fits = |row: &&ChainedRecord| row.record.account == chain && row.sequence > after;
        Ok(rows.iter().filter(fits).take(limit as usize).cloned().collect())
    }

    async fn manifests(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.archived().await?.into_iter().map(|part| part.manifest).collect())
    }

    async fn ensure_partitions(&self, _: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("nothing is appended")
    }
}

#[tokio::test]
async fn a_chain_is_followed_over_a_gap_only_where_a_signed_manifest_covers_it() {
    let (store, folder, keys) = (Store::filled(), tempfile::tempdir().unwrap(), keys());
    let made = archive_month(&store, MARCH, folder.path(), &keys, at(8, 0)).await.unwrap();
    assert_eq!((made.name(), made.records()), ("2026-03", 7));
    let report = store.report(&keys).await;
    assert_eq!((report.fault.clone(), report.records()), (None, 13));
    let archived = std::mem::take(&mut *store.archived.lock().unwrap());
    let fault = store.report(&keys).await.fault.unwrap();
    assert_eq!((fault.kind, fault.chain, fault.sequence), {
        (FaultKind::Truncated, Some(None), Some(2))
    });
    let forged = archived[0].manifest.replacen("\"last\":6", "\"last\":7", 1);
    assert_ne!(forged, archived[0].manifest);
    let refused = Archives::read([forged], &keys.public_keys()).unwrap_err().to_string();
    assert_eq!(refused, "2026-03: the signature is wrong");
    // Another record of the same place does not fit on.
    *store.archived.lock().unwrap() = archived;
    store.rows.lock().unwrap()[2].previous_hash = [9; 32];
    let fault = store.report(&keys).await.fault.unwrap();
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Broken, Some(7)));
}

#[tokio::test]
async fn every_month_can_leave_and_files_are_verified_to_the_byte() {
    let (store, folder, keys) = (Store::filled(), tempfile::tempdir().unwrap(), keys());
    let public = keys.public_keys();
    for month in [MARCH - 2, MARCH, MARCH + 1] {
        archive_month(&store, month, folder.path(), &keys, at(8, 0)).await.unwrap();
    }
    assert!(store.rows.lock().unwrap().is_empty());
    assert_eq!(store.report(&keys).await.records(), 13);
    let archives = Archives::read(store.manifests().await.unwrap(), &public).unwrap();
    archives.verify_files(folder.path(), &public).unwrap();
    for entry in fs::read_dir(folder.path().join("2026-03")).unwrap() {
        let path = entry.unwrap().path();
        let good = fs::read(&path).unwrap();
        for place in (0..good.len()).step_by(5) {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, &bad).unwrap();
            let found = archives.verify_files(folder.path(), &public);
            assert!(found.is_err(), "{}: byte {place}", path.display());
        }
        fs::remove_file(&path).unwrap();
        assert!(archives.verify_files(folder.path(), &public).is_err());
        fs::write(&path, &good).unwrap();
    }
    archives.verify_files(folder.path(), &public).unwrap();
}

#[tokio::test]
async fn what_was_broken_off_goes_on_when_it_is_run_again() {
    let (store, folder, keys) = (Store::filled(), tempfile::tempdir().unwrap(), keys());
    let to = folder.path();
    // Killed while files were written.
    fs::create_dir_all(to.join(".2026-03.unfinished")).unwrap();
    fs::write(to.join(".2026-03.unfinished/system.jsonl.gz"), "half").unwrap();
    // The database is lost at the last step.
    store.lost.store(true, Ordering::Relaxed);
    let lost = archive_month(&store, MARCH, to, &keys, at(8, 0)).await.unwrap_err();
    assert!(matches!(lost, ArchiveError::Store(_)));
    assert_eq!(store.report(&keys).await.records(), 13);
    // A record comes meanwhile.
    store.lost.store(false, Ordering::Relaxed);
    *store.late.lock().unwrap() = Some(record(20, account(), at(3, 50)));
    let made = archive_month(&store, MARCH, to, &keys, at(8, 0)).await.unwrap();
    assert_eq!(made.records(), 8);
    // And one later: a second part.
    store.add(record(21, account(), at(3, 51)));
    let made = archive_month(&store, MARCH, to, &keys, at(8, 0)).await.unwrap();
    assert_eq!((made.name(), made.records()), ("2026-03.2", 1));
    let report = store.report(&keys).await;
    assert_eq!((report.fault.clone(), report.records()), (None, 15));
    let archives = Archives::read(store.manifests().await.unwrap(), &keys.public_keys()).unwrap();
    archives.verify_files(to, &keys.public_keys()).unwrap();
    let folders = fs::read_dir(to).unwrap().count();
    assert_eq!(folders, 2);
}

#[tokio::test]
async fn a_broken_month_stays_where_it_is() {
    let (store, folder, keys) = (Store::filled(), tempfile::tempdir().unwrap(), keys());
    store.rows.lock().unwrap()[4].record.cloudtrail_json = b"{}".to_vec();
    let refused = archive_month(&store, MARCH, folder.path(), &keys, at(8, 0)).await.unwrap_err();
    let ArchiveError::Trail(fault) = refused else { panic!("{refused}") };
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Broken, Some(4)));
    assert_eq!(store.rows.lock().unwrap().len(), 13);
}

/// A journal of nine segments: a record each of the months January to September.
async fn journal(folder: &TempDir) -> PathBuf {
    let directory = folder.path().join("journal");
    let config = JournalConfig { segment_bytes: 1, ..JournalConfig::new(directory.clone()) };
    let journal = Journal::open(&config).unwrap();
    for number in 1..=9_u32 {
        let chain = if number % 3 == 0 { None } else { account() };
        journal.relay(&[record(number.into(), chain, at(number, 0))]).await.unwrap();
    }
    directory
}

fn report(directory: &Path, keys: &TrailKeyFile) -> crate::verify::Report {
    let archives = Archives::read(manifests(directory).unwrap(), &keys.public_keys()).unwrap();
    verify_journal_against(directory, &Against { archives, ..Against::default() }).unwrap()
}

#[tokio::test]
async fn segments_leave_a_journal_in_use_and_it_verifies_and_goes_on() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), keys());
    let directory = journal(&folder).await;
    let to = folder.path().join("archives");
    let archive = |month, last| {
        archive_segments(&directory, &to, (at(month, 0), last), &keys, at(9, 0)).unwrap()
    };
    let made = archive(4, u64::MAX).unwrap();
    assert_eq!((made.name(), made.records()), ("journal-1-4", 3));
    assert!(archive(4, u64::MAX).is_none());
    assert_eq!((report(&directory, &keys).fault, report(&directory, &keys).records()), (None, 9));
    assert!(archive(9, 4).is_none(), "what is read still stays");
    let made = archive(9, 6).unwrap();
    assert_eq!(made.name(), "journal-5-6");
    let journal = Journal::open(&JournalConfig::new(directory.clone())).unwrap();
    journal.relay(&[record(10, account(), at(9, 1))]).await.unwrap();
    let whole = report(&directory, &keys);
    assert_eq!((whole.fault.clone(), whole.records()), (None, 10));
    let public = keys.public_keys();
    let archives = Archives::read(manifests(&directory).unwrap(), &public).unwrap();
    archives.verify_files(&to, &public).unwrap();
    let copied = folder.path().join("copied");
    journal::copy(&directory, &copied).unwrap();
    assert_eq!(report(&copied, &keys).records(), 10);
    // Without a manifest the segments are missed.
    fs::remove_file(directory.join("archived-00000000000000000006.json")).unwrap();
    assert_eq!(report(&directory, &keys).fault.unwrap().kind, FaultKind::Missing);
}

#[tokio::test]
async fn segments_whose_removal_was_broken_off_are_removed_when_it_is_run_again() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), keys());
    let directory = journal(&folder).await;
    let kept = folder.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let segments = journal::list(&directory).unwrap();
    for segment in &segments {
        let name = journal::file_name(*segment);
        fs::copy(directory.join(&name), kept.join(&name)).unwrap();
    }
    let to = folder.path().join("archives");
    let archive =
        || archive_segments(&directory, &to, (at(5, 0), u64::MAX), &keys, at(9, 0)).unwrap();
    assert!(archive().is_some());
    let manifest = fs::read(directory.join("archived-00000000000000000005.json")).unwrap();
    for (kept_from, noted) in [(1, false), (1, true), (4, true)] {
        for segment in segments.iter().filter(|segment| **segment >= kept_from) {
            let name = journal::file_name(*segment);
            fs::copy(kept.join(&name), directory.join(&name)).unwrap();
        }
        let path = directory.join("archived-00000000000000000005.json");
        if noted {
            fs::write(&path, &manifest).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let before = report(&directory, &keys);
        assert_eq!((before.fault.clone(), before.records()), (None, 9), "from {kept_from}");
        archive();
        assert_eq!(journal::list(&directory).unwrap()[0], 6);
        let after = report(&directory, &keys);
        assert_eq!((after.fault.clone(), after.records()), (None, 9), "from {kept_from}");
    }
}

#[test]
fn months_are_named_as_they_are_read() {
    assert_eq!(parse_month("2026-03"), Some(MARCH));
    for wrong in ["2026-3", "2026-13", "2026-00", "26-03", "2026", "-026-03", "2026-03-01"] {
        assert_eq!(parse_month(wrong), None, "{wrong}");
    }
}
