//! `GetGroup`: a group and the users in it.

use trent_types::EntityRecord;

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::entities::{Details, group, user};
use crate::iam::kinds::Groups;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::xml::{list, within};
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetGroup;

impl Steps for GetGroup {
    const NAME: &'static str = "GetGroup";
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<Groups>(fields);
            let page = Page::read(fields);
            (subject, page)
        })
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:GetGroup")]
    }

    fn parameters((subject, page): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        page.parameters(out);
    }

    async fn perform((subject, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let name = subject.given();
        let after = page.after(call, Self::NAME, &[name])?;
        let EntityRecord::Group(found) = subject.view(call).await?.record else {
            return Err(AwsError::internal(&"a group is something else").into());
        };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let identities = call.ports.identities;
        let (users, more) =
            identities.group_members(id, permit, name, after.as_deref(), page.limit).await?;
        let last = users.last().filter(|_| more).map(|user| user.name.to_ascii_lowercase());
        Ok(answered(call, Self::NAME, |out| {
            within(out, "Group", |out| group(out, call, &found));
            list(out, "Users", &users, |out, one| user(out, call, one, Details::default()));
            page::finish(out, call, Self::NAME, &[name], last.as_deref());
        }))
    }
}
