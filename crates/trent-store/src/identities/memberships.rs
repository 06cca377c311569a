//! Who is in which group.

use trent_types::{AccountId, Entity, EntityKind};

use super::locks::{count, lock};
use super::names::{not_found, within};
use crate::session::{Param, Session, Stop};

/// IAM quota: groups of one user.
const GROUPS_PER_USER: u64 = 10;

const ADD: &str = "INSERT INTO iam_membership (account, user_name, group_name) \
    VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const REMOVE: &str =
    "DELETE FROM iam_membership WHERE account = $1 AND user_name = $2 AND group_name = $3";

const COUNT: &str = "SELECT count(*) FROM iam_membership WHERE account = $1 AND user_name = $2";

/// [`trent_types::IdentityChange::AddToGroup`].
pub(super) async fn add(
    session: &impl Session,
    account: AccountId,
    group: &str,
    user: &str,
) -> Result<(), Stop> {
    let (user, group) = both(session, account, group, user).await?;
    let account = Param::Text(account.as_str());
    if session.execute(ADD, &[account, Param::Text(&user), Param::Text(&group)]).await? == 0 {
        return Ok(());
    }
    let groups = count(session, COUNT, &[account, Param::Text(&user)]).await?;
    within(groups, GROUPS_PER_USER, "GroupsPerUser")
}

/// [`trent_types::IdentityChange::RemoveFromGroup`].
pub(super) async fn remove(
    session: &impl Session,
    account: AccountId,
    group: &str,
    user: &str,
) -> Result<(), Stop> {
    let (folded, group) = both(session, account, group, user).await?;
    let params = [Param::Text(account.as_str()), Param::Text(&folded), Param::Text(&group)];
    if session.execute(REMOVE, &params).await? == 0 {
        let name = user.to_owned();
        return Err(not_found(&Entity { account, kind: EntityKind::User, name }));
    }
    Ok(())
}

/// The folded names of user and group, both locked. Of two that are missing the group is named.
async fn both(
    session: &impl Session,
    account: AccountId,
    group: &str,
    user: &str,
) -> Result<(String, String), Stop> {
    let named = |kind, name: &str| Entity { account, kind, name: name.to_owned() };
    let group = lock(session, &named(EntityKind::Group, group)).await?;
    let user = lock(session, &named(EntityKind::User, user)).await?;
    Ok((user.folded, group.folded))
}
