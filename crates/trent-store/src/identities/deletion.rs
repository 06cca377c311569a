//! The end of users, groups, roles and policies that nothing belongs to any more.

use trent_types::{Entity, EntityKind, IdentityRefused};

use super::locks::{Locked, count, lock};
use super::names::{fold, owner_params, refused};
use super::{access_keys, creation, entity, grantees, tags, versions};
use crate::quota::forget;
use crate::session::{Param, Session, Stop};

const ATTACHED: &str = "SELECT count(*) FROM iam_attachment \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const INLINE: &str = "SELECT count(*) FROM iam_inline_policy \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const ACCESS_KEYS: &str = "SELECT count(*) FROM access_key WHERE account = $1 AND owner = $2";

const GROUPS: &str = "SELECT count(*) FROM iam_membership WHERE account = $1 AND user_name = $2";

const MEMBERS: &str = "SELECT count(*) FROM iam_membership WHERE account = $1 AND group_name = $2";

/// Those that have a policy, attached or as their boundary.
const ENTITIES: &str = "SELECT (SELECT count(*) FROM iam_attachment \
    WHERE account = $1 AND policy = $2) + (SELECT count(*) FROM iam_user \
    WHERE account = $1 AND boundary_policy = $2) + (SELECT count(*) FROM iam_role \
    WHERE account = $1 AND boundary_policy = $2)";

const DELETE_USER: &str = "DELETE FROM iam_user WHERE account = $1 AND folded_name = $2";

const DELETE_GROUP: &str = "DELETE FROM iam_group WHERE account = $1 AND folded_name = $2";

const DELETE_ROLE: &str = "DELETE FROM iam_role WHERE account = $1 AND folded_name = $2";

const DELETE_POLICY: &str = "DELETE FROM iam_policy WHERE account = $1 AND folded_name = $2";

/// [`trent_types::IdentityChange::Delete`]. A user goes without access keys, so none becomes stale.
pub(super) async fn delete(session: &impl Session, entity: &Entity) -> Result<(), Stop> {
    let locked = lock(session, entity).await?;
    let params = [Param::Text(entity.account.as_str()), Param::Text(&locked.folded)];
    match entity.kind {
        EntityKind::User => {
            without_policies(session, entity, &locked).await?;
            none(session, ACCESS_KEYS, &params, "must delete access keys first.").await?;
            none(session, GROUPS, &params, "must remove user from group first.").await?;
            let counted = access_keys::counted(&locked.folded);
            forget(session, entity.account, &counted).await?;
        }
        EntityKind::Group => {
            none(session, MEMBERS, &params, "must remove users from group first.").await?;
            without_policies(session, entity, &locked).await?;
        }
        EntityKind::Role => {
            without_policies(session, entity, &locked).await?;
        }
        EntityKind::Policy => {
            if count(session, ENTITIES, &params).await? > 0 {
                return Err(conflict("Cannot delete a policy attached to entities."));
            }
            versions::remove_last(session, entity.account, &locked.folded).await?;
        }
    }
    if let Some((record, _)) = entity::find(session, entity).await? {
        grantees::forget(session, &record).await?;
    }
    tags::remove_all(session, entity, &locked.folded).await?;
    remove_row(session, entity).await?;
    creation::give_place_back(session, entity.account, entity.kind).await
}

/// The row alone.
pub(super) async fn remove_row(session: &impl Session, entity: &Entity) -> Result<(), Stop> {
    let sql = match entity.kind {
        EntityKind::User => DELETE_USER,
        EntityKind::Group => DELETE_GROUP,
        EntityKind::Role => DELETE_ROLE,
        EntityKind::Policy => DELETE_POLICY,
    };
    let folded = fold(&entity.name);
    session.execute(sql, &[Param::Text(entity.account.as_str()), Param::Text(&folded)]).await?;
    Ok(())
}

/// Refuses while policies are attached or inside.
async fn without_policies(
    session: &impl Session,
    entity: &Entity,
    locked: &Locked,
) -> Result<(), Stop> {
    let owner = owner_params(entity, &locked.folded);
    none(session, ATTACHED, &owner, "must detach all policies first.").await?;
    none(session, INLINE, &owner, "must delete policies first.").await
}

async fn none(
    session: &impl Session,
    sql: &'static str,
    params: &[Param<'_>],
    first: &str,
) -> Result<(), Stop> {
    if count(session, sql, params).await? == 0 {
        return Ok(());
    }
    Err(conflict(&format!("Cannot delete entity, {first}")))
}

/// Something still belongs to what shall go.
pub(super) fn conflict(text: &str) -> Stop {
    refused(IdentityRefused::DeleteConflict(text.to_owned()))
}
