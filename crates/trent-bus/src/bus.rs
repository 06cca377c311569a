//! The client side of every transport.

use std::sync::Arc;

use bytes::Bytes;

use crate::in_process::{Services, span_of};
use crate::nats::NatsClient;
use crate::{BusError, Order, Subject};

/// Takes orders to services and brings their answers back. Cloning it costs a counter.
#[derive(Clone)]
pub struct Bus(pub(crate) Transport);

#[derive(Clone)]
pub(crate) enum Transport {
    InProcess(Arc<Services>),
    Nats(Arc<NatsClient>),
}

impl Bus {
    /// Has an order worked on by a service of the subject. Dropping the future gives the order up;
    /// it may be worked on nevertheless.
    ///
    /// # Errors
    /// [`BusError`]; which of them mean that nothing was done is written there.
    pub async fn call(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        use tracing::Instrument as _;
        let span = span_of(subject.label(), order.traceparent);
        match &self.0 {
            Transport::InProcess(services) if span.is_disabled() => {
                services.call(subject, order).await
            }
            Transport::InProcess(services) => services.call(subject, order).instrument(span).await,
            Transport::Nats(client) => client.call(subject, order).instrument(span).await,
        }
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Transport::InProcess(_) => f.write_str("Bus(in process)"),
            Transport::Nats(_) => f.write_str("Bus(NATS)"),
        }
    }
}
