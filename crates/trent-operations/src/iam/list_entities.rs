//! `ListUsers`, `ListGroups` and `ListRoles`: the users, groups or roles under a path, by name.
//!
//! As in AWS, tags and permissions boundaries are not part of these lists.

use trent_types::EntityRecord;

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::entities::{Details, group, role, user};
use crate::iam::kinds::{Listed, operation};
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::rule::PATH_PREFIX;
use crate::query::xml::list;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListEntities<K>(pub(crate) K);

/// A validated request.
pub(crate) struct Input {
    path_prefix: Option<String>,
    page: Page,
}

impl<K: Listed> Steps for ListEntities<K> {
    const NAME: &'static str = operation(K::LIST);
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| {
            let path_prefix = fields.text("PathPrefix", &PATH_PREFIX);
            let page = Page::read(fields);
            Input { path_prefix, page }
        })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about(K::LIST, Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("pathPrefix", input.path_prefix.as_deref());
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let after = input.page.after(call, Self::NAME, &[prefix])?;
        let (id, permit, limit) = (call.request.request_id, call.permit(0)?, input.page.limit);
        let identities = call.ports.identities;
        let (found, more) =
            identities.entities(id, permit, K::KIND, prefix, after.as_deref(), limit).await?;
        let last = found.last().filter(|_| more).map(folded);
        Ok(answered(call, Self::NAME, |out| {
            list(out, K::ELEMENTS, &found, |out, record| entity(out, call, record));
            page::finish(out, call, Self::NAME, &[prefix], last.as_deref());
        }))
    }
}

/// The name by which lists are ordered.
pub(crate) fn folded(record: &EntityRecord) -> String {
    record.entity().name.to_ascii_lowercase()
}

fn entity(out: &mut String, call: &Call<'_>, record: &EntityRecord) {
    match record {
        EntityRecord::User(record) => user(out, call, record, Details::default()),
        EntityRecord::Group(record) => group(out, call, record),
        EntityRecord::Role(record) => role(out, call, record, Details::default()),
        // Policies have a list of their own.
        EntityRecord::Policy(_) => {}
    }
}
