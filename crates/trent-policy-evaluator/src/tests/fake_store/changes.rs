//! What changes do to it.

use trent_store::{AccessKeyOwner, StoredAccessKey, StoredKey};
use trent_types::{
    AccessKey, Change, ChangeRefused, KeyRecord, KeyState, KeyUpdate, SealedMaterial, Tag,
};

use super::State;

fn insert(
    state: &mut State,
    record: &KeyRecord,
    (policy, tags): (&str, &[Tag]),
    materials: &[SealedMaterial],
    public_key: Option<&Vec<u8>>,
) {
    let stored = StoredKey {
        record: record.clone(),
        policy: policy.to_owned(),
        tags: tags.to_vec(),
        materials: materials.to_vec(),
        material_records: Vec::new(),
        passing: None,
        public_key: public_key.cloned(),
        aliases: Vec::new(),
    };
    state.keys.insert((record.region, record.key_id), stored);
}

pub(super) fn apply(state: &mut State, change: &Change) -> Result<(), ChangeRefused> {
    match change {
        Change::CreateKey { record, policy, tags, material, .. } => {
            let public_key = material.as_ref().and_then(|material| material.public_key.as_ref());
            let materials: Vec<_> = material.iter().map(|one| one.sealed.clone()).collect();
            insert(state, record, (policy, tags), &materials, public_key);
        }
        Change::SeedKey { record, policy, tags, materials, public_key } => {
            if state.keys.contains_key(&(record.region, record.key_id)) {
                return Err(ChangeRefused::AlreadyExists);
            }
            insert(state, record, (policy, tags), materials, public_key.as_ref());
        }
        Change::CreateAlias(alias) => {
            if state.aliases.contains_key(&alias.arn()) {
                return Err(ChangeRefused::AlreadyExists);
            }
            state.aliases.insert(alias.arn(), alias.clone());
            if let Some(key) = state.keys.get_mut(&(alias.region, alias.target)) {
                key.aliases.push(alias.name.clone());
            }
        }
        Change::Identity(change) => super::identities::apply(state, change)?,
        Change::UpdateKey { key, version, update } => {
            let place = (key.region, key.key_id);
            let stored = state.keys.get_mut(&place).ok_or(ChangeRefused::NotFound)?;
            if stored.record.version != *version {
                return Err(ChangeRefused::Conflict);
            }
            stored.record.version += 1;
            match update {
                KeyUpdate::Enable => stored.record.state = KeyState::Enabled,
                KeyUpdate::Disable => stored.record.state = KeyState::Disabled,
                KeyUpdate::Describe(text) => stored.record.description.clone_from(text),
                KeyUpdate::ScheduleDeletion { .. }
                | KeyUpdate::ScheduleReplicaDeletion { .. }
                | KeyUpdate::EnableRotation(_)
                | KeyUpdate::DisableRotation
                | KeyUpdate::CancelDeletion => {}
            }
        }
        Change::PutKeyPolicy { key, policy, .. } => {
            let place = (key.region, key.key_id);
            let stored = state.keys.get_mut(&place).ok_or(ChangeRefused::NotFound)?;
            stored.policy.clone_from(policy);
            stored.record.version += 1;
        }
        Change::DestroyKey { key, .. } => {
            state.keys.remove(&(key.region, key.key_id));
        }
        Change::CreateGrant(grant) => state.grants.push(grant.clone()),
        Change::RemoveGrant { key, grant_id, .. } => {
            let before = state.grants.len();
            state.grants.retain(|one| one.key != *key || one.grant_id != *grant_id);
            if state.grants.len() == before {
                return Err(ChangeRefused::NotFound);
            }
        }
        Change::TagKey { .. }
        | Change::UntagKey { .. }
        | Change::UpdateAlias { .. }
        | Change::DeleteAlias { .. }
        | Change::RotateKey { .. }
        | Change::ImportMaterial { .. }
        | Change::DeleteMaterial { .. }
        | Change::ReplicateKey { .. }
        | Change::UpdatePrimaryRegion { .. } => {}
    }
    state.committed.push(change.clone());
    Ok(())
}

/// Keeps an access key.
pub(super) fn keep_key(
    state: &mut State,
    access_key: &AccessKey,
    owner: AccessKeyOwner,
    sealed_secret: &[u8],
) {
    let stored = StoredAccessKey {
        access_key: access_key.clone(),
        owner,
        sealed_secret: sealed_secret.to_vec(),
    };
    state.access_keys.insert(access_key.access_key_id.clone(), stored);
}
