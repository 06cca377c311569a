//! Versions of managed policies.

use trent_types::{
    AccountId, ChangeRefused, Entity, EntityKind, IdentityRefused, PolicyVersion, Timestamp,
};

use super::deletion::conflict;
use super::entity::small;
use super::locks::{Locked, count, lock};
use super::names::{likely_arn, not_found, refused};
use crate::session::{Param, Session, Stop, first};

/// IAM quota: versions of one managed policy.
const VERSIONS_EACH: u64 = 5;

const INSERT: &str = "INSERT INTO iam_policy_version \
    (account, policy, number, document, created_at) VALUES ($1, $2, $3, $4, $5)";

const COUNT: &str = "SELECT count(*) FROM iam_policy_version WHERE account = $1 AND policy = $2";

const EXISTS: &str = "SELECT count(*) FROM iam_policy_version \
    WHERE account = $1 AND policy = $2 AND number = $3";

const DELETE: &str =
    "DELETE FROM iam_policy_version WHERE account = $1 AND policy = $2 AND number = $3";

const DELETE_ALL: &str = "DELETE FROM iam_policy_version WHERE account = $1 AND policy = $2";

const NUMBERS: &str = "SELECT default_version, latest_version FROM iam_policy \
    WHERE account = $1 AND folded_name = $2";

const NOTE_LATEST: &str = "UPDATE iam_policy SET latest_version = $1, updated_at = $2 \
    WHERE account = $3 AND folded_name = $4";

const SET_DEFAULT: &str = "UPDATE iam_policy SET default_version = $1, updated_at = $2 \
    WHERE account = $3 AND folded_name = $4";

/// [`trent_types::IdentityChange::CreatePolicyVersion`].
pub(super) async fn create(
    session: &impl Session,
    policy: &Entity,
    version: &PolicyVersion,
    set_default: bool,
) -> Result<(), Stop> {
    let locked = locked_policy(session, policy).await?;
    let (_, latest) = numbers(session, policy, &locked).await?;
    let (account, folded) = (Param::Text(policy.account.as_str()), Param::Text(&locked.folded));
    if count(session, COUNT, &[account, folded]).await? >= VERSIONS_EACH {
        let text = format!(
            "A managed policy can have up to {VERSIONS_EACH} versions. Before you create a new \
             version, you must delete an existing version."
        );
        return Err(refused(IdentityRefused::LimitExceeded(text)));
    }
    if latest.checked_add(1) != Some(version.number) {
        return Err(ChangeRefused::Conflict.into());
    }
    insert(session, policy.account, &locked.folded, version).await?;
    let (number, at) =
        (Param::Int(version.number.into()), Param::Int(version.created_at.as_millis()));
    session.execute(NOTE_LATEST, &[number, at, account, folded]).await?;
    if set_default {
        session.execute(SET_DEFAULT, &[number, at, account, folded]).await?;
    }
    Ok(())
}

/// [`trent_types::IdentityChange::DeletePolicyVersion`].
pub(super) async fn delete(
    session: &impl Session,
    policy: &Entity,
    number: u32,
) -> Result<(), Stop> {
    let locked = locked_policy(session, policy).await?;
    let (default, _) = numbers(session, policy, &locked).await?;
    if number == default {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    let (account, folded) = (Param::Text(policy.account.as_str()), Param::Text(&locked.folded));
    if session.execute(DELETE, &[account, folded, Param::Int(number.into())]).await? == 0 {
        return Err(unknown(policy, &locked, number));
    }
    Ok(())
}

/// [`trent_types::IdentityChange::SetDefaultPolicyVersion`].
pub(super) async fn set_default(
    session: &impl Session,
    policy: &Entity,
    number: u32,
    at: Timestamp,
) -> Result<(), Stop> {
    let locked = locked_policy(session, policy).await?;
    let (account, folded) = (Param::Text(policy.account.as_str()), Param::Text(&locked.folded));
    let number_param = Param::Int(number.into());
    if count(session, EXISTS, &[account, folded, number_param]).await? == 0 {
        return Err(unknown(policy, &locked, number));
    }
    let at = Param::Int(at.as_millis());
    session.execute(SET_DEFAULT, &[number_param, at, account, folded]).await?;
    Ok(())
}

/// A version, of a policy that is locked or was made just now.
pub(super) async fn insert(
    session: &impl Session,
    account: AccountId,
    policy: &str,
    version: &PolicyVersion,
) -> Result<(), Stop> {
    let params = [
        Param::Text(account.as_str()),
        Param::Text(policy),
        Param::Int(version.number.into()),
        Param::Text(&version.document),
        Param::Int(version.created_at.as_millis()),
    ];
    session.execute(INSERT, &params).await?;
    Ok(())
}

/// Removes the only version of a locked policy that shall go, or refuses where it is not the only
/// one.
pub(super) async fn remove_last(
    session: &impl Session,
    account: AccountId,
    policy: &str,
) -> Result<(), Stop> {
    let params = [Param::Text(account.as_str()), Param::Text(policy)];
    if count(session, COUNT, &params).await? > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    session.execute(DELETE_ALL, &params).await?;
    Ok(())
}

async fn locked_policy(session: &impl Session, policy: &Entity) -> Result<Locked, Stop> {
    match policy.kind {
        EntityKind::Policy => lock(session, policy).await,
        EntityKind::User | EntityKind::Group | EntityKind::Role => {
            let text = format!("{} is not a managed policy.", policy.name);
            Err(refused(IdentityRefused::InvalidInput(text)))
        }
    }
}

/// The numbers of the version in force and of the newest that there has been.
async fn numbers(
    session: &impl Session,
    policy: &Entity,
    locked: &Locked,
) -> Result<(u32, u32), Stop> {
    let params = [Param::Text(policy.account.as_str()), Param::Text(&locked.folded)];
    let rows = session.query(NUMBERS, &params).await?;
    let mut row = first(rows).ok_or_else(|| not_found(policy))?;
    Ok((small(&mut row)?, small(&mut row)?))
}

fn unknown(policy: &Entity, locked: &Locked, number: u32) -> Stop {
    let named = Entity { name: locked.name.clone(), ..policy.clone() };
    let arn = likely_arn(&named, &locked.path);
    let text = format!("Policy {arn} version v{number} does not exist or is not attachable.");
    refused(IdentityRefused::NoSuchEntity(text))
}
