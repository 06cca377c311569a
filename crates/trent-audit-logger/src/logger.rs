//! The distributed form's keeper: from the audit stream into the audit store, each record exactly
//! once.
//!
//! A batch is acknowledged to the stream only after it was committed to the store, so a record can
//! come again but never be lost; the store leaves out what it has. Any number of loggers may run:
//! the store locks the heads of the chains that a batch touches.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use trent_bus::{Acknowledgement, AuditConsumer, AuditStreamError, Step};
use trent_runtime::{Backoff, Shutdown, Working};
use trent_store::{AuditStore, StoreError};
use trent_types::{AuditRecord, Clock};

use crate::chain;
use crate::derive::Deriver;
use crate::meters::KeeperMeters;

/// Messages of the stream that are committed together, at most; what bounds them where they are
/// large is their bytes (`AuditConsumer::next_batch`). While little comes a batch is a message, and
/// kept at once; what comes during a commit, or a [`BEAT`], is the next batch.
const MESSAGES_MAX: usize = 128;

/// How far apart batches begin while much comes. A transaction costs as much as a dozen records, so
/// many should share one; a record is still kept within a fraction of a second.
const BEAT: Duration = Duration::from_millis(50);

/// With fewer records than this in a batch not much comes, and nothing is waited for.
const WORTH_GATHERING: usize = 4;

/// With more records than this in a batch the next one is there already.
const PLENTY: usize = 1_000;

/// Records of one batch whose keeping is shown in their traces.
const STEPS_MAX: usize = 64;

/// How long the stream is asked to wait for a record before it is asked again.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Moves records from the audit stream into the audit store.
pub struct Logger {
    consumer: AuditConsumer,
    keeper: Keeper,
}

impl Logger {
    /// A logger between this stream and this store.
    #[must_use]
    pub fn new(consumer: AuditConsumer, store: Arc<dyn AuditStore>, clock: Arc<dyn Clock>) -> Self {
        Self { consumer, keeper: Keeper::new(store, clock) }
    }

    /// Tells whether this logger works.
    #[must_use]
    pub fn readiness(&self) -> Working {
        self.keeper.readiness.clone()
    }

    /// Works until the shutdown. What fails is tried again for ever, with pauses: records wait in
    /// the stream meanwhile.
    pub async fn run(mut self, shutdown: Shutdown) {
        self.keeper.keep(&mut self.consumer, shutdown).await;
    }
}

/// Where batches come from; a trait, so that tests need no server.
trait Source: Send {
    /// Tells the stream that a batch is kept.
    type Receipt: Send;
    /// Why there is no batch.
    type Error: std::error::Error + Send;

    fn next(
        &mut self,
    ) -> impl Future<Output = Result<(Vec<AuditRecord>, Self::Receipt), Self::Error>> + Send;

    fn acknowledge(receipt: Self::Receipt) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl Source for AuditConsumer {
    type Receipt = Acknowledgement;
    type Error = AuditStreamError;

    async fn next(&mut self) -> Result<(Vec<AuditRecord>, Acknowledgement), AuditStreamError> {
        self.next_batch(MESSAGES_MAX, PATIENCE).await
    }

    async fn acknowledge(receipt: Acknowledgement) -> Result<(), AuditStreamError> {
        receipt.acknowledge().await
    }
}

/// The logger without its stream.
struct Keeper {
    store: Arc<dyn AuditStore>,
    clock: Arc<dyn Clock>,
    deriver: Deriver,
    /// Year and month of the partitions that are known to be there.
    months: HashSet<(i64, u32)>,
    readiness: Working,
    meters: KeeperMeters,
}

impl Keeper {
    fn new(store: Arc<dyn AuditStore>, clock: Arc<dyn Clock>) -> Self {
        let (readiness, meters) = (Working::default(), KeeperMeters::new());
        Self { store, clock, deriver: Deriver::new(), months: HashSet::new(), readiness, meters }
    }

    async fn keep<S: Source>(&mut self, source: &mut S, mut shutdown: Shutdown) {
        let mut pause = backoff();
        while !shutdown.is_requested() {
            let next = tokio::select! {
                biased;
                () = shutdown.requested() => return,
                next = source.next() => next,
            };
            let begun = Instant::now();
            let (records, receipt) = match next {
                Ok(batch) => batch,
                Err(error) => {
                    self.failed(&error, "the audit stream cannot be read; trying again");
                    pause.rest(&mut shutdown).await;
                    continue;
                }
            };
            if records.is_empty() {
                self.worked();
                self.meters.lag.set(0.0);
            } else if !self.commit(&records, &mut pause, &mut shutdown).await {
                return;
            }
            // Also for a batch without records: a message may hold none.
            if let Err(error) = S::acknowledge(receipt).await {
                self.failed(&error, "kept audit records are not acknowledged; they come again");
                pause.rest(&mut shutdown).await;
                continue;
            }
            pause = backoff();
            if (WORTH_GATHERING..PLENTY).contains(&records.len()) {
                let rest = BEAT.saturating_sub(begun.elapsed());
                let _ = tokio::time::timeout(rest, shutdown.requested()).await;
            }
        }
    }

    /// Tries until the batch is kept; says false when the shutdown came first.
    async fn commit(
        &mut self,
        records: &[AuditRecord],
        pause: &mut Backoff,
        shutdown: &mut Shutdown,
    ) -> bool {
        let sampled: Vec<Step> = records
            .iter()
            .filter_map(|record| record.trace)
            .take(STEPS_MAX)
            .map(|trace| Step::keep(records.len(), trace))
            .collect();
        loop {
            let began = Instant::now();
            match self.append(records).await {
                Ok(new) => {
                    self.meters.kept(records.len() as u64, new, began.elapsed());
                    self.note_lag(records);
                    self.worked();
                    return true;
                }
                Err(error) => {
                    self.failed(&error, "the audit store does not take records; trying again");
                    self.note_lag(records);
                    sampled.iter().for_each(|step| step.failed("store"));
                    pause.rest(shutdown).await;
                    if shutdown.is_requested() {
                        return false;
                    }
                }
            }
        }
    }

    async fn append(&mut self, records: &[AuditRecord]) -> Result<u64, StoreError> {
        for record in records {
            let (year, month, ..) = record.event_time.civil();
            if !self.months.contains(&(year, month)) {
                self.store.ensure_partitions(record.event_time, record.event_time).await?;
                self.months.insert((year, month));
            }
        }
        self.store.append(records, chain::hash, &self.deriver).await
    }

    /// How old the oldest record of the batch is.
    fn note_lag(&self, records: &[AuditRecord]) {
        if let Some(oldest) = records.iter().map(|record| record.event_time).min() {
            let lag = self.clock.now().as_millis().saturating_sub(oldest.as_millis());
            self.meters.lag.set(lag.max(0) as f64 / 1_000.0);
        }
    }

    fn worked(&self) {
        self.readiness.note(true);
    }

    fn failed(&self, error: &dyn std::error::Error, what: &str) {
        self.meters.failures.increment(1);
        let source = error.source().map(ToString::to_string);
        self.readiness.fail(match &source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        });
        tracing::warn!(%error, source, "{what}");
    }
}

/// The pauses after failures.
const fn backoff() -> Backoff {
    Backoff::new(FIRST_PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
