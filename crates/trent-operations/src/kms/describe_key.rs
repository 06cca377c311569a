//! `DescribeKey`: a key's metadata, in any state.

use crate::decode::{List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::key_metadata::{Reader, write};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, are_grant_tokens, check_key_id, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct DescribeKey;

shape! {
    DescribeKeyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
    }
}

impl Steps for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    const READ_ONLY: bool = true;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        let shape: DescribeKeyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        are_grant_tokens(shape.grant_tokens.as_ref())?;
        present(shape.key_id)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:DescribeKey", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        let body = object(768 + key.description.len(), |out| {
            out.object("KeyMetadata", |metadata| write(metadata, key, Reader::Caller));
        });
        Ok(Done::answer(body))
    }
}
