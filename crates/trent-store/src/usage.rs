//! Requests by the hour and what happened to keys: kept with the records that tell of them, read
//! for usage and cost.

use trent_types::{AccountId, EventId, KeyArn, Timestamp};

use crate::session::{Param, Row, Session, Stop, first, stored_count};
use crate::{
    Derived, KeyEvent, StoreError, UsageCorrection, UsageCount, UsageGroup, UsageSelection,
    UsageSum,
};

const ADD: &str = "INSERT INTO usage_hour (account, hour, region, key_arn, operation, pair_spec, \
    service, error, billed, principal, requests) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
    ON CONFLICT (account, hour, region, key_arn, operation, pair_spec, service, error, billed, \
    principal) DO UPDATE SET requests = usage_hour.requests + excluded.requests";

const NOTE_EVENT: &str = "INSERT INTO key_event (account, key_arn, at, event_id, name, detail) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, key_arn, at, event_id) DO NOTHING";

const FORGET_EVENT: &str = "DELETE FROM key_event \
    WHERE account = $1 AND key_arn = $2 AND at = $3 AND event_id = $4";

const FORGET_NOTHING: &str = "DELETE FROM usage_hour WHERE account = $1 AND requests = 0";

const BOUNDS: &str = "SELECT min(hour), max(hour) FROM usage_hour \
    WHERE account = $1 AND hour >= $2 AND hour < $3";

/// The rows that a selection means, grouped as it says.
macro_rules! selected {
    () => {
        "SELECT hour / $1 AS period, CASE WHEN $2 THEN key_arn ELSE '' END AS by_key, \
         CASE WHEN $3 THEN principal ELSE '' END AS by_principal, \
         CASE WHEN $4 THEN operation ELSE '' END AS by_operation, \
         CASE WHEN $5 THEN error ELSE '' END AS by_error, \
         CASE WHEN $6 THEN region ELSE '' END AS by_region, \
         CAST(SUM(requests) AS BIGINT) AS requests, \
         CAST(SUM(CASE WHEN error <> '' THEN requests ELSE 0 END) AS BIGINT) AS errors \
         FROM usage_hour WHERE account = $7 AND hour >= $8 AND hour < $9 \
         AND ($10 OR key_arn = $11) AND ($12 OR principal = $13) AND ($14 OR operation = $15) \
         AND ($16 OR error = $17) AND ($18 OR region = $19) GROUP BY 1, 2, 3, 4, 5, 6"
    };
}

const SUMS: &str = concat!(selected!(), " ORDER BY 1, 2, 3, 4, 5, 6 LIMIT $20 OFFSET $21");

const GROUPS: &str = concat!("SELECT COUNT(*) FROM (", selected!(), ") AS selected");

const PAGE: &str = "SELECT hour, region, key_arn, operation, pair_spec, service, error, billed, \
    principal, requests FROM usage_hour WHERE account = $1 AND (hour, region, key_arn, operation, \
    pair_spec, service, error, billed, principal) > ($2, $3, $4, $5, $6, $7, $8, $9, $10) \
    AND hour < $11 ORDER BY hour, region, key_arn, operation, pair_spec, service, error, billed, \
    principal LIMIT $12";

const BILLED: &str = "SELECT hour, region, key_arn, operation, pair_spec, \
    CAST(SUM(requests) AS BIGINT) FROM usage_hour WHERE account = $1 \
    AND (hour, region, key_arn, operation, pair_spec) > ($2, $3, $4, $5, $6) AND hour < $7 \
    AND billed GROUP BY hour, region, key_arn, operation, pair_spec \
    ORDER BY hour, region, key_arn, operation, pair_spec LIMIT $8";

const EVENTS: &str = "SELECT key_arn, at, event_id, name, detail FROM key_event \
    WHERE account = $1 AND (key_arn, at, event_id) > ($2, $3, $4) \
    ORDER BY key_arn, at, event_id LIMIT $5";

const MADE: &str = "SELECT key_arn, at, event_id, name, detail FROM key_event \
    WHERE account = $1 AND key_arn = $2 AND name IN ('CreateKey', 'ImportSeedKey') \
    ORDER BY at, event_id LIMIT 1";

/// Rows that are read at a time where all are read.
const ALL: u32 = 10_000;

/// Adds what follows from new records, in the transaction that notes that they were taken in.
pub(crate) async fn add(session: &impl Session, derived: &Derived) -> Result<(), Stop> {
    for count in &derived.usage {
        add_up(session, count.account, &count.group, stored_count(count.requests)?).await?;
    }
    for event in &derived.key_events {
        note(session, event).await?;
    }
    Ok(())
}

async fn add_up(
    session: &impl Session,
    account: AccountId,
    group: &UsageGroup,
    requests: i64,
) -> Result<(), Stop> {
    let [hour, rest @ ..] = group_params(group);
    let [region, key, operation, pair_spec, service, error, billed, principal] = rest;
    let params = [
        Param::Text(account.as_str()),
        hour,
        region,
        key,
        operation,
        pair_spec,
        service,
        error,
        billed,
        principal,
        Param::Int(requests),
    ];
    session.execute(ADD, &params).await?;
    Ok(())
}

fn group_params(group: &UsageGroup) -> [Param<'_>; 9] {
    [
        Param::Int(group.hour),
        Param::Text(&group.region),
        Param::Text(&group.key),
        Param::Text(&group.operation),
        Param::Text(&group.pair_spec),
        Param::Text(&group.service),
        Param::Text(&group.error),
        Param::Bool(group.billed),
        Param::Text(&group.principal),
    ]
}

async fn note(session: &impl Session, event: &KeyEvent) -> Result<(), Stop> {
    let key = event.key.to_string();
    let params = [
        Param::Text(event.key.account.as_str()),
        Param::Text(&key),
        Param::Int(event.at.as_millis()),
        Param::Bytes(event.event_id.as_bytes()),
        Param::Text(&event.name),
        Param::Text(&event.detail),
    ];
    session.execute(NOTE_EVENT, &params).await?;
    Ok(())
}

/// See [`crate::UsageTables::correct_usage`].
pub(crate) async fn correct(
    session: &impl Session,
    account: AccountId,
    correction: &UsageCorrection,
) -> Result<(), Stop> {
    for (group, requests) in &correction.counts {
        add_up(session, account, group, *requests).await?;
    }
    session.execute(FORGET_NOTHING, &[Param::Text(account.as_str())]).await?;
    for event in &correction.extra {
        let key = event.key.to_string();
        let (at, id) = (Param::Int(event.at.as_millis()), event.event_id.as_bytes());
        let params = [Param::Text(account.as_str()), Param::Text(&key), at, Param::Bytes(id)];
        session.execute(FORGET_EVENT, &params).await?;
    }
    for event in &correction.missing {
        note(session, event).await?;
    }
    Ok(())
}

/// See [`crate::UsageTables::usage_bounds`].
pub(crate) async fn bounds(
    session: &impl Session,
    account: AccountId,
    from: i64,
    to: i64,
) -> Result<Option<(i64, i64)>, Stop> {
    let params = [Param::Text(account.as_str()), Param::Int(from), Param::Int(to)];
    let Some(mut row) = first(session.query(BOUNDS, &params).await?) else { return Ok(None) };
    let (earliest, latest) = (row.optional_int()?, row.optional_int()?);
    Ok(earliest.zip(latest))
}

/// See [`crate::UsageTables::usage_sums`].
pub(crate) async fn sums(
    session: &impl Session,
    account: AccountId,
    selection: &UsageSelection,
    skip: u32,
    limit: u32,
) -> Result<Vec<UsageSum>, Stop> {
    let mut params = selection_params(&account, selection);
    params.extend([Param::Int(limit.into()), Param::Int(skip.into())]);
    let rows = session.query(SUMS, &params).await?;
    Ok(rows.into_iter().map(sum).collect::<Result<_, _>>()?)
}

/// See [`crate::UsageTables::usage_groups`].
pub(crate) async fn groups(
    session: &impl Session,
    account: AccountId,
    selection: &UsageSelection,
) -> Result<u64, Stop> {
    let params = selection_params(&account, selection);
    match first(session.query(GROUPS, &params).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}

fn selection_params<'a>(account: &'a AccountId, selection: &'a UsageSelection) -> Vec<Param<'a>> {
    let mut params = vec![Param::Int(selection.period.max(1))];
    params.extend(selection.by.map(Param::Bool));
    params.push(Param::Text(account.as_str()));
    params.extend([Param::Int(selection.from), Param::Int(selection.to)]);
    for only in &selection.only {
        params.push(Param::Bool(only.is_none()));
        params.push(Param::Text(only.as_deref().unwrap_or_default()));
    }
    params
}

fn sum(mut row: Row) -> Result<UsageSum, StoreError> {
    let period = row.int()?;
    let group = [row.text()?, row.text()?, row.text()?, row.text()?, row.text()?];
    Ok(UsageSum { period, group, requests: row.count()?, errors: row.count()? })
}

/// See [`crate::UsageTables::usage_page`].
pub(crate) async fn page(
    session: &impl Session,
    account: AccountId,
    after: &UsageGroup,
    to: i64,
    limit: u32,
) -> Result<Vec<UsageCount>, Stop> {
    let mut params = vec![Param::Text(account.as_str())];
    params.extend(group_params(after));
    params.extend([Param::Int(to), Param::Int(limit.into())]);
    let rows = session.query(PAGE, &params).await?;
    let counted = |mut row: Row| -> Result<UsageCount, StoreError> {
        let group = UsageGroup {
            hour: row.int()?,
            region: row.text()?,
            key: row.text()?,
            operation: row.text()?,
            pair_spec: row.text()?,
            service: row.text()?,
            error: row.text()?,
            billed: row.truth()?,
            principal: row.text()?,
        };
        Ok(UsageCount { account, group, requests: row.count()? })
    };
    Ok(rows.into_iter().map(counted).collect::<Result<_, _>>()?)
}

/// See [`crate::UsageTables::billed_page`].
pub(crate) async fn billed(
    session: &impl Session,
    account: AccountId,
    after: &UsageGroup,
    to: i64,
    limit: u32,
) -> Result<Vec<UsageCount>, Stop> {
    let [hour, region, key, operation, pair_spec, ..] = group_params(after);
    let account_name = Param::Text(account.as_str());
    let (to, limit) = (Param::Int(to), Param::Int(limit.into()));
    let params = [account_name, hour, region, key, operation, pair_spec, to, limit];
    let rows = session.query(BILLED, &params).await?;
    let counted = |mut row: Row| -> Result<UsageCount, StoreError> {
        let group = UsageGroup {
            hour: row.int()?,
            region: row.text()?,
            key: row.text()?,
            operation: row.text()?,
            pair_spec: row.text()?,
            billed: true,
            ..UsageGroup::default()
        };
        Ok(UsageCount { account, group, requests: row.count()? })
    };
    Ok(rows.into_iter().map(counted).collect::<Result<_, _>>()?)
}

/// See [`crate::UsageTables::key_events`].
pub(crate) async fn events(
    session: &impl Session,
    account: AccountId,
    after: Option<&KeyEvent>,
    limit: u32,
) -> Result<Vec<KeyEvent>, Stop> {
    let key = after.map(|event| event.key.to_string()).unwrap_or_default();
    let at = after.map_or(i64::MIN, |event| event.at.as_millis());
    let id = after.map_or(EventId::from_bytes([0; 16]), |event| event.event_id);
    let params = [
        Param::Text(account.as_str()),
        Param::Text(&key),
        Param::Int(at),
        Param::Bytes(id.as_bytes()),
        Param::Int(limit.into()),
    ];
    let rows = session.query(EVENTS, &params).await?;
    Ok(rows.into_iter().map(event).collect::<Result<_, _>>()?)
}

/// See [`crate::UsageTables::key_made`].
pub(crate) async fn made(session: &impl Session, key: KeyArn) -> Result<Option<KeyEvent>, Stop> {
    let arn = key.to_string();
    let params = [Param::Text(key.account.as_str()), Param::Text(&arn)];
    Ok(first(session.query(MADE, &params).await?).map(event).transpose()?)
}

fn event(mut row: Row) -> Result<KeyEvent, StoreError> {
    Ok(KeyEvent {
        key: row.parsed()?,
        at: Timestamp::from_millis(row.int()?),
        event_id: EventId::from_bytes(row.array()?),
        name: row.text()?,
        detail: row.text()?,
    })
}

/// Everything that is kept of an account.
pub(crate) async fn kept(
    session: &impl Session,
    account: AccountId,
) -> Result<(Vec<UsageCount>, Vec<KeyEvent>), Stop> {
    let mut counts: Vec<UsageCount> = Vec::new();
    let before_all = UsageGroup { hour: i64::MIN, ..UsageGroup::default() };
    loop {
        let after = counts.last().map_or(&before_all, |count| &count.group);
        let more = page(session, account, after, i64::MAX, ALL).await?;
        if more.is_empty() {
            break;
        }
        counts.extend(more);
    }
    let mut noted: Vec<KeyEvent> = Vec::new();
    loop {
        let more = events(session, account, noted.last(), ALL).await?;
        if more.is_empty() {
            return Ok((counts, noted));
        }
        noted.extend(more);
    }
}

/// Forgets everything that was counted.
pub(crate) async fn forget(session: &impl Session) -> Result<(), Stop> {
    session.execute("DELETE FROM usage_hour", &[]).await?;
    session.execute("DELETE FROM key_event", &[]).await?;
    Ok(())
}

/// The accounts of which anything is kept.
pub(crate) async fn accounts(session: &impl Session) -> Result<Vec<AccountId>, Stop> {
    const ACCOUNTS: &str = "SELECT account FROM usage_hour UNION SELECT account FROM key_event \
        ORDER BY account";
    let rows = session.query(ACCOUNTS, &[]).await?;
    let account = |mut row: Row| row.parsed();
    Ok(rows.into_iter().map(account).collect::<Result<_, _>>()?)
}
