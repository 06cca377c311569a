//! Changes of keys. Each counts the record's version up from the one that was decided on, or is
//! refused.

use trent_types::{
    AliasArn, ChangeRefused, KeyArn, KeyRecord, KeyState, KeyUpdate, NewMaterial, ResourceQuota,
    Tag, Timestamp,
};

use crate::keys::{id_params, key_params};
use crate::quota::{self, give_back, keys_in, take};
use crate::session::{Param, Session, Stop, first, stored_count};
use crate::{Invalidation, StoreError};

/// AWS quota: tags per key.
const TAGS_PER_KEY: u64 = 50;

const INSERT_KEY: &str = "INSERT INTO kms_key (account, region, key_id, multi_region, created_at, \
    spec, key_usage, origin, manager, state, description, deletion_date, current_material, \
    version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
    ON CONFLICT DO NOTHING";

const INSERT_POLICY: &str =
    "INSERT INTO key_policy (region, key_id, multi_region, policy) VALUES ($1, $2, $3, $4)";

const INSERT_MATERIAL: &str = "INSERT INTO key_material \
    (region, key_id, multi_region, material_id, sealed) VALUES ($1, $2, $3, $4, $5)";

const KEY_EXISTS: &str = "SELECT 1 FROM kms_key WHERE account = $1 AND region = $2 \
    AND key_id = $3 AND multi_region = $4";

/// A claim does not outlive the state it was made in.
const SET_STATE: &str = "UPDATE kms_key SET state = $1, deletion_date = $2, claimed_by = NULL, \
    claimed_until = NULL, version = version + 1 WHERE account = $3 AND region = $4 \
    AND key_id = $5 AND multi_region = $6 AND version = $7";

const DESCRIBE: &str = "UPDATE kms_key SET description = $1, version = version + 1 \
    WHERE account = $2 AND region = $3 AND key_id = $4 AND multi_region = $5 AND version = $6";

const COUNT_UP: &str = "UPDATE kms_key SET version = version + 1 \
    WHERE account = $1 AND region = $2 AND key_id = $3 AND multi_region = $4 AND version = $5";

const REPLACE_POLICY: &str = "UPDATE key_policy SET policy = $1 \
    WHERE region = $2 AND key_id = $3 AND multi_region = $4";

const PUT_TAG: &str = "INSERT INTO key_tag (region, key_id, multi_region, tag_key, tag_value) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (region, key_id, multi_region, tag_key) \
    DO UPDATE SET tag_value = excluded.tag_value";

const REMOVE_TAG: &str = "DELETE FROM key_tag \
    WHERE region = $1 AND key_id = $2 AND multi_region = $3 AND tag_key = $4";

const COUNT_TAGS: &str =
    "SELECT count(*) FROM key_tag WHERE region = $1 AND key_id = $2 AND multi_region = $3";

const DESTROY: &str = "DELETE FROM kms_key WHERE account = $1 AND region = $2 AND key_id = $3 \
    AND multi_region = $4 AND version = $5 AND state = 'PendingDeletion' AND deletion_date <= $6";

const DESTROY_ALIASES: &str = "DELETE FROM key_alias WHERE account = $1 AND region = $2 \
    AND target_id = $3 AND target_multi_region = $4 RETURNING name";

/// What belongs to a key and goes with it.
const DESTROY_PARTS: [&str; 3] = [
    "DELETE FROM key_policy WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_tag WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_material WHERE region = $1 AND key_id = $2 AND multi_region = $3",
];

/// A new key.
pub(crate) async fn create(
    session: &impl Session,
    record: &KeyRecord,
    policy: &str,
    tags: &[Tag],
    material: Option<&NewMaterial>,
) -> Result<Invalidation, Stop> {
    let arn = record.arn();
    let [account, region, id, multi_region] = key_params(&arn);
    let params = [
        account,
        region,
        id,
        multi_region,
        Param::Int(record.created_at.as_millis()),
        Param::Text(record.spec.as_str()),
        Param::Text(record.usage.as_str()),
        Param::Text(record.origin.as_str()),
        Param::Text(record.manager.as_str()),
        Param::Text(record.state.as_str()),
        Param::Text(&record.description),
        record.deletion_date.map_or(Param::Null, |date| Param::Int(date.as_millis())),
        Param::Bytes(record.current_material.as_ref().map_or(&[], |id| id.as_bytes().as_slice())),
        Param::Int(stored_count(record.version)?),
    ];
    if session.execute(INSERT_KEY, &params).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    session.execute(INSERT_POLICY, &[region, id, multi_region, Param::Text(policy)]).await?;
    if let Some(NewMaterial { sealed, .. }) = material {
        let material_id = Param::Bytes(sealed.material_id.as_bytes());
        let params = [region, id, multi_region, material_id, Param::Bytes(&sealed.sealed)];
        session.execute(INSERT_MATERIAL, &params).await?;
    }
    put_tags(session, &arn, tags).await?;
    // Last, because from here on the account's other new keys wait.
    let limit = quota::limit(session, ResourceQuota::KeysPerRegion, arn.account, arn.region);
    take(session, arn.account, &keys_in(arn.region), limit.await?, "KMS keys").await?;
    Ok(Invalidation::Key(arn))
}

/// A change of state or description.
pub(crate) async fn update(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    update: &KeyUpdate,
) -> Result<Invalidation, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let guard = Param::Int(stored_count(version)?);
    let (state, date) = match update {
        KeyUpdate::Enable => (KeyState::Enabled, Param::Null),
        KeyUpdate::Disable | KeyUpdate::CancelDeletion => (KeyState::Disabled, Param::Null),
        KeyUpdate::ScheduleDeletion { deletion_date } => {
            (KeyState::PendingDeletion, Param::Int(deletion_date.as_millis()))
        }
        KeyUpdate::ScheduleReplicaDeletion { .. }
        | KeyUpdate::EnableRotation(_)
        | KeyUpdate::DisableRotation => {
            return Err(ChangeRefused::NotPermitted("not served".to_owned()).into());
        }
        KeyUpdate::Describe(text) => {
            let params = [Param::Text(text), account, region, id, multi_region, guard];
            let changed = session.execute(DESCRIBE, &params).await?;
            return changed_one(session, key, changed).await;
        }
    };
    let state = Param::Text(state.as_str());
    let params = [state, date, account, region, id, multi_region, guard];
    let changed = session.execute(SET_STATE, &params).await?;
    changed_one(session, key, changed).await
}

/// A new key policy.
pub(crate) async fn put_policy(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    policy: &str,
) -> Result<Invalidation, Stop> {
    let stale = count_up(session, key, version).await?;
    let [_, region, id, multi_region] = key_params(key);
    let params = [Param::Text(policy), region, id, multi_region];
    if session.execute(REPLACE_POLICY, &params).await? == 0 {
        return Err(StoreError::Corrupt(format!("{key} has no policy")).into());
    }
    Ok(stale)
}

/// Adds tags or overwrites their values.
pub(crate) async fn tag(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    tags: &[Tag],
) -> Result<Invalidation, Stop> {
    let stale = count_up(session, key, version).await?;
    let before = count_tags(session, key).await?;
    put_tags(session, key, tags).await?;
    if count_tags(session, key).await? > TAGS_PER_KEY {
        let what = "Tags per key".to_owned();
        let (limit, current) = (TAGS_PER_KEY, before);
        return Err(ChangeRefused::LimitExceeded { what, limit, current }.into());
    }
    Ok(stale)
}

/// Removes tags.
pub(crate) async fn untag(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    tag_keys: &[String],
) -> Result<Invalidation, Stop> {
    let stale = count_up(session, key, version).await?;
    let [_, region, id, multi_region] = key_params(key);
    for tag_key in tag_keys {
        let params = [region, id, multi_region, Param::Text(tag_key)];
        session.execute(REMOVE_TAG, &params).await?;
    }
    Ok(stale)
}

/// The end of a key: only at its date, and only as it was claimed.
pub(crate) async fn destroy(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    key_now: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let params = [
        account,
        region,
        id,
        multi_region,
        Param::Int(stored_count(version)?),
        Param::Int(key_now.as_millis()),
    ];
    let destroyed = session.execute(DESTROY, &params).await?;
    let mut stale = vec![changed_one(session, key, destroyed).await?];
    for part in DESTROY_PARTS {
        session.execute(part, &[region, id, multi_region]).await?;
    }
    for mut row in session.query(DESTROY_ALIASES, &key_params(key)).await? {
        let (region, account) = (key.region, key.account);
        stale.push(Invalidation::Alias(AliasArn { region, account, name: row.parsed()? }));
    }
    give_back(session, key.account, &keys_in(key.region)).await?;
    Ok(stale)
}

async fn count_up(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
) -> Result<Invalidation, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let params = [account, region, id, multi_region, Param::Int(stored_count(version)?)];
    let changed = session.execute(COUNT_UP, &params).await?;
    changed_one(session, key, changed).await
}

/// Tells a key that changed meanwhile from one that is not there.
async fn changed_one(
    session: &impl Session,
    key: &KeyArn,
    changed: u64,
) -> Result<Invalidation, Stop> {
    if changed > 0 {
        return Ok(Invalidation::Key(*key));
    }
    if session.query(KEY_EXISTS, &key_params(key)).await?.is_empty() {
        return Err(ChangeRefused::NotFound.into());
    }
    Err(ChangeRefused::Conflict.into())
}

async fn put_tags(session: &impl Session, key: &KeyArn, tags: &[Tag]) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    for tag in tags {
        let params = [region, id, multi_region, Param::Text(&tag.key), Param::Text(&tag.value)];
        session.execute(PUT_TAG, &params).await?;
    }
    Ok(())
}

async fn count_tags(session: &impl Session, key: &KeyArn) -> Result<u64, Stop> {
    let [id, multi_region] = id_params(&key.key_id);
    let params = [Param::Text(key.region.as_str()), id, multi_region];
    match first(session.query(COUNT_TAGS, &params).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}
