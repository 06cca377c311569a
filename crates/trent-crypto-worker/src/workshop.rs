//! Where orders are done, on whatever thread: the keys, what is kept ready, and the counting.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use prost::Message as _;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{CryptoAnswer, CryptoFault, CryptoRequest, Rejection};
use trent_bus::{NotDone, Pace, PermitKeys, Sealer, Step, Work, convert, pace};
use trent_crypto::{CryptoError, KeyMaterial, SystemRandom};
use trent_types::{Clock, KeyRing, RequestId, Timestamp, TraceParent};

use crate::counts::{OrderCounts, Outcomes};
use crate::domain::Domain;
use crate::orders::{Bench, Refusal};
use crate::parsed_keys::ParsedKeys;
use crate::permission::PermitCheck;
use crate::ready_keys::{ReadyKeys, Vacancy};
use crate::worker::{DOMAIN_KEY_CHECK, WorkerConfig};

/// For logs and for `/ready`.
const WRONG_DOMAIN_KEY: &str = "the domain key does not open what this deployment sealed";

/// What all orders of a worker share.
pub(crate) struct Workshop {
    pub(crate) domain: ArcSwap<Domain>,
    permit_keys: Arc<PermitKeys>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    pub(crate) parsed: ParsedKeys,
    pub(crate) ready_keys: ReadyKeys,
    counts: OrderCounts,
    wrong_domain_key: AtomicBool,
    hasher: RandomState,
}

/// An order with what is known of it when it comes in.
pub(crate) struct Arrived {
    pub(crate) traceparent: Option<TraceParent>,
    /// `None`: it could not be decoded.
    pub(crate) request: Option<CryptoRequest>,
    /// When it came: what it has to wait for here takes nothing from its Permit. The wait is
    /// bounded by the order's deadline, and the request began before whatever has changed since.
    pub(crate) at: Timestamp,
}

impl Workshop {
    pub(crate) fn new(config: WorkerConfig) -> Self {
        let WorkerConfig { domain_keys, permit_keys, sealer, clock, parsed_keys_max } = config;
        Self {
            domain: ArcSwap::from_pointee(Domain::new(&domain_keys)),
            permit_keys,
            sealer,
            clock,
            parsed: ParsedKeys::new(parsed_keys_max),
            ready_keys: ReadyKeys::new(),
            counts: OrderCounts::new(),
            wrong_domain_key: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn ready(&self) -> Result<(), String> {
        if self.wrong_domain_key.load(Ordering::Acquire) {
            return Err(WRONG_DOMAIN_KEY.into());
        }
        Ok(())
    }

    pub(crate) fn replace_domain_keys(&self, ring: &KeyRing) -> Result<(), u8> {
        let domain = self.domain.load();
        let next = domain.next(ring, self.clock.now())?;
        let drops = domain.keys.versions().any(|version| ring.get(version).is_none());
        self.domain.store(Arc::new(next));
        if drops {
            self.parsed.clear();
        }
        self.ready_keys.clear();
        Ok(())
    }

    pub(crate) fn arrived(
        &self,
        traceparent: Option<TraceParent>,
        request: Option<CryptoRequest>,
    ) -> Arrived {
        Arrived { traceparent, request, at: self.clock.now() }
    }

    /// The same for the same request, and for another one almost never.
    pub(crate) fn hash(&self, request: &CryptoRequest) -> u64 {
        self.hasher.hash_one(request.encode_to_vec())
    }

    /// How long an order will take here: a key pair that lies ready need not be made.
    pub(crate) fn pace(&self, order: &CryptoOrder) -> Pace {
        let spec = if let CryptoOrder::GenerateMaterial(order) = order {
            &order.spec
        } else if let CryptoOrder::GenerateDataKeyPair(order) = order {
            &order.spec
        } else if let CryptoOrder::MakeImportParameters(order) = order {
            // A wrapping key's spec has the name of its key pair's.
            &order.wrapping_spec
        } else {
            return pace(order);
        };
        match (pace(order), spec.parse()) {
            (Pace::VerySlow, Ok(spec)) if self.ready_keys.has(spec) => Pace::Slow,
            (pace, _) => pace,
        }
    }

    /// Does an order, as a step of the trace that it belongs to.
    pub(crate) fn answer(&self, arrived: Arrived) -> Result<CryptoAnswer, Rejection> {
        let Arrived { traceparent, request, at } = arrived;
        let Some(parent) = traceparent else { return self.answer_untraced(request, at) };
        let order = request.as_ref().and_then(|request| request.order.as_ref());
        let step = Step::work("worker", order.map_or("malformed", name_of), parent);
        let answer = step.span().in_scope(|| self.answer_untraced(request, at));
        match &answer {
            Ok(CryptoAnswer { outcome: Some(Outcome::Fault(fault)) }) => {
                step.failed(CryptoFault::try_from(*fault).unwrap_or_default().as_str_name());
            }
            Ok(_) => {}
            Err(rejection) => step.failed(rejection.as_str_name()),
        }
        answer
    }

    fn answer_untraced(
        &self,
        request: Option<CryptoRequest>,
        now: Timestamp,
    ) -> Result<CryptoAnswer, Rejection> {
        let Some((request_id, order)) = request.and_then(checked) else {
            self.counts.undecodable.increment(1);
            return Err(Rejection::Malformed);
        };
        let (counts, checks) = (self.counts.of(&order), is_check(&order));
        let outcome = self.work(request_id, now, checks, counts, |bench| bench.perform(order));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(NotDone::Fault(fault)) => Outcome::Fault(fault.into()),
            Err(NotDone::Rejected(rejection)) => return Err(rejection),
        };
        Ok(CryptoAnswer { outcome: Some(outcome) })
    }

    /// Has something done at once that came as values, and counts it.
    pub(crate) fn at_once<T>(
        &self,
        request: RequestId,
        counts: impl FnOnce(&OrderCounts) -> &Outcomes,
        work: impl FnOnce(&Bench<'_>) -> Result<T, Refusal>,
    ) -> Work<T> {
        self.work(request, self.clock.now(), false, counts(&self.counts), work)
    }

    /// Has something done: what every order passes, whether it came as a message or as values.
    /// `checks`: it lets the worker prove that its domain key is the right one.
    fn work<T>(
        &self,
        request: RequestId,
        now: Timestamp,
        checks: bool,
        counts: &Outcomes,
        work: impl FnOnce(&Bench<'_>) -> Result<T, Refusal>,
    ) -> Work<T> {
        // What this worker sealed now, nobody with the right key could open.
        if self.wrong_domain_key.load(Ordering::Acquire) && !checks {
            return Err(NotDone::Rejected(Rejection::Unavailable));
        }
        let domain = self.domain.load();
        let result = work(&Bench {
            check: PermitCheck { keys: &self.permit_keys, request, now },
            sealer: &self.sealer,
            domain: &domain,
            parsed: &self.parsed,
            ready: &self.ready_keys,
            clock: &*self.clock,
            random: &SystemRandom,
        });
        if checks {
            self.note_domain_key(&result);
        }
        counts.count(&result);
        result.map_err(|refusal| self.not_done(request, refusal))
    }

    /// What a refusal is for whoever asked; logs it.
    fn not_done(&self, request_id: RequestId, refusal: Refusal) -> NotDone {
        match refusal {
            Refusal::Fault(fault) => {
                log_fault(request_id, fault);
                return NotDone::Fault(fault);
            }
            Refusal::Unavailable => {
                tracing::error!(%request_id, "no randomness, or no domain key of the version");
            }
            Refusal::WrongDomainKey => {
                tracing::error!(%request_id, "{WRONG_DOMAIN_KEY}");
                self.wrong_domain_key.store(true, Ordering::Release);
            }
        }
        NotDone::Rejected(Rejection::Unavailable)
    }

    /// Takes the result of a domain key check into account; one that was not permitted says
    /// nothing.
    fn note_domain_key<T>(&self, result: &Result<T, Refusal>) {
        match result {
            Ok(_) => self.wrong_domain_key.store(false, Ordering::Release),
            Err(Refusal::Fault(CryptoFault::MaterialUnusable)) => {
                self.wrong_domain_key.store(true, Ordering::Release);
            }
            Err(Refusal::Fault(_) | Refusal::Unavailable | Refusal::WrongDomainKey) => {}
        }
    }

    /// Makes one key pair that somebody may ask for; false when there are enough.
    pub(crate) fn make_ahead(&self) -> bool {
        let Some(vacancy) = self.ready_keys.vacancy().filter(|_| self.ready().is_ok()) else {
            return false;
        };
        match self.made_ahead(vacancy) {
            Ok(sealed) => {
                self.ready_keys.put(vacancy, sealed);
                true
            }
            Err(error) => {
                tracing::error!(%error, "no key pair was made in advance");
                false
            }
        }
    }

    fn made_ahead(&self, Vacancy { spec, .. }: Vacancy) -> Result<Vec<u8>, CryptoError> {
        let material = KeyMaterial::generate(spec, &SystemRandom)?;
        self.domain.load().keys.seal_pooled(spec, &material, &SystemRandom)
    }
}

const fn name_of(order: &CryptoOrder) -> &'static str {
    match order {
        CryptoOrder::GenerateMaterial(_) => "crypto GenerateMaterial",
        CryptoOrder::Encrypt(_) => "crypto Encrypt",
        CryptoOrder::Decrypt(_) => "crypto Decrypt",
        CryptoOrder::ReEncrypt(_) => "crypto ReEncrypt",
        CryptoOrder::GenerateDataKey(_) => "crypto GenerateDataKey",
        CryptoOrder::GenerateDataKeyPair(_) => "crypto GenerateDataKeyPair",
        CryptoOrder::GenerateRandom(_) => "crypto GenerateRandom",
        CryptoOrder::Sign(_) => "crypto Sign",
        CryptoOrder::Verify(_) => "crypto Verify",
        CryptoOrder::GenerateMac(_) => "crypto GenerateMac",
        CryptoOrder::VerifyMac(_) => "crypto VerifyMac",
        CryptoOrder::DeriveSharedSecret(_) => "crypto DeriveSharedSecret",
        CryptoOrder::Encapsulate(_) => "crypto Encapsulate",
        CryptoOrder::Decapsulate(_) => "crypto Decapsulate",
        CryptoOrder::MakeImportParameters(_) => "crypto MakeImportParameters",
        CryptoOrder::ImportMaterial(_) => "crypto ImportMaterial",
        CryptoOrder::CopyMaterial(_) => "crypto CopyMaterial",
        CryptoOrder::SealMaterial(_) => "crypto SealMaterial",
        CryptoOrder::SealSecret(_) => "crypto SealSecret",
        CryptoOrder::OpenSecret(_) => "crypto OpenSecret",
        CryptoOrder::ReSeal(_) => "crypto ReSeal",
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
