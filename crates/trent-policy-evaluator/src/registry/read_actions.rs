//! Which permission allows which read: the one table.

use trent_bus::messages::read_request::Read;
use trent_types::EntityKind;

/// The actions of the Permits with which this may be read.
pub(super) const fn actions(read: &Read) -> &'static [&'static str] {
    match read {
        Read::ListKeys(_) => &["kms:ListKeys"],
        Read::ListAliases(_) => &["kms:ListAliases"],
        Read::KeyPolicy(_) => &["kms:GetKeyPolicy", "kms:ListKeyPolicies"],
        Read::ListTags(_) => &["kms:ListResourceTags"],
        Read::PublicKey(_) => &["kms:GetPublicKey"],
        Read::ListMaterials(_) => &["kms:ListKeyRotations", "kms:RotateKeyOnDemand"],
        Read::ListGrants(_) => &["kms:ListGrants"],
        Read::ListRetirableGrants(_) => &["kms:ListRetirableGrants"],
        Read::LastUsage(_) => &["kms:GetKeyLastUsage"],
        // Why nobody may something with a key is for whoever may read its policy.
        Read::Explain(_) => &["kms:GetKeyPolicy"],
        Read::Identity(_) => IDENTITY,
        Read::ListEntities(_) => {
            &[LIST_USERS, LIST_GROUPS, LIST_ROLES, LIST_POLICIES, ACCOUNT_SUMMARY]
        }
        Read::ListGroupMembers(_) => &["iam:GetGroup"],
        Read::ListPolicyEntities(_) => {
            &["iam:ListEntitiesForPolicy", "iam:GetPolicy", LIST_POLICIES]
        }
        Read::AccessKeyUse(_) => &["iam:GetAccessKeyLastUsed", "sts:GetAccessKeyInfo"],
        Read::IssueSession(_) => &["sts:AssumeRole", "sts:GetSessionToken"],
        Read::Simulate(_) => &["iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy"],
    }
}

const LIST_USERS: &str = "iam:ListUsers";
const LIST_GROUPS: &str = "iam:ListGroups";
const LIST_ROLES: &str = "iam:ListRoles";
const LIST_POLICIES: &str = "iam:ListPolicies";
const ACCOUNT_SUMMARY: &str = "iam:GetAccountSummary";

/// Whoever may do one of these with a user, group, role or policy is answered out of what it is.
const IDENTITY: &[&str] = &[
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetGroup",
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAccessKeys",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListEntitiesForPolicy",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListPolicyTags",
    "iam:ListPolicyVersions",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
    "iam:ListUserPolicies",
    "iam:ListUserTags",
    "iam:SetDefaultPolicyVersion",
    "iam:TagPolicy",
    "iam:UntagPolicy",
    "iam:UpdateRoleDescription",
];

/// Whether a list of this kind may be read with the Permit of this action.
pub(super) fn lists(action: &str, kind: EntityKind) -> bool {
    action == ACCOUNT_SUMMARY
        || action
            == match kind {
                EntityKind::User => LIST_USERS,
                EntityKind::Group => LIST_GROUPS,
                EntityKind::Role => LIST_ROLES,
                EntityKind::Policy => LIST_POLICIES,
            }
}
