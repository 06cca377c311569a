//! New users, groups, roles and policies.

use trent_types::{
    AccountId, Entity, EntityKind, EntityRecord, Group, ManagedPolicy, PolicyVersion, Role, Tag,
    User,
};

use super::attachments::PolicyRef;
use super::names::{fold, of_quota, taken, within};
use super::{attachments, tags, versions};
use crate::quota::{give_back, raise};
use crate::session::{Param, Session, Stop};

const INSERT_USER: &str = "INSERT INTO iam_user \
    (account, folded_name, name, path, user_id, created_at, boundary, boundary_policy) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

const INSERT_GROUP: &str = "INSERT INTO iam_group \
    (account, folded_name, name, path, group_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT DO NOTHING";

const INSERT_ROLE: &str = "INSERT INTO iam_role \
    (account, folded_name, name, path, role_id, created_at, boundary, boundary_policy, \
    description, max_session_seconds, trust_policy) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";

const INSERT_POLICY: &str = "INSERT INTO iam_policy \
    (account, folded_name, name, path, policy_id, created_at, updated_at, description, \
    default_version, latest_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT DO NOTHING";

/// [`trent_types::IdentityChange::CreateUser`].
pub(super) async fn user(
    session: &impl Session,
    user: &User,
    tags: &[Tag],
    boundary: Option<&str>,
) -> Result<(), Stop> {
    let boundary = attachments::boundary(session, user.account, boundary).await?;
    let entity = insert_user(session, user, boundary.as_ref()).await?;
    tags::put(session, &entity, &fold(&user.name), tags).await?;
    take_place(session, entity.account, EntityKind::User).await
}

/// The row of a user.
pub(super) async fn insert_user(
    session: &impl Session,
    user: &User,
    boundary: Option<&PolicyRef>,
) -> Result<Entity, Stop> {
    let entity = EntityRecord::User(user.clone()).entity();
    let folded = fold(&user.name);
    let params = [
        Param::Text(user.account.as_str()),
        Param::Text(&folded),
        Param::Text(&user.name),
        Param::Text(&user.path),
        Param::Text(&user.user_id),
        Param::Int(user.created_at.as_millis()),
        boundary.map_or(Param::Null, |policy| Param::Text(&policy.arn)),
        boundary.map_or(Param::Null, |policy| Param::Text(&policy.policy)),
    ];
    insert(session, &entity, INSERT_USER, &params).await?;
    Ok(entity)
}

/// [`trent_types::IdentityChange::CreateGroup`].
pub(super) async fn group(session: &impl Session, group: &Group) -> Result<(), Stop> {
    insert_group(session, group).await?;
    take_place(session, group.account, EntityKind::Group).await
}

/// The row of a group.
pub(super) async fn insert_group(session: &impl Session, group: &Group) -> Result<(), Stop> {
    let entity = EntityRecord::Group(group.clone()).entity();
    let folded = fold(&group.name);
    let params = [
        Param::Text(group.account.as_str()),
        Param::Text(&folded),
        Param::Text(&group.name),
        Param::Text(&group.path),
        Param::Text(&group.group_id),
        Param::Int(group.created_at.as_millis()),
    ];
    insert(session, &entity, INSERT_GROUP, &params).await
}

/// [`trent_types::IdentityChange::CreateRole`].
pub(super) async fn role(
    session: &impl Session,
    role: &Role,
    tags: &[Tag],
    boundary: Option<&str>,
) -> Result<(), Stop> {
    let entity = EntityRecord::Role(role.clone()).entity();
    let boundary = attachments::boundary(session, role.account, boundary).await?;
    let folded = fold(&role.name);
    let params = [
        Param::Text(role.account.as_str()),
        Param::Text(&folded),
        Param::Text(&role.name),
        Param::Text(&role.path),
        Param::Text(&role.role_id),
        Param::Int(role.created_at.as_millis()),
        boundary.as_ref().map_or(Param::Null, |policy| Param::Text(&policy.arn)),
        boundary.as_ref().map_or(Param::Null, |policy| Param::Text(&policy.policy)),
        Param::Text(&role.description),
        Param::Int(role.max_session_seconds.into()),
        Param::Text(&role.trust_policy),
    ];
    insert(session, &entity, INSERT_ROLE, &params).await?;
    tags::put(session, &entity, &folded, tags).await?;
    take_place(session, entity.account, EntityKind::Role).await
}

/// [`trent_types::IdentityChange::CreatePolicy`].
pub(super) async fn policy(
    session: &impl Session,
    policy: &ManagedPolicy,
    document: &str,
    tags: &[Tag],
) -> Result<(), Stop> {
    let entity = EntityRecord::Policy(policy.clone()).entity();
    let folded = fold(&policy.name);
    let params = [
        Param::Text(policy.account.as_str()),
        Param::Text(&folded),
        Param::Text(&policy.name),
        Param::Text(&policy.path),
        Param::Text(&policy.policy_id),
        Param::Int(policy.created_at.as_millis()),
        Param::Int(policy.updated_at.as_millis()),
        Param::Text(&policy.description),
        Param::Int(policy.default_version.into()),
        Param::Int(policy.latest_version.into()),
    ];
    insert(session, &entity, INSERT_POLICY, &params).await?;
    let number = policy.default_version;
    let (document, created_at) = (document.to_owned(), policy.created_at);
    let first = PolicyVersion { number, document, created_at };
    versions::insert(session, entity.account, &folded, &first).await?;
    tags::put(session, &entity, &folded, tags).await?;
    take_place(session, entity.account, EntityKind::Policy).await
}

async fn insert(
    session: &impl Session,
    entity: &Entity,
    sql: &'static str,
    params: &[Param<'_>],
) -> Result<(), Stop> {
    if session.execute(sql, params).await? == 0 {
        return Err(taken(entity));
    }
    Ok(())
}

/// Takes one of the account's places; last of all, because from here on the account's other new
/// ones wait.
async fn take_place(
    session: &impl Session,
    account: AccountId,
    kind: EntityKind,
) -> Result<(), Stop> {
    let used = raise(session, account, counted(kind)).await?;
    within(used, per_account(kind), &format!("{}PerAccount", of_quota(kind).1))
}

/// Gives one of the account's places back.
pub(super) async fn give_place_back(
    session: &impl Session,
    account: AccountId,
    kind: EntityKind,
) -> Result<(), Stop> {
    give_back(session, account, counted(kind)).await
}

/// What they are counted as.
const fn counted(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::User => "users",
        EntityKind::Group => "groups",
        EntityKind::Role => "roles",
        EntityKind::Policy => "policies",
    }
}

/// IAM's quotas of an account (IAM User Guide, "IAM and AWS STS quotas").
const fn per_account(kind: EntityKind) -> u64 {
    match kind {
        EntityKind::User => 5_000,
        EntityKind::Group => 300,
        EntityKind::Role => 1_000,
        EntityKind::Policy => 1_500,
    }
}
