//! Whether the Permits of a change of IAM's things allow exactly that change (Service Authorization
//! Reference, "Actions, resources, and condition keys for AWS Identity and Access Management").

use trent_bus::{ClaimedResource, Claims};
use trent_types::{AccountId, Entity, EntityKind, EntityRecord, IdentityChange, Tag};

use super::fit::{MISSING, Unfit};
use crate::arns::{NamedByArn, entity_of_arn};

/// Finds the claims that the change rests on: for its action, and for the thing that it changes.
pub(super) fn check<'a>(
    change: &IdentityChange,
    permits: &'a [Claims],
) -> Result<&'a Claims, Unfit> {
    let actions = actions(change);
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
    let (made, tags) = made(change)?;
    let action = match made {
        EntityRecord::User(_) => "iam:TagUser",
        EntityRecord::Role(_) => "iam:TagRole",
        EntityRecord::Policy(_) => "iam:TagPolicy",
        // Groups have no tags.
        EntityRecord::Group(_) => return None,
    };
    (!tags.is_empty()).then_some(action)
}

/// Actions of which each allows a change.
type Actions = &'static [&'static str];

/// No such thing has the change.
const NONE: Actions = &[];

/// The actions that allow the change; none for a change that no such thing has.
fn actions(change: &IdentityChange) -> Actions {
    match change {
        IdentityChange::CreateUser { .. } => &["iam:CreateUser"],
        IdentityChange::CreateGroup(_) => &["iam:CreateGroup"],
        IdentityChange::CreateRole { .. } => &["iam:CreateRole"],
        IdentityChange::CreatePolicy { .. } => &["iam:CreatePolicy"],
        IdentityChange::UpdateRole { max_session_seconds: None, .. } => {
            &["iam:UpdateRole", "iam:UpdateRoleDescription"]
        }
        IdentityChange::UpdateRole { max_session_seconds: Some(_), .. } => &["iam:UpdateRole"],
        IdentityChange::SetTrustPolicy { .. } => &["iam:UpdateAssumeRolePolicy"],
        IdentityChange::AddToGroup { .. } => &["iam:AddUserToGroup"],
        IdentityChange::RemoveFromGroup { .. } => &["iam:RemoveUserFromGroup"],
        IdentityChange::CreatePolicyVersion { .. } => &["iam:CreatePolicyVersion"],
        IdentityChange::DeletePolicyVersion { .. } => &["iam:DeletePolicyVersion"],
        IdentityChange::SetDefaultPolicyVersion { .. } => &["iam:SetDefaultPolicyVersion"],
        IdentityChange::CreateAccessKey { .. } => &["iam:CreateAccessKey"],
        IdentityChange::UpdateAccessKey { .. } => &["iam:UpdateAccessKey"],
        IdentityChange::DeleteAccessKey { .. } => &["iam:DeleteAccessKey"],
        IdentityChange::Rename { entity, .. }
        | IdentityChange::SetBoundary { entity, .. }
        | IdentityChange::Delete(entity)
        | IdentityChange::Tag { entity, .. }
        | IdentityChange::Untag { entity, .. }
        | IdentityChange::PutInlinePolicy { entity, .. }
        | IdentityChange::DeleteInlinePolicy { entity, .. }
        | IdentityChange::Attach { entity, .. }
        | IdentityChange::Detach { entity, .. } => {
            let [user, group, role, policy] = actions_by_kind(change);
            match entity.kind {
                EntityKind::User => user,
                EntityKind::Group => group,
                EntityKind::Role => role,
                EntityKind::Policy => policy,
            }
        }
    }
}

/// The actions where they differ by what is changed: of users, groups, roles and policies.
fn actions_by_kind(change: &IdentityChange) -> [Actions; 4] {
    match change {
        IdentityChange::Rename { .. } => [&["iam:UpdateUser"], &["iam:UpdateGroup"], NONE, NONE],
        IdentityChange::SetBoundary { policy_arn: Some(_), .. } => {
            [&["iam:PutUserPermissionsBoundary"], NONE, &["iam:PutRolePermissionsBoundary"], NONE]
        }
        IdentityChange::SetBoundary { policy_arn: None, .. } => [
            &["iam:DeleteUserPermissionsBoundary"],
            NONE,
            &["iam:DeleteRolePermissionsBoundary"],
            NONE,
        ],
        IdentityChange::Delete(_) => {
            [&["iam:DeleteUser"], &["iam:DeleteGroup"], &["iam:DeleteRole"], &["iam:DeletePolicy"]]
        }
        IdentityChange::Tag { .. } => {
            [&["iam:TagUser"], NONE, &["iam:TagRole"], &["iam:TagPolicy"]]
        }
        IdentityChange::Untag { .. } => {
            [&["iam:UntagUser"], NONE, &["iam:UntagRole"], &["iam:UntagPolicy"]]
        }
        IdentityChange::PutInlinePolicy { .. } => {
            [&["iam:PutUserPolicy"], &["iam:PutGroupPolicy"], &["iam:PutRolePolicy"], NONE]
        }
        IdentityChange::DeleteInlinePolicy { .. } => {
            [&["iam:DeleteUserPolicy"], &["iam:DeleteGroupPolicy"], &["iam:DeleteRolePolicy"], NONE]
        }
        IdentityChange::Attach { .. } => {
            [&["iam:AttachUserPolicy"], &["iam:AttachGroupPolicy"], &["iam:AttachRolePolicy"], NONE]
        }
        IdentityChange::Detach { .. } => {
            [&["iam:DetachUserPolicy"], &["iam:DetachGroupPolicy"], &["iam:DetachRolePolicy"], NONE]
        }
        IdentityChange::CreateUser { .. }
        | IdentityChange::CreateGroup(_)
        | IdentityChange::CreateRole { .. }
        | IdentityChange::CreatePolicy { .. }
        | IdentityChange::UpdateRole { .. }
        | IdentityChange::SetTrustPolicy { .. }
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. }
        | IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. } => [NONE; 4],
    }
}

/// The path of what is to be made: it was decided on with the name.
fn new_path(change: &IdentityChange) -> Option<String> {
    made(change).map(|(made, _)| made.path().to_owned())
}

/// What is to be made, with its tags.
fn made(change: &IdentityChange) -> Option<(EntityRecord, &[Tag])> {
    Some(match change {
        IdentityChange::CreateUser { user, tags, .. } => (EntityRecord::User(user.clone()), tags),
        IdentityChange::CreateGroup(group) => (EntityRecord::Group(group.clone()), &[]),
        IdentityChange::CreateRole { role, tags, .. } => (EntityRecord::Role(role.clone()), tags),
        IdentityChange::CreatePolicy { policy, tags, .. } => {
            (EntityRecord::Policy(policy.clone()), tags)
        }
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
    })
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
