//! `ListGroupsForUser`: the groups that a user is in.

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::entities::group;
use crate::iam::kinds::Users;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::xml::list;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListGroupsForUser;

impl Steps for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<Users>(fields);
            let page = Page::read(fields);
            (subject, page)
        })
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:ListGroupsForUser")]
    }

    fn parameters((subject, page): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        page.parameters(out);
    }

    async fn perform((subject, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[subject.given()];
        let after = page.after(call, Self::NAME, filter)?;
        let groups = subject.view(call).await?.groups;
        let (groups, last) =
            page::cut(groups, page, after.as_deref(), |group| group.name.to_ascii_lowercase());
        Ok(answered(call, Self::NAME, |out| {
            list(out, "Groups", &groups, |out, one| group(out, call, one));
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}
