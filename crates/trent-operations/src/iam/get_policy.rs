//! `GetPolicy`: one managed policy, without its documents.

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::kinds::Policies;
use crate::iam::managed_policy::ManagedView;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::xml::within;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetPolicy;

impl Steps for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const READ_ONLY: bool = true;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read::<Policies>)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:GetPolicy")]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let mut view = ManagedView::read(subject, call).await?;
        if subject.of_aws().is_some() {
            view = view.counted(call).await?;
        }
        Ok(answered(call, Self::NAME, |out| {
            within(out, "Policy", |out| view.elements(out, false));
        }))
    }
}
