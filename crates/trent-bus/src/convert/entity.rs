//! Users, groups, roles and policies, and what is changed of them.

use trent_types::{
    AccessKeyStatus, AccessKeyUsed, Entity, EntityKind, EntityRecord, Group, IdentityChange,
    IdentityView, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Tag, Timestamp,
};

use super::{InvalidField, by_reference, given, parse, required};
use crate::messages::entity_record::Record;
use crate::messages::identity_change::Change as Wire;
use crate::messages::{self};

by_reference! {
    Entity => messages::Entity,
    EntityRecord => messages::EntityRecord,
    IdentityView => messages::IdentityView,
    Group => messages::Group,
}

/// The kind of a message's field.
///
/// # Errors
/// [`InvalidField`] for a kind that this version does not know.
pub fn entity_kind(kind: i32, field: &'static str) -> Result<EntityKind, InvalidField> {
    match messages::EntityKind::try_from(kind) {
        Ok(messages::EntityKind::User) => Ok(EntityKind::User),
        Ok(messages::EntityKind::Group) => Ok(EntityKind::Group),
        Ok(messages::EntityKind::Role) => Ok(EntityKind::Role),
        Ok(messages::EntityKind::Policy) => Ok(EntityKind::Policy),
        Ok(messages::EntityKind::Unspecified) | Err(_) => Err(InvalidField(field)),
    }
}

impl From<EntityKind> for messages::EntityKind {
    fn from(kind: EntityKind) -> Self {
        match kind {
            EntityKind::User => Self::User,
            EntityKind::Group => Self::Group,
            EntityKind::Role => Self::Role,
            EntityKind::Policy => Self::Policy,
        }
    }
}

impl From<Entity> for messages::Entity {
    fn from(entity: Entity) -> Self {
        Self {
            account: entity.account.to_string(),
            kind: messages::EntityKind::from(entity.kind).into(),
            name: entity.name,
        }
    }
}

impl TryFrom<messages::Entity> for Entity {
    type Error = InvalidField;

    fn try_from(entity: messages::Entity) -> Result<Self, InvalidField> {
        Ok(Self {
            account: parse(&entity.account, "account")?,
            kind: entity_kind(entity.kind, "kind")?,
            name: entity.name,
        })
    }
}

impl From<Group> for messages::Group {
    fn from(group: Group) -> Self {
        let Group { account, path, name, group_id, created_at } = group;
        let (account, created_at_ms) = (account.to_string(), created_at.as_millis());
        Self { account, path, name, group_id, created_at_ms }
    }
}

impl TryFrom<messages::Group> for Group {
    type Error = InvalidField;

    fn try_from(group: messages::Group) -> Result<Self, InvalidField> {
        let messages::Group { account, path, name, group_id, created_at_ms } = group;
        let account = parse(&account, "account")?;
        let created_at = Timestamp::from_millis(created_at_ms);
        Ok(Self { account, path, name, group_id, created_at })
    }
}

impl From<Role> for messages::Role {
    fn from(role: Role) -> Self {
        Self {
            account: role.account.to_string(),
            path: role.path,
            name: role.name,
            role_id: role.role_id,
            created_at_ms: role.created_at.as_millis(),
            description: role.description,
            max_session_seconds: role.max_session_seconds,
            trust_policy: role.trust_policy,
        }
    }
}

impl TryFrom<messages::Role> for Role {
    type Error = InvalidField;

    fn try_from(role: messages::Role) -> Result<Self, InvalidField> {
        Ok(Self {
            account: parse(&role.account, "account")?,
            path: role.path,
            name: role.name,
            role_id: role.role_id,
            created_at: Timestamp::from_millis(role.created_at_ms),
            description: role.description,
            max_session_seconds: role.max_session_seconds,
            trust_policy: role.trust_policy,
        })
    }
}

impl From<ManagedPolicy> for messages::ManagedPolicy {
    fn from(policy: ManagedPolicy) -> Self {
        Self {
            account: policy.account.to_string(),
            path: policy.path,
            name: policy.name,
            policy_id: policy.policy_id,
            created_at_ms: policy.created_at.as_millis(),
            updated_at_ms: policy.updated_at.as_millis(),
            description: policy.description,
            default_version: policy.default_version,
            latest_version: policy.latest_version,
            attachments: policy.attachments,
            boundary_of: policy.boundary_of,
        }
    }
}

impl TryFrom<messages::ManagedPolicy> for ManagedPolicy {
    type Error = InvalidField;

    fn try_from(policy: messages::ManagedPolicy) -> Result<Self, InvalidField> {
        Ok(Self {
            account: parse(&policy.account, "account")?,
            path: policy.path,
            name: policy.name,
            policy_id: policy.policy_id,
            created_at: Timestamp::from_millis(policy.created_at_ms),
            updated_at: Timestamp::from_millis(policy.updated_at_ms),
            description: policy.description,
            default_version: policy.default_version,
            latest_version: policy.latest_version,
            attachments: policy.attachments,
            boundary_of: policy.boundary_of,
        })
    }
}

impl From<PolicyVersion> for messages::PolicyVersion {
    fn from(version: PolicyVersion) -> Self {
        let PolicyVersion { number, document, created_at } = version;
        Self { number, document, created_at_ms: created_at.as_millis() }
    }
}

impl From<messages::PolicyVersion> for PolicyVersion {
    fn from(version: messages::PolicyVersion) -> Self {
        let messages::PolicyVersion { number, document, created_at_ms } = version;
        Self { number, document, created_at: Timestamp::from_millis(created_at_ms) }
    }
}

impl From<InlinePolicy> for messages::InlinePolicy {
    fn from(InlinePolicy { name, document }: InlinePolicy) -> Self {
        Self { name, document }
    }
}

impl From<messages::InlinePolicy> for InlinePolicy {
    fn from(messages::InlinePolicy { name, document }: messages::InlinePolicy) -> Self {
        Self { name, document }
    }
}

impl From<AccessKeyUsed> for messages::AccessKeyUsed {
    fn from(used: AccessKeyUsed) -> Self {
        Self { at_ms: used.at.as_millis(), service: used.service, region: used.region }
    }
}

impl From<messages::AccessKeyUsed> for AccessKeyUsed {
    fn from(used: messages::AccessKeyUsed) -> Self {
        let at = Timestamp::from_millis(used.at_ms);
        Self { at, service: used.service, region: used.region }
    }
}

impl From<EntityRecord> for messages::EntityRecord {
    fn from(record: EntityRecord) -> Self {
        let record = match record {
            EntityRecord::User(user) => Record::User(user.into()),
            EntityRecord::Group(group) => Record::Group(group.into()),
            EntityRecord::Role(role) => Record::Role(role.into()),
            EntityRecord::Policy(policy) => Record::Policy(policy.into()),
        };
        Self { record: Some(record) }
    }
}

impl TryFrom<messages::EntityRecord> for EntityRecord {
    type Error = InvalidField;

    fn try_from(record: messages::EntityRecord) -> Result<Self, InvalidField> {
        Ok(match required(record.record, "record")? {
            Record::User(user) => Self::User(user.try_into()?),
            Record::Group(group) => Self::Group(group.try_into()?),
            Record::Role(role) => Self::Role(role.try_into()?),
            Record::Policy(policy) => Self::Policy(policy.try_into()?),
        })
    }
}

impl From<IdentityView> for messages::IdentityView {
    fn from(view: IdentityView) -> Self {
        Self {
            record: Some(view.record.into()),
            tags: tags_out(view.tags),
            boundary: view.boundary.unwrap_or_default(),
            inline: view.inline.into_iter().map(Into::into).collect(),
            attached: view.attached,
            groups: view.groups.into_iter().map(Into::into).collect(),
            access_keys: view.access_keys.into_iter().map(Into::into).collect(),
            versions: view.versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<messages::IdentityView> for IdentityView {
    type Error = InvalidField;

    fn try_from(view: messages::IdentityView) -> Result<Self, InvalidField> {
        Ok(Self {
            record: required(view.record, "record")?.try_into()?,
            tags: tags_in(view.tags),
            boundary: given(view.boundary),
            inline: view.inline.into_iter().map(Into::into).collect(),
            attached: view.attached,
            groups: view.groups.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            access_keys: view
                .access_keys
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            versions: view.versions.into_iter().map(Into::into).collect(),
        })
    }
}

fn tags_out(tags: Vec<Tag>) -> Vec<messages::Tag> {
    tags.into_iter().map(Into::into).collect()
}

fn tags_in(tags: Vec<messages::Tag>) -> Vec<Tag> {
    tags.into_iter().map(Into::into).collect()
}

impl From<IdentityChange> for messages::IdentityChange {
    fn from(change: IdentityChange) -> Self {
        let some = |entity: Entity| Some(entity.into());
        let change = match change {
            IdentityChange::CreateUser { user, tags, boundary } => {
                Wire::CreateUser(messages::CreateUser {
                    user: Some(user.into()),
                    tags: tags_out(tags),
                    boundary: boundary.unwrap_or_default(),
                })
            }
            IdentityChange::CreateGroup(group) => Wire::CreateGroup(group.into()),
            IdentityChange::CreateRole { role, tags, boundary } => {
                Wire::CreateRole(messages::CreateRole {
                    role: Some(role.into()),
                    tags: tags_out(tags),
                    boundary: boundary.unwrap_or_default(),
                })
            }
            IdentityChange::CreatePolicy { policy, document, tags } => {
                let (policy, tags) = (Some(policy.into()), tags_out(tags));
                Wire::CreatePolicy(messages::CreatePolicy { policy, document, tags })
            }
            IdentityChange::Rename { entity, name, path } => {
                Wire::Rename(messages::RenameEntity { entity: some(entity), name, path })
            }
            IdentityChange::UpdateRole { role, description, max_session_seconds } => {
                let role = some(role);
                Wire::UpdateRole(messages::UpdateRole { role, description, max_session_seconds })
            }
            IdentityChange::SetTrustPolicy { role, document } => {
                Wire::SetTrustPolicy(messages::SetTrustPolicy { role: some(role), document })
            }
            IdentityChange::SetBoundary { entity, policy_arn } => {
                let policy_arn = policy_arn.unwrap_or_default();
                Wire::SetBoundary(messages::SetBoundary { entity: some(entity), policy_arn })
            }
            IdentityChange::Delete(entity) => Wire::Delete(entity.into()),
            IdentityChange::Tag { entity, tags } => {
                Wire::Tag(messages::TagEntity { entity: some(entity), tags: tags_out(tags) })
            }
            IdentityChange::Untag { entity, tag_keys } => {
                Wire::Untag(messages::UntagEntity { entity: some(entity), tag_keys })
            }
            IdentityChange::PutInlinePolicy { entity, name, document } => {
                let policy = Some(messages::InlinePolicy { name, document });
                Wire::PutInlinePolicy(messages::PutInlinePolicy { entity: some(entity), policy })
            }
            IdentityChange::DeleteInlinePolicy { entity, name } => {
                Wire::DeleteInlinePolicy(messages::DeleteInlinePolicy {
                    entity: some(entity),
                    name,
                })
            }
            IdentityChange::Attach { entity, policy_arn } => {
                Wire::Attach(messages::PolicyAttachment { entity: some(entity), policy_arn })
            }
            IdentityChange::Detach { entity, policy_arn } => {
                Wire::Detach(messages::PolicyAttachment { entity: some(entity), policy_arn })
            }
            IdentityChange::AddToGroup { account, group, user } => {
                let account = account.to_string();
                Wire::AddToGroup(messages::GroupMembership { account, group, user })
            }
            IdentityChange::RemoveFromGroup { account, group, user } => {
                let account = account.to_string();
                Wire::RemoveFromGroup(messages::GroupMembership { account, group, user })
            }
            IdentityChange::CreatePolicyVersion { policy, version, set_default } => {
                let (policy, version) = (some(policy), Some(version.into()));
                let create = messages::CreatePolicyVersion { policy, version, set_default };
                Wire::CreatePolicyVersion(create)
            }
            IdentityChange::DeletePolicyVersion { policy, number } => {
                let policy = some(policy);
                Wire::DeletePolicyVersion(messages::PolicyVersionName { policy, number })
            }
            IdentityChange::SetDefaultPolicyVersion { policy, number } => {
                let policy = some(policy);
                Wire::SetDefaultPolicyVersion(messages::PolicyVersionName { policy, number })
            }
            IdentityChange::CreateAccessKey { access_key, sealed_secret } => {
                Wire::CreateAccessKey(messages::CreateAccessKey {
                    access_key: Some(access_key.into()),
                    sealed_secret: sealed_secret.into(),
                })
            }
            IdentityChange::UpdateAccessKey { account, user_name, access_key_id, status } => {
                Wire::UpdateAccessKey(messages::UpdateAccessKey {
                    account: account.to_string(),
                    user_name: user_name.unwrap_or_default(),
                    access_key_id,
                    active: status == AccessKeyStatus::Active,
                })
            }
            IdentityChange::DeleteAccessKey { account, user_name, access_key_id } => {
                Wire::DeleteAccessKey(messages::DeleteAccessKey {
                    account: account.to_string(),
                    user_name: user_name.unwrap_or_default(),
                    access_key_id,
                })
            }
        };
        Self { change: Some(change) }
    }
}

impl TryFrom<messages::IdentityChange> for IdentityChange {
    type Error = InvalidField;

    fn try_from(change: messages::IdentityChange) -> Result<Self, InvalidField> {
        let entity = |entity: Option<messages::Entity>| required(entity, "entity")?.try_into();
        let account = |account: &str| parse(account, "account");
        Ok(match required(change.change, "change")? {
            Wire::CreateUser(create) => Self::CreateUser {
                user: required(create.user, "user")?.try_into()?,
                tags: tags_in(create.tags),
                boundary: given(create.boundary),
            },
            Wire::CreateGroup(group) => Self::CreateGroup(group.try_into()?),
            Wire::CreateRole(create) => Self::CreateRole {
                role: required(create.role, "role")?.try_into()?,
                tags: tags_in(create.tags),
                boundary: given(create.boundary),
            },
            Wire::CreatePolicy(create) => Self::CreatePolicy {
                policy: required(create.policy, "policy")?.try_into()?,
                document: create.document,
                tags: tags_in(create.tags),
            },
            Wire::Rename(rename) => Self::Rename {
                entity: entity(rename.entity)?,
                name: rename.name,
                path: rename.path,
            },
            Wire::UpdateRole(update) => Self::UpdateRole {
                role: entity(update.role)?,
                description: update.description,
                max_session_seconds: update.max_session_seconds,
            },
            Wire::SetTrustPolicy(set) => {
                Self::SetTrustPolicy { role: entity(set.role)?, document: set.document }
            }
            Wire::SetBoundary(set) => {
                Self::SetBoundary { entity: entity(set.entity)?, policy_arn: given(set.policy_arn) }
            }
            Wire::Delete(one) => Self::Delete(one.try_into()?),
            Wire::Tag(tag) => Self::Tag { entity: entity(tag.entity)?, tags: tags_in(tag.tags) },
            Wire::Untag(untag) => {
                Self::Untag { entity: entity(untag.entity)?, tag_keys: untag.tag_keys }
            }
            Wire::PutInlinePolicy(put) => {
                let messages::InlinePolicy { name, document } = required(put.policy, "policy")?;
                Self::PutInlinePolicy { entity: entity(put.entity)?, name, document }
            }
            Wire::DeleteInlinePolicy(delete) => {
                Self::DeleteInlinePolicy { entity: entity(delete.entity)?, name: delete.name }
            }
            Wire::Attach(attach) => {
                Self::Attach { entity: entity(attach.entity)?, policy_arn: attach.policy_arn }
            }
            Wire::Detach(detach) => {
                Self::Detach { entity: entity(detach.entity)?, policy_arn: detach.policy_arn }
            }
            Wire::AddToGroup(add) => Self::AddToGroup {
                account: account(&add.account)?,
                group: add.group,
                user: add.user,
            },
            Wire::RemoveFromGroup(remove) => Self::RemoveFromGroup {
                account: account(&remove.account)?,
                group: remove.group,
                user: remove.user,
            },
            Wire::CreatePolicyVersion(create) => Self::CreatePolicyVersion {
                policy: entity(create.policy)?,
                version: required(create.version, "version")?.into(),
                set_default: create.set_default,
            },
            Wire::DeletePolicyVersion(delete) => {
                Self::DeletePolicyVersion { policy: entity(delete.policy)?, number: delete.number }
            }
            Wire::SetDefaultPolicyVersion(set) => {
                Self::SetDefaultPolicyVersion { policy: entity(set.policy)?, number: set.number }
            }
            Wire::CreateAccessKey(create) => Self::CreateAccessKey {
                access_key: required(create.access_key, "access_key")?.try_into()?,
                sealed_secret: create.sealed_secret.into(),
            },
            Wire::UpdateAccessKey(update) => Self::UpdateAccessKey {
                account: account(&update.account)?,
                user_name: given(update.user_name),
                access_key_id: update.access_key_id,
                status: if update.active {
                    AccessKeyStatus::Active
                } else {
                    AccessKeyStatus::Inactive
                },
            },
            Wire::DeleteAccessKey(delete) => Self::DeleteAccessKey {
                account: account(&delete.account)?,
                user_name: given(delete.user_name),
                access_key_id: delete.access_key_id,
            },
        })
    }
}
