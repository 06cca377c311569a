//! What changes do to it.

use trent_store::{AccessKeyOwner, Committed, Invalidation, StoredAccessKey, StoredKey};
use trent_types::{
    AccessKey, AdminChange, AuditRecord, Change, ChangeRefused, KeyRecord, KeyState, KeyUpdate,
    RequestId, SealedMaterial, Tag,
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

/// What an operator changes.
pub(super) fn administer(
    state: &mut State,
    request: RequestId,
    change: &AdminChange,
    record: &AuditRecord,
) -> Committed {
    if !state.requests.insert(request) {
        return Committed::Before;
    }
    match change {
        AdminChange::MoveKeyClock { by_millis } => state.key_offset += by_millis,
        AdminChange::ResetKeyClock => state.key_offset = 0,
        AdminChange::SetQuota(set) => state.overrides.push(*set),
        AdminChange::ResetQuota { quota, scope } => {
            let before = state.overrides.len();
            state.overrides.retain(|set| (set.quota, set.scope) != (*quota, *scope));
            if state.overrides.len() == before {
                return Committed::Refused(ChangeRefused::NotFound);
            }
        }
        AdminChange::CreateAccount { account, root_key, sealed_secret } => {
            if state.accounts.iter().any(|known| known.id == account.id) {
                state.requests.remove(&request);
                return Committed::Refused(ChangeRefused::AlreadyExists);
            }
            state.accounts.push(account.clone());
            keep_key(state, root_key, AccessKeyOwner::Root, sealed_secret);
        }
        AdminChange::CreateService { service, access_key, sealed_secret } => {
            if !state.services.iter().any(|known| known.name == service.name) {
                state.services.push(service.clone());
            }
            let owner = AccessKeyOwner::Service(service.name.clone());
            keep_key(state, access_key, owner, sealed_secret);
        }
        AdminChange::DeleteService { name } => {
            let before = state.services.len();
            state.services.retain(|known| known.name != *name);
            if state.services.len() == before {
                state.requests.remove(&request);
                return Committed::Refused(ChangeRefused::NotFound);
            }
            let owner = AccessKeyOwner::Service(name.clone());
            state.access_keys.retain(|_, key| key.owner != owner);
        }
    }
    state.outbox.push(record.clone());
    state.invalidations.push(Invalidation::Everything);
    Committed::Now
}
