//! What differs between users, groups, roles and policies where IAM treats them alike: the names of
//! parameters and permissions. A permission names its operation.

use trent_types::EntityKind;

/// A kind of thing that a request can name.
pub(crate) trait Kind: Sync + 'static {
    /// Which.
    const KIND: EntityKind;
    /// The parameter that names one.
    const PARAMETER: &'static str;
    /// The parameter, as records have it.
    const SHOWN: &'static str;
    /// How long such a name may be.
    const MAX: usize;
    /// How long it may be where the model says `userNameType` rather than `existingUserNameType`.
    const SHORT_MAX: usize = Self::MAX;
    /// The permission to delete one.
    const DELETE: &'static str;
}

/// Users and groups, whose name and path can change.
pub(crate) trait Renamed: Kind {
    /// The permission.
    const UPDATE: &'static str;
    /// The parameter with the new name.
    const NEW_NAME: &'static str;
    /// The same, as records have it.
    const NEW_NAME_SHOWN: &'static str;
    /// How long the new name may be.
    const NEW_NAME_MAX: usize;
}

/// Users, groups and roles, of which there are lists.
pub(crate) trait Listed: Kind {
    /// The permission.
    const LIST: &'static str;
    /// The element with all of them.
    const ELEMENTS: &'static str;
}

/// Users, roles and policies, which have tags.
pub(crate) trait Tagged: Kind {
    /// The permission to add tags.
    const TAG: &'static str;
    /// The permission to remove tags.
    const UNTAG: &'static str;
    /// The permission to read tags.
    const LIST_TAGS: &'static str;
}

/// Users and roles, which can have a permissions boundary.
pub(crate) trait Bounded: Kind {
    /// The permission to set it.
    const PUT: &'static str;
    /// The permission to remove it.
    const REMOVE: &'static str;
}

/// Users, groups and roles, which hold policies.
pub(crate) trait Holder: Kind {
    /// The permission to add or replace an inline policy.
    const PUT_POLICY: &'static str;
    /// The permission to read an inline policy.
    const GET_POLICY: &'static str;
    /// The permission to list inline policies.
    const LIST_POLICIES: &'static str;
    /// The permission to remove an inline policy.
    const DELETE_POLICY: &'static str;
    /// The permission to attach a managed policy.
    const ATTACH: &'static str;
    /// The permission to detach a managed policy.
    const DETACH: &'static str;
    /// The permission to list the managed policies that are attached.
    const LIST_ATTACHED: &'static str;
}

/// The operation that a permission is for: `iam:TagUser` → `TagUser`.
pub(crate) const fn operation(permission: &'static str) -> &'static str {
    permission.split_at("iam:".len()).1
}

/// Users.
pub(crate) struct Users;
/// Groups.
pub(crate) struct Groups;
/// Roles.
pub(crate) struct Roles;
/// Managed policies.
pub(crate) struct Policies;

impl Kind for Users {
    const KIND: EntityKind = EntityKind::User;
    const PARAMETER: &'static str = "UserName";
    const SHOWN: &'static str = "userName";
    const MAX: usize = 128;
    const SHORT_MAX: usize = 64;
    const DELETE: &'static str = "iam:DeleteUser";
}

impl Kind for Groups {
    const KIND: EntityKind = EntityKind::Group;
    const PARAMETER: &'static str = "GroupName";
    const SHOWN: &'static str = "groupName";
    const MAX: usize = 128;
    const DELETE: &'static str = "iam:DeleteGroup";
}

impl Kind for Roles {
    const KIND: EntityKind = EntityKind::Role;
    const PARAMETER: &'static str = "RoleName";
    const SHOWN: &'static str = "roleName";
    const MAX: usize = 64;
    const DELETE: &'static str = "iam:DeleteRole";
}

impl Kind for Policies {
    const KIND: EntityKind = EntityKind::Policy;
    const PARAMETER: &'static str = "PolicyArn";
    const SHOWN: &'static str = "policyArn";
    const MAX: usize = 2048;
    const DELETE: &'static str = "iam:DeletePolicy";
}

impl Renamed for Users {
    const UPDATE: &'static str = "iam:UpdateUser";
    const NEW_NAME: &'static str = "NewUserName";
    const NEW_NAME_SHOWN: &'static str = "newUserName";
    const NEW_NAME_MAX: usize = 64;
}

impl Renamed for Groups {
    const UPDATE: &'static str = "iam:UpdateGroup";
    const NEW_NAME: &'static str = "NewGroupName";
    const NEW_NAME_SHOWN: &'static str = "newGroupName";
    const NEW_NAME_MAX: usize = 128;
}

impl Listed for Users {
    const LIST: &'static str = "iam:ListUsers";
    const ELEMENTS: &'static str = "Users";
}

impl Listed for Groups {
    const LIST: &'static str = "iam:ListGroups";
    const ELEMENTS: &'static str = "Groups";
}

impl Listed for Roles {
    const LIST: &'static str = "iam:ListRoles";
    const ELEMENTS: &'static str = "Roles";
}

impl Tagged for Users {
    const TAG: &'static str = "iam:TagUser";
    const UNTAG: &'static str = "iam:UntagUser";
    const LIST_TAGS: &'static str = "iam:ListUserTags";
}

impl Tagged for Roles {
    const TAG: &'static str = "iam:TagRole";
    const UNTAG: &'static str = "iam:UntagRole";
    const LIST_TAGS: &'static str = "iam:ListRoleTags";
}

impl Tagged for Policies {
    const TAG: &'static str = "iam:TagPolicy";
    const UNTAG: &'static str = "iam:UntagPolicy";
    const LIST_TAGS: &'static str = "iam:ListPolicyTags";
}

impl Bounded for Users {
    const PUT: &'static str = "iam:PutUserPermissionsBoundary";
    const REMOVE: &'static str = "iam:DeleteUserPermissionsBoundary";
}

impl Bounded for Roles {
    const PUT: &'static str = "iam:PutRolePermissionsBoundary";
    const REMOVE: &'static str = "iam:DeleteRolePermissionsBoundary";
}

impl Holder for Users {
    const PUT_POLICY: &'static str = "iam:PutUserPolicy";
    const GET_POLICY: &'static str = "iam:GetUserPolicy";
    const LIST_POLICIES: &'static str = "iam:ListUserPolicies";
    const DELETE_POLICY: &'static str = "iam:DeleteUserPolicy";
    const ATTACH: &'static str = "iam:AttachUserPolicy";
    const DETACH: &'static str = "iam:DetachUserPolicy";
    const LIST_ATTACHED: &'static str = "iam:ListAttachedUserPolicies";
}

impl Holder for Groups {
    const PUT_POLICY: &'static str = "iam:PutGroupPolicy";
    const GET_POLICY: &'static str = "iam:GetGroupPolicy";
    const LIST_POLICIES: &'static str = "iam:ListGroupPolicies";
    const DELETE_POLICY: &'static str = "iam:DeleteGroupPolicy";
    const ATTACH: &'static str = "iam:AttachGroupPolicy";
    const DETACH: &'static str = "iam:DetachGroupPolicy";
    const LIST_ATTACHED: &'static str = "iam:ListAttachedGroupPolicies";
}

impl Holder for Roles {
    const PUT_POLICY: &'static str = "iam:PutRolePolicy";
    const GET_POLICY: &'static str = "iam:GetRolePolicy";
    const LIST_POLICIES: &'static str = "iam:ListRolePolicies";
    const DELETE_POLICY: &'static str = "iam:DeleteRolePolicy";
    const ATTACH: &'static str = "iam:AttachRolePolicy";
    const DETACH: &'static str = "iam:DetachRolePolicy";
    const LIST_ATTACHED: &'static str = "iam:ListAttachedRolePolicies";
}
