//! `Encrypt`: up to 4096 bytes under a key.

use trent_types::{
    EncryptionAlgorithm, EncryptionContext, KeyRecord, KeySpec, Primitive, SecretBytes,
};

use crate::decode::{Blob, Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::{Ciphering, Question, Resource};
use crate::record::Additional;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct Encrypt;

shape! {
    EncryptShape<'a> {
        key_id: "KeyId" => Text<'a>,
        plaintext: "Plaintext" => Blob,
        context: "EncryptionContext" => Pairs,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        algorithm: "EncryptionAlgorithm" => Text<'a>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    plaintext: SecretBytes,
    context: EncryptionContext,
    algorithm: EncryptionAlgorithm,
    dry_run: bool,
}

impl Steps for Encrypt {
    const NAME: &'static str = "Encrypt";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: EncryptShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        rules::check_key_id(&mut found, shape.key_id.as_ref());
        found.required("plaintext", shape.plaintext.as_ref());
        found.blob("plaintext", shape.plaintext.as_ref(), 1..=4096);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.one_of("encryptionAlgorithm", shape.algorithm.as_ref(), EncryptionAlgorithm::NAMES);
        found.finish()?;
        rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
        let algorithm = rules::algorithm(shape.algorithm.as_ref());
        Ok(Input {
            key_id: rules::present(shape.key_id)?,
            plaintext: rules::present(shape.plaintext)?.0,
            context: rules::context(shape.context, algorithm)?,
            algorithm,
            dry_run: rules::is_set(shape.dry_run),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![rules::about_use(
            "kms:Encrypt",
            Resource::Key(&input.key_id),
            (Primitive::Encrypt, None),
            &input.context,
            input.algorithm,
        )]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.plain("encryptionAlgorithm", input.algorithm.as_str());
        rules::show_context(out, "encryptionContext", &input.context);
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        key_state::usable(key.record)?;
        rules::fits(key.record, input.algorithm, Self::NAME)?;
        check_length(key.record, input.algorithm, input.plaintext.len())?;
        rules::end_dry_run(input.dry_run)?;
        let material = key.current()?;
        let (worker, id) = (call.ports.worker, call.request.request_id);
        let with = Ciphering {
            key: key.with(material),
            algorithm: input.algorithm,
            context: &input.context,
        };
        let blob = worker.encrypt(id, with, &input.plaintext).await?;
        let body = object(192 + blob.len() * 4 / 3, |out| {
            out.blob("CiphertextBlob", &blob);
            out.id("KeyId", &key.record.arn());
            out.plain("EncryptionAlgorithm", input.algorithm.as_str());
        });
        let additional = Additional::Material(rules::shown_material(key.record, material));
        Ok(Done { body, additional, ..Done::default() })
    }
}

/// Asymmetric algorithms take less than the model's 4096 bytes (KMS API Reference, Encrypt,
/// Plaintext): RSA OAEP the modulus less two digests and 2 (RFC 8017, section 7.1.1).
fn check_length(
    key: &KeyRecord,
    algorithm: EncryptionAlgorithm,
    bytes: usize,
) -> Result<(), AwsError> {
    let most = match algorithm {
        EncryptionAlgorithm::SymmetricDefault => return Ok(()),
        EncryptionAlgorithm::RsaesOaepSha1 => modulus_bytes(key.spec).saturating_sub(42),
        EncryptionAlgorithm::RsaesOaepSha256 => modulus_bytes(key.spec).saturating_sub(66),
        EncryptionAlgorithm::Sm2Pke => 1024,
    };
    if bytes <= most {
        return Ok(());
    }
    let text = format!(
        "Algorithm {algorithm} and key spec {} cannot encrypt data larger than {most} bytes.",
        key.spec
    );
    Err(AwsError::new(ErrorCode::Validation, text))
}

/// How long an RSA key is; the algorithm has been found to be one of the key's.
const fn modulus_bytes(spec: KeySpec) -> usize {
    if matches!(spec, KeySpec::Rsa2048) {
        256
    } else if matches!(spec, KeySpec::Rsa3072) {
        384
    } else {
        512
    }
}
