//! `Verify`: whether a signature is that of a message or digest under a key.

use trent_types::{MessageType, Primitive, SecretBytes, SigningAlgorithm};

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
pub(crate) struct Verify;

shape! {
    VerifyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        message: "Message" => Blob,
        kind: "MessageType" => Text<'a>,
        signature: "Signature" => Blob,
        algorithm: "SigningAlgorithm" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    message: Message<'a>,
    signature: SecretBytes,
}

impl Steps for Verify {
    const NAME: &'static str = "Verify";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: VerifyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.required("message", shape.message.as_ref());
        found.blob("message", shape.message.as_ref(), 1..=4096);
        found.one_of("messageType", shape.kind.as_ref(), MessageType::NAMES);
        found.required("signature", shape.signature.as_ref());
        found.blob("signature", shape.signature.as_ref(), 1..=6144);
        found.required("signingAlgorithm", shape.algorithm.as_ref());
        found.one_of("signingAlgorithm", shape.algorithm.as_ref(), SigningAlgorithm::NAMES);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        let signature = rules::present(shape.signature)?.0;
        let message = Message::new(Given {
            key_id: shape.key_id,
            message: shape.message,
            kind: shape.kind,
            algorithm: shape.algorithm,
            dry_run: shape.dry_run,
        })?;
        Ok(Input { message, signature })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.message.question("kms:Verify", Primitive::Verify)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.message.show(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let Input { message, signature } = input;
        let key = call.key(0)?;
        message.check(&key, Self::NAME)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        let (algorithm, kind) = (message.algorithm, message.kind);
        // A signature that is not good is an error, as at AWS: nobody can overlook it.
        worker.verify(id, key_use, algorithm, kind, &message.message, signature.expose()).await?;
        Ok(Done::answer(object(192, |out| {
            out.id("KeyId", &key.record.arn());
            out.boolean("SignatureValid", true);
            out.text("SigningAlgorithm", algorithm.as_str());
        })))
    }
}
