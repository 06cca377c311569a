//! Identifiers, key records and the other nouns that every part of Trent shares.
//!
//! Everything here is a value: no I/O, no runtime. A value that exists is valid, because the only
//! way in is a parser.

mod account;
mod algorithm;
mod arn;
mod audit;
mod authorization;
mod aws_managed_policy;
mod caller;
mod change;
mod ciphertext;
mod clock;
mod default_policy;
mod encryption_context;
mod grant;
mod grant_terms;
mod grant_token;
mod hex_id;
mod identity;
mod identity_change;
mod key_id;
mod key_record;
mod key_ring;
mod key_spec;
mod key_use;
mod last_usage;
mod made;
mod network;
mod permit;
mod quota;
mod region;
mod request;
mod secret;
mod session;
mod signed_request;
mod simulation;
mod text_parts;
mod trail;
mod usage;
mod wire_enum;

pub use account::AccountId;
pub use algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, MessageType,
    SigningAlgorithm, WrappingAlgorithm, WrappingKeySpec,
};
pub use arn::{AliasArn, AliasName, KeyArn, KeyReference};
pub use audit::AuditRecord;
pub use authorization::{
    Authorization, DenialKind, Denied, Evaluated, Granted, GrantedKey, Question, Resource,
    SignatureFault, SignatureRefused,
};
pub use aws_managed_policy::{AwsManagedPolicy, aws_managed_policies, aws_managed_policy};
pub use caller::{Caller, CallerKind, Session, ViaService};
pub use change::{Change, ChangeRefused, KeyUpdate};
pub use ciphertext::CiphertextHeader;
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use default_policy::default_key_policy;
pub use encryption_context::EncryptionContext;
pub use grant::{Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal};
pub use grant_terms::GrantTerms;
pub use grant_token::GrantToken;
pub use identity::{
    AccessKey, AccessKeyStatus, AccessKeyUsed, Account, Entity, EntityKind, EntityRecord, Group,
    IdentityView, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Service, User,
};
pub use identity_change::{IdentityChange, IdentityRefused};
pub use key_id::{KeyId, MaterialId};
pub use key_record::{
    AliasRecord, Expiration, ImportType, KeyRecord, MaterialRecord, MaterialState, MultiRegion,
    NewMaterial, Rotation, RotationType, SealedMaterial, Tag, sealed_under,
};
pub use key_ring::KeyRing;
pub use key_spec::{KeyFamily, KeyManager, KeySpec, KeyState, KeyUsage, Origin};
pub use key_use::{Ciphering, KeyUse};
pub use last_usage::{KeyUsed, LastUsage, TrackedOperation};
pub use made::Made;
pub use network::IpNetwork;
pub use permit::{HeldPermit, Permit, Primitive, Primitives};
pub use quota::{
    AdminChange, Counted, QUOTA_MAX, Quota, QuotaOverride, QuotaScope, RequestClass, ResourceQuota,
};
pub use region::{Partition, Region};
pub use request::{EventId, RequestId, SPAN_TARGET, TraceParent};
pub use secret::SecretBytes;
pub use session::{IssuedSession, SessionOf, SessionRefused, SessionRequest};
pub use signed_request::SignedRequest;
pub use simulation::{
    MatchedStatement, SimulatedDecision, SimulatedResult, Simulation, SimulationRefused,
};
pub use text_parts::TextParts;
pub use trail::{
    EventPlace, LookupQuery, TailPage, TailQuery, TailStart, TrailAttribute, TrailEvent,
    TrailFilter, TrailPublicKey,
};
pub use usage::{
    CostDimension, CostLine, CostQuery, CostReport, CostUnit, Granularity, UsageDimension,
    UsageFilter, UsageQuery, UsageRow,
};

/// Why a text is not the identifier it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct Malformed {
    /// The identifier that was expected, in AWS's words.
    pub what: &'static str,
}

impl Malformed {
    /// Says that a text is not a valid `what`.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what }
    }
}
