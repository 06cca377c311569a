//! `ListAccountAliases`: accounts have no aliases here, so the list is empty.

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::xml::texts;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListAccountAliases;

impl Steps for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";
    const READ_ONLY: bool = true;
    type Input<'a> = Page;

    fn decode<'a>(request: &Request<'a>) -> Result<Page, AwsError> {
        read(request, Page::read)
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:ListAccountAliases", Resource::Arn("*"))]
    }

    fn parameters(page: &Self::Input<'_>, out: &mut Object<'_>) {
        page.parameters(out);
    }

    async fn perform(page: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        page.after(call, Self::NAME, &[])?;
        Ok(answered(call, Self::NAME, |out| {
            texts::<&str>(out, "AccountAliases", []);
            page::finish(out, call, Self::NAME, &[], None);
        }))
    }
}
