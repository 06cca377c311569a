//! `CreateGroup`: a new group of users.

use trent_types::{EntityKind, Group, IdentityChange};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::entities::{group, show_group};
use crate::iam::ids::{new_id, now};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::{PATH, Rule};
use crate::query::xml::within;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CreateGroup;

/// A validated request.
pub(crate) struct Input {
    path: Option<String>,
    name: String,
}

impl Steps for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            path: fields.text("Path", &PATH),
            name: fields.required("GroupName", &Rule::name(128)),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let (name, new_path) = (Some(input.name.as_str()), input.path.as_deref().or(Some("/")));
        vec![about("iam:CreateGroup", Resource::Entity { kind: EntityKind::Group, name, new_path })]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("path", input.path.as_deref());
        out.text("groupName", &input.name);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let new = Group {
            account: call.caller.account,
            path: input.path.clone().unwrap_or_else(|| "/".to_owned()),
            name: input.name.clone(),
            group_id: new_id(call, "AGPA", 21),
            created_at: now(call),
        };
        let done = answered(call, Self::NAME, |out| {
            within(out, "Group", |out| group(out, call, &new));
        });
        let elements = object(320, |out| out.object("group", |out| show_group(out, call, &new)));
        Ok(made(done, IdentityChange::CreateGroup(new), elements))
    }
}
