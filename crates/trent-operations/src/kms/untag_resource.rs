//! `UntagResource`: removes tags from a key; tags that it does not have are ignored.

use trent_types::Change;

use crate::decode::{List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, quote};
use crate::key_state::not_pending_deletion;
use crate::kms::tags;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct UntagResource;

shape! {
    UntagResourceShape<'a> {
        key_id: "KeyId" => Text<'a>,
        tag_keys: "TagKeys" => List<Text<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    tag_keys: Vec<String>,
}

impl Steps for UntagResource {
    const NAME: &'static str = "UntagResource";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: UntagResourceShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("tagKeys", shape.tag_keys.as_ref());
        found.texts("tagKeys", shape.tag_keys.as_ref(), 0..=usize::MAX, 1..=128);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let given = present(shape.tag_keys)?.0;
        let mut tag_keys: Vec<String> =
            given.into_iter().flatten().map(|key| key.0.into_owned()).collect();
        tag_keys.iter().try_for_each(|key| tags::check_key(key))?;
        tag_keys.sort_unstable();
        tag_keys.dedup();
        Ok(Input { key_id, tag_keys })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:UntagResource", &input.key_id);
        if !input.tag_keys.is_empty() {
            question.conditions.push(("aws:TagKeys".to_owned(), input.tag_keys.clone()));
        }
        vec![question]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.list("tagKeys", &input.tag_keys, |out, key| quote(out, key));
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let record = call.key(0)?.record;
        not_pending_deletion(record)?;
        let (key, version, tag_keys) = (record.arn(), record.version, input.tag_keys.clone());
        let change = (!tag_keys.is_empty()).then_some(Change::UntagKey { key, version, tag_keys });
        Ok(Done::key_changed(&key, change))
    }
}
