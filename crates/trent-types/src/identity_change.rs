//! Every change of IAM's things.

use crate::{
    AccessKey, AccessKeyStatus, AccountId, Entity, EntityKind, EntityRecord, Group, ManagedPolicy,
    PolicyVersion, Role, Tag, User,
};

/// A change of users, groups, roles, policies or access keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityChange {
    /// A new user.
    CreateUser {
        /// The user.
        user: User,
        /// Its tags, unique by key.
        tags: Vec<Tag>,
        /// The ARN of its permissions boundary.
        boundary: Option<String>,
    },
    /// A new group.
    CreateGroup(Group),
    /// A new role.
    CreateRole {
        /// The role.
        role: Role,
        /// Its tags, unique by key.
        tags: Vec<Tag>,
        /// The ARN of its permissions boundary.
        boundary: Option<String>,
    },
    /// A new managed policy. Its first version is in force.
    CreatePolicy {
        /// The policy; its versions are 1.
        policy: ManagedPolicy,
        /// The document, verbatim.
        document: String,
        /// Its tags, unique by key.
        tags: Vec<Tag>,
    },
    /// Another name or path of a user or group. Everything that belongs to it comes along.
    Rename {
        /// Which.
        entity: Entity,
        /// The new name, where it changes.
        name: Option<String>,
        /// The new path, where it changes.
        path: Option<String>,
    },
    /// Another description or longest session of a role.
    UpdateRole {
        /// The role.
        role: Entity,
        /// The new description, where it changes.
        description: Option<String>,
        /// The new longest session, where it changes.
        max_session_seconds: Option<u32>,
    },
    /// Another trust policy.
    SetTrustPolicy {
        /// The role.
        role: Entity,
        /// The document, verbatim.
        document: String,
    },
    /// Another permissions boundary of a user or role, or none.
    SetBoundary {
        /// Which.
        entity: Entity,
        /// The ARN of the policy.
        policy_arn: Option<String>,
    },
    /// The end of a user, group, role or policy that nothing belongs to any more.
    Delete(Entity),
    /// Adds tags or overwrites their values (users, roles and policies).
    Tag {
        /// Which.
        entity: Entity,
        /// The tags, unique by key.
        tags: Vec<Tag>,
    },
    /// Removes tags; keys that are not there are ignored.
    Untag {
        /// Which.
        entity: Entity,
        /// The keys of the tags.
        tag_keys: Vec<String>,
    },
    /// Adds or replaces an inline policy.
    PutInlinePolicy {
        /// The user, group or role.
        entity: Entity,
        /// The policy's name.
        name: String,
        /// The document, verbatim.
        document: String,
    },
    /// Removes an inline policy.
    DeleteInlinePolicy {
        /// The user, group or role.
        entity: Entity,
        /// The policy's name.
        name: String,
    },
    /// Attaches a managed policy; one that is attached already is no error.
    Attach {
        /// The user, group or role.
        entity: Entity,
        /// The policy, the account's own or AWS's.
        policy_arn: String,
    },
    /// Detaches a managed policy.
    Detach {
        /// The user, group or role.
        entity: Entity,
        /// The policy.
        policy_arn: String,
    },
    /// Puts a user into a group; one that is in it already is no error.
    AddToGroup {
        /// The account of both.
        account: AccountId,
        /// The group.
        group: String,
        /// The user.
        user: String,
    },
    /// Takes a user out of a group.
    RemoveFromGroup {
        /// The account of both.
        account: AccountId,
        /// The group.
        group: String,
        /// The user.
        user: String,
    },
    /// A new version of a managed policy. Its number must be the next one, or the change is a
    /// [`crate::ChangeRefused::Conflict`].
    CreatePolicyVersion {
        /// The policy.
        policy: Entity,
        /// The version.
        version: PolicyVersion,
        /// Whether it is in force at once.
        set_default: bool,
    },
    /// The end of a version that is not in force.
    DeletePolicyVersion {
        /// The policy.
        policy: Entity,
        /// The version.
        number: u32,
    },
    /// Another version is in force.
    SetDefaultPolicyVersion {
        /// The policy.
        policy: Entity,
        /// The version.
        number: u32,
    },
    /// A new access key.
    CreateAccessKey {
        /// The key, without its secret.
        access_key: AccessKey,
        /// The secret access key, sealed under the domain key.
        sealed_secret: Vec<u8>,
    },
    /// An access key is activated or deactivated.
    UpdateAccessKey {
        /// The account.
        account: AccountId,
        /// The user it must belong to; `None` for root.
        user_name: Option<String>,
        /// The key.
        access_key_id: String,
        /// Its new status.
        status: AccessKeyStatus,
    },
    /// The end of an access key.
    DeleteAccessKey {
        /// The account.
        account: AccountId,
        /// The user it must belong to; `None` for root.
        user_name: Option<String>,
        /// The key.
        access_key_id: String,
    },
}

impl IdentityChange {
    /// What is changed: the user of an access key, the group of a membership. `None` for an access
    /// key of the root user.
    #[must_use]
    pub fn entity(&self) -> Option<Entity> {
        let user = |account: AccountId, name: &Option<String>| {
            name.clone().map(|name| Entity { account, kind: EntityKind::User, name })
        };
        Some(match self {
            Self::CreateUser { user, .. } => EntityRecord::User(user.clone()).entity(),
            Self::CreateGroup(group) => EntityRecord::Group(group.clone()).entity(),
            Self::CreateRole { role, .. } => EntityRecord::Role(role.clone()).entity(),
            Self::CreatePolicy { policy, .. } => EntityRecord::Policy(policy.clone()).entity(),
            Self::Rename { entity, .. }
            | Self::UpdateRole { role: entity, .. }
            | Self::SetTrustPolicy { role: entity, .. }
            | Self::SetBoundary { entity, .. }
            | Self::Delete(entity)
            | Self::Tag { entity, .. }
            | Self::Untag { entity, .. }
            | Self::PutInlinePolicy { entity, .. }
            | Self::DeleteInlinePolicy { entity, .. }
            | Self::Attach { entity, .. }
            | Self::Detach { entity, .. }
            | Self::CreatePolicyVersion { policy: entity, .. }
            | Self::DeletePolicyVersion { policy: entity, .. }
            | Self::SetDefaultPolicyVersion { policy: entity, .. } => entity.clone(),
            Self::AddToGroup { account, group, .. }
            | Self::RemoveFromGroup { account, group, .. } => {
                Entity { account: *account, kind: EntityKind::Group, name: group.clone() }
            }
            Self::CreateAccessKey { access_key, .. } => {
                return user(access_key.account, &access_key.user_name);
            }
            Self::UpdateAccessKey { account, user_name, .. }
            | Self::DeleteAccessKey { account, user_name, .. } => {
                return user(*account, user_name);
            }
        })
    }

    /// The account that it is about.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self {
            Self::CreateUser { user, .. } => user.account,
            Self::CreateGroup(group) => group.account,
            Self::CreateRole { role, .. } => role.account,
            Self::CreatePolicy { policy, .. } => policy.account,
            Self::Rename { entity, .. }
            | Self::UpdateRole { role: entity, .. }
            | Self::SetTrustPolicy { role: entity, .. }
            | Self::SetBoundary { entity, .. }
            | Self::Delete(entity)
            | Self::Tag { entity, .. }
            | Self::Untag { entity, .. }
            | Self::PutInlinePolicy { entity, .. }
            | Self::DeleteInlinePolicy { entity, .. }
            | Self::Attach { entity, .. }
            | Self::Detach { entity, .. }
            | Self::CreatePolicyVersion { policy: entity, .. }
            | Self::DeletePolicyVersion { policy: entity, .. }
            | Self::SetDefaultPolicyVersion { policy: entity, .. } => entity.account,
            Self::CreateAccessKey { access_key, .. } => access_key.account,
            Self::AddToGroup { account, .. }
            | Self::RemoveFromGroup { account, .. }
            | Self::UpdateAccessKey { account, .. }
            | Self::DeleteAccessKey { account, .. } => *account,
        }
    }
}

/// Why a change of IAM's things does not fit what is there; the texts are for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRefused {
    /// `NoSuchEntity`.
    #[error("{0}")]
    NoSuchEntity(String),
    /// `EntityAlreadyExists`.
    #[error("{0}")]
    AlreadyExists(String),
    /// `DeleteConflict`: something still belongs to what shall go.
    #[error("{0}")]
    DeleteConflict(String),
    /// `LimitExceeded`.
    #[error("{0}")]
    LimitExceeded(String),
    /// `InvalidInput`.
    #[error("{0}")]
    InvalidInput(String),
}
