//! Tags of users, roles and policies.

use trent_types::{Entity, EntityKind, IdentityRefused, Tag};

use super::locks::{count, lock};
use super::names::{of_quota, owner_params, refused, within};
use crate::session::{Param, Session, Stop};

/// IAM quota: tags of one user, role or policy.
const TAGS_EACH: u64 = 50;

const PUT: &str = "INSERT INTO iam_tag (account, kind, owner, folded_key, tag_key, tag_value) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, kind, owner, folded_key) \
    DO UPDATE SET tag_key = excluded.tag_key, tag_value = excluded.tag_value";

const REMOVE: &str = "DELETE FROM iam_tag \
    WHERE account = $1 AND kind = $2 AND owner = $3 AND folded_key = $4";

const REMOVE_ALL: &str = "DELETE FROM iam_tag WHERE account = $1 AND kind = $2 AND owner = $3";

const COUNT: &str = "SELECT count(*) FROM iam_tag WHERE account = $1 AND kind = $2 AND owner = $3";

/// [`trent_types::IdentityChange::Tag`].
pub(super) async fn tag(session: &impl Session, entity: &Entity, tags: &[Tag]) -> Result<(), Stop> {
    let locked = taggable(session, entity).await?;
    put(session, entity, &locked, tags).await
}

/// [`trent_types::IdentityChange::Untag`].
pub(super) async fn untag(
    session: &impl Session,
    entity: &Entity,
    tag_keys: &[String],
) -> Result<(), Stop> {
    let locked = taggable(session, entity).await?;
    let [account, kind, owner] = owner_params(entity, &locked);
    for key in tag_keys {
        let folded = fold_key(entity.kind, key);
        session.execute(REMOVE, &[account, kind, owner, Param::Text(&folded)]).await?;
    }
    Ok(())
}

/// Adds tags or overwrites their values, of an owner that is locked.
pub(super) async fn put(
    session: &impl Session,
    entity: &Entity,
    folded: &str,
    tags: &[Tag],
) -> Result<(), Stop> {
    if tags.is_empty() {
        return Ok(());
    }
    let [account, kind, owner] = owner_params(entity, folded);
    for tag in tags {
        let folded = fold_key(entity.kind, &tag.key);
        let (key, value) = (Param::Text(&tag.key), Param::Text(&tag.value));
        session.execute(PUT, &[account, kind, owner, Param::Text(&folded), key, value]).await?;
    }
    let what = format!("TagsPer{}", of_quota(entity.kind).0);
    within(count(session, COUNT, &[account, kind, owner]).await?, TAGS_EACH, &what)
}

/// Removes all of them.
pub(super) async fn remove_all(
    session: &impl Session,
    entity: &Entity,
    folded: &str,
) -> Result<(), Stop> {
    session.execute(REMOVE_ALL, &owner_params(entity, folded)).await?;
    Ok(())
}

/// The folded name of what can have tags, locked.
async fn taggable(session: &impl Session, entity: &Entity) -> Result<String, Stop> {
    match entity.kind {
        EntityKind::User | EntityKind::Role | EntityKind::Policy => {
            Ok(lock(session, entity).await?.folded)
        }
        EntityKind::Group => {
            let text = "A group has no tags.".to_owned();
            Err(refused(IdentityRefused::InvalidInput(text)))
        }
    }
}

/// Tag keys of users and roles are the same when they differ in case only; those of policies are
/// not (IAM User Guide, "Rules for tagging in IAM and AWS STS").
fn fold_key(kind: EntityKind, key: &str) -> String {
    match kind {
        EntityKind::User | EntityKind::Role | EntityKind::Group => key.to_lowercase(),
        EntityKind::Policy => key.to_owned(),
    }
}
