//! How users, groups and roles are shown in answers and records.

use trent_types::{AccountId, Entity, EntityKind, Group, IdentityView, Role, Tag, User};

use crate::json::Object;
use crate::query::tags;
use crate::query::xml::{document, element, element_if, percent_encoded, within};
use crate::record::java_date;
use crate::steps::Call;

/// The tags and the permissions boundary of a user or role, where they are shown.
#[derive(Clone, Copy, Default)]
pub(crate) struct Details<'a> {
    /// Its tags.
    pub(crate) tags: &'a [Tag],
    /// The ARN of its permissions boundary.
    pub(crate) boundary: Option<&'a str>,
}

impl<'a> Details<'a> {
    /// Those of something that is there.
    pub(crate) fn of(view: &'a IdentityView) -> Self {
        Self { tags: &view.tags, boundary: view.boundary.as_deref() }
    }

    fn boundary_element(self, out: &mut String) {
        if let Some(arn) = self.boundary {
            within(out, "PermissionsBoundary", |out| {
                element(out, "PermissionsBoundaryType", BOUNDARY_TYPE);
                element(out, "PermissionsBoundaryArn", arn);
            });
        }
    }

    fn tags_element(self, out: &mut String) {
        if !self.tags.is_empty() {
            tags::elements(out, self.tags);
        }
    }

    fn show(self, out: &mut Object<'_>) {
        if let Some(arn) = self.boundary {
            out.object("permissionsBoundary", |boundary| {
                boundary.text("permissionsBoundaryType", BOUNDARY_TYPE);
                boundary.text("permissionsBoundaryArn", arn);
            });
        }
        if !self.tags.is_empty() {
            tags::show(out, self.tags);
        }
    }
}

/// The one value of `PermissionsBoundaryAttachmentType`.
const BOUNDARY_TYPE: &str = "PermissionsBoundaryPolicy";

/// Appends the members of a user.
pub(crate) fn user(out: &mut String, call: &Call<'_>, user: &User, details: Details<'_>) {
    element(out, "Path", &user.path);
    element(out, "UserName", &user.name);
    element(out, "UserId", &user.user_id);
    element(out, "Arn", &arn(call, EntityKind::User, user.account, &user.path, &user.name));
    element(out, "CreateDate", &user.created_at.iso8601());
    details.boundary_element(out);
    details.tags_element(out);
}

/// Shows a new user in a record.
pub(crate) fn show_user(out: &mut Object<'_>, call: &Call<'_>, user: &User, details: Details<'_>) {
    out.text("path", &user.path);
    out.text("userName", &user.name);
    out.text("userId", &user.user_id);
    out.text("arn", &arn(call, EntityKind::User, user.account, &user.path, &user.name));
    out.text("createDate", &java_date(user.created_at));
    details.show(out);
}

/// Appends the members of a group.
pub(crate) fn group(out: &mut String, call: &Call<'_>, group: &Group) {
    element(out, "Path", &group.path);
    element(out, "GroupName", &group.name);
    element(out, "GroupId", &group.group_id);
    element(out, "Arn", &arn(call, EntityKind::Group, group.account, &group.path, &group.name));
    element(out, "CreateDate", &group.created_at.iso8601());
}

/// Shows a new group in a record.
pub(crate) fn show_group(out: &mut Object<'_>, call: &Call<'_>, group: &Group) {
    out.text("path", &group.path);
    out.text("groupName", &group.name);
    out.text("groupId", &group.group_id);
    out.text("arn", &arn(call, EntityKind::Group, group.account, &group.path, &group.name));
    out.text("createDate", &java_date(group.created_at));
}

/// Appends the members of a role.
pub(crate) fn role(out: &mut String, call: &Call<'_>, role: &Role, details: Details<'_>) {
    element(out, "Path", &role.path);
    element(out, "RoleName", &role.name);
    element(out, "RoleId", &role.role_id);
    element(out, "Arn", &arn(call, EntityKind::Role, role.account, &role.path, &role.name));
    element(out, "CreateDate", &role.created_at.iso8601());
    document(out, "AssumeRolePolicyDocument", &role.trust_policy);
    element_if(out, "Description", Some(role.description.as_str()).filter(|text| !text.is_empty()));
    element(out, "MaxSessionDuration", &role.max_session_seconds.to_string());
    details.boundary_element(out);
    details.tags_element(out);
}

/// Shows a role in a record.
pub(crate) fn show_role(out: &mut Object<'_>, call: &Call<'_>, role: &Role, details: Details<'_>) {
    out.text("path", &role.path);
    out.text("roleName", &role.name);
    out.text("roleId", &role.role_id);
    out.text("arn", &arn(call, EntityKind::Role, role.account, &role.path, &role.name));
    out.text("createDate", &java_date(role.created_at));
    out.text("assumeRolePolicyDocument", &percent_encoded(&role.trust_policy));
    if !role.description.is_empty() {
        out.text("description", &role.description);
    }
    out.number("maxSessionDuration", i64::from(role.max_session_seconds));
    details.show(out);
}

fn arn(call: &Call<'_>, kind: EntityKind, account: AccountId, path: &str, name: &str) -> String {
    let entity = Entity { account, kind, name: name.to_owned() };
    entity.arn(call.request.region.partition(), path)
}
