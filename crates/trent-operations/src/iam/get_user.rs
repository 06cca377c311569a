//! `GetUser`: one user, the caller when none is named.

use trent_types::{Caller, CallerKind, EntityRecord};

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::entities::{Details, user};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::xml::{element, within};
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetUser;

impl Steps for GetUser {
    const NAME: &'static str = "GetUser";
    const READ_ONLY: bool = true;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read_user_or_caller)
    }

    fn barred(subject: &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        subject.check_caller(caller)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:GetUser")]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        if subject.is_caller() && matches!(call.caller.kind, CallerKind::Root) {
            return Ok(root(call));
        }
        let view = subject.view(call).await?;
        let EntityRecord::User(found) = &view.record else {
            return Err(AwsError::internal(&"a user is something else").into());
        };
        Ok(answered(call, Self::NAME, |out| {
            within(out, "User", |out| user(out, call, found, Details::of(&view)));
        }))
    }
}

/// The root user has no name, path or date of its own.
fn root(call: &Call<'_>) -> Done {
    answered(call, GetUser::NAME, |out| {
        within(out, "User", |out| {
            element(out, "UserId", &call.caller.principal_id());
            element(out, "Arn", &call.caller.arn(call.request.region.partition()));
        });
    })
}
