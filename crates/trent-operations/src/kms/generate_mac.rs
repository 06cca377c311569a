//! `GenerateMac`: the HMAC of a message.

use trent_types::{MacAlgorithm, Primitive};

use crate::decode::{Blob, Flag, List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::mac::Message;
use crate::ports::Question;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct GenerateMac;

shape! {
    GenerateMacShape<'a> {
        message: "Message" => Blob,
        key_id: "KeyId" => Text<'a>,
        algorithm: "MacAlgorithm" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
    }
}

impl Steps for GenerateMac {
    const NAME: &'static str = "GenerateMac";
    const READ_ONLY: bool = true;
    type Input<'a> = Message<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Message<'a>, AwsError> {
        let shape: GenerateMacShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.required("message", shape.message.as_ref());
        found.blob("message", shape.message.as_ref(), 1..=4096);
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.required("macAlgorithm", shape.algorithm.as_ref());
        found.one_of("macAlgorithm", shape.algorithm.as_ref(), MacAlgorithm::NAMES);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        Message::new(shape.key_id, shape.message, shape.algorithm, shape.dry_run)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.question("kms:GenerateMac", Primitive::GenerateMac)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.show(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        input.check(&key, Self::NAME)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        let mac = worker.generate_mac(id, key_use, input.algorithm, &input.message).await?;
        Ok(Done::answer(object(320, |out| {
            out.blob("Mac", mac.expose());
            out.text("MacAlgorithm", input.algorithm.as_str());
            out.id("KeyId", &key.record.arn());
        })))
    }
}
