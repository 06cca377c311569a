//! `ListAccessKeys`: the access keys of a user, the caller when none is named; without secrets.

use trent_types::Caller;

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::xml::{element, list};
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListAccessKeys;

impl Steps for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| {
            let subject = Subject::read_user_or_caller(fields);
            let page = Page::read(fields);
            (subject, page)
        })
    }

    fn barred((subject, _): &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        subject.check_caller(caller)
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:ListAccessKeys")]
    }

    fn parameters((subject, page): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        page.parameters(out);
    }

    async fn perform((subject, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[subject.given()];
        let after = page.after(call, Self::NAME, filter)?;
        let keys = subject.view(call).await?.access_keys;
        let (keys, last) = page::cut(keys, page, after.as_deref(), |key| key.access_key_id.clone());
        Ok(answered(call, Self::NAME, |out| {
            list(out, "AccessKeyMetadata", &keys, |out, key| {
                element(out, "UserName", key.user_name.as_deref().unwrap_or_default());
                element(out, "AccessKeyId", &key.access_key_id);
                element(out, "Status", &key.status.to_string());
                element(out, "CreateDate", &key.created_at.iso8601());
            });
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}
