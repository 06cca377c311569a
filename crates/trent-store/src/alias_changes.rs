//! Changes of aliases. The key that an alias is to stand for is locked, so that it is neither
//! destroyed nor given one alias too many meanwhile. A key's aliases are part of what is decided
//! about it (`kms:ResourceAliases`), so the keys become stale with their alias.

use trent_types::{
    AliasArn, AliasRecord, ChangeRefused, KeyArn, KeyId, KeyState, ResourceQuota, Timestamp,
};

use crate::Invalidation;
use crate::keys::{alias_params, id_params, key_params};
use crate::quota::{self, within};
use crate::session::{Param, Session, Stop, first};

/// Changes nothing: it locks the key until the end of the transaction.
const LOCK_KEY: &str = "UPDATE kms_key SET version = version WHERE account = $1 AND region = $2 \
    AND key_id = $3 AND multi_region = $4 RETURNING state";

const INSERT: &str = "INSERT INTO key_alias (account, region, name, target_id, \
    target_multi_region, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT DO NOTHING";

const POINT: &str = "UPDATE key_alias SET target_id = $1, target_multi_region = $2, \
    updated_at = $3 WHERE account = $4 AND region = $5 AND name = $6 \
    AND target_id = $7 AND target_multi_region = $8";

const DELETE: &str = "DELETE FROM key_alias WHERE account = $1 AND region = $2 AND name = $3 \
    AND target_id = $4 AND target_multi_region = $5";

const EXISTS: &str = "SELECT 1 FROM key_alias WHERE account = $1 AND region = $2 AND name = $3";

const COUNT: &str = "SELECT count(*) FROM key_alias WHERE account = $1 AND region = $2 \
    AND target_id = $3 AND target_multi_region = $4";

/// A new alias.
pub(crate) async fn create(
    session: &impl Session,
    alias: &AliasRecord,
) -> Result<Vec<Invalidation>, Stop> {
    let arn = alias.arn();
    let target = KeyArn { region: alias.region, account: alias.account, key_id: alias.target };
    lock_target(session, &target).await?;
    let [account, region, name] = alias_params(&arn);
    let [id, multi_region] = id_params(&alias.target);
    let params = [
        account,
        region,
        name,
        id,
        multi_region,
        Param::Int(alias.created_at.as_millis()),
        Param::Int(alias.updated_at.as_millis()),
    ];
    if session.execute(INSERT, &params).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    within_quota(session, &target).await?;
    Ok(vec![Invalidation::Key(target), Invalidation::Alias(arn)])
}

/// Points an alias at another key.
pub(crate) async fn update(
    session: &impl Session,
    alias: &AliasArn,
    from: KeyId,
    to: KeyId,
    updated_at: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let target = KeyArn { region: alias.region, account: alias.account, key_id: to };
    lock_target(session, &target).await?;
    let [to_id, to_multi_region] = id_params(&to);
    let [account, region, name] = alias_params(alias);
    let [from_id, from_multi_region] = id_params(&from);
    let params = [
        to_id,
        to_multi_region,
        Param::Int(updated_at.as_millis()),
        account,
        region,
        name,
        from_id,
        from_multi_region,
    ];
    let changed = session.execute(POINT, &params).await?;
    changed_one(session, alias, changed).await?;
    within_quota(session, &target).await?;
    let before = KeyArn { key_id: from, ..target };
    let alias = Invalidation::Alias(alias.clone());
    Ok(vec![Invalidation::Key(before), Invalidation::Key(target), alias])
}

/// Removes an alias.
pub(crate) async fn delete(
    session: &impl Session,
    alias: &AliasArn,
    from: KeyId,
) -> Result<Vec<Invalidation>, Stop> {
    let [account, region, name] = alias_params(alias);
    let [id, multi_region] = id_params(&from);
    let deleted = session.execute(DELETE, &[account, region, name, id, multi_region]).await?;
    changed_one(session, alias, deleted).await?;
    let before = KeyArn { region: alias.region, account: alias.account, key_id: from };
    Ok(vec![Invalidation::Key(before), Invalidation::Alias(alias.clone())])
}

async fn lock_target(session: &impl Session, target: &KeyArn) -> Result<(), Stop> {
    let rows = session.query(LOCK_KEY, &key_params(target)).await?;
    let mut row = first(rows).ok_or(ChangeRefused::NotFound)?;
    if row.parsed::<KeyState>()?.is_pending_deletion() {
        return Err(ChangeRefused::Conflict.into());
    }
    Ok(())
}

async fn within_quota(session: &impl Session, target: &KeyArn) -> Result<(), Stop> {
    let count = match first(session.query(COUNT, &key_params(target)).await?) {
        Some(mut row) => row.count()?,
        None => 0,
    };
    let limit = quota::limit(session, ResourceQuota::AliasesPerKey, target.account, target.region);
    within(count, limit.await?, "Aliases per key")
}

/// Tells an alias that stands for another key from one that is not there.
async fn changed_one(session: &impl Session, alias: &AliasArn, changed: u64) -> Result<(), Stop> {
    if changed > 0 {
        return Ok(());
    }
    if session.query(EXISTS, &alias_params(alias)).await?.is_empty() {
        return Err(ChangeRefused::NotFound.into());
    }
    Err(ChangeRefused::Conflict.into())
}
