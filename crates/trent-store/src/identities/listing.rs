//! Pages of users, groups, roles and policies.

use trent_types::{AccountId, Entity, EntityKind, EntityRecord, User};

use super::attachments::found_under;
use super::entity::{self, group_columns, policy_columns, record, role_columns, user_columns};
use super::names::fold;
use crate::StoreError;
use crate::keys::one_more;
use crate::session::{Param, Session, Stop};

const USERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM iam_user u WHERE u.account = $1 AND u.folded_name > $2 ",
    "AND substr(u.path, 1, length($3)) = $3 ORDER BY u.folded_name LIMIT $4"
);

const GROUPS: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM iam_group g WHERE g.account = $1 AND g.folded_name > $2 ",
    "AND substr(g.path, 1, length($3)) = $3 ORDER BY g.folded_name LIMIT $4"
);

const ROLES: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM iam_role r WHERE r.account = $1 AND r.folded_name > $2 ",
    "AND substr(r.path, 1, length($3)) = $3 ORDER BY r.folded_name LIMIT $4"
);

const POLICIES: &str = concat!(
    "SELECT ",
    policy_columns!(),
    " FROM iam_policy p WHERE p.account = $1 AND p.folded_name > $2 ",
    "AND substr(p.path, 1, length($3)) = $3 ORDER BY p.folded_name LIMIT $4"
);

const MEMBERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM iam_membership m JOIN iam_user u ON u.account = m.account ",
    "AND u.folded_name = m.user_name WHERE m.account = $1 AND m.group_name = $2 ",
    "AND m.user_name > $3 ORDER BY m.user_name LIMIT $4"
);

/// Those that a policy is attached to, by kind, then those whose boundary it is; the parts are
/// numbered by [`PARTS`].
const ENTITIES: &str = "SELECT part, name FROM (\
    SELECT CAST(0 AS BIGINT) AS part, a.owner AS name FROM iam_attachment a \
    WHERE a.account = $1 AND a.policy = $2 AND a.kind = 'user' \
    UNION ALL SELECT 1, a.owner FROM iam_attachment a \
    WHERE a.account = $1 AND a.policy = $2 AND a.kind = 'group' \
    UNION ALL SELECT 2, a.owner FROM iam_attachment a \
    WHERE a.account = $1 AND a.policy = $2 AND a.kind = 'role' \
    UNION ALL SELECT 3, u.folded_name FROM iam_user u \
    WHERE u.account = $1 AND u.boundary_policy = $2 \
    UNION ALL SELECT 4, r.folded_name FROM iam_role r \
    WHERE r.account = $1 AND r.boundary_policy = $2) e \
    WHERE part > $3 OR (part = $3 AND name > $4) ORDER BY part, name LIMIT $5";

/// Kind, and whether the policy is the boundary rather than attached.
const PARTS: [(EntityKind, bool); 5] = [
    (EntityKind::User, false),
    (EntityKind::Group, false),
    (EntityKind::Role, false),
    (EntityKind::User, true),
    (EntityKind::Role, true),
];

/// See [`crate::IdentityStore::entities`].
pub(crate) async fn entities(
    session: &impl Session,
    account: AccountId,
    kind: EntityKind,
    path_prefix: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<EntityRecord>, bool), Stop> {
    let sql = match kind {
        EntityKind::User => USERS,
        EntityKind::Group => GROUPS,
        EntityKind::Role => ROLES,
        EntityKind::Policy => POLICIES,
    };
    let after = after.map(fold).unwrap_or_default();
    let params = [
        Param::Text(account.as_str()),
        Param::Text(&after),
        Param::Text(path_prefix),
        one_more(limit),
    ];
    let rows = session.query(sql, &params).await?;
    let more = rows.len() > limit as usize;
    let page = rows.into_iter().take(limit as usize).map(|mut row| record(&mut row, kind));
    Ok((page.collect::<Result<_, _>>()?, more))
}

/// See [`crate::IdentityStore::group_members`].
pub(crate) async fn group_members(
    session: &impl Session,
    account: AccountId,
    group: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<User>, bool), Stop> {
    let (group, after) = (fold(group), after.map(fold).unwrap_or_default());
    let params =
        [Param::Text(account.as_str()), Param::Text(&group), Param::Text(&after), one_more(limit)];
    let rows = session.query(MEMBERS, &params).await?;
    let more = rows.len() > limit as usize;
    let page = rows.into_iter().take(limit as usize).map(|mut row| entity::user(&mut row));
    Ok((page.collect::<Result<_, _>>()?, more))
}

/// See [`crate::IdentityStore::policy_entities`]. To be called at one moment.
pub(crate) async fn policy_entities(
    session: &impl Session,
    account: AccountId,
    policy_arn: &str,
    after: Option<(&Entity, bool)>,
    limit: u32,
) -> Result<(Vec<(EntityRecord, bool)>, bool), Stop> {
    let policy = found_under(account, policy_arn);
    let place = after.and_then(|(entity, boundary)| {
        let part = PARTS.iter().position(|part| *part == (entity.kind, boundary))?;
        Some((i64::try_from(part).ok()?, fold(&entity.name)))
    });
    let (part, name) = place.unwrap_or((-1, String::new()));
    let params = [
        Param::Text(account.as_str()),
        Param::Text(&policy),
        Param::Int(part),
        Param::Text(&name),
        one_more(limit),
    ];
    let rows = session.query(ENTITIES, &params).await?;
    let more = rows.len() > limit as usize;
    let mut page = Vec::with_capacity(rows.len());
    for mut row in rows.into_iter().take(limit as usize) {
        let (part, name) = (row.count()?, row.text()?);
        let part = usize::try_from(part).ok().and_then(|part| PARTS.get(part));
        let lost = || StoreError::Corrupt(format!("{policy_arn} belongs to {name}, who is not"));
        let (kind, boundary) = *part.ok_or_else(lost)?;
        let entity = Entity { account, kind, name: name.clone() };
        let (record, _) = entity::find(session, &entity).await?.ok_or_else(lost)?;
        page.push((record, boundary));
    }
    Ok((page, more))
}
