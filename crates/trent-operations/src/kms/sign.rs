//! `Sign`: a signature of a message or digest under a private key.

use trent_types::{MessageType, Primitive, SigningAlgorithm};

use crate::decode::{Blob, Flag, List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::signing::{Given, Message};
use crate::ports::Question;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct Sign;

shape! {
    SignShape<'a> {
        key_id: "KeyId" => Text<'a>,
        message: "Message" => Blob,
        kind: "MessageType" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        algorithm: "SigningAlgorithm" => Text<'a>,
        dry_run: "DryRun" => Flag,
    }
}

impl Steps for Sign {
    const NAME: &'static str = "Sign";
    const READ_ONLY: bool = true;
    type Input<'a> = Message<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Message<'a>, AwsError> {
        let shape: SignShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.required("message", shape.message.as_ref());
        found.blob("message", shape.message.as_ref(), 1..=4096);
        found.one_of("messageType", shape.kind.as_ref(), MessageType::NAMES);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.required("signingAlgorithm", shape.algorithm.as_ref());
        found.one_of("signingAlgorithm", shape.algorithm.as_ref(), SigningAlgorithm::NAMES);
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        Message::new(Given {
            key_id: shape.key_id,
            message: shape.message,
            kind: shape.kind,
            algorithm: shape.algorithm,
            dry_run: shape.dry_run,
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.question("kms:Sign", Primitive::Sign)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.show(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        input.check(&key, Self::NAME)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        let signature =
            worker.sign(id, key_use, input.algorithm, input.kind, &input.message).await?;
        Ok(Done::answer(object(192 + signature.len() * 4 / 3, |out| {
            out.id("KeyId", &key.record.arn());
            out.blob("Signature", &signature);
            out.text("SigningAlgorithm", input.algorithm.as_str());
        })))
    }
}
