//! `GetRole`: one role with its trust policy.

use trent_types::{EntityRecord, IdentityView, Role};

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::entities::{Details, role};
use crate::iam::kinds::Roles;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::xml::within;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetRole;

impl Steps for GetRole {
    const NAME: &'static str = "GetRole";
    const READ_ONLY: bool = true;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read::<Roles>)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:GetRole")]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let view = subject.view(call).await?;
        let found = of(&view)?;
        Ok(answered(call, Self::NAME, |out| {
            within(out, "Role", |out| role(out, call, found, Details::of(&view)));
        }))
    }
}

/// The role of a view of one.
pub(crate) fn of(view: &IdentityView) -> Result<&Role, AwsError> {
    match &view.record {
        EntityRecord::Role(role) => Ok(role),
        EntityRecord::User(_) | EntityRecord::Group(_) | EntityRecord::Policy(_) => {
            Err(AwsError::internal(&"a role is something else"))
        }
    }
}
