//! Relays the records of committed changes from the outbox to the audit trail.
//!
//! A record stays in the outbox until the trail has accepted it. Several evaluators may relay the
//! same one; the trail knows a record by its event id. While the trail is away the outbox fills, up
//! to the bound that changes keep.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use trent_bus::RecordSink;
use trent_runtime::Shutdown;
use trent_types::EventId;

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
            let records = store.outbox(BATCH).await?;
            if records.is_empty() {
                break Ok(());
            }
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
        metrics::gauge!("trent_outbox_records").set(waiting as f64);
        outcome
    }
}
