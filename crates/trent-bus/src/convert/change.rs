//! Changes of the registry and the refusals of them.

use trent_types::{Change, ChangeRefused, KeyArn, KeyId, KeyUpdate, Timestamp};

use super::{InvalidField, by_reference, bytes, key_id, required};
use crate::messages::{
    self, Unit, change::Change as Wire, change_refused::Reason, update_key::Update,
};

by_reference! {
    Change => messages::Change,
    ChangeRefused => messages::ChangeRefused,
}

impl From<Change> for messages::Change {
    fn from(change: Change) -> Self {
        let wire = match change {
            Change::CreateKey { record, policy, bypass_lockout_check, tags, material } => {
                Wire::CreateKey(messages::CreateKey {
                    record: Some(record.into()),
                    policy,
                    bypass_lockout_check,
                    tags: tags.into_iter().map(Into::into).collect(),
                    material: Some(material.into()),
                })
            }
            Change::UpdateKey { key, version, update } => Wire::UpdateKey(messages::UpdateKey {
                key: Some(key.into()),
                version,
                update: Some(update.into()),
            }),
            Change::PutKeyPolicy { key, version, policy, bypass_lockout_check } => {
                let key = Some(key.into());
                Wire::PutKeyPolicy(messages::PutKeyPolicy {
                    key,
                    version,
                    policy,
                    bypass_lockout_check,
                })
            }
            Change::TagKey { key, version, tags } => Wire::TagKey(messages::TagKey {
                key: Some(key.into()),
                version,
                tags: tags.into_iter().map(Into::into).collect(),
            }),
            Change::UntagKey { key, version, tag_keys } => {
                Wire::UntagKey(messages::UntagKey { key: Some(key.into()), version, tag_keys })
            }
            Change::CreateAlias(alias) => Wire::CreateAlias(alias.into()),
            Change::UpdateAlias { alias, from, to, updated_at } => {
                Wire::UpdateAlias(messages::UpdateAlias {
                    alias: Some(alias.into()),
                    from: bytes(from.as_bytes()),
                    from_multi_region: from.is_multi_region(),
                    to: bytes(to.as_bytes()),
                    to_multi_region: to.is_multi_region(),
                    updated_at_ms: updated_at.as_millis(),
                })
            }
            Change::DeleteAlias { alias, from } => Wire::DeleteAlias(messages::DeleteAlias {
                alias: Some(alias.into()),
                from: bytes(from.as_bytes()),
                from_multi_region: from.is_multi_region(),
            }),
            Change::DestroyKey { key, version } => {
                Wire::DestroyKey(messages::DestroyKey { key: Some(key.into()), version })
            }
            Change::CreateUser(user) => Wire::CreateUser(user.into()),
            Change::CreateAccessKey { access_key, sealed_secret } => {
                Wire::CreateAccessKey(messages::CreateAccessKey {
                    access_key: Some(access_key.into()),
                    sealed_secret: sealed_secret.into(),
                })
            }
        };
        Self { change: Some(wire) }
    }
}

impl TryFrom<messages::Change> for Change {
    type Error = InvalidField;

    fn try_from(change: messages::Change) -> Result<Self, InvalidField> {
        Ok(match required(change.change, "change")? {
            Wire::CreateKey(create) => Self::CreateKey {
                record: required(create.record, "record")?.try_into()?,
                policy: create.policy,
                bypass_lockout_check: create.bypass_lockout_check,
                tags: create.tags.into_iter().map(Into::into).collect(),
                material: required(create.material, "material")?.try_into()?,
            },
            Wire::UpdateKey(update) => Self::UpdateKey {
                key: key(update.key)?,
                version: update.version,
                update: required(update.update, "update")?.into(),
            },
            Wire::PutKeyPolicy(put) => Self::PutKeyPolicy {
                key: key(put.key)?,
                version: put.version,
                policy: put.policy,
                bypass_lockout_check: put.bypass_lockout_check,
            },
            Wire::TagKey(tag) => Self::TagKey {
                key: key(tag.key)?,
                version: tag.version,
                tags: tag.tags.into_iter().map(Into::into).collect(),
            },
            Wire::UntagKey(untag) => Self::UntagKey {
                key: key(untag.key)?,
                version: untag.version,
                tag_keys: untag.tag_keys,
            },
            Wire::CreateAlias(alias) => Self::CreateAlias(alias.try_into()?),
            Wire::UpdateAlias(update) => Self::UpdateAlias {
                alias: required(update.alias, "alias")?.try_into()?,
                from: key_id(&update.from, update.from_multi_region, "from")?,
                to: key_id(&update.to, update.to_multi_region, "to")?,
                updated_at: Timestamp::from_millis(update.updated_at_ms),
            },
            Wire::DeleteAlias(delete) => {
                let from: KeyId = key_id(&delete.from, delete.from_multi_region, "from")?;
                Self::DeleteAlias { alias: required(delete.alias, "alias")?.try_into()?, from }
            }
            Wire::DestroyKey(destroy) => {
                Self::DestroyKey { key: key(destroy.key)?, version: destroy.version }
            }
            Wire::CreateUser(user) => Self::CreateUser(user.try_into()?),
            Wire::CreateAccessKey(create) => Self::CreateAccessKey {
                access_key: required(create.access_key, "access_key")?.try_into()?,
                sealed_secret: create.sealed_secret.into(),
            },
        })
    }
}

fn key(key: Option<messages::KeyArn>) -> Result<KeyArn, InvalidField> {
    required(key, "key")?.try_into()
}

impl From<KeyUpdate> for Update {
    fn from(update: KeyUpdate) -> Self {
        match update {
            KeyUpdate::Enable => Self::Enable(Unit {}),
            KeyUpdate::Disable => Self::Disable(Unit {}),
            KeyUpdate::Describe(description) => Self::Describe(description),
            KeyUpdate::ScheduleDeletion { deletion_date } => {
                Self::ScheduleDeletionMs(deletion_date.as_millis())
            }
            KeyUpdate::CancelDeletion => Self::CancelDeletion(Unit {}),
        }
    }
}

impl From<Update> for KeyUpdate {
    fn from(update: Update) -> Self {
        match update {
            Update::Enable(Unit {}) => Self::Enable,
            Update::Disable(Unit {}) => Self::Disable,
            Update::Describe(description) => Self::Describe(description),
            Update::ScheduleDeletionMs(millis) => {
                Self::ScheduleDeletion { deletion_date: Timestamp::from_millis(millis) }
            }
            Update::CancelDeletion(Unit {}) => Self::CancelDeletion,
        }
    }
}

impl From<ChangeRefused> for messages::ChangeRefused {
    fn from(refused: ChangeRefused) -> Self {
        let reason = match refused {
            ChangeRefused::Conflict => Reason::Conflict(Unit {}),
            ChangeRefused::NotFound => Reason::NotFound(Unit {}),
            ChangeRefused::AlreadyExists => Reason::AlreadyExists(Unit {}),
            ChangeRefused::LimitExceeded { what, limit, current } => {
                Reason::LimitExceeded(messages::LimitExceeded { what, limit, current })
            }
            ChangeRefused::MalformedPolicy(text) => Reason::MalformedPolicy(text),
            ChangeRefused::NotPermitted(text) => Reason::NotPermitted(text),
        };
        Self { reason: Some(reason) }
    }
}

impl TryFrom<messages::ChangeRefused> for ChangeRefused {
    type Error = InvalidField;

    fn try_from(refused: messages::ChangeRefused) -> Result<Self, InvalidField> {
        Ok(match required(refused.reason, "reason")? {
            Reason::Conflict(Unit {}) => Self::Conflict,
            Reason::NotFound(Unit {}) => Self::NotFound,
            Reason::AlreadyExists(Unit {}) => Self::AlreadyExists,
            Reason::LimitExceeded(messages::LimitExceeded { what, limit, current }) => {
                Self::LimitExceeded { what, limit, current }
            }
            Reason::MalformedPolicy(text) => Self::MalformedPolicy(text),
            Reason::NotPermitted(text) => Self::NotPermitted(text),
        })
    }
}
