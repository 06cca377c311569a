//! The logger with a stream and a store that fail when they are told to.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use trent_runtime::ShutdownTrigger;
use trent_store::{ChainHash, ChainedRecord, Derive};
use trent_types::{AccountId, EventId, KeyArn, KeyUsed, ManualClock, Timestamp};

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("away")]
struct Away;

/// Delivers each batch until it is acknowledged, then triggers the shutdown.
struct Stream {
    batches: VecDeque<Vec<AuditRecord>>,
    failures: u32,
    acknowledged: Arc<Mutex<Vec<EventId>>>,
    refuse_acknowledgements: Arc<Mutex<u32>>,
    done: Option<ShutdownTrigger>,
}

type Receipt = (Vec<AuditRecord>, Arc<Mutex<Vec<EventId>>>, Arc<Mutex<u32>>);

impl Source for Stream {
    type Receipt = Receipt;
    type Error = Away;

    async fn next(&mut self) -> Result<(Vec<AuditRecord>, Receipt), Away> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(Away);
        }
        while let Some(batch) = self.batches.front() {
            let kept = self.acknowledged.lock().unwrap();
            if batch.iter().all(|record| kept.contains(&record.event_id)) {
                drop(kept);
                self.batches.pop_front();
            } else {
                drop(kept);
                let receipt = (
                    batch.clone(),
                    self.acknowledged.clone(),
                    self.refuse_acknowledgements.clone(),
                );
                return Ok((batch.clone(), receipt));
            }
        }
        self.done.take().unwrap().trigger();
        Ok((Vec::new(), (Vec::new(), self.acknowledged.clone(), Arc::default())))
    }

    async fn acknowledge((batch, kept, refusals): Receipt) -> Result<(), Away> {
        let mut refusals = refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err(Away);
        }
        kept.lock().unwrap().extend(batch.iter().map(|record| record.event_id));
        Ok(())
    }
}

#[derive(Default)]
struct Store {
    rows: Mutex<Vec<AuditRecord>>,
    uses: Mutex<Vec<(KeyArn, KeyUsed)>>,
    months: Mutex<Vec<Timestamp>>,
    failures: Mutex<u32>,
    shutdown_at_failure: Mutex<Option<ShutdownTrigger>>,
}

#[async_trait]
impl AuditStore for Store {
    async fn append(
        &self,
        records: &[AuditRecord],
        _: ChainHash,
        derive: &dyn Derive,
    ) -> Result<u64, StoreError> {
        if let Some(trigger) = self.shutdown_at_failure.lock().unwrap().take() {
            trigger.trigger();
        }
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(StoreError::Unavailable("away".into()));
        }
        let mut rows = self.rows.lock().unwrap();
        let before = rows.len();
        for record in records {
            if !rows.contains(record) {
                rows.push(record.clone());
            }
        }
        let new: Vec<_> = (1..).zip(rows.iter()).skip(before).collect();
        self.uses.lock().unwrap().extend(derive.derive(&new).uses);
        Ok((rows.len() - before) as u64)
    }

    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError> {
        unreachable!("a logger only appends")
    }

    async fn head(&self, _: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError> {
        unreachable!("a logger only appends")
    }

    async fn records(
        &self,
        _: Option<AccountId>,
        _: u64,
        _: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        unreachable!("a logger only appends")
    }

    async fn ensure_partitions(&self, from: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        self.months.lock().unwrap().push(from);
        Ok(())
    }
}

fn record(number: u8, days: i64) -> AuditRecord {
    AuditRecord {
        event_id: EventId::from_bytes([number; 16]),
        account: None,
        event_time: Timestamp::from_millis(days * 86_400_000),
        cloudtrail_json: b"{}".to_vec(),
        trace: None,
    }
}

fn stream(batches: &[&[AuditRecord]]) -> (Stream, Shutdown) {
    let (trigger, shutdown) = Shutdown::new();
    let batches = batches.iter().map(|batch| batch.to_vec()).collect();
    let stream = Stream {
        batches,
        failures: 0,
        acknowledged: Arc::default(),
        refuse_acknowledgements: Arc::default(),
        done: Some(trigger),
    };
    (stream, shutdown)
}

fn keeper(store: &Arc<Store>) -> Keeper {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
    Keeper::new(store.clone(), clock)
}

#[tokio::test(start_paused = true)]
async fn every_record_is_kept_once_and_then_acknowledged() {
    let store = Arc::new(Store::default());
    let (mut source, shutdown) = stream(&[&[record(1, 0), record(2, 1)], &[record(3, 40)]]);
    let mut keeper = keeper(&store);
    keeper.keep(&mut source, shutdown).await;
    assert_eq!(*store.rows.lock().unwrap(), [record(1, 0), record(2, 1), record(3, 40)]);
    assert_eq!(source.acknowledged.lock().unwrap().len(), 3);
    assert_eq!(store.months.lock().unwrap().len(), 2, "one partition a month");
    assert!(keeper.readiness.ready());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_acknowledged_while_the_store_is_away() {
    let store = Arc::new(Store::default());
    *store.failures.lock().unwrap() = 1_000_000;
    let (trigger, shutdown) = Shutdown::new();
    *store.shutdown_at_failure.lock().unwrap() = Some(trigger);
    let (mut source, _) = stream(&[&[record(1, 0)]]);
    let mut keeper = keeper(&store);
    keeper.keep(&mut source, shutdown).await;
    assert!(source.acknowledged.lock().unwrap().is_empty());
    assert!(!keeper.readiness.ready());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_gets_every_record() {
    let store = Arc::new(Store::default());
    *store.failures.lock().unwrap() = 20;
    let (mut source, shutdown) = stream(&[&[record(1, 0)], &[record(2, 0)]]);
    keeper(&store).keep(&mut source, shutdown).await;
    assert_eq!(*store.rows.lock().unwrap(), [record(1, 0), record(2, 0)]);
}

#[tokio::test(start_paused = true)]
async fn records_that_come_again_are_kept_once() {
    let store = Arc::new(Store::default());
    let (mut source, shutdown) = stream(&[&[record(1, 0)], &[record(2, 0)]]);
    *source.refuse_acknowledgements.lock().unwrap() = 3;
    keeper(&store).keep(&mut source, shutdown).await;
    assert_eq!(*store.rows.lock().unwrap(), [record(1, 0), record(2, 0)]);
    assert_eq!(source.acknowledged.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_comes_back_is_read_again() {
    let store = Arc::new(Store::default());
    let (mut source, shutdown) = stream(&[&[record(1, 0)]]);
    source.failures = 10;
    keeper(&store).keep(&mut source, shutdown).await;
    assert_eq!(*store.rows.lock().unwrap(), [record(1, 0)]);
}

#[tokio::test(start_paused = true)]
async fn the_uses_that_a_batch_tells_of_are_kept_with_it() {
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let json = format!(
        r#"{{"userIdentity":{{"type":"Root"}},"eventSource":"kms.amazonaws.com","eventName":"Sign",
        "awsRegion":"us-east-1","requestID":"4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        "resources":[{{"type":"AWS::KMS::Key","ARN":"{KEY}"}}],"eventType":"AwsApiCall"}}"#
    );
    let account = Some("111122223333".parse().unwrap());
    let signed = AuditRecord { account, cloudtrail_json: json.into_bytes(), ..record(2, 0) };
    let store = Arc::new(Store::default());
    *store.failures.lock().unwrap() = 1;
    let (mut source, shutdown) = stream(&[&[record(1, 0), signed]]);
    keeper(&store).keep(&mut source, shutdown).await;
    let uses = store.uses.lock().unwrap();
    let [(key, used)] = uses.as_slice() else { panic!("{uses:?}") };
    assert_eq!((key.to_string(), used.operation.as_str()), (KEY.to_owned(), "Sign"));
    assert_eq!(used.event_id, EventId::from_bytes([2; 16]));
}
