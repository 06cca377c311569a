//! Changes of keys. Each counts the record's version up from the one that was decided on, or is
//! refused.

use trent_types::{
    ChangeRefused, KeyArn, KeyManager, KeyRecord, KeyState, KeyUpdate, ResourceQuota, Rotation, Tag,
};

use crate::keys::{id_params, key_params};
use crate::quota::{self, keys_in, take};
use crate::session::{Param, Session, Stop, first, stored_count};
use crate::{Invalidation, StoreError, families, materials};

/// AWS quota: tags per key.
const TAGS_PER_KEY: u64 = 50;

const INSERT_KEY: &str = "INSERT INTO kms_key (account, region, key_id, multi_region, created_at, \
    spec, key_usage, origin, manager, state, description, deletion_date, current_material, \
    version, primary_region, rotation_period, next_rotation, public_key) VALUES ($1, $2, $3, $4, \
    $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT DO NOTHING";

const INSERT_POLICY: &str =
    "INSERT INTO key_policy (region, key_id, multi_region, policy) VALUES ($1, $2, $3, $4)";

const KEY_EXISTS: &str = "SELECT 1 FROM kms_key WHERE account = $1 AND region = $2 \
    AND key_id = $3 AND multi_region = $4";

/// A claim does not outlive the state it was made in, nor does a state that ends by itself.
const SET_STATE: &str = "UPDATE kms_key SET state = $1, deletion_date = $2, \
    pending_window_days = $3, claimed_by = NULL, claimed_until = NULL, passing_state = NULL, \
    passing_until = NULL, version = version + 1 WHERE account = $4 AND region = $5 \
    AND key_id = $6 AND multi_region = $7 AND version = $8";

const SET_ROTATION: &str = "UPDATE kms_key SET rotation_period = $1, next_rotation = $2, \
    claimed_by = NULL, claimed_until = NULL \
    WHERE key_id = $3 AND multi_region = $4 AND account = $5";

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

/// A new key, without its materials.
pub(crate) async fn create(
    session: &impl Session,
    record: &KeyRecord,
    policy: &str,
    tags: &[Tag],
    public_key: Option<&[u8]>,
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
        record.multi_region.as_ref().map_or(Param::Null, |f| Param::Text(f.primary.as_str())),
        record.rotation.map_or(Param::Null, |rotation| Param::Int(rotation.period_days.into())),
        record.rotation.map_or(Param::Null, |rotation| Param::Int(rotation.next.as_millis())),
        public_key.map_or(Param::Null, Param::Bytes),
    ];
    if session.execute(INSERT_KEY, &params).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    session.execute(INSERT_POLICY, &[region, id, multi_region, Param::Text(policy)]).await?;
    put_tags(session, &arn, tags).await?;
    // The quota is for customer managed keys (Developer Guide, "Resource quotas"). Last, because
    // from here on the account's other new keys wait.
    if record.manager == KeyManager::Customer {
        let limit = quota::limit(session, ResourceQuota::KeysPerRegion, arn.account, arn.region);
        take(session, arn.account, &keys_in(arn.region), limit.await?, "KMS keys").await?;
    }
    Ok(Invalidation::Key(arn))
}

/// A change of state or description.
pub(crate) async fn update(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    update: &KeyUpdate,
) -> Result<Vec<Invalidation>, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let guard = Param::Int(stored_count(version)?);
    let (state, date, days) = match update {
        KeyUpdate::Enable => (KeyState::Enabled, Param::Null, Param::Null),
        KeyUpdate::Disable => (KeyState::Disabled, Param::Null, Param::Null),
        KeyUpdate::CancelDeletion => {
            let whole = materials::are_complete(session, key).await?;
            let state = if whole { KeyState::Disabled } else { KeyState::PendingImport };
            (state, Param::Null, Param::Null)
        }
        KeyUpdate::ScheduleDeletion { deletion_date } => {
            (KeyState::PendingDeletion, Param::Int(deletion_date.as_millis()), Param::Null)
        }
        KeyUpdate::ScheduleReplicaDeletion { pending_window_days } => {
            let days = Param::Int(i64::from(*pending_window_days));
            (KeyState::PendingReplicaDeletion, Param::Null, days)
        }
        KeyUpdate::Describe(text) => {
            let params = [Param::Text(text), account, region, id, multi_region, guard];
            let changed = session.execute(DESCRIBE, &params).await?;
            return Ok(vec![changed_one(session, key, changed).await?]);
        }
        KeyUpdate::EnableRotation(rotation) => {
            return set_rotation(session, key, version, Some(*rotation)).await;
        }
        KeyUpdate::DisableRotation => return set_rotation(session, key, version, None).await,
    };
    let state = Param::Text(state.as_str());
    let params = [state, date, days, account, region, id, multi_region, guard];
    let changed = session.execute(SET_STATE, &params).await?;
    Ok(vec![changed_one(session, key, changed).await?])
}

/// Automatic rotation, which related keys share.
async fn set_rotation(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    rotation: Option<Rotation>,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = families::count_up(session, key, version).await?;
    let [account, _, id, multi_region] = key_params(key);
    let params = [
        rotation.map_or(Param::Null, |rotation| Param::Int(rotation.period_days.into())),
        rotation.map_or(Param::Null, |rotation| Param::Int(rotation.next.as_millis())),
        id,
        multi_region,
        account,
    ];
    session.execute(SET_ROTATION, &params).await?;
    Ok(stale)
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

/// Counts the record's version up from the one that was decided on, or refuses.
pub(crate) async fn count_up(
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
pub(crate) async fn changed_one(
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
