//! `ListKeyPolicies`: every key has one policy, `default`.

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object, quote};
use crate::kms::page::{self, Page};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListKeyPolicies;

shape! {
    ListKeyPoliciesShape<'a> {
        key_id: "KeyId" => Text<'a>,
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    page: Page<'a>,
    has_marker: bool,
}

impl Steps for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListKeyPoliciesShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let has_marker = shape.marker.is_some();
        Ok(Input { key_id, page: Page::new(shape.limit, shape.marker, (100, 1000))?, has_marker })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:ListKeyPolicies", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        call.key(0)?;
        if input.has_marker {
            // The one page never ends with a marker.
            return Err(AwsError::bare(ErrorCode::InvalidMarker).into());
        }
        Ok(Done::answer(object(64, |out| {
            out.list("PolicyNames", ["default"], quote);
            out.boolean("Truncated", false);
        })))
    }
}
