//! `Decrypt`: a ciphertext back to its plaintext; a symmetric ciphertext itself names its key.

use serde::de::IgnoredAny;
use trent_types::{EncryptionAlgorithm, SecretBytes};

use crate::decode::{Blob, Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::ciphertext::{Given, Source, ignores_ciphertext};
use crate::ports::Question;
use crate::record::Additional;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct Decrypt;

shape! {
    DecryptShape<'a> {
        ciphertext: "CiphertextBlob" => Blob,
        context: "EncryptionContext" => Pairs,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        key_id: "KeyId" => Text<'a>,
        algorithm: "EncryptionAlgorithm" => Text<'a>,
        recipient: "Recipient" => IgnoredAny,
        dry_run: "DryRun" => Flag,
        dry_run_modifiers: "DryRunModifiers" => List<Text<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    source: Source<'a>,
    dry_run: bool,
}

impl Steps for Decrypt {
    const NAME: &'static str = "Decrypt";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: DecryptShape<'a> = body(request.body)?;
        let dry_run = rules::is_set(shape.dry_run);
        let modifiers = shape.dry_run_modifiers.as_ref();
        let ignores = ignores_ciphertext(dry_run, modifiers);
        let mut found = Violations::default();
        if ignores {
            found.required("keyId", shape.key_id.as_ref());
        } else {
            found.required("ciphertextBlob", shape.ciphertext.as_ref());
        }
        found.blob("ciphertextBlob", shape.ciphertext.as_ref(), 1..=6144);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.length("keyId", shape.key_id.as_ref(), 1..=2048);
        let algorithm = shape.algorithm.as_ref();
        found.one_of("encryptionAlgorithm", algorithm, EncryptionAlgorithm::NAMES);
        found.each_of("dryRunModifiers", modifiers, &["IGNORE_CIPHERTEXT"]);
        found.finish()?;
        rules::not_served("Recipient", shape.recipient.is_some())?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        let algorithm = rules::algorithm(algorithm);
        let source = Source::new(Given {
            key_id: shape.key_id,
            ciphertext: shape.ciphertext.filter(|_| !ignores).map(|Blob(bytes)| bytes),
            context: rules::context(shape.context, algorithm)?,
            algorithm,
        })?;
        Ok(Input { source, dry_run })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.source.question("kms:Decrypt")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        let source = &input.source;
        out.text_if("keyId", source.key_id());
        out.text("encryptionAlgorithm", source.algorithm().as_str());
        rules::show_context(out, "encryptionContext", source.context());
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let source = &input.source;
        let key = call.key(0)?;
        let found = source.check(&key, Self::NAME)?;
        rules::end_dry_run(input.dry_run)?;
        let (material, ciphertext) = found.ok_or_else(|| AwsError::internal(&"no ciphertext"))?;
        let (worker, id) = (call.ports.worker, call.request.request_id);
        let plaintext: SecretBytes =
            worker.decrypt(id, source.with(key.with(material)), ciphertext).await?;
        let material = rules::shown_material(key.record, material);
        // Large enough never to move: a move would leave a copy of the plaintext behind.
        let body = object(384 + plaintext.len() * 4 / 3, |out| {
            out.id("KeyId", &key.record.arn());
            out.blob("Plaintext", plaintext.expose());
            out.text("EncryptionAlgorithm", source.algorithm().as_str());
            if let Some(material) = &material {
                out.id("KeyMaterialId", material);
            }
        });
        let additional = Additional::Material(material);
        Ok(Done { body, additional, ..Done::default() })
    }
}
