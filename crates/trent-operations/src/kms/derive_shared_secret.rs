//! `DeriveSharedSecret`: the raw secret that a key and somebody's public key have in common.

use serde::de::IgnoredAny;
use trent_types::{KeyAgreementAlgorithm, KeyUsage, Primitive, SecretBytes};

use crate::decode::{Blob, Flag, List, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::Question;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct DeriveSharedSecret;

shape! {
    DeriveSharedSecretShape<'a> {
        key_id: "KeyId" => Text<'a>,
        algorithm: "KeyAgreementAlgorithm" => Text<'a>,
        public_key: "PublicKey" => Blob,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
        recipient: "Recipient" => IgnoredAny,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    algorithm: KeyAgreementAlgorithm,
    public_key: SecretBytes,
    dry_run: bool,
}

impl Steps for DeriveSharedSecret {
    const NAME: &'static str = "DeriveSharedSecret";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: DeriveSharedSecretShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        let algorithm = shape.algorithm.as_ref();
        found.required("keyAgreementAlgorithm", algorithm);
        found.one_of("keyAgreementAlgorithm", algorithm, KeyAgreementAlgorithm::NAMES);
        found.required("publicKey", shape.public_key.as_ref());
        found.blob("publicKey", shape.public_key.as_ref(), 1..=8192);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.finish()?;
        rules::not_served("Recipient", shape.recipient.is_some())?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        Ok(Input {
            key_id: rules::present(shape.key_id)?,
            algorithm: rules::validated(&rules::present(shape.algorithm)?)?,
            public_key: rules::present(shape.public_key)?.0,
            dry_run: rules::is_set(shape.dry_run),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let algorithm = rules::condition("kms:KeyAgreementAlgorithm", input.algorithm.as_str());
        let (action, primitive) = ("kms:DeriveSharedSecret", Primitive::DeriveSharedSecret);
        vec![rules::about_use_of(action, &input.key_id, primitive, vec![algorithm])]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("keyAgreementAlgorithm", input.algorithm.as_str());
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        key_state::usable(key.record)?;
        rules::meant_for(key.record, KeyUsage::KeyAgreement, Self::NAME)?;
        rules::end_dry_run(input.dry_run)?;
        let (worker, id, key_use) =
            (call.ports.worker, call.request.request_id, key.with(key.current()?));
        let secret = worker.derive_shared_secret(id, key_use, input.public_key.expose()).await?;
        // Large enough never to move: a move would leave a copy of the secret behind.
        Ok(Done::answer(object(384, |out| {
            out.id("KeyId", &key.record.arn());
            out.blob("SharedSecret", secret.expose());
            out.text("KeyAgreementAlgorithm", input.algorithm.as_str());
            out.text("KeyOrigin", key.record.origin.as_str());
        })))
    }
}
