//! The client side of every transport.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use trent_types::TraceParent;

use crate::in_process::Services;
use crate::local::{LocalEvaluator, LocalWorker};
use crate::messages::Rejection;
use crate::nats::NatsClient;
use crate::{BusError, Order, Step, Subject};

/// Takes orders to services and brings their answers back. Cloning it costs a counter.
#[derive(Clone)]
pub struct Bus(pub(crate) Transport);

#[derive(Clone)]
pub(crate) enum Transport {
    InProcess(Arc<Services>),
    Nats(Arc<NatsClient>),
}

impl Bus {
    /// The evaluator, where it is in this process and gives itself.
    #[must_use]
    pub fn local_evaluator(&self) -> Option<&dyn LocalEvaluator> {
        match &self.0 {
            Transport::InProcess(services) => services.evaluator.get().map(|one| &**one),
            Transport::Nats(_) => None,
        }
    }

    /// The worker, where it is in this process and gives itself.
    #[must_use]
    pub fn local_worker(&self) -> Option<&dyn LocalWorker> {
        match &self.0 {
            Transport::InProcess(services) => services.worker.get().map(|one| &**one),
            Transport::Nats(_) => None,
        }
    }

    /// Has an order worked on by a service of the subject. Dropping the future gives the order up;
    /// it may be worked on nevertheless.
    ///
    /// # Errors
    /// [`BusError`]; which of them mean that nothing was done is written there.
    pub async fn call(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        let Some(parent) = order.traceparent else { return self.carry(subject, order).await };
        let step = self.step(subject, parent);
        let order = Order { traceparent: step.trace(), ..order };
        told(&step, Box::pin(step.follow(self.carry(subject, order))).await)
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
        let Some(parent) = traceparent else {
            return self.put(subject, deadline, None, request).await;
        };
        let step = self.step(subject, parent);
        let asked = self.put(subject, deadline, step.trace(), request);
        told(&step, Box::pin(step.follow(asked)).await)
    }

    async fn put<Q, A>(
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
        let answer = self.carry(subject, Order { deadline, traceparent, payload }).await?;
        A::decode(answer).map_err(|_| BusError::Rejected(Rejection::Malformed))
    }

    async fn carry(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        match &self.0 {
            Transport::InProcess(services) => services.call(subject, order).await,
            Transport::Nats(client) => client.call(subject, order).await,
        }
    }

    fn step(&self, subject: Subject, parent: TraceParent) -> Step {
        let system = match &self.0 {
            Transport::InProcess(_) => "in_process",
            Transport::Nats(_) => "nats",
        };
        Step::order(subject, system, parent)
    }
}

/// Says in the span what went wrong.
fn told<T>(step: &Step, answer: Result<T, BusError>) -> Result<T, BusError> {
    if let Err(error) = &answer {
        step.failed(match error {
            BusError::Timeout => "timeout",
            BusError::Rejected(rejection) => rejection.as_str_name(),
            BusError::Disconnected => "disconnected",
        });
    }
    answer
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Transport::InProcess(_) => f.write_str("Bus(in process)"),
            Transport::Nats(_) => f.write_str("Bus(NATS)"),
        }
    }
}
