//! `CreateRole`: a new role of the caller's account.

use trent_types::{EntityKind, IdentityChange, Role, Tag};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::boundary::Boundary;
use crate::iam::entities::{Details, role, show_role};
use crate::iam::ids::{new_id, now};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::query::fields::{Fields, read};
use crate::query::rule::{DOCUMENT, PATH, ROLE_DESCRIPTION, Rule};
use crate::query::tags;
use crate::query::xml::within;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The longest session of a role when nobody says, in seconds.
const MAX_SESSION_DEFAULT: u32 = 3600;

/// The operation.
pub(crate) struct CreateRole;

/// A validated request.
pub(crate) struct Input {
    path: Option<String>,
    name: String,
    trust_policy: String,
    description: Option<String>,
    max_session_seconds: Option<u32>,
    boundary: Boundary,
    tags: Vec<Tag>,
}

impl Input {
    fn details(&self) -> Details<'_> {
        Details { tags: &self.tags, boundary: self.boundary.arn() }
    }
}

impl Steps for CreateRole {
    const NAME: &'static str = "CreateRole";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            path: fields.text("Path", &PATH),
            name: fields.required("RoleName", &Rule::name(64)),
            trust_policy: fields.required("AssumeRolePolicyDocument", &DOCUMENT),
            description: fields.text("Description", &ROLE_DESCRIPTION),
            max_session_seconds: read_max_session(fields),
            boundary: Boundary::read(fields),
            tags: tags::read(fields).unwrap_or_default(),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let (name, new_path) = (Some(input.name.as_str()), input.path.as_deref().or(Some("/")));
        let resource = Resource::Entity { kind: EntityKind::Role, name, new_path };
        let mut conditions = tags::conditions(&input.tags);
        conditions.extend(input.boundary.condition());
        let create = Question { conditions, ..about("iam:CreateRole", resource) };
        tags::with_tagging(create, "iam:TagRole", &input.tags)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("path", input.path.as_deref());
        out.text("roleName", &input.name);
        out.text("assumeRolePolicyDocument", &input.trust_policy);
        out.text_if("description", input.description.as_deref());
        show_max_session(out, input.max_session_seconds);
        input.boundary.show(out);
        tags::show_if_any(out, &input.tags);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let new = Role {
            account: call.caller.account,
            path: input.path.clone().unwrap_or_else(|| "/".to_owned()),
            name: input.name.clone(),
            role_id: new_id(call, "AROA", 21),
            created_at: now(call),
            description: input.description.clone().unwrap_or_default(),
            max_session_seconds: input.max_session_seconds.unwrap_or(MAX_SESSION_DEFAULT),
            trust_policy: input.trust_policy.clone(),
        };
        let done = answered(call, Self::NAME, |out| {
            within(out, "Role", |out| role(out, call, &new, input.details()));
        });
        let elements = object(1024, |out| {
            out.object("role", |out| show_role(out, call, &new, input.details()));
        });
        let boundary = input.boundary.arn().map(str::to_owned);
        let change = IdentityChange::CreateRole { role: new, tags: input.tags.clone(), boundary };
        Ok(made(done, change, elements))
    }
}

/// Reads `MaxSessionDuration`. Nobody signs in, so there are no sessions of that.
pub(crate) fn read_max_session(fields: &mut Fields<'_>) -> Option<u32> {
    for parameter in ["MaxSigninSessionDuration", "ResetMaxSigninSessionDuration"] {
        fields.not_served(parameter);
    }
    let given = fields.number("MaxSessionDuration", 3600..=43_200)?;
    u32::try_from(given).ok()
}

/// Shows `maxSessionDuration` in a record.
pub(crate) fn show_max_session(out: &mut Object<'_>, seconds: Option<u32>) {
    if let Some(seconds) = seconds {
        out.number("maxSessionDuration", i64::from(seconds));
    }
}
