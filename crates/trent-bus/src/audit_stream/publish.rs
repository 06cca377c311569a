//! Publishing with group commit: what comes while batches are under way leaves in the next one.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State as Connection;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::{Context, Error as StreamError, ErrorCode};
use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use prost::Message;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use trent_types::AuditRecord;

use super::meters::PublishMeters;
use super::{RecordSink, TrailHealth};
use crate::messages::{self, Rejection};
use crate::{AUDIT_SUBJECT, BusError, NatsBus};

/// What a record's encoding adds to its JSON at most.
const OVERHEAD: usize = 128;

/// How long a publisher that was refused waits before it tries by itself whether it still is.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// How large a message is that tries it: about as large as one under load.
const TRY_BYTES: usize = 64 * 1024;

/// How much a publisher may have under way.
#[derive(Debug, Clone, Copy)]
pub struct PublishLimits {
    /// Messages without an acknowledgement. One: what comes while the disk is waited for shares the
    /// next message, and a message costs the server as much as some tens of records.
    pub messages_max: usize,
    /// Bytes of records in one message.
    pub message_bytes_max: usize,
    /// Bytes of records that wait for a message; more are refused as overloaded.
    pub waiting_bytes_max: usize,
    /// How long an acknowledgement may take. It includes a sync of the server's disk, which takes
    /// seconds where much else is written back at that moment.
    pub acknowledgement: Duration,
}

impl Default for PublishLimits {
    fn default() -> Self {
        Self {
            messages_max: 1,
            message_bytes_max: 512 * 1024,
            waiting_bytes_max: 16 * 1024 * 1024,
            acknowledgement: Duration::from_secs(6),
        }
    }
}

/// The audit trail over JetStream.
#[derive(Debug)]
pub struct AuditPublisher {
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    context: Context,
    limits: PublishLimits,
    queue: Mutex<Queue>,
    filled: Notify,
    meters: PublishMeters,
    health: TrailHealth,
}

#[derive(Debug, Default)]
struct Queue {
    batches: VecDeque<Batch>,
    bytes: usize,
}

/// Records that become one message, and who waits for it.
#[derive(Debug, Default)]
struct Batch {
    records: Vec<messages::AuditRecord>,
    bytes: usize,
    waiters: Vec<oneshot::Sender<Result<(), BusError>>>,
}

impl AuditPublisher {
    /// Publishes over this connection, from a task on the present runtime.
    #[must_use]
    pub fn new(bus: &NatsBus, limits: PublishLimits) -> Self {
        let mut context = async_nats::jetstream::new(bus.client().clone());
        context.set_timeout(limits.acknowledgement);
        let (queue, filled) = (Mutex::default(), Notify::new());
        let (meters, health) = (PublishMeters::new(), TrailHealth::default());
        let shared = Arc::new(Shared { context, limits, queue, filled, meters, health });
        let publishing = Arc::clone(&shared);
        let task = tokio::spawn(async move { publishing.run().await }).abort_handle();
        Self { shared, task }
    }

    /// Tells whether the stream takes records.
    #[must_use]
    pub fn health(&self) -> TrailHealth {
        self.shared.health.clone()
    }
}

impl Drop for AuditPublisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[async_trait]
impl RecordSink for AuditPublisher {
    async fn accept(&self, records: &[AuditRecord]) -> Result<(), BusError> {
        if self.shared.context.client().connection_state() != Connection::Connected {
            return Err(BusError::Disconnected);
        }
        for receiver in self.shared.enqueue(records)? {
            // A dropped sender means that the publisher has ended.
            receiver.await.unwrap_or(Err(BusError::Disconnected))?;
        }
        Ok(())
    }
}

impl Shared {
    /// Puts records into the last batch that has room, or into new ones. One receiver for each
    /// batch used.
    fn enqueue(
        &self,
        records: &[AuditRecord],
    ) -> Result<Vec<oneshot::Receiver<Result<(), BusError>>>, BusError> {
        let size = |record: &AuditRecord| record.cloudtrail_json.len() + OVERHEAD;
        if records.iter().any(|record| size(record) > self.limits.message_bytes_max) {
            return Err(BusError::Rejected(Rejection::Malformed));
        }
        let total: usize = records.iter().map(size).sum();
        let mut receivers = Vec::with_capacity(1);
        let mut queue = self.queue();
        // A single call is never too large, or the outbox could never be emptied again.
        if queue.bytes != 0 && queue.bytes + total > self.limits.waiting_bytes_max {
            return Err(BusError::Rejected(Rejection::Overloaded));
        }
        queue.bytes += total;
        let mut rest = records;
        while !rest.is_empty() {
            let full = |batch: &Batch, first: &AuditRecord| {
                batch.bytes + size(first) > self.limits.message_bytes_max
            };
            let needs_new = match (queue.batches.back(), rest.first()) {
                (Some(batch), Some(first)) => full(batch, first),
                (None, _) | (_, None) => true,
            };
            if needs_new {
                queue.batches.push_back(Batch::default());
            }
            let Some(batch) = queue.batches.back_mut() else { break };
            while let Some((first, tail)) = rest.split_first()
                && !full(batch, first)
            {
                batch.bytes += size(first);
                batch.records.push(first.into());
                rest = tail;
            }
            let (sender, receiver) = oneshot::channel();
            batch.waiters.push(sender);
            receivers.push(receiver);
        }
        drop(queue);
        self.filled.notify_one();
        Ok(receivers)
    }

    async fn run(&self) {
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < self.limits.messages_max
                && let Some(batch) = self.take()
            {
                under_way.push(self.publish(batch));
            }
            tokio::select! {
                Some(()) = under_way.next(), if !under_way.is_empty() => {}
                () = self.filled.notified(), if under_way.len() < self.limits.messages_max => {}
                () = tokio::time::sleep(TRY_AGAIN),
                    if under_way.is_empty() && self.health.is_refusing() =>
                {
                    under_way.push(self.publish(Batch::default()));
                }
            }
        }
    }

    fn take(&self) -> Option<Batch> {
        let mut queue = self.queue();
        let batch = queue.batches.pop_front()?;
        queue.bytes = queue.bytes.saturating_sub(batch.bytes);
        Some(batch)
    }

    /// Publishes one batch and tells everyone who waits for it what became of it.
    async fn publish(&self, batch: Batch) {
        let Batch { records, waiters, .. } = batch;
        let (count, began) = (records.len(), Instant::now());
        let padding = if count == 0 { vec![0; TRY_BYTES].into() } else { bytes::Bytes::new() };
        let payload = messages::AuditBatch { records, padding }.encode_to_vec();
        let outcome = self.send(payload).await;
        if count != 0 {
            self.meters.published(count, began.elapsed(), outcome.is_ok());
        }
        let outcome = outcome.map_err(|(error, _)| error).inspect_err(|error| match error {
            // What waits would wait as long again, one message after the other.
            BusError::Timeout | BusError::Disconnected => self.refuse_waiting(*error),
            BusError::Rejected(_) => {}
        });
        for waiter in waiters {
            // An error means that the caller has stopped waiting.
            let _ = waiter.send(outcome);
        }
    }

    /// Sends a message and waits for its acknowledgement; why not, and how to say it.
    async fn send(&self, payload: Vec<u8>) -> Result<(), (BusError, &'static str)> {
        let publish = async {
            // The library would keep it until the server is back, and nobody waits so long.
            if self.context.client().connection_state() != Connection::Connected {
                return Err((BusError::Disconnected, "NATS is away"));
            }
            let sent = self.context.publish(AUDIT_SUBJECT, payload.into()).await;
            match sent {
                Ok(acknowledgement) => acknowledgement.await,
                Err(error) => Err(error),
            }
            .map(drop)
            .map_err(|error| {
                tracing::error!(%error, "the audit stream did not accept records");
                refusal(&error)
            })
        };
        // The library bounds the send and the acknowledgement one by one; this bounds both
        // together.
        let within = tokio::time::timeout(self.limits.acknowledgement, publish).await;
        let outcome = within.unwrap_or_else(|_| {
            tracing::error!("the audit stream did not acknowledge records in time");
            Err((BusError::Timeout, SILENT))
        });
        self.health.note(outcome.map_err(|(_, reason)| reason));
        outcome
    }

    /// Tells everybody who waits that nothing comes of it.
    fn refuse_waiting(&self, error: BusError) {
        let waiting = std::mem::take(&mut *self.queue());
        let count = waiting.batches.iter().map(|batch| batch.records.len()).sum();
        self.meters.refused(count);
        for waiter in waiting.batches.into_iter().flat_map(|batch| batch.waiters) {
            let _ = waiter.send(Err(error));
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What JetStream says when the stream, or the room for all streams, has reached its bounds.
const FULL: [ErrorCode; 4] = [
    ErrorCode::STREAM_STORE_FAILED,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
];

/// A server whose disk is full, or broken, acknowledges nothing.
const SILENT: &str = "the stream acknowledges nothing; there may be no space on its disk";

fn refusal(error: &PublishError) -> (BusError, &'static str) {
    match error.kind() {
        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => (BusError::Timeout, SILENT),
        PublishErrorKind::StreamNotFound => {
            (BusError::Disconnected, "there is no stream, or no JetStream")
        }
        PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::WrongLastSequence
        | PublishErrorKind::MaxAckPending
        | PublishErrorKind::MaxPayloadExceeded
        | PublishErrorKind::Other => {
            let unavailable = BusError::Rejected(Rejection::Unavailable);
            let reason = match error.source().and_then(|e| e.downcast_ref::<StreamError>()) {
                Some(refused) if FULL.contains(&refused.error_code()) => {
                    "no space: the stream is full, as the audit logger is away or behind"
                }
                Some(_) | None => "JetStream refuses them",
            };
            (unavailable, reason)
        }
    }
}
