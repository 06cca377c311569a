//! Who signed a request.

use std::borrow::Cow;
use std::fmt;

use crate::{AccountId, Made, Partition, Tag, Timestamp};

/// The principal behind a verified signature, or the one on whose behalf a service signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's own account, which may not be the key's. A service has none of its own: it has
    /// that of the deployment.
    pub account: AccountId,
    /// The access key that signed, as in `AKIA…` or, of temporary credentials, `ASIA…`.
    pub access_key_id: String,
    /// Root user, IAM user and so on.
    pub kind: CallerKind,
    /// What temporary credentials bring; `None` where a long-term access key signed.
    pub session: Option<Box<Session>>,
    /// The service that calls on the caller's behalf, where it was a service that signed.
    pub via: Option<Box<ViaService>>,
    /// How audit records in this partition show the caller, as JSON.
    pub recorded: Made<(Partition, Vec<u8>)>,
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
    /// A session of a role.
    Role {
        /// `/` or `/team/…/`.
        path: String,
        /// The role's name.
        name: String,
        /// `AROA…`.
        role_id: String,
        /// The name that whoever assumed the role gave the session.
        session_name: String,
    },
    /// A service that calls for itself.
    Service {
        /// As in `s3.amazonaws.com`.
        name: String,
        /// `aws:SourceArn`: the resource for whose sake it calls.
        source_arn: Option<String>,
        /// `aws:SourceAccount`.
        source_account: Option<AccountId>,
    },
}

/// What temporary credentials say of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// `aws:TokenIssueTime`.
    pub issued_at: Timestamp,
    /// `aws:SourceIdentity`, which stays through chained roles.
    pub source_identity: Option<String>,
    /// Session tags: `aws:PrincipalTag/…` before the role's own tags.
    pub tags: Vec<Tag>,
    /// The keys of those that a chained role keeps.
    pub transitive_tag_keys: Vec<String>,
}

/// A service that calls on somebody's behalf (forward access session).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViaService {
    /// As in `s3.amazonaws.com`.
    pub service: String,
    /// `aws:SourceArn`.
    pub source_arn: Option<String>,
}

impl Caller {
    /// A caller with long-term credentials that calls for itself.
    #[must_use]
    pub const fn new(account: AccountId, access_key_id: String, kind: CallerKind) -> Self {
        Self { account, access_key_id, kind, session: None, via: None, recorded: Made::nothing() }
    }

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

    /// `aws:PrincipalArn`: the caller's ARN, but of a session that of its role.
    #[must_use]
    pub fn principal_arn(&self, partition: Partition) -> String {
        match &self.kind {
            CallerKind::Role { path, name, .. } => {
                let partition = partition.as_str();
                ["arn:", partition, ":iam::", self.account.as_str(), ":role", path, name].concat()
            }
            CallerKind::Root | CallerKind::User { .. } | CallerKind::Service { .. } => {
                self.arn(partition)
            }
        }
    }

    /// The unique id: the account id for root, `AIDA…` for a user, `AROA…:session` for a session of
    /// a role, a service's name.
    #[must_use]
    pub fn principal_id(&self) -> Cow<'_, str> {
        match &self.kind {
            CallerKind::Root => self.account.as_str().into(),
            CallerKind::User { user_id, .. } => user_id.into(),
            CallerKind::Role { role_id, session_name, .. } => {
                [role_id, ":", session_name].concat().into()
            }
            CallerKind::Service { name, .. } => name.into(),
        }
    }

    /// The service that signed, for itself or on the caller's behalf.
    #[must_use]
    pub fn signing_service(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::Service { name, .. } => Some(name),
            CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => {
                self.via.as_ref().map(|via| via.service.as_str())
            }
        }
    }

    /// Whether this is the root user.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        matches!(self.kind, CallerKind::Root)
    }
}

/// A caller's ARN; see [`Caller::arn_parts`]. A service, which has none, shows its name.
pub struct CallerArn<'a> {
    caller: &'a Caller,
    partition: Partition,
}

impl fmt::Display for CallerArn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (partition, account) = (self.partition.as_str(), self.caller.account.as_str());
        match &self.caller.kind {
            CallerKind::Root => write!(f, "arn:{partition}:iam::{account}:root"),
            CallerKind::User { path, name, .. } => {
                write!(f, "arn:{partition}:iam::{account}:user{path}{name}")
            }
            CallerKind::Role { name, session_name, .. } => {
                write!(f, "arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}")
            }
            CallerKind::Service { name, .. } => f.write_str(name),
        }
    }
}
