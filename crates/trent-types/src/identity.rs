//! IAM's nouns: users, groups, roles, managed policies and access keys.

use std::fmt;

use crate::{AccountId, Partition, Tag, Timestamp};

/// The kinds of things that IAM names in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A user.
    User,
    /// A group of users.
    Group,
    /// A role.
    Role,
    /// A customer managed policy.
    Policy,
}

impl EntityKind {
    /// As in the resource part of ARNs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
        }
    }
}

/// A user, group, role or policy by its name, which is unique in its account and kind without
/// regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// The account.
    pub account: AccountId,
    /// What it is.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account that the user belongs to.
    pub account: AccountId,
    /// `/` or `/team/…/`.
    pub path: String,
    /// 1 to 64 of `[\w+=,.@-]`, unique in the account without regard to case.
    pub name: String,
    /// `AIDA…`, 21 characters, never used twice.
    pub user_id: String,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The account.
    pub account: AccountId,
    /// `/` or `/team/…/`.
    pub path: String,
    /// 1 to 128 of `[\w+=,.@-]`.
    pub name: String,
    /// `AGPA…`, 21 characters.
    pub group_id: String,
    /// When the group was made.
    pub created_at: Timestamp,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The account.
    pub account: AccountId,
    /// `/` or `/team/…/`.
    pub path: String,
    /// 1 to 64 of `[\w+=,.@-]`.
    pub name: String,
    /// `AROA…`, 21 characters, never used twice.
    pub role_id: String,
    /// When the role was made.
    pub created_at: Timestamp,
    /// Up to 1000 characters.
    pub description: String,
    /// The longest session, 3600 to 43200 seconds.
    pub max_session_seconds: u32,
    /// Who may assume the role, verbatim.
    pub trust_policy: String,
}

/// A customer managed policy, without its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// The account.
    pub account: AccountId,
    /// `/` or `/team/…/`.
    pub path: String,
    /// 1 to 128 of `[\w+=,.@-]`.
    pub name: String,
    /// `ANPA…`, 21 characters.
    pub policy_id: String,
    /// When the policy was made.
    pub created_at: Timestamp,
    /// When it last got a version or another default version.
    pub updated_at: Timestamp,
    /// Up to 1000 characters.
    pub description: String,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number of the newest version that it has had; the next one gets the number after it.
    pub latest_version: u32,
    /// Users, groups and roles that it is attached to.
    pub attachments: u32,
    /// Users and roles whose permissions boundary it is.
    pub boundary_of: u32,
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// From 1; printed as `v1`.
    pub number: u32,
    /// The document, verbatim.
    pub document: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A policy inside a user, group or role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlinePolicy {
    /// 1 to 128 of `[\w+=,.@-]`.
    pub name: String,
    /// The document, verbatim.
    pub document: String,
}

/// One of IAM's things, of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityRecord {
    /// A user.
    User(User),
    /// A group.
    Group(Group),
    /// A role.
    Role(Role),
    /// A customer managed policy.
    Policy(ManagedPolicy),
}

impl EntityRecord {
    /// What names it.
    #[must_use]
    pub fn entity(&self) -> Entity {
        let (account, kind, name) = match self {
            Self::User(user) => (user.account, EntityKind::User, &user.name),
            Self::Group(group) => (group.account, EntityKind::Group, &group.name),
            Self::Role(role) => (role.account, EntityKind::Role, &role.name),
            Self::Policy(policy) => (policy.account, EntityKind::Policy, &policy.name),
        };
        Entity { account, kind, name: name.clone() }
    }

    /// `/` or `/team/…/`.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::User(user) => &user.path,
            Self::Group(group) => &group.path,
            Self::Role(role) => &role.path,
            Self::Policy(policy) => &policy.path,
        }
    }

    /// `AIDA…`, `AGPA…`, `AROA…` or `ANPA…`.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(user) => &user.user_id,
            Self::Group(group) => &group.group_id,
            Self::Role(role) => &role.role_id,
            Self::Policy(policy) => &policy.policy_id,
        }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self, partition: Partition) -> String {
        self.entity().arn(partition, self.path())
    }
}

impl Entity {
    /// The ARN under a path.
    #[must_use]
    pub fn arn(&self, partition: Partition, path: &str) -> String {
        let (partition, account, kind) =
            (partition.as_str(), self.account.as_str(), self.kind.as_str());
        ["arn:", partition, ":iam::", account, ":", kind, path, &self.name].concat()
    }
}

/// One of IAM's things with everything that belongs to it alone. Quotas bound how much that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// What it is.
    pub record: EntityRecord,
    /// Its tags, sorted by key.
    pub tags: Vec<Tag>,
    /// The ARN of its permissions boundary (users and roles).
    pub boundary: Option<String>,
    /// Its inline policies, sorted by name (users, groups and roles).
    pub inline: Vec<InlinePolicy>,
    /// The ARNs of the policies attached to it, sorted (users, groups and roles).
    pub attached: Vec<String>,
    /// The groups that a user is in, sorted by name.
    pub groups: Vec<Group>,
    /// A user's access keys, sorted by id.
    pub access_keys: Vec<AccessKey>,
    /// A policy's versions, sorted by number.
    pub versions: Vec<PolicyVersion>,
}

/// Whether an access key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKeyStatus {
    /// It may.
    Active,
    /// It may not, until activated.
    Inactive,
}

impl fmt::Display for AccessKeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        })
    }
}

/// A long-term access key; its secret is kept apart from it, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`, 20 characters.
    pub access_key_id: String,
    /// The account that the key belongs to.
    pub account: AccountId,
    /// The user that the key belongs to; `None` for the root user.
    pub user_name: Option<String>,
    /// Active or inactive.
    pub status: AccessKeyStatus,
    /// When the key was made.
    pub created_at: Timestamp,
}

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyUsed {
    /// When, to about a minute.
    pub at: Timestamp,
    /// The service of the credential scope, as in `kms`.
    pub service: String,
    /// The Region of the credential scope.
    pub region: String,
}

/// An account of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 12 digits.
    pub id: AccountId,
    /// What the operator calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A service principal: a service that calls for itself and on behalf of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// As in `s3.amazonaws.com`.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}
