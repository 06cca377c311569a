//! What the policy evaluator is asked about a request, and what it answers.

use std::sync::Arc;

use crate::{
    AliasName, AliasRecord, Caller, EncryptionContext, EntityKind, Grant, GrantId, GrantTerms,
    KeyArn, KeyId, KeyRecord, MaterialId, Permit, Primitives, QuotaOverride, Region,
    SealedMaterial, Timestamp,
};

/// One action on one resource.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The permission, as in `kms:Encrypt`.
    pub action: &'a str,
    /// What it is about.
    pub resource: Resource<'a>,
    /// What the Permit shall allow a worker to do.
    pub primitives: Primitives,
    /// The material needed; `None`: the current one, where a primitive needs one.
    pub material: Option<MaterialId>,
    /// Whether every material of the key is needed.
    pub all_materials: bool,
    /// The encryption context that the primitive will use.
    pub encryption_context: Option<&'a EncryptionContext>,
    /// Condition keys that the request sets, by their names in policies (`kms:KeySpec`,
    /// `aws:RequestTag/x`, …).
    pub conditions: Vec<(String, Vec<String>)>,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource<'a> {
    /// A key, as the caller named it: id, ARN, alias name or alias ARN.
    Key(&'a str),
    /// The key of a ciphertext, by its header; looked up in the request's Region whatever its
    /// account.
    Ciphertext(KeyId),
    /// A key that does not exist yet; the evaluator assigns its id. Decided by IAM policy on `*`.
    NewKey {
        /// Whether its id starts with `mrk-`.
        multi_region: bool,
    },
    /// An alias of the caller's account, existing or not. Decided by IAM policy on the alias ARN.
    Alias(&'a AliasName),
    /// A related multi-Region key in another Region, as the caller named the key.
    Related {
        /// The id or ARN of the key, in the request's Region.
        key: &'a str,
        /// The Region of the related key.
        region: Region,
    },
    /// A grant of a key. Who may retire it is for the grant to say.
    Grant {
        /// The id or ARN of the key.
        key: &'a str,
        /// The grant.
        grant_id: GrantId,
    },
    /// A grant that does not exist yet. Besides policies, a grant can allow to make it.
    NewGrant {
        /// The id or ARN of the key.
        key: &'a str,
        /// What it shall allow.
        terms: &'a GrantTerms,
    },
    /// A user, group, role or policy.
    Entity {
        /// What it is.
        kind: EntityKind,
        /// Its name; `None`: the user who calls, or the root user.
        name: Option<&'a str>,
        /// Where it is to be made: its path. `None`: one that exists, or not; its path is looked
        /// up.
        new_path: Option<&'a str>,
    },
    /// A role of any account, to be assumed: its ARN as the caller wrote it. Its trust policy
    /// decides, too.
    Role(&'a str),
    /// Any other resource by ARN, or `*`.
    Arn(&'a str),
}

/// The evaluator's answer to a good signature.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Who signed.
    pub caller: Arc<Caller>,
    /// One for each question, in order.
    pub decisions: Vec<Result<Granted, Denied>>,
    /// The key clock.
    pub key_now: Timestamp,
    /// Request quotas of the caller's account that have another value than their default.
    pub quota_overrides: Vec<QuotaOverride>,
}

/// An allowed question.
#[derive(Debug, Clone)]
pub struct Granted {
    /// To be passed on to the worker or the registry.
    pub permit: Permit,
    /// The key of the question. A new key has only its ARN.
    pub key: Option<GrantedKey>,
    /// The material asked for; `None` when the key does not have it.
    pub material: Option<Arc<SealedMaterial>>,
    /// Where every material was asked for: the others.
    pub other_materials: Vec<SealedMaterial>,
    /// The alias of the question, where one was named and exists.
    pub alias: Option<AliasRecord>,
    /// The grant of the question.
    pub grant: Option<Grant>,
}

/// The key that a question resolved to.
#[derive(Debug, Clone)]
pub enum GrantedKey {
    /// A key that exists.
    Existing(Arc<KeyRecord>),
    /// The id for a key to be made.
    New(KeyArn),
}

/// A refused question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Which error it becomes.
    pub kind: DenialKind,
    /// AWS's message, complete.
    pub message: String,
    /// The resolved key, where there is one, for the audit record.
    pub key: Option<KeyArn>,
    /// Why, for logs: what policies say in detail is not for the caller.
    pub reason: String,
}

/// Which error a refused question becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialKind {
    /// `AccessDeniedException`.
    AccessDenied,
    /// `NotFoundException`.
    NotFound,
    /// `InvalidArnException`.
    InvalidArn,
    /// The question does not fit what the caller signed: a defect of this program or an attack.
    NotAskedByCaller,
}

/// What an evaluator makes of a request.
#[derive(Debug, Clone)]
pub enum Evaluated {
    /// The signature is good.
    Authorized(Authorization),
    /// It is not.
    SignatureRefused(SignatureRefused),
    /// Nothing was decided; the text is for logs.
    Unavailable(String),
}

/// A signature that is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRefused {
    /// What is wrong with it.
    pub fault: SignatureFault,
    /// AWS's message.
    pub message: String,
}

/// What is wrong with a signature; the protocol decides the code (08-wire §4: JSON and query
/// services differ).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFault {
    /// There is no signature at all.
    Missing,
    /// The `Authorization` header, query or a required header cannot be used.
    Incomplete,
    /// No such access key, or it is inactive.
    UnknownAccessKey,
    /// The signature is another one.
    Mismatch,
    /// Signed too long ago.
    Expired,
    /// Signed too far in the future.
    NotYetCurrent,
    /// The credential scope's date, Region, service or terminator is wrong.
    Scope,
    /// The session token is not valid.
    SessionToken,
    /// The session token was good; its time is over.
    SessionExpired,
}
