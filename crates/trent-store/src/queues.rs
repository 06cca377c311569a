//! The outbox, invalidations, leases and settings.

use trent_types::{AccountId, AuditRecord, EventId, Timestamp};
use uuid::Uuid;

use crate::session::{Param, Row, Session, Stop, first};
use crate::{Invalidation, InvalidationCursor, LeaseHolder, StoreError};

/// The setting that holds the key clock's offset, eight bytes, big-endian.
const KEY_CLOCK: &str = "key-clock-offset";

const OUTBOX: &str = "SELECT event_id, account, event_time, cloudtrail_json FROM outbox \
    ORDER BY sequence LIMIT $1";

const OUTBOX_LEN: &str = "SELECT count(*) FROM outbox";

const RENEW: &str = "INSERT INTO lease_holder (evaluator, renewals) VALUES ($1, 1) \
    ON CONFLICT (evaluator) DO UPDATE SET renewals = lease_holder.renewals + 1";

const HOLDERS: &str = "SELECT evaluator, renewals FROM lease_holder";

const FORGET: &str = "DELETE FROM lease_holder WHERE evaluator = $1 AND (renewals = $2 OR $2 = -1)";

const INVALIDATIONS: &str =
    "SELECT kind, what FROM invalidation WHERE position >= $1 ORDER BY position";

const HORIZON: &str = "SELECT position FROM invalidation_horizon";

const SETTING: &str = "SELECT value FROM setting WHERE name = $1";

const KEEP_SETTING: &str =
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// Changes nothing: it locks the setting until the end of the transaction.
const LOCK_SETTING: &str = "UPDATE setting SET value = value WHERE name = $1";

const SET_SETTING: &str = "INSERT INTO setting (name, value) VALUES ($1, $2) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// See [`crate::RegistryStore::outbox`].
pub(crate) async fn outbox(session: &impl Session, limit: u32) -> Result<Vec<AuditRecord>, Stop> {
    let rows = session.query(OUTBOX, &[Param::Int(i64::from(limit))]).await?;
    Ok(rows.into_iter().map(audit_record).collect::<Result<_, _>>()?)
}

/// See [`crate::RegistryStore::outbox_len`].
pub(crate) async fn outbox_len(session: &impl Session) -> Result<u64, Stop> {
    match first(session.query(OUTBOX_LEN, &[]).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}

/// See [`crate::RegistryStore::renew_lease`]. Each statement sees what was committed before it, so
/// their order is what keeps this complete: registered before reading, so that whoever commits
/// later knows of this holder; the cursor before the rows, so that what the rows did not show comes
/// next time; the rows before the horizon, so that what was pruned in between is noticed.
pub(crate) async fn renew_lease<S: Session>(
    session: &S,
    evaluator: Uuid,
    since: InvalidationCursor,
) -> Result<(Vec<Invalidation>, InvalidationCursor, i64), Stop> {
    session.execute(RENEW, &[Param::Bytes(evaluator.as_bytes())]).await?;
    let cursor = one_number(session, S::DIALECT.cursor).await?;
    let rows = session.query(INVALIDATIONS, &[Param::Int(since.0)]).await?;
    let horizon = one_number(session, HORIZON).await?;
    let offset = key_clock_offset(session).await?;
    let stale = if since.0 < horizon {
        vec![Invalidation::Everything]
    } else {
        rows.into_iter().map(invalidation).collect::<Result<_, _>>()?
    };
    Ok((stale, InvalidationCursor(cursor), offset))
}

/// See [`crate::RegistryStore::lease_holders`].
pub(crate) async fn lease_holders(session: &impl Session) -> Result<Vec<LeaseHolder>, Stop> {
    let holder = |mut row: Row| -> Result<LeaseHolder, StoreError> {
        let evaluator = Uuid::from_bytes(row.array()?);
        Ok(LeaseHolder { evaluator, renewals: row.int()? })
    };
    Ok(session.query(HOLDERS, &[]).await?.into_iter().map(holder).collect::<Result<_, _>>()?)
}

/// See [`crate::RegistryStore::forget_lease_holder`].
pub(crate) async fn forget_lease_holder(
    session: &impl Session,
    holder: LeaseHolder,
) -> Result<(), Stop> {
    let params = [Param::Bytes(holder.evaluator.as_bytes()), Param::Int(holder.renewals)];
    session.execute(FORGET, &params).await?;
    Ok(())
}

/// See [`crate::RegistryStore::key_clock_offset`].
pub(crate) async fn key_clock_offset(session: &impl Session) -> Result<i64, Stop> {
    match setting(session, KEY_CLOCK).await? {
        None => Ok(0),
        Some(bytes) => match bytes.try_into() {
            Ok(bytes) => Ok(i64::from_be_bytes(bytes)),
            Err(_) => {
                Err(StoreError::Corrupt("the key clock's offset is not a number".into()).into())
            }
        },
    }
}

/// Moves the key clock. Whoever else moves it waits for the end of this transaction.
pub(crate) async fn move_key_clock(session: &impl Session, by_millis: i64) -> Result<(), Stop> {
    let none = 0_i64.to_be_bytes();
    session.execute(KEEP_SETTING, &[Param::Text(KEY_CLOCK), Param::Bytes(&none)]).await?;
    session.execute(LOCK_SETTING, &[Param::Text(KEY_CLOCK)]).await?;
    let offset = key_clock_offset(session).await?;
    set_key_clock_offset(session, offset.saturating_add(by_millis)).await
}

/// See [`crate::RegistryStore::set_key_clock_offset`].
pub(crate) async fn set_key_clock_offset(session: &impl Session, millis: i64) -> Result<(), Stop> {
    set_setting(session, KEY_CLOCK, &millis.to_be_bytes()).await
}

/// Keeps a setting, whatever it was before.
pub(crate) async fn set_setting(
    session: &impl Session,
    name: &str,
    value: &[u8],
) -> Result<(), Stop> {
    session.execute(SET_SETTING, &[Param::Text(name), Param::Bytes(value)]).await?;
    Ok(())
}

/// See [`crate::RegistryStore::setting`].
pub(crate) async fn setting(session: &impl Session, name: &str) -> Result<Option<Vec<u8>>, Stop> {
    let rows = session.query(SETTING, &[Param::Text(name)]).await?;
    Ok(first(rows).map(|mut row| row.bytes()).transpose()?)
}

/// See [`crate::RegistryStore::setting_or_insert`].
pub(crate) async fn setting_or_insert(
    session: &impl Session,
    name: &str,
    value: &[u8],
) -> Result<Vec<u8>, Stop> {
    session.execute(KEEP_SETTING, &[Param::Text(name), Param::Bytes(value)]).await?;
    match setting(session, name).await? {
        Some(kept) => Ok(kept),
        None => Err(StoreError::Corrupt(format!("the setting {name} was not kept")).into()),
    }
}

async fn one_number(session: &impl Session, sql: &'static str) -> Result<i64, Stop> {
    match first(session.query(sql, &[]).await?) {
        Some(mut row) => Ok(row.int()?),
        None => Err(StoreError::Corrupt("a number that is always there is gone".into()).into()),
    }
}

fn audit_record(mut row: Row) -> Result<AuditRecord, StoreError> {
    let event_id = EventId::from_bytes(row.array()?);
    let account = chain_account(&row.text()?)?;
    let event_time = Timestamp::from_millis(row.int()?);
    let cloudtrail_json = row.bytes()?;
    Ok(AuditRecord { event_id, account, event_time, cloudtrail_json, trace: None })
}

/// The account whose records these are; empty text stands for none.
pub(crate) fn chain_account(text: &str) -> Result<Option<AccountId>, StoreError> {
    match text {
        "" => Ok(None),
        digits => digits
            .parse()
            .map(Some)
            .map_err(|_| StoreError::Corrupt(format!("{digits} is not an account"))),
    }
}

fn invalidation(mut row: Row) -> Result<Invalidation, StoreError> {
    let (kind, what) = (row.text()?, row.text()?);
    let corrupt = || StoreError::Corrupt(format!("an invalidation of {kind} {what}"));
    Ok(match kind.as_str() {
        "key" => Invalidation::Key(what.parse().map_err(|_| corrupt())?),
        "alias" => Invalidation::Alias(what.parse().map_err(|_| corrupt())?),
        "access key" => Invalidation::AccessKey(what),
        "identities" => Invalidation::Identities(what.parse().map_err(|_| corrupt())?),
        // As an older program wrote it: account and user.
        "user" => {
            let (account, _) = what.split_once('/').ok_or_else(corrupt)?;
            Invalidation::Identities(account.parse().map_err(|_| corrupt())?)
        }
        "grants" => Invalidation::Grants(what.parse().map_err(|_| corrupt())?),
        "everything" => Invalidation::Everything,
        _ => return Err(corrupt()),
    })
}
