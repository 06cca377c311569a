//! The service: decodes an order, has it done, counts it and encodes the answer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use prost::Message;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{CryptoAnswer, CryptoFault, CryptoRequest, Rejection};
use trent_bus::{
    LocalFuture, Order, PermitKeys, Sealer, Service, ServiceFuture, Step, Unencoded, convert,
};
use trent_crypto::SystemRandom;
use trent_types::{Clock, KeyRing, RequestId, TraceParent};

use crate::counts::OrderCounts;
use crate::domain::Domain;
use crate::orders::{Bench, Refusal};
use crate::parsed_keys::ParsedKeys;
use crate::permission::PermitCheck;

/// The access key id of the secret that the evaluator keeps only to find out, by `OpenSecret`,
/// whether a worker has the domain key that the store was sealed with.
pub const DOMAIN_KEY_CHECK: &str = "domain-key-check";

/// For logs and for `/ready`.
const WRONG_DOMAIN_KEY: &str = "the domain key does not open what this deployment sealed";

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
/// Every primitive so far takes microseconds and is done on the caller's task. Both subjects are
/// served alike: which of them an order comes by decides where it waits, not what may be done, and
/// an older worker must not refuse what a newer gateway considers slow.
pub struct Worker {
    domain: ArcSwap<Domain>,
    permit_keys: Arc<PermitKeys>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    parsed: ParsedKeys,
    counts: OrderCounts,
    wrong_domain_key: AtomicBool,
}

impl Worker {
    /// A worker. The metrics recorder must be installed before, or nothing is counted.
    #[must_use]
    pub fn new(config: WorkerConfig) -> Arc<Self> {
        let WorkerConfig { domain_keys, permit_keys, sealer, clock, parsed_keys_max } = config;
        Arc::new(Self {
            domain: ArcSwap::from_pointee(Domain::new(&domain_keys)),
            permit_keys,
            sealer,
            clock,
            parsed: ParsedKeys::new(parsed_keys_max),
            counts: OrderCounts::new(),
            wrong_domain_key: AtomicBool::new(false),
        })
    }

    /// Whether the worker can do its work, as far as it knows.
    ///
    /// # Errors
    /// Says for operators what is wrong: the last check found another domain key.
    pub fn ready(&self) -> Result<(), String> {
        if self.wrong_domain_key.load(Ordering::Acquire) {
            return Err(WRONG_DOMAIN_KEY.into());
        }
        Ok(())
    }

    /// Goes on with another ring of domain keys. Orders at work finish with the old one, which is
    /// wiped then.
    ///
    /// # Errors
    /// The version that the ring lacks although it is the current one or orders still bring what it
    /// sealed. Nothing has changed then.
    pub fn replace_domain_keys(&self, ring: &KeyRing) -> Result<(), u8> {
        let domain = self.domain.load();
        let next = domain.next(ring, self.clock.now())?;
        let drops = domain.keys.versions().any(|version| ring.get(version).is_none());
        self.domain.store(Arc::new(next));
        if drops {
            self.parsed.clear();
        }
        Ok(())
    }

    /// Brings the metrics of what it keeps up to date.
    pub fn show_sizes(&self) {
        self.parsed.show_size();
    }

    #[cfg(test)]
    pub(crate) fn parsed_keys(&self) -> usize {
        self.parsed.len()
    }

    /// `None`: a request that could not be decoded.
    fn answer(&self, request: Option<CryptoRequest>) -> Result<CryptoAnswer, Rejection> {
        let Some((request_id, order)) = request.and_then(checked) else {
            self.counts.undecodable.increment(1);
            return Err(Rejection::Malformed);
        };
        // What this worker sealed now, nobody with the right key could open.
        if self.wrong_domain_key.load(Ordering::Acquire) && !is_check(&order) {
            return Err(Rejection::Unavailable);
        }
        let domain = self.domain.load();
        let bench = Bench {
            check: PermitCheck {
                keys: &self.permit_keys,
                request: request_id,
                now: self.clock.now(),
            },
            sealer: &self.sealer,
            domain: &domain,
            parsed: &self.parsed,
            random: &SystemRandom,
        };
        let outcome = match self.perform(&bench, order) {
            Ok(outcome) => outcome,
            Err(Refusal::Fault(fault)) => {
                log_fault(request_id, fault);
                Outcome::Fault(fault.into())
            }
            Err(Refusal::Unavailable) => {
                tracing::error!(%request_id, "no randomness, or no domain key of the version");
                return Err(Rejection::Unavailable);
            }
            Err(Refusal::WrongDomainKey) => {
                tracing::error!(%request_id, "{WRONG_DOMAIN_KEY}");
                self.wrong_domain_key.store(true, Ordering::Release);
                return Err(Rejection::Unavailable);
            }
        };
        Ok(CryptoAnswer { outcome: Some(outcome) })
    }

    /// [`Self::answer`], as a step of the trace that the order belongs to.
    fn answer_traced(
        &self,
        traceparent: Option<TraceParent>,
        request: Option<CryptoRequest>,
    ) -> Result<CryptoAnswer, Rejection> {
        let Some(parent) = traceparent else { return self.answer(request) };
        let order = request.as_ref().and_then(|request| request.order.as_ref());
        let step = Step::work("worker", order.map_or("malformed", name_of), parent);
        let answer = step.span().in_scope(|| self.answer(request));
        match &answer {
            Ok(CryptoAnswer { outcome: Some(Outcome::Fault(fault)) }) => {
                step.failed(CryptoFault::try_from(*fault).unwrap_or_default().as_str_name());
            }
            Ok(_) => {}
            Err(rejection) => step.failed(rejection.as_str_name()),
        }
        answer
    }

    fn perform(&self, bench: &Bench<'_>, order: CryptoOrder) -> Result<Outcome, Refusal> {
        let (counts, result) = match order {
            CryptoOrder::GenerateMaterial(order) => {
                (&self.counts.generate_material, bench.generate_material(order))
            }
            CryptoOrder::Encrypt(order) => (&self.counts.encrypt, bench.encrypt(order)),
            CryptoOrder::Decrypt(order) => (&self.counts.decrypt, bench.decrypt(order)),
            CryptoOrder::ReEncrypt(order) => (&self.counts.re_encrypt, bench.re_encrypt(order)),
            CryptoOrder::GenerateDataKey(order) => {
                (&self.counts.generate_data_key, bench.generate_data_key(order))
            }
            CryptoOrder::GenerateRandom(order) => {
                (&self.counts.generate_random, bench.generate_random(&order))
            }
            CryptoOrder::SealSecret(order) => (&self.counts.seal_secret, bench.seal_secret(&order)),
            CryptoOrder::OpenSecret(order) => {
                let result = bench.open_secret(&order);
                if order.access_key_id == DOMAIN_KEY_CHECK {
                    self.note_domain_key(&result);
                }
                (&self.counts.open_secret, result)
            }
            CryptoOrder::ReSeal(order) => (&self.counts.re_seal, bench.re_seal(order)),
            _ => return Err(CryptoFault::Malformed.into()),
        };
        counts.count(&result);
        result
    }

    /// Takes the result of a domain key check into account; one that was not permitted says
    /// nothing.
    fn note_domain_key(&self, result: &Result<Outcome, Refusal>) {
        match result {
            Ok(_) => self.wrong_domain_key.store(false, Ordering::Release),
            Err(Refusal::Fault(CryptoFault::MaterialUnusable)) => {
                self.wrong_domain_key.store(true, Ordering::Release);
            }
            Err(Refusal::Fault(_) | Refusal::Unavailable | Refusal::WrongDomainKey) => {}
        }
    }
}

const fn name_of(order: &CryptoOrder) -> &'static str {
    match order {
        CryptoOrder::GenerateMaterial(_) => "crypto GenerateMaterial",
        CryptoOrder::Encrypt(_) => "crypto Encrypt",
        CryptoOrder::Decrypt(_) => "crypto Decrypt",
        CryptoOrder::ReEncrypt(_) => "crypto ReEncrypt",
        CryptoOrder::GenerateDataKey(_) => "crypto GenerateDataKey",
        CryptoOrder::GenerateRandom(_) => "crypto GenerateRandom",
        CryptoOrder::SealSecret(_) => "crypto SealSecret",
        CryptoOrder::OpenSecret(_) => "crypto OpenSecret",
        CryptoOrder::ReSeal(_) => "crypto ReSeal",
        _ => "crypto",
    }
}

/// Whether an order lets the worker prove that its domain key is the right one.
fn is_check(order: &CryptoOrder) -> bool {
    matches!(order, CryptoOrder::OpenSecret(order) if order.access_key_id == DOMAIN_KEY_CHECK)
}

fn checked(request: CryptoRequest) -> Option<(RequestId, CryptoOrder)> {
    let request_id = convert::request_id(&request.request_id, "request_id").ok()?;
    Some((request_id, request.order?))
}

/// Callers can cause some faults as often as they like, others only a defect or an attack.
fn log_fault(request_id: RequestId, fault: CryptoFault) {
    match fault {
        CryptoFault::InvalidCiphertext
        | CryptoFault::PermitExpired
        | CryptoFault::InvalidSignature
        | CryptoFault::InvalidMac
        | CryptoFault::InvalidMessageLength
        | CryptoFault::InvalidPublicKey
        | CryptoFault::InvalidImportToken
        | CryptoFault::ExpiredImportToken
        | CryptoFault::InvalidMaterial => {
            tracing::debug!(%request_id, ?fault, "crypto order refused");
        }
        CryptoFault::NotPermitted
        | CryptoFault::MaterialUnusable
        | CryptoFault::Malformed
        | CryptoFault::Unspecified => {
            tracing::warn!(%request_id, ?fault, "crypto order refused");
        }
    }
}

impl Service for Worker {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let Order { deadline: _, traceparent, payload } = order;
            let answer = self.answer_traced(traceparent, CryptoRequest::decode(payload).ok())?;
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
            let answer: Unencoded = Box::new(self.answer_traced(traceparent, Some(*request))?);
            Ok(answer)
        }))
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("domain", &self.domain.load().keys)
            .field("permit_keys", &self.permit_keys)
            .field("ready", &self.ready())
            .finish_non_exhaustive()
    }
}
