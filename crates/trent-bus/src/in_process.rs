//! The bus of one process: an order is handled on the caller's own task, without channel or
//! wake-up.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use trent_types::TraceParent;
use uuid::Uuid;

use crate::bus::{Bus, Transport};
use crate::local::{LocalEvaluator, LocalWorker};
use crate::messages::Rejection;
use crate::{BusError, Order, Service, Subject};

/// Joins the roles of one process.
///
/// A [`Bus`] of it may be taken before the services are there, so that services can hold it too;
/// until its service is there, a subject is [`BusError::Disconnected`]. Services that hold the bus
/// keep it, and it keeps them: it is made once and lives as long as the process.
#[derive(Clone, Default)]
pub struct InProcessBus(Arc<Services>);

/// One place for each subject: a call takes no lock, except for invalidations.
#[derive(Default)]
pub(crate) struct Services {
    authorize: OnceLock<Arc<dyn Service>>,
    registry_read: OnceLock<Arc<dyn Service>>,
    registry_change: OnceLock<Arc<dyn Service>>,
    claim_due: OnceLock<Arc<dyn Service>>,
    trail: OnceLock<Arc<dyn Service>>,
    admin: OnceLock<Arc<dyn Service>>,
    crypto_fast: OnceLock<Arc<dyn Service>>,
    crypto_slow: OnceLock<Arc<dyn Service>>,
    invalidate: RwLock<HashMap<Uuid, Arc<dyn Service>>>,
    pub(crate) evaluator: OnceLock<Arc<dyn LocalEvaluator>>,
    pub(crate) worker: OnceLock<Arc<dyn LocalWorker>>,
}

/// A subject has its service already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subject is served already")]
pub struct AlreadyServed;

impl InProcessBus {
    /// A bus without services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a subject its service, once and for good.
    ///
    /// # Errors
    /// [`AlreadyServed`] the second time.
    pub fn serve(&self, subject: Subject, service: Arc<dyn Service>) -> Result<(), AlreadyServed> {
        if let Subject::Invalidate(evaluator) = subject {
            let mut evaluators = self.0.invalidate.write().unwrap_or_else(PoisonError::into_inner);
            return match evaluators.insert(evaluator, service) {
                None => Ok(()),
                Some(first) => {
                    evaluators.insert(evaluator, first);
                    Err(AlreadyServed)
                }
            };
        }
        let place = self.0.place(subject).ok_or(AlreadyServed)?;
        place.set(service).map_err(|_| AlreadyServed)
    }

    /// Gives the evaluator to whoever can ask it without messages, once and for good.
    ///
    /// # Errors
    /// [`AlreadyServed`] the second time.
    pub fn give_evaluator(&self, evaluator: Arc<dyn LocalEvaluator>) -> Result<(), AlreadyServed> {
        self.0.evaluator.set(evaluator).map_err(|_| AlreadyServed)
    }

    /// Gives the worker to whoever can ask it without messages, once and for good.
    ///
    /// # Errors
    /// [`AlreadyServed`] the second time.
    pub fn give_worker(&self, worker: Arc<dyn LocalWorker>) -> Result<(), AlreadyServed> {
        self.0.worker.set(worker).map_err(|_| AlreadyServed)
    }

    /// The client side.
    #[must_use]
    pub fn bus(&self) -> Bus {
        Bus(Transport::InProcess(Arc::clone(&self.0)))
    }
}

impl std::fmt::Debug for InProcessBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcessBus").finish_non_exhaustive()
    }
}

impl Services {
    const fn place(&self, subject: Subject) -> Option<&OnceLock<Arc<dyn Service>>> {
        match subject {
            Subject::Authorize => Some(&self.authorize),
            Subject::RegistryRead => Some(&self.registry_read),
            Subject::RegistryChange => Some(&self.registry_change),
            Subject::ClaimDue => Some(&self.claim_due),
            Subject::Trail => Some(&self.trail),
            Subject::Admin => Some(&self.admin),
            Subject::CryptoFast => Some(&self.crypto_fast),
            Subject::CryptoSlow => Some(&self.crypto_slow),
            Subject::Invalidate(_) => None,
        }
    }

    pub(crate) async fn call(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        if let Subject::Invalidate(evaluator) = subject {
            let service = {
                let evaluators = self.invalidate.read().unwrap_or_else(PoisonError::into_inner);
                evaluators.get(&evaluator).map(Arc::clone)
            };
            return work(&*service.ok_or(BusError::Disconnected)?, order).await;
        }
        let service = self.place(subject).and_then(OnceLock::get);
        work(&**service.ok_or(BusError::Disconnected)?, order).await
    }
}

impl Services {
    /// Has a request worked on without encoding it; gives it back where no service takes it so.
    pub(crate) async fn ask<Q, A>(
        &self,
        subject: Subject,
        deadline: Duration,
        trace: Option<TraceParent>,
        request: Q,
    ) -> Result<Result<A, BusError>, Q>
    where
        Q: Message + 'static,
        A: Message + 'static,
    {
        let Some(service) = self.place(subject).and_then(OnceLock::get) else {
            return Err(request);
        };
        let work = match service.handle_local(trace, Box::new(request)) {
            Ok(work) => work,
            // It comes back as it was handed over; another one would be a service's defect.
            Err(request) => {
                return match request.downcast::<Q>() {
                    Ok(request) => Err(*request),
                    Err(_) => Ok(Err(BusError::Rejected(Rejection::Malformed))),
                };
            }
        };
        Ok(match in_time(deadline, work).await {
            Some(Ok(answer)) => match answer.downcast::<A>() {
                Ok(answer) => Ok(*answer),
                Err(_) => Err(BusError::Rejected(Rejection::Malformed)),
            },
            Some(Err(rejection)) => Err(BusError::Rejected(rejection)),
            None => Err(BusError::Timeout),
        })
    }
}

async fn work(service: &dyn Service, order: Order) -> Result<Bytes, BusError> {
    let deadline = order.deadline;
    let answer = in_time(deadline, service.handle(order)).await.ok_or(BusError::Timeout)?;
    answer.map_err(BusError::Rejected)
}

/// The outcome of work, or nothing when it takes longer than its deadline. Most orders are done at
/// the first poll: only the others pay for a timer.
pub async fn in_time<T>(
    deadline: Duration,
    mut work: Pin<Box<dyn Future<Output = T> + Send + '_>>,
) -> Option<T> {
    let first = std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
    match first {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => tokio::time::timeout(deadline, work).await.ok(),
    }
}
