//! Verifying a store: a fake that can be tampered with.

use std::sync::Mutex;

use async_trait::async_trait;
use trent_store::{ChainHash, Derive};
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
