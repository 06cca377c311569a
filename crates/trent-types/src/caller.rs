//! Who signed a request.

use std::fmt;

use crate::{AccountId, Partition};

/// The principal behind a verified signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's own account, which may not be the key's.
    pub account: AccountId,
    /// The access key that signed, as in `AKIA…`.
    pub access_key_id: String,
    /// Root user, IAM user and so on.
    pub kind: CallerKind,
}

/// The kinds of principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    /// The root user of the account.
    Root,
    /// An IAM user.
    User {
        /// `/` or `/team/…/`.
        path: String,
        /// The user's name.
        name: String,
        /// `AIDA…`.
        user_id: String,
    },
}

impl Caller {
    /// The caller's ARN, as GetCallerIdentity and access-denied messages print it.
    #[must_use]
    pub fn arn(&self, partition: Partition) -> String {
        self.arn_parts(partition).to_string()
    }

    /// The caller's ARN as something to print, without making a `String` of it.
    #[must_use]
    pub const fn arn_parts(&self, partition: Partition) -> CallerArn<'_> {
        CallerArn { caller: self, partition }
    }

    /// The unique id: the account id for root, `AIDA…` for a user.
    #[must_use]
    pub fn principal_id(&self) -> &str {
        match &self.kind {
            CallerKind::Root => self.account.as_str(),
            CallerKind::User { user_id, .. } => user_id,
        }
    }
}

/// A caller's ARN; see [`Caller::arn_parts`].
pub struct CallerArn<'a> {
    caller: &'a Caller,
    partition: Partition,
}

impl fmt::Display for CallerArn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in ["arn:", self.partition.as_str(), ":iam::", self.caller.account.as_str()] {
            f.write_str(part)?;
        }
        match &self.caller.kind {
            CallerKind::Root => f.write_str(":root"),
            CallerKind::User { path, name, .. } => write!(f, ":user{path}{name}"),
        }
    }
}
