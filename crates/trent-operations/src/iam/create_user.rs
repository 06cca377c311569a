//! `CreateUser`: a new user of the caller's account.

use trent_types::{EntityKind, IdentityChange, Tag, User};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::boundary::Boundary;
use crate::iam::entities::{Details, show_user, user};
use crate::iam::ids::{new_id, now};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::{PATH, Rule};
use crate::query::tags;
use crate::query::xml::within;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CreateUser;

/// A validated request.
pub(crate) struct Input {
    path: Option<String>,
    name: String,
    boundary: Boundary,
    tags: Vec<Tag>,
}

impl Input {
    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }

    fn details(&self) -> Details<'_> {
        Details { tags: &self.tags, boundary: self.boundary.arn() }
    }
}

impl Steps for CreateUser {
    const NAME: &'static str = "CreateUser";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            path: fields.text("Path", &PATH),
            name: fields.required("UserName", &Rule::name(64)),
            boundary: Boundary::read(fields),
            tags: tags::read(fields).unwrap_or_default(),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let (name, new_path) = (Some(input.name.as_str()), Some(input.path()));
        let resource = Resource::Entity { kind: EntityKind::User, name, new_path };
        let mut conditions = tags::conditions(&input.tags);
        conditions.extend(input.boundary.condition());
        let create = Question { conditions, ..about("iam:CreateUser", resource) };
        tags::with_tagging(create, "iam:TagUser", &input.tags)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("path", input.path.as_deref());
        out.text("userName", &input.name);
        input.boundary.show(out);
        tags::show_if_any(out, &input.tags);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let new = User {
            account: call.caller.account,
            path: input.path().to_owned(),
            name: input.name.clone(),
            user_id: new_id(call, "AIDA", 21),
            created_at: now(call),
        };
        let done = answered(call, Self::NAME, |out| {
            within(out, "User", |out| user(out, call, &new, input.details()));
        });
        let elements = object(384, |out| {
            out.object("user", |out| show_user(out, call, &new, input.details()));
        });
        let boundary = input.boundary.arn().map(str::to_owned);
        let change = IdentityChange::CreateUser { user: new, tags: input.tags.clone(), boundary };
        Ok(made(done, change, elements))
    }
}
