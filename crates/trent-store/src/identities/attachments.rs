//! Managed policies that users, groups and roles have: attached, or as a permissions boundary.

use trent_types::{AccountId, Entity, EntityKind, IdentityRefused};

use super::locks::{count, lock, try_lock};
use super::names::{fold, of_quota, owner_params, refused, within};
use crate::session::{Param, Session, Stop};

/// IAM quota: managed policies attached to one user, group or role.
const POLICIES_EACH: u64 = 10;

const ATTACH: &str = "INSERT INTO iam_attachment (account, kind, owner, policy, policy_arn) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

const DETACH: &str = "DELETE FROM iam_attachment \
    WHERE account = $1 AND kind = $2 AND owner = $3 AND policy = $4";

const COUNT: &str = "SELECT count(*) FROM iam_attachment \
    WHERE account = $1 AND kind = $2 AND owner = $3";

const BOUND_USER: &str = "UPDATE iam_user SET boundary = $1, boundary_policy = $2 \
    WHERE account = $3 AND folded_name = $4";

const BOUND_ROLE: &str = "UPDATE iam_role SET boundary = $1, boundary_policy = $2 \
    WHERE account = $3 AND folded_name = $4";

/// A managed policy that somebody has or shall have.
pub(super) struct PolicyRef {
    /// Its ARN.
    pub(super) arn: String,
    /// Under which it is found: the folded name of one of the account's own policies, or the folded
    /// ARN of one of AWS's. A name never has a colon.
    pub(super) policy: String,
}

/// [`trent_types::IdentityChange::Attach`].
pub(super) async fn attach(
    session: &impl Session,
    entity: &Entity,
    policy_arn: &str,
) -> Result<(), Stop> {
    let owner = lock(session, entity).await?;
    let there = locked_policy(session, entity.account, policy_arn).await?;
    let policy = there.ok_or_else(|| {
        let text = format!("Policy {policy_arn} does not exist or is not attachable.");
        refused(IdentityRefused::NoSuchEntity(text))
    })?;
    let [account, kind, owner] = owner_params(entity, &owner.folded);
    let params = [account, kind, owner, Param::Text(&policy.policy), Param::Text(&policy.arn)];
    if session.execute(ATTACH, &params).await? == 0 {
        return Ok(());
    }
    let what = format!("PoliciesPer{}", of_quota(entity.kind).0);
    within(count(session, COUNT, &[account, kind, owner]).await?, POLICIES_EACH, &what)
}

/// [`trent_types::IdentityChange::Detach`].
pub(super) async fn detach(
    session: &impl Session,
    entity: &Entity,
    policy_arn: &str,
) -> Result<(), Stop> {
    let owner = lock(session, entity).await?;
    let [account, kind, owner] = owner_params(entity, &owner.folded);
    let policy = found_under(entity.account, policy_arn);
    if session.execute(DETACH, &[account, kind, owner, Param::Text(&policy)]).await? == 0 {
        let text = format!("Policy {policy_arn} was not found.");
        return Err(refused(IdentityRefused::NoSuchEntity(text)));
    }
    Ok(())
}

/// [`trent_types::IdentityChange::SetBoundary`].
pub(super) async fn set_boundary(
    session: &impl Session,
    entity: &Entity,
    policy_arn: Option<&str>,
) -> Result<(), Stop> {
    let sql = match entity.kind {
        EntityKind::User => BOUND_USER,
        EntityKind::Role => BOUND_ROLE,
        EntityKind::Group | EntityKind::Policy => {
            let kind = entity.kind.as_str();
            let text = format!("A {kind} has no permissions boundary.");
            return Err(refused(IdentityRefused::InvalidInput(text)));
        }
    };
    let owner = lock(session, entity).await?;
    let policy = boundary(session, entity.account, policy_arn).await?;
    let params = [
        policy.as_ref().map_or(Param::Null, |policy| Param::Text(&policy.arn)),
        policy.as_ref().map_or(Param::Null, |policy| Param::Text(&policy.policy)),
        Param::Text(entity.account.as_str()),
        Param::Text(&owner.folded),
    ];
    session.execute(sql, &params).await?;
    Ok(())
}

/// The policy that shall be a permissions boundary, locked.
pub(super) async fn boundary(
    session: &impl Session,
    account: AccountId,
    policy_arn: Option<&str>,
) -> Result<Option<PolicyRef>, Stop> {
    let Some(arn) = policy_arn else { return Ok(None) };
    match locked_policy(session, account, arn).await? {
        Some(policy) => Ok(Some(policy)),
        None => {
            let text = format!("Scope ARN: {arn} does not exist or is not attachable.");
            Err(refused(IdentityRefused::NoSuchEntity(text)))
        }
    }
}

/// Under which a policy with this ARN is found in the account; see [`PolicyRef`].
pub(super) fn found_under(account: AccountId, policy_arn: &str) -> String {
    match own_policy(account, policy_arn) {
        Some((_, name)) => fold(name),
        None => fold(policy_arn),
    }
}

/// Path and name of a policy of the account itself.
fn own_policy(account: AccountId, policy_arn: &str) -> Option<(&str, &str)> {
    let (of, resource) = resource(policy_arn)?;
    let after = resource.rfind('/')?.saturating_add(1);
    let (path, name) = resource.split_at_checked(after)?;
    (of == account.as_str()).then_some((path, name))
}

/// Account and path with name of `arn:<partition>:iam::<account>:policy/…`.
fn resource(policy_arn: &str) -> Option<(&str, &str)> {
    let (_, rest) = policy_arn.strip_prefix("arn:")?.split_once(":iam::")?;
    let (account, resource) = rest.split_once(':')?;
    Some((account, resource.strip_prefix("policy").filter(|path| path.starts_with('/'))?))
}

/// The account's own policy with this ARN, locked so that it stays while somebody gets it, or one
/// of AWS's, which are always there: the evaluator has checked its name. `None` for any other.
async fn locked_policy(
    session: &impl Session,
    account: AccountId,
    policy_arn: &str,
) -> Result<Option<PolicyRef>, Stop> {
    let Some((path, name)) = own_policy(account, policy_arn) else {
        let of_aws = resource(policy_arn).is_some_and(|(of, _)| of == "aws");
        return Ok(
            of_aws.then(|| PolicyRef { arn: policy_arn.to_owned(), policy: fold(policy_arn) })
        );
    };
    let entity = Entity { account, kind: EntityKind::Policy, name: name.to_owned() };
    let Some(locked) = try_lock(session, &entity).await?.filter(|locked| locked.path == path)
    else {
        return Ok(None);
    };
    // With the name as the policy has it.
    let before = policy_arn.strip_suffix(name).unwrap_or_default();
    Ok(Some(PolicyRef { arn: [before, &locked.name].concat(), policy: locked.folded }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_its_name_or_by_the_arn_of_awss_own() {
        let account: AccountId = "111122223333".parse().unwrap();
        let found = |arn| found_under(account, arn);
        assert_eq!(found("arn:aws:iam::111122223333:policy/Readers"), "readers");
        assert_eq!(found("arn:aws-cn:iam::111122223333:policy/team/Readers"), "readers");
        let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        assert_eq!(found(aws), "arn:aws:iam::aws:policy/readonlyaccess");
        // Nothing else passes for a policy of the account.
        for other in [
            "arn:aws:iam::444455556666:policy/Readers",
            "arn:aws:iam::111122223333:policyReaders",
            "arn:aws:iam::111122223333:role/Readers",
            "Readers:",
        ] {
            assert!(found(other).contains(':'), "{other}");
        }
    }
}
