//! `TagResource`: adds tags to a key or overwrites their values.

use trent_types::{Change, Tag};

use crate::decode::{List, TagShape, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::key_state::not_pending_deletion;
use crate::kms::tags;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct TagResource;

shape! {
    TagResourceShape<'a> {
        key_id: "KeyId" => Text<'a>,
        tags: "Tags" => List<TagShape<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    tags: Vec<Tag>,
}

impl Steps for TagResource {
    const NAME: &'static str = "TagResource";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: TagResourceShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("tags", shape.tags.as_ref());
        found.tags(shape.tags.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        Ok(Input { key_id, tags: tags::checked(present(shape.tags)?)? })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = about_key("kms:TagResource", &input.key_id);
        vec![Question { conditions: tags::conditions(&input.tags), ..question }]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        tags::show(out, &input.tags);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let record = call.key(0)?.record;
        not_pending_deletion(record)?;
        let (key, version, tags) = (record.arn(), record.version, input.tags.clone());
        let change = (!tags.is_empty()).then_some(Change::TagKey { key, version, tags });
        Ok(Done::key_changed(&key, change))
    }
}
