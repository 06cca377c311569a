//! `UpdateAssumeRolePolicy`: another trust policy of a role.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::kinds::Roles;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::DOCUMENT;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct UpdateAssumeRolePolicy;

impl Steps for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, String);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, String), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<Roles>(fields);
            (subject, fields.required("PolicyDocument", &DOCUMENT))
        })
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:UpdateAssumeRolePolicy")]
    }

    fn parameters((subject, document): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        out.text("policyDocument", document);
    }

    async fn perform(
        (subject, document): &Self::Input<'_>,
        call: &Call<'_>,
    ) -> Result<Done, Fault> {
        let (role, document) = (subject.entity(call)?, document.clone());
        Ok(changed(call, Self::NAME, IdentityChange::SetTrustPolicy { role, document }))
    }
}
