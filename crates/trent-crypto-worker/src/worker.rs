//! The service: decodes an order, has it done where it belongs, and encodes the answer.

use std::fmt;
use std::sync::Arc;

use prost::Message;
use trent_bus::messages::{CryptoAnswer, CryptoRequest, Rejection};
use trent_bus::{
    LocalFuture, Order, Pace, PermitKeys, Sealer, Service, ServiceFuture, Unencoded, pace,
};
use trent_types::{Clock, KeyRing, TraceParent};

use crate::slow::SlowThreads;
use crate::workshop::Workshop;

/// The access key id of the secret that the evaluator keeps only to find out, by `OpenSecret`,
/// whether a worker has the domain key that the store was sealed with.
pub const DOMAIN_KEY_CHECK: &str = "domain-key-check";

/// The account that [`DOMAIN_KEY_CHECK`] is sealed for; it owns nothing.
pub(crate) const DOMAIN_KEY_CHECK_ACCOUNT: &str = "000000000000";

/// What a worker is made of.
pub struct WorkerConfig {
    /// Opens and seals key material and secret access keys.
    pub domain_keys: KeyRing,
    /// Verifies Permits; the worker makes none.
    pub permit_keys: Arc<PermitKeys>,
    /// Opens and seals what travels between the roles.
    pub sealer: Arc<Sealer>,
    /// Tells whether a Permit is fresh.
    pub clock: Arc<dyn Clock>,
    /// How many opened keys are kept ready.
    pub parsed_keys_max: usize,
}

/// A crypto worker: serves [`trent_bus::Subject::CryptoFast`] and
/// [`trent_bus::Subject::CryptoSlow`].
///
/// What takes microseconds is done on the caller's task, the rest by threads of lower priority;
/// [`trent_bus::pace`] tells which is which. Both subjects are served alike: which of them an order
/// comes by decides where it waits on its way, not how it is done, and an older worker must not
/// refuse what a newer gateway considers slow.
pub struct Worker {
    pub(crate) workshop: Arc<Workshop>,
    slow: SlowThreads,
}

impl Worker {
    /// A worker. The metrics recorder must be installed before, or nothing is counted.
    #[must_use]
    pub fn new(config: WorkerConfig) -> Arc<Self> {
        let workshop = Arc::new(Workshop::new(config));
        let ahead = Arc::clone(&workshop);
        let slow = SlowThreads::new(Box::new(move || ahead.make_ahead()));
        Arc::new(Self { workshop, slow })
    }

    /// Whether the worker can do its work, as far as it knows.
    ///
    /// # Errors
    /// Says for operators what is wrong: the last check found another domain key.
    pub fn ready(&self) -> Result<(), String> {
        self.workshop.ready()
    }

    /// Goes on with another ring of domain keys. Orders at work finish with the old one, which is
    /// wiped then.
    ///
    /// # Errors
    /// The version that the ring lacks although it is the current one or orders still bring what it
    /// sealed. Nothing has changed then.
    pub fn replace_domain_keys(&self, ring: &KeyRing) -> Result<(), u8> {
        self.workshop.replace_domain_keys(ring)
    }

    /// Brings the metrics of what it keeps up to date.
    pub fn show_sizes(&self) {
        self.workshop.parsed.show_size();
        self.workshop.ready_keys.show_size();
        self.slow.show_size();
    }

    #[cfg(test)]
    pub(crate) fn parsed_keys(&self) -> usize {
        self.workshop.parsed.len()
    }

    #[cfg(test)]
    pub(crate) fn ready_keys(&self) -> usize {
        self.workshop.ready_keys.len()
    }

    /// `None`: a request that could not be decoded.
    async fn answer(
        &self,
        traceparent: Option<TraceParent>,
        request: Option<CryptoRequest>,
    ) -> Result<CryptoAnswer, Rejection> {
        let order = request.as_ref().and_then(|request| request.order.as_ref());
        let takes = order.is_some_and(|order| pace(order) == Pace::VerySlow);
        let pace = order.map_or(Pace::Fast, |order| self.workshop.pace(order));
        let id = match (pace, &request) {
            (Pace::Slow | Pace::VerySlow, Some(request)) => self.workshop.hash(request),
            (Pace::Fast, _) | (_, None) => {
                return self.workshop.answer(self.workshop.arrived(traceparent, request));
            }
        };
        let workshop = Arc::clone(&self.workshop);
        let arrived = workshop.arrived(traceparent, request);
        // On the heap, so that the futures of fast orders stay small.
        Box::pin(self.slow.done(id, (pace, takes), move || workshop.answer(arrived))).await
    }
}

impl Service for Worker {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            // Whoever waits no longer drops this future, and with it an order that waits its turn.
            let Order { deadline: _, traceparent, payload } = order;
            let answer = self.answer(traceparent, CryptoRequest::decode(payload).ok()).await?;
            Ok(answer.encode_to_vec().into())
        })
    }

    fn handle_local<'a>(
        &'a self,
        traceparent: Option<TraceParent>,
        request: Unencoded,
    ) -> Result<LocalFuture<'a>, Unencoded> {
        let request = request.downcast::<CryptoRequest>()?;
        Ok(Box::pin(async move {
            let answer: Unencoded = Box::new(self.answer(traceparent, Some(*request)).await?);
            Ok(answer)
        }))
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("domain", &self.workshop.domain.load().keys)
            .field("ready", &self.ready())
            .finish_non_exhaustive()
    }
}
