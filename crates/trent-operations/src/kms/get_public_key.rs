//! `GetPublicKey`: the public key of an asymmetric key, for use outside.

use trent_types::{KeyRecord, KeyState};

use crate::decode::{List, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::kms::key_metadata::{Reader, write_algorithms};
use crate::ports::Question;
use crate::refusals::not_found;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct GetPublicKey;

shape! {
    GetPublicKeyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
    }
}

/// A public key may be had in every state but before the key is made and when it is to be deleted.
fn check(key: &KeyRecord) -> Result<(), AwsError> {
    if !key.spec.is_asymmetric() {
        // AWS states the rule, not the text.
        let text = format!(
            "{} key spec is {} which is not valid for this operation.",
            key.arn(),
            key.spec
        );
        return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
    }
    key_state::in_state(key, |state| {
        !state.is_pending_deletion() && !matches!(state, KeyState::Creating | KeyState::Unavailable)
    })
}

impl Steps for GetPublicKey {
    const NAME: &'static str = "GetPublicKey";
    const READ_ONLY: bool = true;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        let shape: GetPublicKeyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        rules::present(shape.key_id)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![rules::about_key("kms:GetPublicKey", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        let record = key.record;
        check(record)?;
        let found = call.ports.registry.public_key(call.request.request_id, key.permit).await?;
        let Some(public_key) = found else {
            // Before the first import there is none.
            key_state::in_state(record, |state| state != KeyState::PendingImport)?;
            return Err(not_found(&record.arn()).into());
        };
        Ok(Done::answer(object(512 + public_key.len() * 4 / 3, |out| {
            out.id("KeyId", &record.arn());
            out.blob("PublicKey", &public_key);
            out.text("CustomerMasterKeySpec", record.spec.as_str());
            out.text("KeySpec", record.spec.as_str());
            out.text("KeyUsage", record.usage.as_str());
            write_algorithms(out, record, Reader::Caller);
        })))
    }
}
