//! Changes of users, groups, roles, policies and access keys.

use trent_types::{AccessKeyStatus, Entity, IdentityChange};

use super::entity::{tags_in, tags_out};
use super::{InvalidField, given, parse, required};
use crate::messages;
use crate::messages::identity_change::Change as Wire;

impl From<IdentityChange> for messages::IdentityChange {
    #[expect(clippy::too_many_lines, reason = "one arm for each change, which lists its fields")]
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

    #[expect(clippy::too_many_lines, reason = "one arm for each change, which lists its fields")]
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
