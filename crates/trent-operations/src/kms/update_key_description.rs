//! `UpdateKeyDescription`.

use trent_types::{Change, KeyUpdate};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::key_state::not_pending_deletion;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct UpdateKeyDescription;

shape! {
    UpdateKeyDescriptionShape<'a> {
        key_id: "KeyId" => Text<'a>,
        description: "Description" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    description: Text<'a>,
}

impl Steps for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: UpdateKeyDescriptionShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("description", shape.description.as_ref());
        found.length("description", shape.description.as_ref(), 0..=8192);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        Ok(Input { key_id, description: present(shape.description)? })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:UpdateKeyDescription", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("description", &input.description);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        not_pending_deletion(key)?;
        let update = KeyUpdate::Describe(input.description.to_string());
        let change = Change::UpdateKey { key: key.arn(), version: key.version, update };
        Ok(Done::key_changed(&key.arn(), Some(change)))
    }
}
