//! The audit stream: records are published in batches by whoever answers requests, and consumed by
//! the audit logger.
//!
//! A message of the stream is an `AuditBatch`. JetStream acknowledges it when it is on disk
//! (`sync_interval: always`); only then is a record accepted. The stream has bounds and refuses
//! what goes beyond them: a record is never dropped to make room for another, so that requests fail
//! instead of going unrecorded.

mod consume;
mod consumers;
mod health;
mod meters;
mod publish;
mod trim;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_trait::async_trait;
use trent_types::AuditRecord;

use crate::{AUDIT_STREAM, AUDIT_SUBJECT, BusError, NatsBus};

pub use consume::{Acknowledgement, AuditConsumer};
pub use consumers::{
    ConsumerName, ConsumerState, NewConsumer, add_consumer, list_consumers, remove_consumer,
};
pub use health::TrailHealth;
pub use publish::{AuditPublisher, PublishLimits};

/// Takes records into the audit trail.
#[async_trait]
pub trait RecordSink: Send + Sync {
    /// Returns once every one of the records is durably accepted.
    ///
    /// # Errors
    /// [`BusError`] when one may not be: whatever the records are about must not be answered then.
    async fn accept(&self, records: &[AuditRecord]) -> Result<(), BusError>;
}

/// The audit stream did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the audit stream failed to {what}")]
pub struct AuditStreamError {
    what: &'static str,
    #[source]
    source: async_nats::Error,
}

impl AuditStreamError {
    /// For `map_err`: names what failed.
    fn to<E: Into<async_nats::Error>>(what: &'static str) -> impl Fn(E) -> Self {
        move |source| Self { what, source: source.into() }
    }
}

/// The bounds of the audit stream. What reaches them is refused.
#[derive(Debug, Clone, Copy)]
pub struct StreamLimits {
    /// Bytes on disk.
    pub bytes_max: i64,
    /// Messages, each of one batch.
    pub messages_max: i64,
    /// How many servers of the cluster keep a copy.
    pub replicas: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self { bytes_max: 1 << 30, messages_max: 10_000_000, replicas: 1 }
    }
}

/// Makes the stream with these limits, unless it is there. The audit role does this when it starts;
/// it cannot change a stream that is there, whose limits are the operator's then.
///
/// There is no age limit: a record that the audit logger has not kept yet never goes.
/// [`AuditConsumer`] removes what everybody has acknowledged when the stream is half full.
///
/// # Errors
/// [`AuditStreamError`] when JetStream is away or refuses, and when the stream that is there takes
/// other subjects or could lose a record.
pub async fn ensure_stream(bus: &NatsBus, limits: StreamLimits) -> Result<(), AuditStreamError> {
    let config = Config {
        name: AUDIT_STREAM.into(),
        description: Some("CloudTrail records of Trent; messages are trent.v1.AuditBatch".into()),
        subjects: vec![AUDIT_SUBJECT.into()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_bytes: limits.bytes_max,
        max_messages: limits.messages_max,
        num_replicas: limits.replicas,
        deny_delete: true,
        ..Config::default()
    };
    let context = async_nats::jetstream::new(bus.client().clone());
    let made = context.get_or_create_stream(config.clone()).await;
    let made = made.map_err(AuditStreamError::to("be made"))?;
    let found = &made.cached_info().config;
    let same = found.subjects == config.subjects
        && found.storage == config.storage
        && found.retention == config.retention
        && found.discard == config.discard
        && found.max_age == config.max_age
        && found.deny_delete
        && found.republish.is_none()
        && found.mirror.is_none()
        && found.sources.as_ref().is_none_or(Vec::is_empty);
    if same {
        return Ok(());
    }
    let source = "it takes other subjects, or could lose a record".into();
    Err(AuditStreamError { what: "be as it must be", source })
}
