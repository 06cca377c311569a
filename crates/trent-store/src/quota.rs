//! Counting what a quota limits, and the values that stand in the place of defaults.

use trent_types::{
    AccountId, ChangeRefused, Quota, QuotaOverride, QuotaScope, Region, ResourceQuota,
};

use crate::StoreError;
use crate::session::{Param, Row, Session, Stop, first, stored_count};

const TAKE: &str = "INSERT INTO quota_usage (account, counted, used) VALUES ($1, $2, 1) \
    ON CONFLICT (account, counted) DO UPDATE SET used = quota_usage.used + 1 RETURNING used";

const GIVE_BACK: &str = "UPDATE quota_usage SET used = used - 1 \
    WHERE account = $1 AND counted = $2 AND used > 0";

const FORGET: &str = "DELETE FROM quota_usage WHERE account = $1 AND counted = $2";

const USED: &str = "SELECT used FROM quota_usage WHERE account = $1 AND counted = $2";

/// The narrowest first: empty text, which stands for all, sorts before any other.
const IN_FORCE: &str = "SELECT value FROM quota_override WHERE code = $1 \
    AND account IN ($2, '') AND region IN ($3, '') ORDER BY account DESC, region DESC LIMIT 1";

const OVERRIDES: &str =
    "SELECT code, account, region, value FROM quota_override ORDER BY code, account, region";

const SET: &str = "INSERT INTO quota_override (code, account, region, value) \
    VALUES ($1, $2, $3, $4) \
    ON CONFLICT (code, account, region) DO UPDATE SET value = excluded.value";

const RESET: &str = "DELETE FROM quota_override WHERE code = $1 AND account = $2 AND region = $3";

/// The limit in force for an account in a Region, as this transaction sees it; `None`: there is
/// none.
pub(crate) async fn limit(
    session: &impl Session,
    quota: ResourceQuota,
    account: AccountId,
    region: Region,
) -> Result<Option<u64>, Stop> {
    let code = Quota::Resource(quota).code();
    let params = [Param::Text(code), Param::Text(account.as_str()), Param::Text(region.as_str())];
    match first(session.query(IN_FORCE, &params).await?) {
        Some(mut row) => Ok(Some(row.count()?)),
        None => Ok(quota.default_limit()),
    }
}

/// See [`crate::RegistryStore::quota_overrides`].
pub(crate) async fn overrides(session: &impl Session) -> Result<Vec<QuotaOverride>, Stop> {
    let mut found = Vec::new();
    for row in session.query(OVERRIDES, &[]).await? {
        found.extend(read_override(row)?);
    }
    Ok(found)
}

/// `None` for a quota that only a newer program knows.
fn read_override(mut row: Row) -> Result<Option<QuotaOverride>, StoreError> {
    let code = row.text()?;
    let (account, region) = (row.text()?, row.text()?);
    let corrupt = |what: &str| StoreError::Corrupt(format!("quota {code} is set for {what}"));
    let account = match account.as_str() {
        "" => None,
        digits => Some(digits.parse().map_err(|_| corrupt(digits))?),
    };
    let region = match region.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|_| corrupt(name))?),
    };
    let value = row.count()?;
    let Ok(quota) = code.parse() else { return Ok(None) };
    Ok(Some(QuotaOverride { quota, scope: QuotaScope { account, region }, value }))
}

/// Gives a quota another value in a scope.
pub(crate) async fn set(session: &impl Session, wanted: &QuotaOverride) -> Result<(), Stop> {
    let [account, region] = scope_params(&wanted.scope);
    let value = Param::Int(stored_count(wanted.value)?);
    session.execute(SET, &[Param::Text(wanted.quota.code()), account, region, value]).await?;
    Ok(())
}

/// Takes the value of exactly this scope away.
pub(crate) async fn reset(
    session: &impl Session,
    quota: Quota,
    scope: &QuotaScope,
) -> Result<(), Stop> {
    let [account, region] = scope_params(scope);
    if session.execute(RESET, &[Param::Text(quota.code()), account, region]).await? == 0 {
        return Err(ChangeRefused::NotFound.into());
    }
    Ok(())
}

fn scope_params(scope: &QuotaScope) -> [Param<'_>; 2] {
    let account = scope.account.as_ref().map_or("", AccountId::as_str);
    [Param::Text(account), Param::Text(scope.region.map_or("", Region::as_str))]
}

/// See [`crate::RegistryStore::keys_used`].
pub(crate) async fn keys_used(
    session: &impl Session,
    account: AccountId,
    region: Region,
) -> Result<u64, Stop> {
    let counted = keys_in(region);
    let params = [Param::Text(account.as_str()), Param::Text(&counted)];
    match first(session.query(USED, &params).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}

/// What the keys of a Region are counted as.
pub(crate) fn keys_in(region: Region) -> String {
    format!("keys in {region}")
}

/// Takes one of `limit` places, or refuses. Whoever else wants one waits for the end of this
/// transaction.
pub(crate) async fn take(
    session: &impl Session,
    account: AccountId,
    counted: &str,
    limit: Option<u64>,
    what: &str,
) -> Result<(), Stop> {
    within(raise(session, account, counted).await?, limit, what)
}

/// Takes a place whatever the limit, and says how many are taken then. Whoever else wants one waits
/// for the end of this transaction.
pub(crate) async fn raise(
    session: &impl Session,
    account: AccountId,
    counted: &str,
) -> Result<u64, Stop> {
    let params = [Param::Text(account.as_str()), Param::Text(counted)];
    match first(session.query(TAKE, &params).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}

/// Gives a place back.
pub(crate) async fn give_back(
    session: &impl Session,
    account: AccountId,
    counted: &str,
) -> Result<(), Stop> {
    let params = [Param::Text(account.as_str()), Param::Text(counted)];
    session.execute(GIVE_BACK, &params).await?;
    Ok(())
}

/// Forgets a count, when what is counted is gone for good.
pub(crate) async fn forget(
    session: &impl Session,
    account: AccountId,
    counted: &str,
) -> Result<(), Stop> {
    session.execute(FORGET, &[Param::Text(account.as_str()), Param::Text(counted)]).await?;
    Ok(())
}

/// Refuses when one more than `limit` is there, with the usage before it.
pub(crate) fn within(used: u64, limit: Option<u64>, what: &str) -> Result<(), Stop> {
    let Some(limit) = limit.filter(|limit| used > *limit) else { return Ok(()) };
    let current = used.saturating_sub(1);
    Err(ChangeRefused::LimitExceeded { what: what.to_owned(), limit, current }.into())
}
