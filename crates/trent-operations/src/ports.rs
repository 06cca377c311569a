//! What an operation needs from the other roles. The gateway implements these over the bus.

mod identities;
mod registry;
mod trail;
mod worker;

use std::future::Future;
use std::pin::Pin;

use trent_types::{AccountId, AuditRecord, Region, RequestClass};

pub use trent_types::{
    Authorization, Ciphering, DenialKind, Denied, Granted, GrantedKey, KeyUse, Question, Resource,
    SignatureFault,
};

pub use identities::{AccessKeyUse, EntityPage, Identities, PolicyEntity, Simulated};
pub use registry::{AliasPage, ChangeError, Explanation, GrantFilter, MaterialPage, Registry};
pub use trail::{Trail, TrailError};
pub use worker::{
    AgreementWorker, CipherWorker, CryptoWorker, DataKey, DataKeyPair, ImportParameters,
    MaterialWorker, SignatureWorker, WorkerError,
};

/// A port's work. A request stays on the core that accepted it, so these futures need not move
/// between threads.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Everything outside the operation, for one request.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The policy evaluator, bound to this request's signature.
    pub authorizer: &'a dyn Authorizer,
    /// The crypto workers.
    pub worker: &'a dyn CryptoWorker,
    /// Reads and changes of metadata.
    pub registry: &'a dyn Registry,
    /// Users, groups, roles and policies; temporary credentials.
    pub identities: &'a dyn Identities,
    /// Takes records.
    pub audit: &'a dyn AuditTrail,
    /// What was recorded.
    pub trail: &'a dyn Trail,
    /// Randomness for ids that are not secret.
    pub random: &'a dyn Random,
    /// How many requests there may be.
    pub quota: &'a dyn RequestQuota,
}

/// Sixteen unpredictable bytes at a time, for request and event ids.
pub trait Random {
    /// Sixteen new bytes.
    fn sixteen_bytes(&self) -> [u8; 16];
}

/// How many requests a caller's account may make in a second.
pub trait RequestQuota {
    /// Takes `count` requests of a class out of the present second's, of which there are `limit`
    /// for this account in this Region. Says whether so many were left; if not, none is taken.
    fn take(
        &self,
        account: AccountId,
        region: Region,
        class: RequestClass,
        count: u32,
        limit: u64,
    ) -> bool;
}

/// As many as there come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlimited;

impl RequestQuota for Unlimited {
    fn take(&self, _: AccountId, _: Region, _: RequestClass, _: u32, _: u64) -> bool {
        true
    }
}

/// A role could not be reached or could not serve: the request is refused with a retryable error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// It cannot be reached or cannot serve; the text is for logs.
    #[error("{0}")]
    Away(String),
    /// It has too much to do already, and did nothing: the caller shall slow down.
    #[error("overloaded: {0}")]
    Overloaded(String),
    /// It was silent for so long that the Permit ran out, and did nothing: authorize again.
    #[error("the Permit has expired")]
    PermitExpired,
}

/// Is this signature good, who is it, and may they? Asked once per request.
pub trait Authorizer {
    /// Verifies the request's signature and answers each question.
    fn authorize<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> PortFuture<'a, Result<Authorization, AuthorizeError>>;
}

/// Why there is no authorization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// The signature is not good.
    #[error("{message}")]
    Signature {
        /// What is wrong with it.
        fault: SignatureFault,
        /// AWS's message.
        message: String,
    },
    /// Nothing was decided.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The audit trail of everything that is not a change.
pub trait AuditTrail {
    /// Returns once the record is durably accepted; until then the answer is held back.
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>>;
}
