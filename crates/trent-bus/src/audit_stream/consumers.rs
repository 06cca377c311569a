//! Durable consumers of the audit stream beside the audit logger, which the operator makes:
//! docs/consumers.md is their contract.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;

use super::AuditStreamError;
use crate::{AUDIT_STREAM, NatsBus};

/// How long a consumer may work on a message before it is delivered again: so long one that was
/// killed waits for what it had.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(10);

/// The audit logger's own, which no other may be called.
pub(crate) const LOGGER: &str = "audit-logger";

/// The name of a consumer: 1 to 32 lower-case letters, digits and hyphens, not `audit-logger`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerName(String);

impl FromStr for ConsumerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=32).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err("1 to 32 lower-case letters, digits and hyphens".to_owned());
        }
        if text == LOGGER {
            return Err("this is the audit logger's".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ConsumerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A consumer to be made.
#[derive(Debug, Clone)]
pub struct NewConsumer {
    /// What it is called.
    pub name: ConsumerName,
    /// Delivers what comes from now on; else everything that is in the stream.
    pub from_now: bool,
    /// Messages that may be delivered without being acknowledged. With one, they come strictly in
    /// their order.
    pub in_flight_max: u32,
}

/// How far a consumer is.
#[derive(Debug, Clone)]
pub struct ConsumerState {
    /// What it is called.
    pub name: String,
    /// The last stream sequence up to which it has acknowledged everything.
    pub acknowledged: u64,
    /// Messages that wait for it.
    pub pending: u64,
    /// Messages that it was given and has not acknowledged.
    pub in_flight: u64,
}

/// Makes a durable pull consumer, or leaves one of that name as it is.
///
/// # Errors
/// [`AuditStreamError`] when there is no stream, or one of that name that begins elsewhere.
pub async fn add_consumer(bus: &NatsBus, new: &NewConsumer) -> Result<(), AuditStreamError> {
    let config = pull::Config {
        durable_name: Some(new.name.0.clone()),
        description: Some("made by `trent audit consumer add`".to_owned()),
        deliver_policy: if new.from_now { DeliverPolicy::New } else { DeliverPolicy::All },
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACKNOWLEDGE_WITHIN,
        max_ack_pending: i64::from(new.in_flight_max),
        ..pull::Config::default()
    };
    let made = stream(bus).await?.create_consumer(config).await;
    made.map(drop).map_err(AuditStreamError::to("make a consumer"))
}

/// Every consumer of the stream, the audit logger among them.
///
/// # Errors
/// [`AuditStreamError`] when JetStream is away.
pub async fn list_consumers(bus: &NatsBus) -> Result<Vec<ConsumerState>, AuditStreamError> {
    let mut found = stream(bus).await?.consumers();
    let mut states = Vec::new();
    while let Some(info) = found.next().await {
        let info = info.map_err(AuditStreamError::to("tell its consumers"))?;
        states.push(ConsumerState {
            name: info.name,
            acknowledged: info.ack_floor.stream_sequence,
            pending: info.num_pending,
            in_flight: info.num_ack_pending as u64,
        });
    }
    states.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(states)
}

/// Removes a consumer, so that nothing is kept for it any longer.
///
/// # Errors
/// [`AuditStreamError`] when there is none, or JetStream is away.
pub async fn remove_consumer(bus: &NatsBus, name: &ConsumerName) -> Result<(), AuditStreamError> {
    let removed = stream(bus).await?.delete_consumer(&name.0).await;
    removed.map(drop).map_err(AuditStreamError::to("remove a consumer"))
}

async fn stream(bus: &NatsBus) -> Result<Stream, AuditStreamError> {
    let context = async_nats::jetstream::new(bus.client().clone());
    context.get_stream(AUDIT_STREAM).await.map_err(AuditStreamError::to("be found"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_not_the_loggers() {
        let parse = |text: &str| text.parse::<ConsumerName>();
        assert_eq!(parse("siem-2").unwrap().to_string(), "siem-2");
        let long = "x".repeat(33);
        for wrong in ["", "audit-logger", "A", "a.b", "a b", "*", ">", long.as_str()] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
