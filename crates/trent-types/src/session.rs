//! Temporary credentials: what is asked of STS, and what it gives.

use crate::{SecretBytes, Tag, Timestamp};

/// Temporary credentials to be made for the caller of a Permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRequest {
    /// Whose credentials they are.
    pub of: SessionOf,
    /// How long they are good, in seconds; the operation has checked the limits that do not depend
    /// on the role.
    pub duration_seconds: u32,
    /// A session policy, verbatim.
    pub policy: Option<String>,
    /// ARNs of managed policies that are session policies too.
    pub policy_arns: Vec<String>,
    /// Session tags, unique by key.
    pub tags: Vec<Tag>,
    /// Those of them that a chained role keeps.
    pub transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`.
    pub source_identity: Option<String>,
}

/// Whose temporary credentials are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOf {
    /// The caller's own: GetSessionToken.
    Caller,
    /// A role's, which the caller assumes: the role of the Permit.
    Role {
        /// The session's name.
        session_name: String,
    },
}

/// Temporary credentials.
#[derive(Debug)]
pub struct IssuedSession {
    /// `ASIA…`, 20 characters.
    pub access_key_id: String,
    /// 40 characters of base64.
    pub secret: SecretBytes,
    /// The sealed token that makes the credentials known to any evaluator; a header's text.
    pub token: String,
    /// When they end.
    pub expires_at: Timestamp,
    /// `AROA…` of an assumed role.
    pub role_id: Option<String>,
    /// How much of the room for session policies and tags is used, in percent.
    pub packed_policy_percent: Option<u32>,
}

/// Why no credentials were made; the texts are for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefused {
    /// `ValidationError`.
    #[error("{0}")]
    Invalid(String),
    /// `MalformedPolicyDocument`.
    #[error("{0}")]
    MalformedPolicy(String),
    /// `PackedPolicyTooLarge`.
    #[error("{0}")]
    TooLarge(String),
    /// `AccessDenied`.
    #[error("{0}")]
    Denied(String),
}
