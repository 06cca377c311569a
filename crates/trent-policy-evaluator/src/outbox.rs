//! Relays the records of committed changes from the outbox to the audit trail.
//!
//! A record stays in the outbox until the trail has accepted it. Several evaluators may relay the
//! same one; the trail knows a record by its event id. While the trail is away the outbox fills, up
//! to the bound that changes keep.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use trent_bus::RecordSink;
use trent_runtime::Shutdown;
use trent_types::{AuditRecord, EventId, TraceParent};

use crate::core::Unavailable;
use crate::registry::Registry;

/// How many records are handed over at a time.
const BATCH: u32 = 256;

/// How often the outbox is looked at unasked, for records that another evaluator left behind.
const TICK: Duration = Duration::from_secs(5);

/// How long to wait after a first failure; doubled with each further one up to [`TICK`].
const BACK_OFF: Duration = Duration::from_millis(100);

/// How long the trail may take to accept a batch.
const ACCEPTANCE: Duration = Duration::from_secs(10);

/// Traces that are remembered at most.
const TRACES_MAX: usize = 1_024;

/// The traces of records in the outbox, which does not keep them: a trace that is forgotten lacks
/// the keeping of its record, nothing else.
#[derive(Default)]
pub(crate) struct Traces(Mutex<HashMap<EventId, TraceParent>>);

impl Traces {
    /// Remembers the trace of a sampled request's record.
    pub(crate) fn note(&self, record: &AuditRecord) {
        let Some(trace) = record.trace else { return };
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Records that another evaluator relayed are never asked for.
        if traces.len() >= TRACES_MAX {
            traces.clear();
        }
        traces.insert(record.event_id, trace);
    }

    /// Gives records their traces back, once.
    fn give(&self, records: &mut [AuditRecord]) {
        let mut traces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if traces.is_empty() {
            return;
        }
        for record in records {
            record.trace = traces.remove(&record.event_id);
        }
    }
}

/// The relay of one evaluator.
pub(crate) struct Relay {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sink: Arc<dyn RecordSink>,
}

impl Relay {
    /// Relays at start, after each commit, and every now and then, until shutdown; then once more
    /// what is there.
    pub(crate) async fn run(self, mut shutdown: Shutdown) {
        let mut back_off = BACK_OFF;
        loop {
            let pause = match self.drain().await {
                Ok(()) => {
                    back_off = BACK_OFF;
                    None
                }
                Err(Unavailable(reason)) => {
                    tracing::warn!(%reason, "records wait in the outbox");
                    let pause = back_off;
                    back_off = (back_off * 2).min(TICK);
                    Some(pause)
                }
            };
            let committed = async {
                match pause {
                    // While the trail is away, commits do not make it come back.
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => {
                        let committed = self.registry.committed.notified();
                        // Running out of time is a reason to look as well.
                        let _ = tokio::time::timeout(TICK, committed).await;
                    }
                }
            };
            tokio::select! {
                () = shutdown.requested() => break,
                () = committed => {}
            }
        }
        if let Err(Unavailable(reason)) = self.drain().await {
            tracing::warn!(%reason, "records stay in the outbox until the next start");
        }
    }

    /// Hands over everything that is in the outbox.
    async fn drain(&self) -> Result<(), Unavailable> {
        let store = &self.registry.core.store;
        let outcome = loop {
            let mut records = store.outbox(BATCH).await?;
            if records.is_empty() {
                break Ok(());
            }
            self.registry.traces.give(&mut records);
            let accepting = self.sink.accept(&records);
            match tokio::time::timeout(ACCEPTANCE, accepting).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => break Err(Unavailable(error.to_string())),
                Err(_) => break Err(Unavailable("the trail does not accept in time".to_owned())),
            }
            let accepted: Vec<EventId> = records.iter().map(|record| record.event_id).collect();
            store.outbox_remove(&accepted).await?;
            if accepted.len() < BATCH as usize {
                break Ok(());
            }
        };
        let waiting = store.outbox_len().await?;
        self.registry.waiting.store(waiting, Ordering::Relaxed);
        outcome
    }
}
