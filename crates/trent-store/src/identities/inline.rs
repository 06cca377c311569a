//! Policies inside users, groups and roles.

use trent_types::{Entity, EntityKind, IdentityRefused};

use super::locks::lock;
use super::names::{fold, owner_params, refused};
use crate::session::{Param, Session, Stop};

const PUT: &str = "INSERT INTO iam_inline_policy \
    (account, kind, owner, folded_name, name, document) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (account, kind, owner, folded_name) \
    DO UPDATE SET name = excluded.name, document = excluded.document";

const DELETE: &str = "DELETE FROM iam_inline_policy \
    WHERE account = $1 AND kind = $2 AND owner = $3 AND folded_name = $4";

const DOCUMENTS: &str = "SELECT document FROM iam_inline_policy \
    WHERE account = $1 AND kind = $2 AND owner = $3";

/// [`trent_types::IdentityChange::PutInlinePolicy`].
pub(super) async fn put(
    session: &impl Session,
    entity: &Entity,
    name: &str,
    document: &str,
) -> Result<(), Stop> {
    let limit = most(entity)?;
    let locked = lock(session, entity).await?;
    let [account, kind, owner] = owner_params(entity, &locked.folded);
    let folded = fold(name);
    let texts = [Param::Text(&folded), Param::Text(name), Param::Text(document)];
    let [folded, name, document] = texts;
    session.execute(PUT, &[account, kind, owner, folded, name, document]).await?;
    let mut size = 0;
    for mut row in session.query(DOCUMENTS, &[account, kind, owner]).await? {
        size += counted_size(&row.text()?);
    }
    if size > limit {
        let (kind, name) = (entity.kind.as_str(), &locked.name);
        let text = format!("Maximum policy size of {limit} bytes exceeded for {kind} {name}");
        return Err(refused(IdentityRefused::LimitExceeded(text)));
    }
    Ok(())
}

/// [`trent_types::IdentityChange::DeleteInlinePolicy`].
pub(super) async fn delete(
    session: &impl Session,
    entity: &Entity,
    name: &str,
) -> Result<(), Stop> {
    most(entity)?;
    let locked = lock(session, entity).await?;
    let [account, kind, owner] = owner_params(entity, &locked.folded);
    if session.execute(DELETE, &[account, kind, owner, Param::Text(&fold(name))]).await? == 0 {
        let kind = entity.kind.as_str();
        let text = format!("The {kind} policy with name {name} cannot be found.");
        return Err(refused(IdentityRefused::NoSuchEntity(text)));
    }
    Ok(())
}

/// IAM quotas: how much all policies inside one user, group or role may be.
fn most(entity: &Entity) -> Result<usize, Stop> {
    match entity.kind {
        EntityKind::User => Ok(2_048),
        EntityKind::Group => Ok(5_120),
        EntityKind::Role => Ok(10_240),
        EntityKind::Policy => {
            let text = "A policy has no policies inside.".to_owned();
            Err(refused(IdentityRefused::InvalidInput(text)))
        }
    }
}

/// White space is not counted.
fn counted_size(document: &str) -> usize {
    document.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r')).count()
}
