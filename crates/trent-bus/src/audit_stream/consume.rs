//! Consuming the audit stream: each record at least once, until it is acknowledged.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{AckKind, Message as StreamMessage};
use futures_util::StreamExt;
use prost::Message;
use trent_types::AuditRecord;

use super::AuditStreamError;
use super::meters::ConsumeMeters;
use super::trim::{Look, trim};
use crate::{AUDIT_STREAM, NatsBus, messages};

/// How long a batch may be worked on before it is delivered again.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(30);
/// How long to wait for messages that are there.
const AT_ONCE: Duration = Duration::from_secs(3);
/// Bytes that a batch brings at most: what a consumer holds. A message has fewer
/// (`PublishLimits::message_bytes_max`); with less than its size here it would never come.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Messages that may be delivered without being acknowledged, over all replicas of the consumer.
const UNACKNOWLEDGED_MAX: i64 = 512;

/// A durable consumer of the audit stream. Replicas with the same name share the records.
#[derive(Debug)]
pub struct AuditConsumer {
    stream: Stream,
    consumer: PullConsumer,
    look: Look,
    meters: ConsumeMeters,
}

/// Says that records were worked on. Dropping it has them delivered again after a while.
#[derive(Debug)]
#[must_use = "records that are not acknowledged come again"]
pub struct Acknowledgement(Vec<StreamMessage>);

impl Acknowledgement {
    /// The records will not be delivered again, unless the connection breaks just now.
    ///
    /// # Errors
    /// [`AuditStreamError`] when the connection is closed.
    pub async fn acknowledge(self) -> Result<(), AuditStreamError> {
        for message in &self.0 {
            message.ack().await.map_err(AuditStreamError::to("take an acknowledgement"))?;
        }
        Ok(())
    }

    /// The records could not be worked on: they come again at once, to this or another replica.
    ///
    /// # Errors
    /// [`AuditStreamError`] when the connection is closed; they come again later then.
    pub async fn give_back(self) -> Result<(), AuditStreamError> {
        for message in &self.0 {
            let given = message.ack_with(AckKind::Nak(None)).await;
            given.map_err(AuditStreamError::to("take records back"))?;
        }
        Ok(())
    }
}

impl AuditConsumer {
    /// Makes the durable consumer `name`, or continues it.
    ///
    /// # Errors
    /// [`AuditStreamError`] when there is no stream or JetStream is away.
    pub async fn open(bus: &NatsBus, name: &str) -> Result<Self, AuditStreamError> {
        let context = async_nats::jetstream::new(bus.client().clone());
        let stream =
            context.get_stream(AUDIT_STREAM).await.map_err(AuditStreamError::to("be found"))?;
        let config = pull::Config {
            durable_name: Some(name.to_owned()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACKNOWLEDGE_WITHIN,
            max_ack_pending: UNACKNOWLEDGED_MAX,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await;
        let consumer = consumer.map_err(AuditStreamError::to("make a consumer"))?;
        Ok(Self { stream, consumer, look: Look::default(), meters: ConsumeMeters::new() })
    }

    /// The next records, of at most `messages_max` messages and four MiB: what is there at once, or
    /// else the first that comes within `patience`; none when none comes.
    ///
    /// # Errors
    /// [`AuditStreamError`] when JetStream is away.
    pub async fn next_batch(
        &mut self,
        messages_max: usize,
        patience: Duration,
    ) -> Result<(Vec<AuditRecord>, Acknowledgement), AuditStreamError> {
        let failed = AuditStreamError::to("deliver records");
        if self.look.is_due() {
            self.trim().await;
        }
        let mut messages = Vec::new();
        let fetch = self.consumer.fetch().max_messages(messages_max).max_bytes(BATCH_BYTES_MAX);
        let mut present = fetch.messages().await.map_err(&failed)?;
        // What is there comes at once; where the connection was lost, nothing does, nor an end.
        while let Ok(Some(message)) = tokio::time::timeout(AT_ONCE, present.next()).await {
            match message {
                Ok(message) => messages.push(message),
                // The server says so when the next one would be too much; what came counts.
                Err(_) if !messages.is_empty() => break,
                Err(error) => return Err(AuditStreamError::to("deliver records")(error)),
            }
        }
        if messages.is_empty() {
            let wait = self.consumer.batch().max_messages(1).expires(patience);
            let mut coming = wait.messages().await.map_err(&failed)?;
            while let Some(message) = coming.next().await {
                messages.push(message.map_err(AuditStreamError::to("deliver records"))?);
            }
        }
        let bytes: usize = messages.iter().map(|message| message.payload.len()).sum();
        self.look.delivered(messages.len() as u64, bytes as u64);
        let last = messages.last().and_then(|message| message.info().ok());
        self.meters.pending.set(last.map_or(0.0, |info| info.pending as f64));
        let mut records = Vec::new();
        let mut delivered = Vec::with_capacity(messages.len());
        for message in messages {
            match records_of(&message) {
                Some(more) => {
                    records.extend(more);
                    delivered.push(message);
                }
                None => {
                    self.meters.undecodable.increment(1);
                    put_aside(&message).await?;
                }
            }
        }
        Ok((records, Acknowledgement(delivered)))
    }

    /// Makes room in the stream. What cannot be removed now, a disk being full, can still be read.
    async fn trim(&mut self) {
        match trim(&mut self.stream, &mut self.consumer, &self.meters).await {
            Ok(next) => self.look = next,
            Err(error) => {
                self.look = Look::default();
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, source, "the audit stream is not trimmed");
            }
        }
    }
}

/// The records of a message, or nothing when it is not one of ours.
fn records_of(message: &StreamMessage) -> Option<Vec<AuditRecord>> {
    let batch = messages::AuditBatch::decode(message.payload.clone()).ok()?;
    batch.records.into_iter().map(|record| record.try_into().ok()).collect()
}

/// A message that nobody can read would come again for ever. It stays in the stream for a person to
/// look at, until that is half full.
async fn put_aside(message: &StreamMessage) -> Result<(), AuditStreamError> {
    let sequence = message.info().map(|info| info.stream_sequence).unwrap_or_default();
    tracing::error!(sequence, "a message of the audit stream cannot be decoded: put aside");
    message.ack_with(AckKind::Term).await.map_err(AuditStreamError::to("put a message aside"))
}
