//! `UpdateRoleDescription`: another description of a role.

use trent_types::{IdentityChange, Role};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::entities::{Details, role, show_role};
use crate::iam::get_role::of;
use crate::iam::kinds::Roles;
use crate::iam::subject::Subject;
use crate::json::{Object, object};
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::ROLE_DESCRIPTION;
use crate::query::xml::within;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct UpdateRoleDescription;

impl Steps for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, String);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, String), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<Roles>(fields);
            (subject, fields.required("Description", &ROLE_DESCRIPTION))
        })
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:UpdateRoleDescription")]
    }

    fn parameters((subject, description): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        out.text("description", description);
    }

    async fn perform(
        (subject, description): &Self::Input<'_>,
        call: &Call<'_>,
    ) -> Result<Done, Fault> {
        let view = subject.view(call).await?;
        let new = Role { description: description.clone(), ..of(&view)?.clone() };
        let done = answered(call, Self::NAME, |out| {
            within(out, "Role", |out| role(out, call, &new, Details::of(&view)));
        });
        let elements = object(1024, |out| {
            out.object("role", |out| show_role(out, call, &new, Details::of(&view)));
        });
        let change = IdentityChange::UpdateRole {
            role: view.record.entity(),
            description: Some(description.clone()),
            max_session_seconds: None,
        };
        Ok(made(done, change, elements))
    }
}
