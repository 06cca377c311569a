//! `Explain`: why a request about a key was denied. Whoever may read the key's policy may know.

use trent_types::RequestId;

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct Explain;

shape! {
    ExplainShape<'a> {
        key_id: "KeyId" => Text<'a>,
        request_id: "RequestId" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    /// The request that was denied.
    denied: RequestId,
}

impl Steps for Explain {
    const NAME: &'static str = "Explain";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ExplainShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("requestId", shape.request_id.as_ref());
        found.length("requestId", shape.request_id.as_ref(), 1..=64);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let text = present(shape.request_id)?;
        let denied = text.parse().map_err(|_| {
            AwsError::new(ErrorCode::Validation, format!("{} is no request id", &*text))
        })?;
        Ok(Input { key_id, denied })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:GetKeyPolicy", &input.key_id);
        question.conditions.push(condition("kms:PolicyName", "default"));
        vec![question]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.id("requestId", &input.denied);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        let id = call.request.request_id;
        let found = call.ports.registry.explanations(id, key.permit, input.denied).await?;
        let room = found.iter().map(|one| one.json.len() + 128).sum::<usize>();
        Ok(Done::answer(object(128 + room, |out| {
            out.id("KeyId", &key.record.arn());
            out.id("RequestId", &input.denied);
            out.list("Explanations", &found, |out, one| {
                let mut shown = Object::begin(out);
                shown.text("Account", one.account.as_str());
                shown.epoch_seconds("Timestamp", one.at);
                // JSON already: it comes from the evaluator.
                shown.raw("Decision", one.json.as_bytes());
                shown.end();
            });
        })))
    }
}
