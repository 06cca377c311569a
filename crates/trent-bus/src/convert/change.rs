//! Changes of the registry and the refusals of them.

use trent_types::{
    Change, ChangeRefused, IdentityRefused, KeyArn, KeyId, KeyUpdate, NewMaterial, Timestamp,
};

use super::material::{new_material, replica_materials};
use super::{InvalidField, by_reference, bytes, grant_id, key_id, material_id, parse, required};
use crate::messages::{
    self, Unit, change::Change as Wire, change_refused::Reason, update_key::Update,
};

by_reference! {
    Change => messages::Change,
    ChangeRefused => messages::ChangeRefused,
}

impl From<Change> for messages::Change {
    #[expect(clippy::too_many_lines, reason = "one arm for each change, which lists its fields")]
    fn from(change: Change) -> Self {
        let wire = match change {
            Change::CreateKey { record, policy, bypass_lockout_check, tags, material } => {
                let (material, public_key) = first_material(material);
                Wire::CreateKey(messages::CreateKey {
                    record: Some(record.into()),
                    policy,
                    bypass_lockout_check,
                    tags: tags.into_iter().map(Into::into).collect(),
                    material,
                    public_key,
                })
            }
            Change::SeedKey { record, policy, tags, materials, public_key } => {
                Wire::SeedKey(messages::SeedKey {
                    record: Some(record.into()),
                    policy,
                    tags: tags.into_iter().map(Into::into).collect(),
                    materials: materials.into_iter().map(Into::into).collect(),
                    public_key: public_key.unwrap_or_default().into(),
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
            Change::RotateKey { key, version, rotation_type, at, material } => {
                let (material, replicas) = match material {
                    None => (None, Vec::new()),
                    Some(NewMaterial { sealed, replicas, .. }) => {
                        (Some(sealed.into()), replica_materials(replicas))
                    }
                };
                Wire::RotateKey(messages::RotateKey {
                    key: Some(key.into()),
                    version,
                    rotation_type: rotation_type.as_str().to_owned(),
                    at_ms: at.as_millis(),
                    material,
                    replicas,
                })
            }
            Change::ImportMaterial {
                key,
                version,
                material,
                expiration,
                description,
                import_type,
            } => {
                let (material, public_key) = first_material(Some(material));
                Wire::ImportMaterial(messages::ImportMaterial {
                    key: Some(key.into()),
                    version,
                    material,
                    expiration: Some(expiration.into()),
                    description,
                    import_type: import_type.as_str().to_owned(),
                    public_key,
                })
            }
            Change::DeleteMaterial { key, version, material_id, expired } => {
                Wire::DeleteMaterial(messages::DeleteMaterial {
                    key: Some(key.into()),
                    version,
                    material_id: bytes(material_id.as_bytes()),
                    expired,
                })
            }
            Change::ReplicateKey {
                primary,
                version,
                record,
                policy,
                bypass_lockout_check,
                tags,
                materials,
                creating_until,
            } => Wire::ReplicateKey(messages::ReplicateKey {
                primary: Some(primary.into()),
                version,
                record: Some(record.into()),
                policy,
                bypass_lockout_check,
                tags: tags.into_iter().map(Into::into).collect(),
                materials: materials.into_iter().map(Into::into).collect(),
                creating_until_ms: creating_until.as_millis(),
            }),
            Change::UpdatePrimaryRegion { key, version, to, updating_until } => {
                Wire::UpdatePrimaryRegion(messages::UpdatePrimaryRegion {
                    key: Some(key.into()),
                    version,
                    to: to.as_str().to_owned(),
                    updating_until_ms: updating_until.as_millis(),
                })
            }
            Change::CreateGrant(grant) => Wire::CreateGrant(grant.into()),
            Change::RemoveGrant { key, grant_id, retired } => {
                Wire::RemoveGrant(messages::RemoveGrant {
                    key: Some(key.into()),
                    grant_id: bytes(grant_id.as_bytes()),
                    retired,
                })
            }
            Change::Identity(change) => Wire::Identity(change.into()),
        };
        Self { change: Some(wire) }
    }
}

impl TryFrom<messages::Change> for Change {
    type Error = InvalidField;

    #[expect(clippy::too_many_lines, reason = "one arm for each change, which lists its fields")]
    fn try_from(change: messages::Change) -> Result<Self, InvalidField> {
        Ok(match required(change.change, "change")? {
            Wire::CreateKey(create) => Self::CreateKey {
                record: required(create.record, "record")?.try_into()?,
                policy: create.policy,
                bypass_lockout_check: create.bypass_lockout_check,
                tags: create.tags.into_iter().map(Into::into).collect(),
                material: match create.material {
                    None => None,
                    material => Some(new_material(material, Vec::new(), create.public_key.into())?),
                },
            },
            Wire::SeedKey(seed) => Self::SeedKey {
                record: required(seed.record, "record")?.try_into()?,
                policy: seed.policy,
                tags: seed.tags.into_iter().map(Into::into).collect(),
                materials: seed
                    .materials
                    .into_iter()
                    .map(TryInto::try_into)
                    .collect::<Result<_, _>>()?,
                public_key: Some(seed.public_key.into()).filter(|key: &Vec<u8>| !key.is_empty()),
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
            Wire::RotateKey(rotate) => Self::RotateKey {
                key: key(rotate.key)?,
                version: rotate.version,
                rotation_type: parse(&rotate.rotation_type, "rotation_type")?,
                at: Timestamp::from_millis(rotate.at_ms),
                material: match rotate.material {
                    None => None,
                    material => Some(new_material(material, rotate.replicas, Vec::new())?),
                },
            },
            Wire::ImportMaterial(import) => Self::ImportMaterial {
                key: key(import.key)?,
                version: import.version,
                material: new_material(import.material, Vec::new(), import.public_key.into())?,
                expiration: required(import.expiration, "expiration")?.into(),
                description: import.description,
                import_type: parse(&import.import_type, "import_type")?,
            },
            Wire::DeleteMaterial(delete) => Self::DeleteMaterial {
                key: key(delete.key)?,
                version: delete.version,
                material_id: material_id(&delete.material_id, "material_id")?,
                expired: delete.expired,
            },
            Wire::ReplicateKey(replicate) => Self::ReplicateKey {
                primary: key(replicate.primary)?,
                version: replicate.version,
                record: required(replicate.record, "record")?.try_into()?,
                policy: replicate.policy,
                bypass_lockout_check: replicate.bypass_lockout_check,
                tags: replicate.tags.into_iter().map(Into::into).collect(),
                materials: replicate
                    .materials
                    .into_iter()
                    .map(TryInto::try_into)
                    .collect::<Result<_, _>>()?,
                creating_until: Timestamp::from_millis(replicate.creating_until_ms),
            },
            Wire::UpdatePrimaryRegion(update) => Self::UpdatePrimaryRegion {
                key: key(update.key)?,
                version: update.version,
                to: parse(&update.to, "to")?,
                updating_until: Timestamp::from_millis(update.updating_until_ms),
            },
            Wire::CreateGrant(grant) => Self::CreateGrant(grant.try_into()?),
            Wire::RemoveGrant(remove) => Self::RemoveGrant {
                key: key(remove.key)?,
                grant_id: grant_id(&remove.grant_id, "grant_id")?,
                retired: remove.retired,
            },
            Wire::Identity(change) => Self::Identity(change.try_into()?),
        })
    }
}

/// A new key's first material, or one that is imported, and its public key.
fn first_material(
    material: Option<NewMaterial>,
) -> (Option<messages::SealedMaterial>, prost::bytes::Bytes) {
    let public_key = |material: &NewMaterial| material.public_key.clone().unwrap_or_default();
    let public_key = material.as_ref().map(public_key).unwrap_or_default();
    (material.map(|material| material.sealed.into()), public_key.into())
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
            KeyUpdate::ScheduleReplicaDeletion { pending_window_days } => {
                Self::ScheduleReplicaDeletionDays(pending_window_days)
            }
            KeyUpdate::CancelDeletion => Self::CancelDeletion(Unit {}),
            KeyUpdate::EnableRotation(rotation) => Self::EnableRotation(rotation.into()),
            KeyUpdate::DisableRotation => Self::DisableRotation(Unit {}),
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
            Update::ScheduleReplicaDeletionDays(pending_window_days) => {
                Self::ScheduleReplicaDeletion { pending_window_days }
            }
            Update::CancelDeletion(Unit {}) => Self::CancelDeletion,
            Update::EnableRotation(rotation) => Self::EnableRotation(rotation.into()),
            Update::DisableRotation(Unit {}) => Self::DisableRotation,
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
            ChangeRefused::IncorrectMaterial => Reason::IncorrectMaterial(Unit {}),
            ChangeRefused::MalformedPolicy(text) => Reason::MalformedPolicy(text),
            ChangeRefused::NotPermitted(text) => Reason::NotPermitted(text),
            ChangeRefused::Identity(refused) => match refused {
                IdentityRefused::NoSuchEntity(text) => Reason::NoSuchEntity(text),
                IdentityRefused::AlreadyExists(text) => Reason::EntityAlreadyExists(text),
                IdentityRefused::DeleteConflict(text) => Reason::DeleteConflict(text),
                IdentityRefused::LimitExceeded(text) => Reason::IdentityLimitExceeded(text),
                IdentityRefused::InvalidInput(text) => Reason::InvalidInput(text),
            },
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
            Reason::IncorrectMaterial(Unit {}) => Self::IncorrectMaterial,
            Reason::MalformedPolicy(text) => Self::MalformedPolicy(text),
            Reason::NotPermitted(text) => Self::NotPermitted(text),
            Reason::NoSuchEntity(text) => IdentityRefused::NoSuchEntity(text).into(),
            Reason::EntityAlreadyExists(text) => IdentityRefused::AlreadyExists(text).into(),
            Reason::DeleteConflict(text) => IdentityRefused::DeleteConflict(text).into(),
            Reason::IdentityLimitExceeded(text) => IdentityRefused::LimitExceeded(text).into(),
            Reason::InvalidInput(text) => IdentityRefused::InvalidInput(text).into(),
        })
    }
}
