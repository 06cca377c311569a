//! AWS's words for a denial, and Trent's for operators.
//!
//! The forms are those of the IAM User Guide, "Troubleshoot access denied error messages", and of
//! AWS KMS.

use std::fmt::{self, Write};

use trent_types::{Caller, Partition};

use crate::decide::{Decision, Inputs, Outcome, PolicyType, ResourceUnderDecision, StatementName};

/// The message of the policy lockout safety check.
pub const LOCKED_OUT: &str =
    "The new key policy will not allow you to update the key policy in the future.";

/// How the request came to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The request named it.
    Request,
    /// It is the key of the request's ciphertext.
    Ciphertext,
}

/// The message about a key of another account, or of a ciphertext, that does not exist; it is the
/// same for one that exists and does not let the caller in, so that nobody can find out which keys
/// exist.
#[must_use]
pub fn unknown_key(
    caller: &Caller,
    partition: Partition,
    action: &str,
    named_by: NamedBy,
) -> String {
    let mut text = opening(caller, partition, action, 320);
    push_unknown(&mut text, named_by);
    text
}

/// The message about a role of another account that does not exist or does not let the caller in,
/// so that nobody can find out which roles exist.
#[must_use]
pub fn unknown_role(caller: &Caller, partition: Partition, action: &str, role: &str) -> String {
    let mut text = opening(caller, partition, action, 256);
    text.push_str(" on resource: ");
    text.push_str(role);
    text
}

impl Decision<'_> {
    /// The message of the AccessDeniedException; `None` when it is allowed. The inputs are those of
    /// the decision.
    #[must_use]
    pub fn message(&self, inputs: &Inputs<'_>, named_by: NamedBy) -> Option<String> {
        // Without a type it is a root user's, who needs none; a grant never denies.
        let policy_type = self.decided_by.unwrap_or(PolicyType::IdentityBased);
        let by_resource = match policy_type {
            PolicyType::ResourceBased | PolicyType::RoleTrust | PolicyType::Grant => true,
            PolicyType::IdentityBased | PolicyType::PermissionsBoundary | PolicyType::Session => {
                false
            }
        };
        let Inputs { caller, partition, action, .. } = *inputs;
        let mut text = match (self.outcome, inputs.resource) {
            (Outcome::Allowed, _) => return None,
            (_, ResourceUnderDecision::Role { arn, .. }) if by_resource && self.across_accounts => {
                return Some(unknown_role(caller, partition, action, arn));
            }
            _ if by_resource && self.across_accounts => {
                return Some(unknown_key(caller, partition, action, named_by));
            }
            (Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied, _) => {
                opening(caller, partition, action, 256)
            }
        };
        text.push_str(" on resource: ");
        match inputs.resource {
            // Writing to a String cannot fail.
            ResourceUnderDecision::Key { arn, .. } => drop(write!(text, "{arn}")),
            ResourceUnderDecision::Role { arn, .. }
            | ResourceUnderDecision::IdentityOnly { arn, .. } => text.push_str(arn),
        }
        let tail = match self.outcome {
            Outcome::ExplicitlyDenied => {
                [" with an explicit deny in ", policy_type.denying(), "", ""]
            }
            Outcome::Allowed | Outcome::ImplicitlyDenied => {
                [" because no ", policy_type.as_str(), " allows the ", action]
            }
        };
        tail.iter().for_each(|part| text.push_str(part));
        if self.outcome == Outcome::ImplicitlyDenied {
            text.push_str(" action");
        }
        Some(text)
    }
}

impl PolicyType {
    /// The type as access-denied messages name it (IAM User Guide, "Troubleshoot access denied
    /// error messages").
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResourceBased => "resource-based policy",
            Self::RoleTrust => "role trust policy",
            Self::IdentityBased => "identity-based policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Grant => "grant",
        }
    }

    /// The same with its article, as it follows `with an explicit deny in`.
    const fn denying(self) -> &'static str {
        match self {
            Self::ResourceBased => "a resource-based policy",
            Self::RoleTrust => "the role trust policy",
            Self::IdentityBased => "an identity-based policy",
            Self::PermissionsBoundary => "a permissions boundary",
            Self::Session => "a session policy",
            Self::Grant => "a grant",
        }
    }
}

fn opening(caller: &Caller, partition: Partition, action: &str, capacity: usize) -> String {
    let mut text = String::with_capacity(capacity);
    // Writing to a String cannot fail.
    let _ = write!(text, "User: {}", caller.arn_parts(partition));
    text.push_str(" is not authorized to perform: ");
    text.push_str(action);
    text
}

fn push_unknown(text: &mut String, named_by: NamedBy) {
    text.push_str(match named_by {
        NamedBy::Request => " on this resource",
        NamedBy::Ciphertext => " on the resource associated with this ciphertext",
    });
    text.push_str(
        " because the resource does not exist in this Region, no resource-based policies allow \
         access, or a resource-based policy explicitly denies access",
    );
}

/// For operators and their logs: which policy and statement decided, and which conditions stood in
/// the way.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(grant) = self.grant {
            return write!(f, "allowed by grant {grant}");
        }
        match (self.outcome, &self.statement, self.decided_by) {
            (Outcome::Allowed, Some(statement), _) => write!(f, "allowed by {statement}")?,
            (Outcome::Allowed, None, _) => f.write_str("allowed to the root user")?,
            (Outcome::ExplicitlyDenied, Some(statement), _) => write!(f, "denied by {statement}")?,
            (_, _, Some(PolicyType::ResourceBased | PolicyType::Grant)) => {
                f.write_str("the key policy does not allow it")?;
            }
            (_, _, Some(PolicyType::RoleTrust)) => {
                f.write_str("the role's trust policy does not allow it")?;
            }
            (_, _, other) => {
                let lacking = other.unwrap_or(PolicyType::IdentityBased).as_str();
                write!(f, "no {lacking} allows it")?;
            }
        }
        for failed in &self.failed_conditions {
            write!(f, "; {}: {} {} fails", failed.statement, failed.operator, failed.key)?;
        }
        Ok(())
    }
}

impl fmt::Display for StatementName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sid.filter(|sid| !sid.is_empty()) {
            Some(sid) => write!(f, "statement \"{sid}\" of ")?,
            None => write!(f, "statement {} of ", self.index)?,
        }
        match (self.policy_type, self.source) {
            // No statement stands in a grant.
            (PolicyType::ResourceBased | PolicyType::Grant, _) => f.write_str("the key policy"),
            (PolicyType::RoleTrust, _) => f.write_str("the trust policy"),
            (PolicyType::IdentityBased, Some(source)) => write!(f, "identity policy {source}"),
            (PolicyType::IdentityBased, None) => f.write_str("an identity policy"),
            (PolicyType::PermissionsBoundary, source) => {
                write!(f, "permissions boundary {}", source.unwrap_or_default())
            }
            (PolicyType::Session, source) => {
                write!(f, "session policy {}", source.unwrap_or_default())
            }
        }
    }
}
