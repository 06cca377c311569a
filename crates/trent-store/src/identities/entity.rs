//! The rows of users, groups, roles and policies.

use trent_types::{Entity, EntityKind, EntityRecord, Group, ManagedPolicy, Role, Timestamp, User};

use super::names::fold;
use crate::StoreError;
use crate::session::{Param, Row, Session, Stop, first};

/// The columns of a [`User`] in `iam_user u`, in the order in which [`user`] reads them.
macro_rules! user_columns {
    () => {
        "u.account, u.path, u.name, u.user_id, u.created_at"
    };
}

/// The columns of a [`Group`] in `iam_group g`.
macro_rules! group_columns {
    () => {
        "g.account, g.path, g.name, g.group_id, g.created_at"
    };
}

/// The columns of a [`Role`] in `iam_role r`.
macro_rules! role_columns {
    () => {
        "r.account, r.path, r.name, r.role_id, r.created_at, r.description, \
         r.max_session_seconds, r.trust_policy"
    };
}

/// The columns of a [`ManagedPolicy`] in `iam_policy p`.
macro_rules! policy_columns {
    () => {
        "p.account, p.path, p.name, p.policy_id, p.created_at, p.updated_at, p.description, \
         p.default_version, p.latest_version, \
         (SELECT count(*) FROM iam_attachment a WHERE a.account = p.account \
         AND a.policy = p.folded_name), \
         (SELECT count(*) FROM iam_user u WHERE u.account = p.account \
         AND u.boundary_policy = p.folded_name) + (SELECT count(*) FROM iam_role r \
         WHERE r.account = p.account AND r.boundary_policy = p.folded_name)"
    };
}

pub(super) use {group_columns, policy_columns, role_columns, user_columns};

const USER: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", u.boundary, u.boundary_policy FROM iam_user u WHERE u.account = $1 AND u.folded_name = $2"
);

const GROUP: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM iam_group g WHERE g.account = $1 AND g.folded_name = $2"
);

const ROLE: &str = concat!(
    "SELECT ",
    role_columns!(),
    ", r.boundary, r.boundary_policy FROM iam_role r WHERE r.account = $1 AND r.folded_name = $2"
);

const POLICY: &str = concat!(
    "SELECT ",
    policy_columns!(),
    " FROM iam_policy p WHERE p.account = $1 AND p.folded_name = $2"
);

/// Somebody's permissions boundary.
pub(super) struct Boundary {
    /// The policy's ARN.
    pub(super) arn: String,
    /// Under which it is found; see `attachments::PolicyRef`.
    pub(super) policy: String,
}

/// What there is of this name, with its permissions boundary.
pub(super) async fn find(
    session: &impl Session,
    entity: &Entity,
) -> Result<Option<(EntityRecord, Option<Boundary>)>, Stop> {
    let folded = fold(&entity.name);
    let params = [Param::Text(entity.account.as_str()), Param::Text(&folded)];
    let sql = match entity.kind {
        EntityKind::User => USER,
        EntityKind::Group => GROUP,
        EntityKind::Role => ROLE,
        EntityKind::Policy => POLICY,
    };
    let Some(mut row) = first(session.query(sql, &params).await?) else { return Ok(None) };
    let record = record(&mut row, entity.kind)?;
    let boundary = match entity.kind {
        EntityKind::User | EntityKind::Role => {
            let (arn, policy) = (row.optional_text()?, row.optional_text()?);
            arn.zip(policy).map(|(arn, policy)| Boundary { arn, policy })
        }
        EntityKind::Group | EntityKind::Policy => None,
    };
    Ok(Some((record, boundary)))
}

/// A row of this kind.
pub(super) fn record(row: &mut Row, kind: EntityKind) -> Result<EntityRecord, StoreError> {
    Ok(match kind {
        EntityKind::User => EntityRecord::User(user(row)?),
        EntityKind::Group => EntityRecord::Group(group(row)?),
        EntityKind::Role => EntityRecord::Role(role(row)?),
        EntityKind::Policy => EntityRecord::Policy(policy(row)?),
    })
}

/// A row of users.
pub(super) fn user(row: &mut Row) -> Result<User, StoreError> {
    Ok(User {
        account: row.parsed()?,
        path: row.text()?,
        name: row.text()?,
        user_id: row.text()?,
        created_at: moment(row)?,
    })
}

/// A row of groups.
pub(super) fn group(row: &mut Row) -> Result<Group, StoreError> {
    Ok(Group {
        account: row.parsed()?,
        path: row.text()?,
        name: row.text()?,
        group_id: row.text()?,
        created_at: moment(row)?,
    })
}

fn role(row: &mut Row) -> Result<Role, StoreError> {
    Ok(Role {
        account: row.parsed()?,
        path: row.text()?,
        name: row.text()?,
        role_id: row.text()?,
        created_at: moment(row)?,
        description: row.text()?,
        max_session_seconds: small(row)?,
        trust_policy: row.text()?,
    })
}

fn policy(row: &mut Row) -> Result<ManagedPolicy, StoreError> {
    Ok(ManagedPolicy {
        account: row.parsed()?,
        path: row.text()?,
        name: row.text()?,
        policy_id: row.text()?,
        created_at: moment(row)?,
        updated_at: moment(row)?,
        description: row.text()?,
        default_version: small(row)?,
        latest_version: small(row)?,
        attachments: small(row)?,
        boundary_of: small(row)?,
    })
}

/// The next value, a moment.
pub(super) fn moment(row: &mut Row) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_millis(row.int()?))
}

/// The next value, a small number that is never negative.
pub(super) fn small(row: &mut Row) -> Result<u32, StoreError> {
    u32::try_from(row.int()?)
        .map_err(|_| StoreError::Corrupt("a small number is out of range".to_owned()))
}
