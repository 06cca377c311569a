//! Users, groups, roles and policies.

use trent_types::{
    AccessKeyUsed, Entity, EntityKind, EntityRecord, Group, IdentityView, InlinePolicy,
    ManagedPolicy, PolicyVersion, Role, Tag, Timestamp,
};

use super::{InvalidField, by_reference, given, parse, required};
use crate::messages::entity_record::Record;
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

pub(super) fn tags_out(tags: Vec<Tag>) -> Vec<messages::Tag> {
    tags.into_iter().map(Into::into).collect()
}

pub(super) fn tags_in(tags: Vec<messages::Tag>) -> Vec<Tag> {
    tags.into_iter().map(Into::into).collect()
}
