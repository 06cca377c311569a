//! `ListPolicyVersions`: the versions of a managed policy, newest first.

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::kinds::Policies;
use crate::iam::managed_policy::{ManagedView, Version};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::xml::list;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListPolicyVersions;

impl Steps for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| (Subject::read::<Policies>(fields), Page::read(fields)))
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:ListPolicyVersions")]
    }

    fn parameters((subject, page): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        page.parameters(out);
    }

    async fn perform((subject, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[subject.given()];
        let after = page.after(call, Self::NAME, filter)?;
        let versions = ManagedView::read(subject, call).await?.versions;
        let newest_first = |version: &Version| format!("{:010}", u32::MAX - version.number);
        let (versions, last) = page::cut(versions, page, after.as_deref(), newest_first);
        Ok(answered(call, Self::NAME, |out| {
            list(out, "Versions", &versions, |out, version| version.elements(out, false));
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}
