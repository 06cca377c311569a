//! Other names and paths of users and groups. Unique ids stay.

use trent_types::{AccountId, Entity, EntityKind, EntityRecord, IdentityRefused, User};

use super::attachments::PolicyRef;
use super::locks::lock;
use super::names::{fold, not_found, refused};
use super::{access_keys, creation, deletion, entity, grantees};
use crate::Invalidation;
use crate::session::{Param, Session, Stop};

/// Where the folded name stays, so does the row, for whose lock others may be waiting.
const SPELL_USER: &str = "UPDATE iam_user SET name = $1, path = $2 \
    WHERE account = $3 AND folded_name = $4";

const SPELL_GROUP: &str = "UPDATE iam_group SET name = $1, path = $2 \
    WHERE account = $3 AND folded_name = $4";

/// What belongs to a user or group by kind and name, and comes along.
const CARRY: [&str; 3] = [
    "UPDATE iam_inline_policy SET owner = $1 WHERE account = $2 AND kind = $3 AND owner = $4",
    "UPDATE iam_attachment SET owner = $1 WHERE account = $2 AND kind = $3 AND owner = $4",
    "UPDATE iam_tag SET owner = $1 WHERE account = $2 AND kind = $3 AND owner = $4",
];

const CARRY_GROUPS: &str =
    "UPDATE iam_membership SET user_name = $1 WHERE account = $2 AND user_name = $3";

const CARRY_MEMBERS: &str =
    "UPDATE iam_membership SET group_name = $1 WHERE account = $2 AND group_name = $3";

const CARRY_ACCESS_KEYS: &str =
    "UPDATE access_key SET owner = $1 WHERE account = $2 AND owner = $3";

const CARRY_COUNT: &str = "UPDATE quota_usage SET counted = $1 WHERE account = $2 AND counted = $3";

const ACCESS_KEYS: &str = "SELECT access_key_id FROM access_key \
    WHERE account = $1 AND owner = $2 ORDER BY access_key_id";

/// [`trent_types::IdentityChange::Rename`].
pub(super) async fn rename(
    session: &impl Session,
    entity: &Entity,
    name: Option<&str>,
    path: Option<&str>,
) -> Result<Vec<Invalidation>, Stop> {
    let spell = match entity.kind {
        EntityKind::User => SPELL_USER,
        EntityKind::Group => SPELL_GROUP,
        EntityKind::Role | EntityKind::Policy => return Err(fixed(entity)),
    };
    let before = lock(session, entity).await?;
    let (name, path) = (name.unwrap_or(&before.name), path.unwrap_or(&before.path));
    let folded = fold(name);
    let record = entity::find(session, entity).await?.map(|(record, _)| record);
    if folded == before.folded {
        let account = Param::Text(entity.account.as_str());
        let params = [Param::Text(name), Param::Text(path), account, Param::Text(&folded)];
        session.execute(spell, &params).await?;
    } else {
        make_anew(session, entity, name, path).await?;
        carry(session, entity, &before.folded, &folded).await?;
    }
    if let Some(record @ EntityRecord::User(user)) = &record {
        let (name, path) = (name.to_owned(), path.to_owned());
        let after = EntityRecord::User(User { name, path, ..user.clone() });
        grantees::rename(session, record, &after).await?;
    }
    match entity.kind {
        EntityKind::User => stale_keys(session, entity.account, &folded).await,
        EntityKind::Group | EntityKind::Role | EntityKind::Policy => Ok(Vec::new()),
    }
}

/// Removes the row and makes it again under the new name: whoever makes something of that name at
/// the same moment is waited for, and found.
async fn make_anew(
    session: &impl Session,
    entity: &Entity,
    name: &str,
    path: &str,
) -> Result<(), Stop> {
    let found = entity::find(session, entity).await?;
    let (record, boundary) = found.ok_or_else(|| not_found(entity))?;
    deletion::remove_row(session, entity).await?;
    let (name, path) = (name.to_owned(), path.to_owned());
    match record {
        EntityRecord::User(mut user) => {
            (user.name, user.path) = (name, path);
            let boundary = boundary.map(|kept| PolicyRef { arn: kept.arn, policy: kept.policy });
            creation::insert_user(session, &user, boundary.as_ref()).await?;
            Ok(())
        }
        EntityRecord::Group(mut group) => {
            (group.name, group.path) = (name, path);
            creation::insert_group(session, &group).await
        }
        EntityRecord::Role(_) | EntityRecord::Policy(_) => Err(fixed(entity)),
    }
}

fn fixed(entity: &Entity) -> Stop {
    let text = format!("The name of a {} cannot be changed.", entity.kind.as_str());
    refused(IdentityRefused::InvalidInput(text))
}

/// Everything comes along.
async fn carry(
    session: &impl Session,
    entity: &Entity,
    before: &str,
    folded: &str,
) -> Result<(), Stop> {
    let account = Param::Text(entity.account.as_str());
    let (new, old) = (Param::Text(folded), Param::Text(before));
    for part in CARRY {
        session.execute(part, &[new, account, Param::Text(entity.kind.as_str()), old]).await?;
    }
    if entity.kind != EntityKind::User {
        session.execute(CARRY_MEMBERS, &[new, account, old]).await?;
        return Ok(());
    }
    session.execute(CARRY_GROUPS, &[new, account, old]).await?;
    session.execute(CARRY_ACCESS_KEYS, &[new, account, old]).await?;
    // Nobody has the new name, so nothing is counted under it: deleting a user forgets the count.
    let (new, old) = (access_keys::counted(folded), access_keys::counted(before));
    session.execute(CARRY_COUNT, &[Param::Text(&new), account, Param::Text(&old)]).await?;
    Ok(())
}

/// A user's access keys bring the user's name and path with them.
async fn stale_keys(
    session: &impl Session,
    account: AccountId,
    folded: &str,
) -> Result<Vec<Invalidation>, Stop> {
    let params = [Param::Text(account.as_str()), Param::Text(folded)];
    let mut stale = Vec::new();
    for mut row in session.query(ACCESS_KEYS, &params).await? {
        stale.push(Invalidation::AccessKey(row.text()?));
    }
    Ok(stale)
}
