//! The client side of every transport.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use trent_types::TraceParent;

use crate::in_process::{Services, span_of};
use crate::messages::Rejection;
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

    /// [`Self::call`] with a message for a message: encoded only where it leaves the process, or
    /// for a service that takes nothing else. An answer that is no `A` is a malformed one.
    ///
    /// # Errors
    /// [`BusError`], as for [`Self::call`].
    pub async fn ask<Q, A>(
        &self,
        subject: Subject,
        deadline: Duration,
        traceparent: Option<TraceParent>,
        request: Q,
    ) -> Result<A, BusError>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let request = match &self.0 {
            Transport::InProcess(services) => {
                match services.ask(subject, deadline, traceparent, request).await {
                    Ok(answer) => return answer,
                    Err(request) => request,
                }
            }
            Transport::Nats(_) => request,
        };
        let payload = request.encode_to_vec().into();
        let answer = self.call(subject, Order { deadline, traceparent, payload }).await?;
        A::decode(answer).map_err(|_| BusError::Rejected(Rejection::Malformed))
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
