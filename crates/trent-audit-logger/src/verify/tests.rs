//! Verifying a store: a fake that can be tampered with.

use std::sync::Mutex;

use async_trait::async_trait;
use trent_store::{AuditStore, ChainHash, ChainedRecord, Derive, StoreError};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

use super::*;
use crate::chain::{self, START};

#[derive(Default)]
struct Rows(Mutex<Vec<ChainedRecord>>, Mutex<Option<(u64, [u8; 32])>>);

#[async_trait]
impl AuditStore for Rows {
    async fn append(
        &self,
        _: &[AuditRecord],
        _: ChainHash,
        _: &dyn Derive,
    ) -> Result<u64, StoreError> {
        unreachable!("verifying appends nothing")
    }

    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError> {
        Ok(vec![None])
    }

    async fn head(&self, _: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError> {
        let last = self.0.lock().unwrap().last().map(|row| (row.sequence, row.hash));
        Ok(self.1.lock().unwrap().or(last).unwrap_or((0, START)))
    }

    async fn records(
        &self,
        _: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let rows = self.0.lock().unwrap();
        let page = rows.iter().filter(|row| row.sequence > after).take(limit as usize);
        Ok(page.cloned().collect())
    }

    async fn ensure_partitions(&self, _: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("verifying makes nothing")
    }
}

fn store(length: u64) -> Rows {
    let mut previous_hash = START;
    let rows = (1..=length)
        .map(|sequence| {
            let record = AuditRecord {
                event_id: EventId::from_bytes([sequence as u8; 16]),
                account: None,
                event_time: Timestamp::from_millis(sequence as i64),
                cloudtrail_json: format!("{{\"n\":{sequence}}}").into_bytes(),
                trace: None,
            };
            let hash = chain::hash(&previous_hash, sequence, &record);
            let row = ChainedRecord { record, sequence, previous_hash, hash };
            previous_hash = hash;
            row
        })
        .collect();
    Rows(Mutex::new(rows), Mutex::default())
}

async fn fault(store: &Rows) -> (FaultKind, Option<u64>) {
    let fault = verify_store(store).await.unwrap().fault.unwrap();
    (fault.kind, fault.sequence)
}

#[tokio::test]
async fn a_sound_chain_of_many_pages_verifies() {
    let report = verify_store(&store(2_345)).await.unwrap();
    assert_eq!((report.fault.clone(), report.records()), (None, 2_345));
}

#[tokio::test]
async fn a_changed_row_is_named() {
    let store = store(10);
    store.0.lock().unwrap()[6].record.cloudtrail_json = b"{}".to_vec();
    assert_eq!(fault(&store).await, (FaultKind::Broken, Some(7)));
}

#[tokio::test]
async fn a_changed_row_with_a_fitting_hash_breaks_the_next() {
    let store = store(10);
    {
        let mut rows = store.0.lock().unwrap();
        let row = &mut rows[6];
        row.record.cloudtrail_json = b"{}".to_vec();
        row.hash = chain::hash(&row.previous_hash, 7, &row.record);
    }
    assert_eq!(fault(&store).await, (FaultKind::Broken, Some(8)));
}

#[tokio::test]
async fn a_deleted_row_is_named() {
    let store = store(10);
    store.0.lock().unwrap().remove(3);
    assert_eq!(fault(&store).await, (FaultKind::Missing, Some(4)));
}

#[tokio::test]
async fn an_end_that_is_cut_off_is_named() {
    let store = store(10);
    let head = store.head(None).await.unwrap();
    *store.1.lock().unwrap() = Some(head);
    store.0.lock().unwrap().truncate(8);
    assert_eq!(fault(&store).await, (FaultKind::Truncated, Some(9)));
}

#[tokio::test]
async fn a_head_that_does_not_fit_is_named() {
    let store = store(10);
    *store.1.lock().unwrap() = Some((10, [9; 32]));
    assert_eq!(fault(&store).await, (FaultKind::Broken, Some(10)));
}

#[tokio::test]
async fn another_chains_record_is_named() {
    let store = store(3);
    store.0.lock().unwrap()[1].record.account = Some("123456789012".parse().unwrap());
    assert_eq!(fault(&store).await, (FaultKind::Broken, Some(2)));
}

/// Checkpoints that were written when the chain had so many records.
fn expected(store: &Rows, lengths: &[usize]) -> Against {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = crate::checkpoints::tests::key();
    let rows = store.0.lock().unwrap();
    let head = |length: &usize| {
        let row = &rows[length - 1];
        vec![(None, Head { sequence: row.sequence, hash: row.hash })]
    };
    let lines: Vec<_> = lengths.iter().map(head).collect();
    crate::checkpoints::tests::write(folder.path(), file.signing().unwrap(), &lines);
    let expected = Expected::read(folder.path(), &keys).unwrap();
    Against { expected, ..Against::default() }
}

/// Computes all hashes anew.
fn rehash(store: &Rows) {
    let mut previous = START;
    for (sequence, row) in (1..).zip(store.0.lock().unwrap().iter_mut()) {
        row.sequence = sequence;
        row.previous_hash = previous;
        row.hash = chain::hash(&previous, sequence, &row.record);
        previous = row.hash;
    }
}

async fn found(store: &Rows, expected: &Against) -> (Fault, Option<Mark>) {
    let report = verify_store_against(store, expected).await.unwrap();
    let line = report.finding().unwrap();
    assert!(line.contains("checkpoint of 2023-11-14T22:"), "{line}");
    (report.fault.unwrap(), report.checkpoint)
}

#[tokio::test]
async fn hashes_that_were_computed_anew_are_found_by_checkpoints() {
    let event = |sequence: u8| Some(EventId::from_bytes([sequence; 16]));
    let store = store(10);
    let expected = expected(&store, &[3, 6, 9]);
    assert_eq!(verify_store_against(&store, &expected).await.unwrap().fault, None);
    store.0.lock().unwrap()[4].record.cloudtrail_json = b"{}".to_vec();
    rehash(&store);
    assert_eq!(verify_store(&store).await.unwrap().fault, None, "the chain alone shows nothing");
    let (fault, mark) = found(&store, &expected).await;
    assert_eq!((fault.kind, fault.sequence, fault.event_id), {
        (FaultKind::Broken, Some(6), event(6))
    });
    assert_eq!(mark.map(|mark| (mark.sound, mark.sequence)), Some((3, 6)));
}

#[tokio::test]
async fn two_records_that_were_swapped_with_their_hashes_are_found_by_checkpoints() {
    let store = store(10);
    let expected = expected(&store, &[10]);
    store.0.lock().unwrap().swap(3, 7);
    rehash(&store);
    let (fault, mark) = found(&store, &expected).await;
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Broken, Some(10)));
    assert_eq!(mark.map(|mark| mark.sound), Some(0));
}

#[tokio::test]
async fn two_records_whose_sequences_were_swapped_are_named() {
    let store = store(10);
    {
        let mut rows = store.0.lock().unwrap();
        (rows[3].sequence, rows[7].sequence) = (8, 4);
        rows.swap(3, 7);
    }
    let report = verify_store(&store).await.unwrap().fault.unwrap();
    let fourth = Some(EventId::from_bytes([4; 16]));
    assert_eq!((report.kind, report.sequence, report.event_id), {
        (FaultKind::Reordered, Some(4), fourth)
    });
}

#[tokio::test]
async fn a_cut_off_end_is_found_by_checkpoints_whatever_the_head_says() {
    let store = store(10);
    let expected = expected(&store, &[5, 9]);
    store.0.lock().unwrap().truncate(9);
    assert_eq!(verify_store_against(&store, &expected).await.unwrap().fault, None);
    store.0.lock().unwrap().truncate(7);
    assert_eq!(verify_store(&store).await.unwrap().fault, None, "the chain alone shows nothing");
    let (fault, mark) = found(&store, &expected).await;
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Truncated, Some(8)));
    assert_eq!(mark.map(|mark| (mark.sound, mark.sequence)), Some((5, 9)));
    store.0.lock().unwrap().clear();
    let (fault, _) = found(&store, &expected).await;
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Truncated, Some(1)));
}
