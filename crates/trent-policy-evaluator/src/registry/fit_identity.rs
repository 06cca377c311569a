//! Whether the Permits of a change of IAM's things allow exactly that change (Service Authorization
//! Reference, "Actions, resources, and condition keys for AWS Identity and Access Management").

use trent_bus::{ClaimedResource, Claims};
use trent_types::{AccountId, Entity, EntityKind, EntityRecord, IdentityChange};

use super::fit::{MISSING, Unfit};
use crate::arns::{NamedByArn, entity_of_arn};

/// Finds the claims that the change rests on: for its action, and for the thing that it changes.
pub(super) fn check<'a>(
    change: &IdentityChange,
    permits: &'a [Claims],
) -> Result<&'a Claims, Unfit> {
    let actions = actions(change).ok_or("the change does not fit the kind of thing")?;
    let entity = change.entity();
    let fits = |claims: &&Claims| {
        actions.contains(&claims.action.as_str())
            && claims.account == change.account()
            && match &entity {
                Some(entity) => is_for(claims, entity, new_path(change)),
                None => is_for_root(claims, change.account()),
            }
    };
    if let Some(tagging) = tagging(change)
        && !permits.iter().any(|claims| {
            claims.action == tagging
                && entity.as_ref().is_some_and(|one| is_for(claims, one, new_path(change)))
        })
    {
        return Err(MISSING);
    }
    permits.iter().find(fits).ok_or(MISSING)
}

/// The action that making something with tags needs besides.
fn tagging(change: &IdentityChange) -> Option<&'static str> {
    let (action, tags) = match change {
        IdentityChange::CreateUser { tags, .. } => ("iam:TagUser", tags),
        IdentityChange::CreateRole { tags, .. } => ("iam:TagRole", tags),
        IdentityChange::CreatePolicy { tags, .. } => ("iam:TagPolicy", tags),
        IdentityChange::CreateGroup(_)
        | IdentityChange::Rename { .. }
        | IdentityChange::UpdateRole { .. }
        | IdentityChange::SetTrustPolicy { .. }
        | IdentityChange::SetBoundary { .. }
        | IdentityChange::Delete(_)
        | IdentityChange::Tag { .. }
        | IdentityChange::Untag { .. }
        | IdentityChange::PutInlinePolicy { .. }
        | IdentityChange::DeleteInlinePolicy { .. }
        | IdentityChange::Attach { .. }
        | IdentityChange::Detach { .. }
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. }
        | IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. } => return None,
    };
    (!tags.is_empty()).then_some(action)
}

/// The actions that allow the change; `None` for a change that no such thing has.
fn actions(change: &IdentityChange) -> Option<&'static [&'static str]> {
    use EntityKind::{Group, Policy, Role, User};
    Some(match change {
        IdentityChange::CreateUser { .. } => &["iam:CreateUser"],
        IdentityChange::CreateGroup(_) => &["iam:CreateGroup"],
        IdentityChange::CreateRole { .. } => &["iam:CreateRole"],
        IdentityChange::CreatePolicy { .. } => &["iam:CreatePolicy"],
        IdentityChange::Rename { entity, .. } => match entity.kind {
            User => &["iam:UpdateUser"],
            Group => &["iam:UpdateGroup"],
            Role | Policy => return None,
        },
        IdentityChange::UpdateRole { max_session_seconds, .. } => match max_session_seconds {
            None => &["iam:UpdateRole", "iam:UpdateRoleDescription"],
            Some(_) => &["iam:UpdateRole"],
        },
        IdentityChange::SetTrustPolicy { .. } => &["iam:UpdateAssumeRolePolicy"],
        IdentityChange::SetBoundary { entity, policy_arn } => {
            match (entity.kind, policy_arn.is_some()) {
                (User, true) => &["iam:PutUserPermissionsBoundary"],
                (User, false) => &["iam:DeleteUserPermissionsBoundary"],
                (Role, true) => &["iam:PutRolePermissionsBoundary"],
                (Role, false) => &["iam:DeleteRolePermissionsBoundary"],
                (Group | Policy, _) => return None,
            }
        }
        IdentityChange::Delete(entity) => match entity.kind {
            User => &["iam:DeleteUser"],
            Group => &["iam:DeleteGroup"],
            Role => &["iam:DeleteRole"],
            Policy => &["iam:DeletePolicy"],
        },
        IdentityChange::Tag { entity, .. } => match entity.kind {
            User => &["iam:TagUser"],
            Role => &["iam:TagRole"],
            Policy => &["iam:TagPolicy"],
            Group => return None,
        },
        IdentityChange::Untag { entity, .. } => match entity.kind {
            User => &["iam:UntagUser"],
            Role => &["iam:UntagRole"],
            Policy => &["iam:UntagPolicy"],
            Group => return None,
        },
        IdentityChange::PutInlinePolicy { entity, .. } => match entity.kind {
            User => &["iam:PutUserPolicy"],
            Group => &["iam:PutGroupPolicy"],
            Role => &["iam:PutRolePolicy"],
            Policy => return None,
        },
        IdentityChange::DeleteInlinePolicy { entity, .. } => match entity.kind {
            User => &["iam:DeleteUserPolicy"],
            Group => &["iam:DeleteGroupPolicy"],
            Role => &["iam:DeleteRolePolicy"],
            Policy => return None,
        },
        IdentityChange::Attach { entity, .. } => match entity.kind {
            User => &["iam:AttachUserPolicy"],
            Group => &["iam:AttachGroupPolicy"],
            Role => &["iam:AttachRolePolicy"],
            Policy => return None,
        },
        IdentityChange::Detach { entity, .. } => match entity.kind {
            User => &["iam:DetachUserPolicy"],
            Group => &["iam:DetachGroupPolicy"],
            Role => &["iam:DetachRolePolicy"],
            Policy => return None,
        },
        IdentityChange::AddToGroup { .. } => &["iam:AddUserToGroup"],
        IdentityChange::RemoveFromGroup { .. } => &["iam:RemoveUserFromGroup"],
        IdentityChange::CreatePolicyVersion { .. } => &["iam:CreatePolicyVersion"],
        IdentityChange::DeletePolicyVersion { .. } => &["iam:DeletePolicyVersion"],
        IdentityChange::SetDefaultPolicyVersion { .. } => &["iam:SetDefaultPolicyVersion"],
        IdentityChange::CreateAccessKey { .. } => &["iam:CreateAccessKey"],
        IdentityChange::UpdateAccessKey { .. } => &["iam:UpdateAccessKey"],
        IdentityChange::DeleteAccessKey { .. } => &["iam:DeleteAccessKey"],
    })
}

/// The path of what is to be made: it was decided on with the name.
fn new_path(change: &IdentityChange) -> Option<String> {
    let record = match change {
        IdentityChange::CreateUser { user, .. } => EntityRecord::User(user.clone()),
        IdentityChange::CreateGroup(group) => EntityRecord::Group(group.clone()),
        IdentityChange::CreateRole { role, .. } => EntityRecord::Role(role.clone()),
        IdentityChange::CreatePolicy { policy, .. } => EntityRecord::Policy(policy.clone()),
        IdentityChange::Rename { .. }
        | IdentityChange::UpdateRole { .. }
        | IdentityChange::SetTrustPolicy { .. }
        | IdentityChange::SetBoundary { .. }
        | IdentityChange::Delete(_)
        | IdentityChange::Tag { .. }
        | IdentityChange::Untag { .. }
        | IdentityChange::PutInlinePolicy { .. }
        | IdentityChange::DeleteInlinePolicy { .. }
        | IdentityChange::Attach { .. }
        | IdentityChange::Detach { .. }
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. }
        | IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. } => return None,
    };
    Some(record.path().to_owned())
}

/// Whether a Permit is for this thing, its name without regard to case; of something new, under
/// this path.
fn is_for(claims: &Claims, entity: &Entity, new_path: Option<String>) -> bool {
    claimed_entity(claims).is_some_and(|named| {
        is_same(&named.entity, entity) && new_path.is_none_or(|path| path == named.path)
    })
}

/// Whether two names are of the same thing.
pub(super) fn is_same(one: &Entity, other: &Entity) -> bool {
    one.account == other.account
        && one.kind == other.kind
        && one.name.eq_ignore_ascii_case(&other.name)
}

/// What a Permit is for, where it is one of IAM's things.
pub(super) fn claimed_entity(claims: &Claims) -> Option<NamedByArn> {
    match &claims.resource {
        ClaimedResource::Other(arn) => entity_of_arn(arn),
        ClaimedResource::Key(_) => None,
    }
}

/// Nobody but the root user changes the root user's access keys.
pub(super) fn is_for_root(claims: &Claims, account: AccountId) -> bool {
    let ClaimedResource::Other(arn) = &claims.resource else { return false };
    let is_root = claims.caller.is_root() && claims.caller.account == account;
    let mut parts = arn.rsplitn(3, ':');
    is_root
        && parts.next() == Some("root")
        && parts.next() == Some(account.as_str())
        && parts.next().is_some_and(|rest| rest.starts_with("arn:") && rest.ends_with(":iam:"))
}
