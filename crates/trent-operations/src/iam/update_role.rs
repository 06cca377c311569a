//! `UpdateRole`: another description or longest session of a role.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, changed};
use crate::iam::create_role::{read_max_session, show_max_session};
use crate::iam::kinds::Roles;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::ROLE_DESCRIPTION;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct UpdateRole;

/// A validated request.
pub(crate) struct Input {
    subject: Subject,
    description: Option<String>,
    max_session_seconds: Option<u32>,
}

impl Steps for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            subject: Subject::read::<Roles>(fields),
            description: fields.text("Description", &ROLE_DESCRIPTION),
            max_session_seconds: read_max_session(fields),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.subject.question("iam:UpdateRole")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.subject.show(out);
        out.text_if("description", input.description.as_deref());
        show_max_session(out, input.max_session_seconds);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let role = input.subject.entity(call)?;
        let change = IdentityChange::UpdateRole {
            role,
            description: input.description.clone(),
            max_session_seconds: input.max_session_seconds,
        };
        // Its output has no members, but it has one.
        let body = answered(call, Self::NAME, |_| {}).body;
        Ok(Done { body, ..changed(call, Self::NAME, change) })
    }
}
