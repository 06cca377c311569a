//! `ReEncrypt`: from one key or context to another; the plaintext stays in the worker.

use trent_types::{EncryptionAlgorithm, EncryptionContext, Primitive};

use crate::decode::{Blob, Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::kms::ciphertext::{Given, Source, ignores_ciphertext};
use crate::ports::{Ciphering, Question, Resource};
use crate::record::Additional;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ReEncrypt;

shape! {
    ReEncryptShape<'a> {
        ciphertext: "CiphertextBlob" => Blob,
        source_context: "SourceEncryptionContext" => Pairs,
        source_key_id: "SourceKeyId" => Text<'a>,
        destination_key_id: "DestinationKeyId" => Text<'a>,
        destination_context: "DestinationEncryptionContext" => Pairs,
        source_algorithm: "SourceEncryptionAlgorithm" => Text<'a>,
        destination_algorithm: "DestinationEncryptionAlgorithm" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        dry_run: "DryRun" => Flag,
        dry_run_modifiers: "DryRunModifiers" => List<Text<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    source: Source<'a>,
    key_id: Text<'a>,
    context: EncryptionContext,
    algorithm: EncryptionAlgorithm,
    dry_run: bool,
}

impl Steps for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ReEncryptShape<'a> = body(request.body)?;
        let dry_run = rules::is_set(shape.dry_run);
        let modifiers = shape.dry_run_modifiers.as_ref();
        let ignores = ignores_ciphertext(dry_run, modifiers);
        let mut found = Violations::default();
        if ignores {
            found.required("sourceKeyId", shape.source_key_id.as_ref());
        } else {
            found.required("ciphertextBlob", shape.ciphertext.as_ref());
        }
        found.blob("ciphertextBlob", shape.ciphertext.as_ref(), 1..=6144);
        found.length("sourceKeyId", shape.source_key_id.as_ref(), 1..=2048);
        found.required("destinationKeyId", shape.destination_key_id.as_ref());
        found.length("destinationKeyId", shape.destination_key_id.as_ref(), 1..=2048);
        let (from, to) = (shape.source_algorithm.as_ref(), shape.destination_algorithm.as_ref());
        found.one_of("sourceEncryptionAlgorithm", from, EncryptionAlgorithm::NAMES);
        found.one_of("destinationEncryptionAlgorithm", to, EncryptionAlgorithm::NAMES);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.each_of("dryRunModifiers", modifiers, &["IGNORE_CIPHERTEXT"]);
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        let (from, to) = (rules::algorithm(from), rules::algorithm(to));
        let source = Source::new(Given {
            key_id: shape.source_key_id,
            ciphertext: shape.ciphertext.filter(|_| !ignores).map(|Blob(bytes)| bytes),
            context: rules::context(shape.source_context, from)?,
            algorithm: from,
        })?;
        Ok(Input {
            source,
            key_id: rules::present(shape.destination_key_id)?,
            context: rules::context(shape.destination_context, to)?,
            algorithm: to,
            dry_run,
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let destination = rules::about_use(
            "kms:ReEncryptTo",
            Resource::Key(&input.key_id),
            (Primitive::Encrypt, None),
            &input.context,
            input.algorithm,
        );
        vec![input.source.question("kms:ReEncryptFrom"), destination]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        let source = &input.source;
        out.text_if("sourceKeyId", source.key_id());
        out.text("sourceEncryptionAlgorithm", source.algorithm().as_str());
        rules::show_context(out, "sourceEncryptionContext", source.context());
        out.text("destinationKeyId", &input.key_id);
        out.text("destinationEncryptionAlgorithm", input.algorithm.as_str());
        rules::show_context(out, "destinationEncryptionContext", &input.context);
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let source = &input.source;
        let (from, to) = (call.key(0)?, call.key(1)?);
        let found = source.check(&from, Self::NAME)?;
        key_state::usable(to.record)?;
        rules::fits(to.record, input.algorithm, Self::NAME)?;
        rules::end_dry_run(input.dry_run)?;
        let (old, ciphertext) = found.ok_or_else(|| AwsError::internal(&"no ciphertext"))?;
        let new = to.current()?;
        let (worker, id) = (call.ports.worker, call.request.request_id);
        let with =
            Ciphering { key: to.with(new), algorithm: input.algorithm, context: &input.context };
        let blob = worker.re_encrypt(id, source.with(from.with(old)), ciphertext, with).await?;
        let old = rules::shown_material(from.record, old);
        let new = rules::shown_material(to.record, new);
        let body = object(640 + blob.len() * 4 / 3, |out| {
            out.blob("CiphertextBlob", &blob);
            out.id("SourceKeyId", &from.record.arn());
            out.id("KeyId", &to.record.arn());
            out.text("SourceEncryptionAlgorithm", source.algorithm().as_str());
            out.text("DestinationEncryptionAlgorithm", input.algorithm.as_str());
            if let Some(old) = &old {
                out.id("SourceKeyMaterialId", old);
            }
            if let Some(new) = &new {
                out.id("DestinationKeyMaterialId", new);
            }
        });
        let additional = Additional::Materials(old, new);
        Ok(Done { body, additional, ..Done::default() })
    }
}
