//! Counting what a quota limits.

use trent_types::{AccountId, ChangeRefused};

use crate::session::{Param, Session, Stop, first};

const TAKE: &str = "INSERT INTO quota_usage (account, counted, used) VALUES ($1, $2, 1) \
    ON CONFLICT (account, counted) DO UPDATE SET used = quota_usage.used + 1 RETURNING used";

const GIVE_BACK: &str = "UPDATE quota_usage SET used = used - 1 \
    WHERE account = $1 AND counted = $2 AND used > 0";

const FORGET: &str = "DELETE FROM quota_usage WHERE account = $1 AND counted = $2";

/// Takes one of `limit` places, or refuses. Whoever else wants one waits for the end of this
/// transaction.
pub(crate) async fn take(
    session: &impl Session,
    account: AccountId,
    counted: &str,
    limit: u64,
    what: &str,
) -> Result<(), Stop> {
    let params = [Param::Text(account.as_str()), Param::Text(counted)];
    let used = match first(session.query(TAKE, &params).await?) {
        Some(mut row) => row.count()?,
        None => 0,
    };
    within(used, limit, what)
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
pub(crate) fn within(used: u64, limit: u64, what: &str) -> Result<(), Stop> {
    if used <= limit {
        return Ok(());
    }
    let current = used.saturating_sub(1);
    Err(ChangeRefused::LimitExceeded { what: what.to_owned(), limit, current }.into())
}
