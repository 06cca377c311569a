//! `Encapsulate`: a new shared secret, and the ciphertext that carries it to the private key.

use trent_types::{EncapsulationAlgorithm, KeyUsage, Primitive};

use crate::decode::{Flag, List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::Question;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct Encapsulate;

shape! {
    EncapsulateShape<'a> {
        key_id: "KeyId" => Text<'a>,
        algorithm: "EncapsulationAlgorithm" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    algorithm: EncapsulationAlgorithm,
    dry_run: bool,
}

impl Steps for Encapsulate {
    const NAME: &'static str = "Encapsulate";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: EncapsulateShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        let algorithm = shape.algorithm.as_ref();
        found.required("encapsulationAlgorithm", algorithm);
        found.one_of("encapsulationAlgorithm", algorithm, EncapsulationAlgorithm::NAMES);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        Ok(Input {
            key_id: rules::present(shape.key_id)?,
            algorithm: rules::validated(&rules::present(shape.algorithm)?)?,
            dry_run: rules::is_set(shape.dry_run),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let (action, primitive) = ("kms:Encapsulate", Primitive::Encapsulate);
        vec![rules::about_use_of(action, &input.key_id, primitive, Vec::new())]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("encapsulationAlgorithm", input.algorithm.as_str());
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        key_state::usable(key.record)?;
        rules::meant_for(key.record, KeyUsage::EncapsulateDecapsulate, Self::NAME)?;
        rules::end_dry_run(input.dry_run)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        let (ciphertext, secret) = worker.encapsulate(id, key_use).await?;
        // Large enough never to move: a move would leave a copy of the secret behind.
        Ok(Done::answer(object(384 + ciphertext.len() * 4 / 3, |out| {
            out.id("KeyId", &key.record.arn());
            out.blob("SharedSecret", secret.expose());
            out.blob("SharedSecretCiphertextBlob", &ciphertext);
            out.text("EncapsulationAlgorithm", input.algorithm.as_str());
        })))
    }
}
