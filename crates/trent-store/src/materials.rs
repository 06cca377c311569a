//! A key's materials: the first one, rotation, import and deletion.
//!
//! `key_material_record` knows every material of a key; `key_material` holds the sealed bytes of
//! those that are there. Of a multi-Region family each member has both, its bytes sealed for
//! itself.

use trent_types::{
    ChangeRefused, Expiration, ImportType, KeyArn, KeyFamily, KeyState, MaterialId, MaterialRecord,
    MaterialState, NewMaterial, ResourceQuota, Rotation, RotationType, SealedMaterial, Timestamp,
};

use crate::keys::{id_params, key_params};
use crate::session::{self, Param, Session, Stop};
use crate::{Invalidation, StoredKey, families, keys, last_usage};

/// A day's milliseconds.
const DAY_MS: i64 = 86_400_000;

const PUT: &str = "INSERT INTO key_material (region, key_id, multi_region, material_id, sealed) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (region, key_id, multi_region, material_id) \
    DO UPDATE SET sealed = excluded.sealed";

const REMOVE: &str = "DELETE FROM key_material WHERE region = $1 AND key_id = $2 \
    AND multi_region = $3 AND material_id = $4";

const NEXT_ORDINAL: &str = "SELECT coalesce(max(ordinal) + 1, 0) FROM key_material_record \
    WHERE region = $1 AND key_id = $2 AND multi_region = $3";

const RECORD: &str = "INSERT INTO key_material_record (region, key_id, multi_region, material_id, \
    ordinal, state, description) VALUES ($1, $2, $3, $4, $5, $6, '')";

const FORGET: &str = "DELETE FROM key_material_record WHERE region = $1 AND key_id = $2 \
    AND multi_region = $3 AND material_id = $4";

/// What waited before gives way to what is imported now.
const FORGET_PENDING: &str = "DELETE FROM key_material_record WHERE region = $1 AND key_id = $2 \
    AND multi_region = $3 AND state IN ('PENDING_ROTATION', \
    'PENDING_MULTI_REGION_IMPORT_AND_ROTATION')";

const REMOVE_UNKNOWN: &str = "DELETE FROM key_material WHERE region = $1 AND key_id = $2 \
    AND multi_region = $3 AND material_id NOT IN (SELECT material_id FROM key_material_record \
    WHERE region = $1 AND key_id = $2 AND multi_region = $3)";

const SET_STATE: &str = "UPDATE key_material_record SET state = $1 \
    WHERE region = $2 AND key_id = $3 AND multi_region = $4 AND material_id = $5";

const RETIRE_CURRENT: &str = "UPDATE key_material_record SET state = 'NON_CURRENT' \
    WHERE region = $1 AND key_id = $2 AND multi_region = $3 AND state = 'CURRENT'";

const PROMOTE: &str = "UPDATE key_material_record SET state = 'CURRENT', rotated_at = $1, \
    rotation_type = $2 WHERE region = $3 AND key_id = $4 AND multi_region = $5 \
    AND material_id = $6";

const SET_END: &str = "UPDATE key_material_record SET expires = $1, valid_to = $2 \
    WHERE region = $3 AND key_id = $4 AND multi_region = $5 AND material_id = $6";

const DESCRIBE: &str = "UPDATE key_material_record SET description = $1 \
    WHERE key_id = $2 AND multi_region = $3 AND material_id = $4";

/// Which materials a replica of a key must have; it has none of the bytes yet.
const COPY_RECORDS: &str = "INSERT INTO key_material_record (region, key_id, multi_region, \
    material_id, ordinal, state, rotated_at, rotation_type, description) SELECT $1, key_id, \
    multi_region, material_id, ordinal, state, rotated_at, rotation_type, description \
    FROM key_material_record WHERE region = $2 AND key_id = $3 AND multi_region = $4";

const SET_CURRENT: &str = "UPDATE kms_key SET current_material = $1, claimed_by = NULL, \
    claimed_until = NULL WHERE region = $2 AND key_id = $3 AND multi_region = $4";

const NEXT_ROTATION: &str = "UPDATE kms_key SET next_rotation = $1 \
    WHERE key_id = $2 AND multi_region = $3 AND next_rotation IS NOT NULL";

const SET_PUBLIC_KEY: &str = "UPDATE kms_key SET public_key = $1 \
    WHERE region = $2 AND key_id = $3 AND multi_region = $4";

const SET_KEY_STATE: &str = "UPDATE kms_key SET state = $1, claimed_by = NULL, \
    claimed_until = NULL WHERE region = $2 AND key_id = $3 AND multi_region = $4";

/// Whether a key has every material that belongs to it for good.
pub(crate) async fn are_complete(session: &impl Session, key: &KeyArn) -> Result<bool, Stop> {
    Ok(read(session, key).await?.is_some_and(|stored| is_complete(&stored.material_records)))
}

fn is_complete(records: &[MaterialRecord]) -> bool {
    let mut permanent = records.iter().filter(|one| one.state.is_permanent()).peekable();
    permanent.peek().is_some() && permanent.all(|one| one.present)
}

/// The first material of a key.
pub(crate) async fn first(
    session: &impl Session,
    key: &KeyArn,
    material: &NewMaterial,
) -> Result<(), Stop> {
    record(session, key, &material.sealed.material_id, MaterialState::Current).await?;
    put(session, key, &material.sealed).await
}

/// The materials that a seeded key begins with, oldest first.
pub(crate) async fn seeded(
    session: &impl Session,
    key: &KeyArn,
    materials: &[SealedMaterial],
) -> Result<(), Stop> {
    let Some((current, older)) = materials.split_last() else { return Ok(()) };
    for material in older {
        record(session, key, &material.material_id, MaterialState::NonCurrent).await?;
        put(session, key, material).await?;
    }
    record(session, key, &current.material_id, MaterialState::Current).await?;
    put(session, key, current).await?;
    // A key with this id may have been there before, and its last use be told of after its end.
    last_usage::forget(session, key).await
}

/// Keeps sealed bytes, in the place of those that may be there.
pub(crate) async fn put(
    session: &impl Session,
    key: &KeyArn,
    material: &SealedMaterial,
) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    let material_id = Param::Bytes(material.material_id.as_bytes());
    let params = [region, id, multi_region, material_id, Param::Bytes(&material.sealed)];
    session.execute(PUT, &params).await?;
    Ok(())
}

/// A replica knows the materials of its primary key.
pub(crate) async fn copy(
    session: &impl Session,
    primary: &KeyArn,
    replica: &KeyArn,
) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(primary);
    let to = Param::Text(replica.region.as_str());
    session.execute(COPY_RECORDS, &[to, region, id, multi_region]).await?;
    Ok(())
}

/// Another material becomes current, for the key and for its family.
pub(crate) async fn rotate(
    session: &impl Session,
    (key, version): (&KeyArn, u64),
    kind: RotationType,
    at: Timestamp,
    material: Option<&NewMaterial>,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = families::count_up(session, key, version).await?;
    let stored = read(session, key).await?.ok_or(ChangeRefused::NotFound)?;
    if kind == RotationType::OnDemand {
        within_quota(&stored)?;
    }
    let material_id = match material {
        Some(material) => material.sealed.material_id,
        None => {
            let waiting = |one: &&MaterialRecord| one.state == MaterialState::PendingRotation;
            let found = stored.material_records.iter().find(waiting);
            found.ok_or(ChangeRefused::Conflict)?.material_id
        }
    };
    let mut members = vec![*key];
    members.extend(stored.record.related());
    for member in &members {
        let [_, region, id, multi_region] = key_params(member);
        session.execute(RETIRE_CURRENT, &[region, id, multi_region]).await?;
        if let Some(material) = material {
            let sealed = sealed_for(material, key, member).ok_or(ChangeRefused::Conflict)?;
            record(session, member, &material_id, MaterialState::Current).await?;
            put(session, member, sealed).await?;
        }
        let (at, kind) = (Param::Int(at.as_millis()), Param::Text(kind.as_str()));
        let new = Param::Bytes(material_id.as_bytes());
        session.execute(PROMOTE, &[at, kind, region, id, multi_region, new]).await?;
        session.execute(SET_CURRENT, &[new, region, id, multi_region]).await?;
    }
    if let (RotationType::Automatic, Some(rotation)) = (kind, stored.record.rotation) {
        let next = next_date(rotation, at);
        let [id, multi_region] = id_params(&key.key_id);
        let next = Param::Int(next.as_millis());
        session.execute(NEXT_ROTATION, &[next, id, multi_region]).await?;
    }
    Ok(stale)
}

/// The schedule's next date after this moment. It keeps its step, however late a rotation was:
/// dates that have passed while the key was disabled are made up for by the one rotation.
fn next_date(rotation: Rotation, at: Timestamp) -> Timestamp {
    let period = (i64::from(rotation.period_days) * DAY_MS).max(1);
    let late = at.as_millis().saturating_sub(rotation.next.as_millis()).max(0);
    rotation.next.plus_millis((late / period + 1) * period)
}

/// A quota that cannot be changed: it counts the rotations of the key's whole life.
fn within_quota(stored: &StoredKey) -> Result<(), ChangeRefused> {
    let on_demand =
        |one: &&MaterialRecord| one.rotated.is_some_and(|(_, kind)| kind == RotationType::OnDemand);
    let current = stored.material_records.iter().filter(on_demand).count() as u64;
    let limit = ResourceQuota::OnDemandRotationsPerKey.default_limit();
    let Some(limit) = limit.filter(|limit| current >= *limit) else { return Ok(()) };
    let what = "On-demand rotations per key".to_owned();
    Err(ChangeRefused::LimitExceeded { what, limit, current })
}

/// New material as it was sealed for this member of the family.
fn sealed_for<'a>(
    material: &'a NewMaterial,
    key: &KeyArn,
    member: &KeyArn,
) -> Option<&'a SealedMaterial> {
    if member == key {
        return Some(&material.sealed);
    }
    material.replicas.iter().find(|(region, _)| *region == member.region).map(|(_, s)| s)
}

/// What is imported, besides its bytes.
pub(crate) struct Import<'a> {
    pub(crate) material: &'a NewMaterial,
    pub(crate) expiration: Expiration,
    pub(crate) description: Option<&'a str>,
    pub(crate) import_type: ImportType,
}

/// Imported material comes in.
pub(crate) async fn import(
    session: &impl Session,
    (key, version): (&KeyArn, u64),
    import: &Import<'_>,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = families::count_up(session, key, version).await?;
    let stored = read(session, key).await?.ok_or(ChangeRefused::NotFound)?;
    let material_id = import.material.sealed.material_id;
    let known = stored.material_records.iter().any(|one| one.material_id == material_id);
    let symmetric = stored.record.spec.family() == KeyFamily::Symmetric;
    match (known, import.import_type) {
        (true, ImportType::Existing) => {}
        // Other keys have one material for life, whatever the caller calls it.
        (true, ImportType::New) if !symmetric => {}
        (false, ImportType::New) if stored.material_records.is_empty() => {
            bring_first(session, key, import.material).await?;
        }
        (false, ImportType::New) if symmetric && stored.record.is_primary() => {
            bring_pending(session, &stored, &material_id).await?;
        }
        (true | false, ImportType::New) | (false, ImportType::Existing) => {
            return Err(ChangeRefused::IncorrectMaterial.into());
        }
    }
    put(session, key, &import.material.sealed).await?;
    let [_, region, id, multi_region] = key_params(key);
    let material = Param::Bytes(material_id.as_bytes());
    let end = import.expiration.valid_to();
    let expires = Param::Bool(end.is_some());
    let end = end.map_or(Param::Null, |end| Param::Int(end.as_millis()));
    session.execute(SET_END, &[expires, end, region, id, multi_region, material]).await?;
    if let Some(description) = import.description {
        let params = [Param::Text(description), id, multi_region, material];
        session.execute(DESCRIBE, &params).await?;
    }
    settle_pending(session, &stored).await?;
    if stored.record.state == KeyState::PendingImport && are_complete(session, key).await? {
        set_state(session, key, KeyState::Enabled).await?;
    }
    Ok(stale)
}

async fn bring_first(
    session: &impl Session,
    key: &KeyArn,
    material: &NewMaterial,
) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    let material_id = material.sealed.material_id;
    record(session, key, &material_id, MaterialState::Current).await?;
    let new = Param::Bytes(material_id.as_bytes());
    session.execute(SET_CURRENT, &[new, region, id, multi_region]).await?;
    if let Some(public_key) = &material.public_key {
        let params = [Param::Bytes(public_key), region, id, multi_region];
        session.execute(SET_PUBLIC_KEY, &params).await?;
    }
    Ok(())
}

/// Material that waits for a rotation; the whole family has to import it.
async fn bring_pending(
    session: &impl Session,
    stored: &StoredKey,
    material_id: &MaterialId,
) -> Result<(), Stop> {
    let state = MaterialState::PendingMultiRegionImportAndRotation;
    let mut members = vec![stored.record.arn()];
    members.extend(stored.record.related());
    for member in &members {
        let [_, region, id, multi_region] = key_params(member);
        session.execute(FORGET_PENDING, &[region, id, multi_region]).await?;
        session.execute(REMOVE_UNKNOWN, &[region, id, multi_region]).await?;
        record(session, member, material_id, state).await?;
    }
    Ok(())
}

/// Material that every member of the family has waits for nothing but the rotation.
async fn settle_pending(session: &impl Session, stored: &StoredKey) -> Result<(), Stop> {
    let mut members = vec![stored.record.arn()];
    members.extend(stored.record.related());
    let mut waiting = None;
    for member in &members {
        let Some(member) = read(session, member).await? else { continue };
        let pending = member.material_records.into_iter().find(|one| !one.state.is_permanent());
        match pending {
            Some(one) if one.present => waiting = Some(one.material_id),
            Some(_) | None => return Ok(()),
        }
    }
    let Some(material_id) = waiting else { return Ok(()) };
    for member in &members {
        let [_, region, id, multi_region] = key_params(member);
        let state = Param::Text(MaterialState::PendingRotation.as_str());
        let material = Param::Bytes(material_id.as_bytes());
        session.execute(SET_STATE, &[state, region, id, multi_region, material]).await?;
    }
    Ok(())
}

/// Imported material is destroyed. What belongs to the key for good is remembered; what only waited
/// is forgotten, by the whole family if it was the primary key's.
pub(crate) async fn delete(
    session: &impl Session,
    (key, version): (&KeyArn, u64),
    material_id: &MaterialId,
    expired_at: Option<Timestamp>,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = families::count_up(session, key, version).await?;
    let stored = read(session, key).await?.ok_or(ChangeRefused::NotFound)?;
    let found = stored.material_records.iter().find(|one| one.material_id == *material_id);
    let record = found.ok_or(ChangeRefused::NotFound)?;
    if !record.present {
        // Nothing is left to do, and no harm in asking.
        return Ok(stale);
    }
    let end = record.expiration.and_then(Expiration::valid_to);
    if expired_at.is_some_and(|now| end.is_none_or(|end| now < end)) {
        // Imported again meanwhile, and good for longer.
        return Err(ChangeRefused::Conflict.into());
    }
    let mut members = vec![*key];
    if !record.state.is_permanent() && stored.record.is_primary() {
        members.extend(stored.record.related());
    }
    let material = Param::Bytes(material_id.as_bytes());
    for member in &members {
        let [_, region, id, multi_region] = key_params(member);
        session.execute(REMOVE, &[region, id, multi_region, material]).await?;
        if record.state.is_permanent() {
            let params = [Param::Null, Param::Null, region, id, multi_region, material];
            session.execute(SET_END, &params).await?;
        } else if members.len() > 1 || stored.record.is_primary() {
            session.execute(FORGET, &[region, id, multi_region, material]).await?;
        } else {
            let state = MaterialState::PendingMultiRegionImportAndRotation;
            let state = Param::Text(state.as_str());
            session.execute(SET_STATE, &[state, region, id, multi_region, material]).await?;
        }
    }
    let state = stored.record.state;
    if record.state.is_permanent() && !state.is_pending_deletion() {
        set_state(session, key, KeyState::PendingImport).await?;
    } else {
        // Ends the claim.
        set_state(session, key, state).await?;
    }
    Ok(stale)
}

async fn set_state(session: &impl Session, key: &KeyArn, state: KeyState) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    let params = [Param::Text(state.as_str()), region, id, multi_region];
    session.execute(SET_KEY_STATE, &params).await?;
    Ok(())
}

async fn record(
    session: &impl Session,
    key: &KeyArn,
    material_id: &MaterialId,
    state: MaterialState,
) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    // The key's row is locked by whoever changes its materials.
    let rows = session.query(NEXT_ORDINAL, &[region, id, multi_region]).await?;
    let ordinal = session::first(rows).map_or(Ok(0), |mut row| row.int())?;
    let params = [
        region,
        id,
        multi_region,
        Param::Bytes(material_id.as_bytes()),
        Param::Int(ordinal),
        Param::Text(state.as_str()),
    ];
    session.execute(RECORD, &params).await?;
    Ok(())
}

async fn read(session: &impl Session, key: &KeyArn) -> Result<Option<StoredKey>, Stop> {
    keys::key(session, key.region, key.key_id).await
}
