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
/// How many messages are acknowledged between two looks at how full the stream is.
const MESSAGES_BETWEEN_TRIMS: usize = 1_024;

/// A durable consumer of the audit stream. Replicas with the same name share the records.
#[derive(Debug)]
pub struct AuditConsumer {
    stream: Stream,
    consumer: PullConsumer,
    until_trim: usize,
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
        Ok(Self { stream, consumer, until_trim: 0, meters: ConsumeMeters::new() })
    }

    /// The next records, of at most `messages_max` messages and four MiB: what is there at once, or else the
    /// first that comes within `patience`; none when none comes.
    ///
    /// # Errors
    /// [`AuditStreamError`] when JetStream is away.
    pub async fn next_batch(
        &mut self,
        messages_max: usize,
        patience: Duration,
    ) -> Result<(Vec<AuditRecord>, Acknowledgement), AuditStreamError> {
        let failed = AuditStreamError::to("deliver records");
        if self.until_trim == 0 {
            let still_full = self.trim().await?;
            // One less, so that the next idle moment is a reason to look again.
            self.until_trim = MESSAGES_BETWEEN_TRIMS - usize::from(still_full);
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
        self.until_trim = match messages.len() {
            // A stream that is full takes nothing new: nobody else would ever make room again.
            // Where nothing has come since the last look, there is nothing to remove.
            0 if self.until_trim < MESSAGES_BETWEEN_TRIMS => 0,
            0 => MESSAGES_BETWEEN_TRIMS,
            delivered => self.until_trim.saturating_sub(delivered),
        };
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

    /// Removes what this consumer has acknowledged, when the stream is more than half full; says
    /// whether it still is.
    async fn trim(&mut self) -> Result<bool, AuditStreamError> {
        let info = self.stream.info().await.map_err(AuditStreamError::to("tell its state"))?;
        let bytes_max = u64::try_from(info.config.max_bytes).unwrap_or(u64::MAX);
        let messages_max = u64::try_from(info.config.max_messages).unwrap_or(u64::MAX);
        let (bytes, messages) = (info.state.bytes, info.state.messages);
        if bytes <= bytes_max / 2 && messages <= messages_max / 2 {
            return Ok(false);
        }
        let consumer = self.consumer.info().await;
        let consumer = consumer.map_err(AuditStreamError::to("tell its consumer's state"))?;
        let next = consumer.ack_floor.stream_sequence + 1;
        let purged = self.stream.purge().sequence(next).await;
        let purged = purged.map_err(AuditStreamError::to("be trimmed"))?.purged;
        tracing::info!(purged, "removed acknowledged messages from the audit stream");
        // The server may not have heard of the last acknowledgements yet.
        Ok(purged < messages)
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
