//! `GetUser`: one user, the caller when none is named.

use trent_types::{Caller, CallerKind, Entity, EntityKind, EntityRecord};

use crate::error::{AwsError, Fault};
use crate::iam::form::Form;
use crate::iam::names::{named_or_caller, no_such_user, user_element, user_name};
use crate::json::Object;
use crate::steps::{Call, Done, Steps};

use crate::ports::{Question, Resource};
use crate::request::{Request, ServiceName};
use crate::rules::about;
use crate::xml::{answer, element};

/// The operation.
pub(crate) struct GetUser;

impl Steps for GetUser {
    const NAME: &'static str = "GetUser";
    const READ_ONLY: bool = true;
    type Input<'a> = Option<String>;

    fn decode<'a>(request: &Request<'a>) -> Result<Option<String>, AwsError> {
        user_name(&Form::parse(request.body)?, 128)
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:GetUser", Resource::Arn("*"))]
    }

    const NAMES_CALLERS_OWN: bool = true;

    fn arn(name: &Self::Input<'_>, request: &Request<'_>, caller: &Caller) -> String {
        named_or_caller(name.as_deref(), request, caller)
    }

    fn parameters(name: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("userName", name.as_deref());
    }

    async fn perform(name: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let name = match (name, &call.caller.kind) {
            (Some(name), _) | (None, CallerKind::User { name, .. }) => name,
            (None, CallerKind::Root | CallerKind::Role { .. } | CallerKind::Service { .. }) => {
                return Ok(Done::answer(root(call)));
            }
        };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let entity =
            Entity { account: call.caller.account, kind: EntityKind::User, name: name.clone() };
        let found = call.ports.identities.identity(id, permit, &entity).await?;
        let Some(EntityRecord::User(user)) = found.map(|found| found.record) else {
            return Err(no_such_user(name).into());
        };
        Ok(Done::answer(answer(ServiceName::Iam, Self::NAME, &call.request_id(), |out| {
            user_element(out, call.request, &user);
        })))
    }
}

/// The root user has no name, path or date of its own.
fn root(call: &Call<'_>) -> Vec<u8> {
    answer(ServiceName::Iam, GetUser::NAME, &call.request_id(), |out| {
        out.push_str("<User>");
        element(out, "UserId", &call.caller.principal_id());
        element(out, "Arn", &call.caller.arn(call.request.region.partition()));
        out.push_str("</User>");
    })
}
