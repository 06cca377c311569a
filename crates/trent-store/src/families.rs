//! Multi-Region keys: what related keys share is changed on all of them in one transaction, and
//! every one of them counts its version up, because each shows the others.

use trent_types::{ChangeRefused, KeyArn, KeyRecord, Region, SealedMaterial, Tag, Timestamp};

use crate::key_changes::{self, changed_one};
use crate::keys::key_params;
use crate::materials;
use crate::session::{Param, Row, Session, Stop};
use crate::{Invalidation, StoreError};

/// A day's milliseconds.
const DAY_MS: i64 = 86_400_000;

const COUNT_FAMILY_UP: &str = "UPDATE kms_key SET version = version + 1 WHERE account = $1 \
    AND key_id = $2 AND multi_region = $3 AND primary_region IS NOT NULL AND region <> $4 \
    RETURNING region";

/// In Postgres: the rows of a family, taken in one order.
pub(crate) const LOCK_FAMILY: &str = "SELECT region FROM kms_key WHERE account = $1 \
    AND key_id = $2 AND multi_region = $3 ORDER BY region FOR UPDATE";

/// In SQLite there is one writer.
pub(crate) const READ_FAMILY: &str = "SELECT region FROM kms_key WHERE account = $1 \
    AND key_id = $2 AND multi_region = $3 ORDER BY region";

const SET_PRIMARY: &str = "UPDATE kms_key SET primary_region = $1 WHERE account = $2 \
    AND key_id = $3 AND multi_region = $4";

const CREATING: &str = "UPDATE kms_key SET passing_state = 'Creating', passing_until = $1 \
    WHERE account = $2 AND region = $3 AND key_id = $4 AND multi_region = $5";

/// Both keys must be enabled.
const UPDATING: &str = "UPDATE kms_key SET passing_state = 'Updating', passing_until = $1 \
    WHERE account = $2 AND region = $3 AND key_id = $4 AND multi_region = $5 \
    AND state = 'Enabled'";

const WAITING_PRIMARY: &str = "SELECT region, pending_window_days FROM kms_key WHERE account = $1 \
    AND key_id = $2 AND multi_region = $3 AND state = 'PendingReplicaDeletion'";

const BEGIN_WAITING: &str = "UPDATE kms_key SET state = 'PendingDeletion', deletion_date = $1, \
    pending_window_days = NULL WHERE account = $2 AND region = $3 AND key_id = $4 \
    AND multi_region = $5";

/// Counts the version of a key up from the one that was decided on, and those of its family.
pub(crate) async fn count_up(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
) -> Result<Vec<Invalidation>, Stop> {
    let mut stale = Vec::new();
    if key.key_id.is_multi_region() {
        lock(session, key).await?;
    }
    stale.push(key_changes::count_up(session, key, version).await?);
    stale.extend(count_others_up(session, key).await?);
    Ok(stale)
}

/// Two changes of a family wait for each other instead of standing in each other's way.
async fn lock<S: Session>(session: &S, key: &KeyArn) -> Result<(), Stop> {
    let [account, _, id, multi_region] = key_params(key);
    session.query(S::DIALECT.lock_family, &[account, id, multi_region]).await?;
    Ok(())
}

/// The other members of the family show what has changed.
async fn count_others_up(session: &impl Session, key: &KeyArn) -> Result<Vec<Invalidation>, Stop> {
    if !key.key_id.is_multi_region() {
        return Ok(Vec::new());
    }
    let [account, region, id, multi_region] = key_params(key);
    let rows = session.query(COUNT_FAMILY_UP, &[account, id, multi_region, region]).await?;
    let stale = |mut row: Row| -> Result<Invalidation, StoreError> {
        Ok(Invalidation::Key(KeyArn { region: row.parsed()?, ..*key }))
    };
    Ok(rows.into_iter().map(stale).collect::<Result<_, _>>()?)
}

/// A replica of a key in another Region: with the materials, or, where they are imported, knowing
/// which they must be.
pub(crate) async fn replicate(
    session: &impl Session,
    (primary, version): (&KeyArn, u64),
    record: &KeyRecord,
    (policy, tags): (&str, &[Tag]),
    sealed: &[SealedMaterial],
    creating_until: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let mut stale = count_up(session, primary, version).await?;
    let stored = crate::keys::key(session, primary.region, primary.key_id).await?;
    let stored = stored.ok_or(ChangeRefused::NotFound)?;
    let arn = record.arn();
    let record = &KeyRecord {
        multi_region: stored.record.multi_region.clone(),
        rotation: stored.record.rotation,
        ..record.clone()
    };
    let public_key = stored.public_key.as_deref();
    key_changes::create(session, record, policy, tags, public_key).await?;
    materials::copy(session, primary, &arn).await?;
    for material in sealed {
        materials::put(session, &arn, material).await?;
    }
    let [account, region, id, multi_region] = key_params(&arn);
    let until = Param::Int(creating_until.as_millis());
    session.execute(CREATING, &[until, account, region, id, multi_region]).await?;
    stale.push(Invalidation::Key(arn));
    Ok(stale)
}

/// The replica in this Region becomes the primary key.
pub(crate) async fn update_primary(
    session: &impl Session,
    (key, version): (&KeyArn, u64),
    to: Region,
    updating_until: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = count_up(session, key, version).await?;
    let [account, _, id, multi_region] = key_params(key);
    session.execute(SET_PRIMARY, &[Param::Text(to.as_str()), account, id, multi_region]).await?;
    for region in [key.region, to] {
        let until = Param::Int(updating_until.as_millis());
        let params = [until, account, Param::Text(region.as_str()), id, multi_region];
        if session.execute(UPDATING, &params).await? == 0 {
            // The replica is gone, or not enabled any more.
            return Err(ChangeRefused::Conflict.into());
        }
    }
    Ok(stale)
}

/// A member has left its family: a primary key that only waited for it begins its own waiting
/// period.
pub(crate) async fn left(
    session: &impl Session,
    gone: &KeyArn,
    key_now: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let stale = count_others_up(session, gone).await?;
    if stale.len() > 1 {
        return Ok(stale);
    }
    let [account, _, id, multi_region] = key_params(gone);
    for mut row in session.query(WAITING_PRIMARY, &[account, id, multi_region]).await? {
        let region: Region = row.parsed()?;
        let days = row.int()?;
        let date = Param::Int(key_now.plus_millis(days * DAY_MS).as_millis());
        let params = [date, account, Param::Text(region.as_str()), id, multi_region];
        let changed = session.execute(BEGIN_WAITING, &params).await?;
        changed_one(session, &KeyArn { region, ..*gone }, changed).await?;
    }
    Ok(stale)
}
