//! `Decrypt`: a ciphertext blob back to its plaintext; the blob itself names its key.

use serde::de::IgnoredAny;
use trent_types::{
    CiphertextHeader, EncryptionAlgorithm, EncryptionContext, KeyRecord, Primitive, SecretBytes,
};

use crate::decode::{Blob, Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::{Ciphering, KeyUse, Question, Resource};
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

/// What is to be decrypted, by Decrypt or ReEncrypt.
pub(crate) struct Source<'a> {
    pub(crate) key_id: Option<Text<'a>>,
    pub(crate) ciphertext: SecretBytes,
    /// Always there for symmetric ciphertexts; other ciphertexts have none.
    pub(crate) header: Option<CiphertextHeader>,
    pub(crate) context: EncryptionContext,
    pub(crate) algorithm: EncryptionAlgorithm,
}

impl<'a> Source<'a> {
    /// Reads the header. A blob that is not one of ours is known for it before any key is looked
    /// up.
    pub(crate) fn new(
        key_id: Option<Text<'a>>,
        ciphertext: SecretBytes,
        context: EncryptionContext,
        algorithm: EncryptionAlgorithm,
    ) -> Result<Self, AwsError> {
        let symmetric = algorithm == EncryptionAlgorithm::SymmetricDefault;
        let header = if symmetric { CiphertextHeader::parse(ciphertext.expose()) } else { None };
        if symmetric && header.is_none() {
            return Err(AwsError::bare(ErrorCode::InvalidCiphertext));
        }
        if !symmetric && key_id.is_none() {
            let text = "A key ID is required to decrypt with an asymmetric algorithm.";
            return Err(AwsError::new(ErrorCode::Validation, text));
        }
        Ok(Self { key_id, ciphertext, header, context, algorithm })
    }

    /// May the caller decrypt this?
    pub(crate) fn question(&self, action: &'static str) -> Question<'_> {
        let resource = match (&self.key_id, &self.header) {
            (Some(key_id), _) => Resource::Key(key_id),
            (None, Some(header)) => Resource::Ciphertext(header.key_id),
            // Cannot be: `new` wants one of them. No key has the empty name.
            (None, None) => Resource::Key(""),
        };
        let material = self.header.map(|header| header.material_id);
        let use_of = (Primitive::Decrypt, material);
        rules::about_use(action, resource, use_of, &self.context, self.algorithm)
    }

    /// The key, with all that it decrypts with.
    pub(crate) const fn with<'s>(&'s self, key: KeyUse<'s>) -> Ciphering<'s> {
        Ciphering { key, algorithm: self.algorithm, context: &self.context }
    }

    /// Checks the key that the question resolved to against the blob.
    pub(crate) fn check(&self, key: &KeyRecord) -> Result<CiphertextHeader, AwsError> {
        key_state::usable(key)?;
        rules::fits(key, self.algorithm)?;
        let header = self.header.ok_or(AwsError::bare(ErrorCode::InvalidCiphertext))?;
        if header.key_id != key.key_id {
            return Err(AwsError::new(
                ErrorCode::IncorrectKey,
                "The key ID in the request does not identify a CMK that can perform this \
                 operation.",
            ));
        }
        Ok(header)
    }
}

/// `DryRunModifiers` asks for a check without a ciphertext, which is not served.
pub(crate) fn check_modifiers(modifiers: Option<&List<Text<'_>>>) -> Result<(), AwsError> {
    rules::not_served("DryRunModifiers", modifiers.is_some_and(|list| !list.0.is_empty()))
}

impl Steps for Decrypt {
    const NAME: &'static str = "Decrypt";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: DecryptShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        let without = shape.dry_run_modifiers.as_ref().is_some_and(|list| !list.0.is_empty());
        if !without {
            found.required("ciphertextBlob", shape.ciphertext.as_ref());
        }
        found.blob("ciphertextBlob", shape.ciphertext.as_ref(), 1..=6144);
        found.grant_tokens(shape.grant_tokens.as_ref());
        found.length("keyId", shape.key_id.as_ref(), 1..=2048);
        found.one_of("encryptionAlgorithm", shape.algorithm.as_ref(), rules::ALGORITHMS);
        let modifiers = shape.dry_run_modifiers.as_ref();
        found.each_of("dryRunModifiers", modifiers, &["IGNORE_CIPHERTEXT"]);
        found.finish()?;
        rules::not_served("Recipient", shape.recipient.is_some())?;
        check_modifiers(modifiers)?;
        rules::no_grant_tokens(shape.grant_tokens.as_ref())?;
        let source = Source::new(
            shape.key_id,
            rules::present(shape.ciphertext)?.0,
            rules::context(shape.context),
            rules::algorithm(shape.algorithm.as_ref()),
        )?;
        Ok(Input { source, dry_run: rules::is_set(shape.dry_run) })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.source.question("kms:Decrypt")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        let source = &input.source;
        out.text_if("keyId", source.key_id.as_deref());
        out.text("encryptionAlgorithm", source.algorithm.as_str());
        rules::show_context(out, "encryptionContext", &source.context);
        rules::show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let source = &input.source;
        let key = call.key(0)?;
        let header = source.check(key.record)?;
        let material = key.material.ok_or(AwsError::bare(ErrorCode::InvalidCiphertext))?;
        rules::end_dry_run(input.dry_run)?;
        let (worker, id) = (call.ports.worker, call.request.request_id);
        let with = source.with(key.with(material));
        let plaintext = worker.decrypt(id, with, source.ciphertext.expose()).await?;
        // Large enough never to move: a move would leave a copy of the plaintext behind.
        let body = object(384 + plaintext.len() * 4 / 3, |out| {
            out.shown("KeyId", &key.record.arn());
            out.blob("Plaintext", plaintext.expose());
            out.text("EncryptionAlgorithm", source.algorithm.as_str());
            out.shown("KeyMaterialId", &header.material_id);
        });
        let additional = Additional::Material(header.material_id);
        Ok(Done { body, additional, ..Done::default() })
    }
}
