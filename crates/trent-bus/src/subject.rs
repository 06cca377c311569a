//! The subjects of the bus, with the schema version in their names.

use uuid::Uuid;

/// Where an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `AuthorizeRequest` → `AuthorizeAnswer`; policy evaluators.
    Authorize,
    /// `ReadRequest` → `ReadAnswer`; the evaluators' registry.
    RegistryRead,
    /// `ChangeRequest` → `ChangeAnswer`; the evaluators' registry.
    RegistryChange,
    /// `ClaimDueRequest` → `ClaimDueAnswer`; the evaluators' registry, for the lifecycle role.
    ClaimDue,
    /// `TrailRequest` → `TrailAnswer`; the audit loggers.
    Trail,
    /// `AdminRequest` → `AdminAnswer`; the evaluators, for the operator.
    Admin,
    /// `Invalidate` → `Unit`; one certain evaluator.
    Invalidate(Uuid),
    /// `CryptoRequest` → `CryptoAnswer` for primitives that take microseconds.
    CryptoFast,
    /// `CryptoRequest` → `CryptoAnswer` for primitives that take longer: never queued before the
    /// fast ones.
    CryptoSlow,
}

impl Subject {
    /// The NATS subject.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Authorize => "trent.v1.policy.authorize".into(),
            Self::RegistryRead => "trent.v1.registry.read".into(),
            Self::RegistryChange => "trent.v1.registry.change".into(),
            Self::ClaimDue => "trent.v1.registry.claim_due".into(),
            Self::Trail => "trent.v1.audit.query".into(),
            Self::Admin => "trent.v1.admin".into(),
            Self::Invalidate(evaluator) => format!("trent.v1.policy.invalidate.{evaluator}"),
            Self::CryptoFast => "trent.v1.crypto.fast".into(),
            Self::CryptoSlow => "trent.v1.crypto.slow".into(),
        }
    }

    /// The subject in spans and metrics: without what names a certain process.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Authorize => "policy.authorize",
            Self::RegistryRead => "registry.read",
            Self::RegistryChange => "registry.change",
            Self::ClaimDue => "registry.claim_due",
            Self::Trail => "audit.query",
            Self::Admin => "admin",
            Self::Invalidate(_) => "policy.invalidate",
            Self::CryptoFast => "crypto.fast",
            Self::CryptoSlow => "crypto.slow",
        }
    }
}

/// The JetStream subject that audit batches are published to, and its stream.
pub const AUDIT_SUBJECT: &str = "trent.v1.audit.records";

/// The name of the JetStream stream that keeps [`AUDIT_SUBJECT`].
pub const AUDIT_STREAM: &str = "TRENT_AUDIT_V1";
