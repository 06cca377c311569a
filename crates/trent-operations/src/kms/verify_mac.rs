//! `VerifyMac`: whether an HMAC is that of a message.

use trent_types::{MacAlgorithm, Primitive, SecretBytes};

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
pub(crate) struct VerifyMac;

shape! {
    VerifyMacShape<'a> {
        message: "Message" => Blob,
        key_id: "KeyId" => Text<'a>,
        algorithm: "MacAlgorithm" => Text<'a>,
        mac: "Mac" => Blob,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    message: Message<'a>,
    mac: SecretBytes,
}

impl Steps for VerifyMac {
    const NAME: &'static str = "VerifyMac";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: VerifyMacShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.required("message", shape.message.as_ref());
        found.blob("message", shape.message.as_ref(), 1..=4096);
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.required("macAlgorithm", shape.algorithm.as_ref());
        found.one_of("macAlgorithm", shape.algorithm.as_ref(), MacAlgorithm::NAMES);
        found.required("mac", shape.mac.as_ref());
        found.blob("mac", shape.mac.as_ref(), 1..=6144);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        let mac = rules::present(shape.mac)?.0;
        let message = Message::new(shape.key_id, shape.message, shape.algorithm, shape.dry_run)?;
        Ok(Input { message, mac })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.message.question("kms:VerifyMac", Primitive::VerifyMac)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.message.show(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let Input { message, mac } = input;
        let key = call.key(0)?;
        message.check(&key, Self::NAME)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        worker.verify_mac(id, key_use, message.algorithm, &message.message, mac).await?;
        Ok(Done::answer(object(192, |out| {
            out.id("KeyId", &key.record.arn());
            out.boolean("MacValid", true);
            out.text("MacAlgorithm", message.algorithm.as_str());
        })))
    }
}
