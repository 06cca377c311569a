//! The locks that changes take: the row of a user, group, role or policy, until the end of the
//! transaction. The statements change nothing.

use trent_types::{Entity, EntityKind};

use super::names::{fold, not_found};
use crate::session::{Param, Session, Stop, first};

const LOCK_USER: &str = "UPDATE iam_user SET name = name WHERE account = $1 AND folded_name = $2 \
    RETURNING name, path";

const LOCK_GROUP: &str = "UPDATE iam_group SET name = name WHERE account = $1 \
    AND folded_name = $2 RETURNING name, path";

const LOCK_ROLE: &str = "UPDATE iam_role SET name = name WHERE account = $1 AND folded_name = $2 \
    RETURNING name, path";

const LOCK_POLICY: &str = "UPDATE iam_policy SET name = name WHERE account = $1 \
    AND folded_name = $2 RETURNING name, path";

/// What is locked.
pub(super) struct Locked {
    /// The folded name, under which everything that belongs to it is found.
    pub(super) folded: String,
    /// The name as it was given when it was made.
    pub(super) name: String,
    /// `/` or `/team/…/`.
    pub(super) path: String,
}

/// Locks what there is of this name.
pub(super) async fn lock(session: &impl Session, entity: &Entity) -> Result<Locked, Stop> {
    try_lock(session, entity).await?.ok_or_else(|| not_found(entity))
}

/// Locks what there is of this name; `None` when there is nothing.
pub(super) async fn try_lock(
    session: &impl Session,
    entity: &Entity,
) -> Result<Option<Locked>, Stop> {
    let sql = match entity.kind {
        EntityKind::User => LOCK_USER,
        EntityKind::Group => LOCK_GROUP,
        EntityKind::Role => LOCK_ROLE,
        EntityKind::Policy => LOCK_POLICY,
    };
    let folded = fold(&entity.name);
    let params = [Param::Text(entity.account.as_str()), Param::Text(&folded)];
    let Some(mut row) = first(session.query(sql, &params).await?) else { return Ok(None) };
    let (name, path) = (row.text()?, row.text()?);
    Ok(Some(Locked { folded, name, path }))
}

/// How many rows a counting statement counts.
pub(super) async fn count(
    session: &impl Session,
    sql: &'static str,
    params: &[Param<'_>],
) -> Result<u64, Stop> {
    match first(session.query(sql, params).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}
