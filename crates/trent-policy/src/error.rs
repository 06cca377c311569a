//! Why a text is not a policy.

use std::borrow::Cow;

/// Why a policy document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The document is longer than its kind may be: `LimitExceededException` for a key policy,
    /// `LimitExceeded` for a trust policy, `PackedPolicyTooLarge` for a session policy.
    #[error("the policy document has a length of {length}, {limit} are allowed")]
    TooLarge {
        /// How long it is, counted as [`crate::limits`] says.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The document breaks a rule of the policy language (`MalformedPolicyDocumentException`).
    #[error("{reason}")]
    Malformed {
        /// AWS's message where it is known.
        reason: Cow<'static, str>,
    },
}

impl PolicyError {
    /// The message that AWS gives for anything that is not even shaped like a policy.
    pub const SYNTAX: &'static str = "Syntax errors in policy.";

    /// The message for a principal that is not well formed or does not exist.
    pub const INVALID_PRINCIPALS: &'static str =
        "Policy contains a statement with one or more invalid principals.";

    /// The error for a principal that is not well formed, or, as the caller of this crate finds
    /// out, does not exist.
    #[must_use]
    pub const fn invalid_principals() -> Self {
        Self::Malformed { reason: Cow::Borrowed(Self::INVALID_PRINCIPALS) }
    }

    pub(crate) const fn syntax() -> Self {
        Self::Malformed { reason: Cow::Borrowed(Self::SYNTAX) }
    }

    pub(crate) fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { reason: reason.into() }
    }
}
