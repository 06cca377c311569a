//! `ListResourceTags`: the tags of a key.

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::page::{self, Page};
use crate::kms::tags;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListResourceTags;

shape! {
    ListResourceTagsShape<'a> {
        key_id: "KeyId" => Text<'a>,
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    page: Page<'a>,
}

impl Steps for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListResourceTagsShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        Ok(Input { key_id, page: Page::new(shape.limit, shape.marker, (50, 50))? })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:ListResourceTags", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        let filter = key.record.key_id.to_string();
        let after = input.page.after(call, Self::NAME, &filter)?;
        let (id, registry) = (call.request.request_id, call.ports.registry);
        let (all, more) = registry.tags(id, key.permit, after.as_deref(), input.page.limit).await?;
        let last = all.last().filter(|_| more).map(|tag| tag.key.as_str());
        Ok(Done::answer(object(64 + all.len() * 64, |out| {
            out.list("Tags", &all, tags::entry);
            page::finish(out, call, Self::NAME, &filter, last);
        })))
    }
}
