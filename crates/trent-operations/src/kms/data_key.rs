//! What GenerateDataKey and GenerateDataKeyWithoutPlaintext have in common.

use serde::de::IgnoredAny;
use trent_types::{EncryptionAlgorithm, EncryptionContext, Primitive};

use crate::decode::{Flag, Integer, List, Pairs, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::{Question, Resource};
use crate::record::Additional;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done};
use crate::validate::Violations;

shape! {
    DataKeyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        context: "EncryptionContext" => Pairs,
        number_of_bytes: "NumberOfBytes" => Integer,
        key_spec: "KeySpec" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        recipient: "Recipient" => IgnoredAny,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    context: EncryptionContext,
    length: Length,
    dry_run: bool,
}

/// How long the data key shall be, as the caller said it.
#[derive(Debug, Clone, Copy)]
enum Length {
    Spec(&'static str, u32),
    Bytes(u32),
}

impl Length {
    const fn bytes(self) -> u32 {
        match self {
            Self::Spec(_, bytes) | Self::Bytes(bytes) => bytes,
        }
    }
}

/// Decodes and validates; a `Recipient` exists only where a plaintext is answered.
pub(crate) fn decode<'a>(
    request: &Request<'a>,
    with_plaintext: bool,
) -> Result<Input<'a>, AwsError> {
    let shape: DataKeyShape<'a> = body(request.body)?;
    let mut found = Violations::default();
    rules::check_key_id(&mut found, shape.key_id.as_ref());
    found.range("numberOfBytes", shape.number_of_bytes, 1..=1024);
    found.one_of("keySpec", shape.key_spec.as_ref(), &["AES_256", "AES_128"]);
    found.grant_tokens(shape.grant_tokens.as_ref());
    found.finish()?;
    rules::not_served("Recipient", with_plaintext && shape.recipient.is_some())?;
    rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
    let length = match (shape.key_spec.as_deref(), shape.number_of_bytes) {
        (Some("AES_128"), None) => Length::Spec("AES_128", 16),
        (Some(_), None) => Length::Spec("AES_256", 32),
        // Cannot be cut short: at most 1024.
        (None, Some(Integer(bytes))) => Length::Bytes(bytes as u32),
        (None, None) | (Some(_), Some(_)) => {
            let text = "Please specify either number of bytes or key spec.";
            return Err(AwsError::new(ErrorCode::Validation, text));
        }
    };
    Ok(Input {
        key_id: rules::present(shape.key_id)?,
        context: rules::context(shape.context, EncryptionAlgorithm::SymmetricDefault)?,
        length,
        dry_run: rules::is_set(shape.dry_run),
    })
}

/// The one question.
pub(crate) fn questions<'q>(action: &'static str, input: &'q Input<'_>) -> Vec<Question<'q>> {
    vec![rules::about_use(
        action,
        Resource::Key(&input.key_id),
        (Primitive::GenerateDataKey, None),
        &input.context,
        EncryptionAlgorithm::SymmetricDefault,
    )]
}

/// `requestParameters`.
pub(crate) fn parameters(input: &Input<'_>, out: &mut Object<'_>) {
    out.text("keyId", &input.key_id);
    match input.length {
        Length::Spec(name, _) => out.text("keySpec", name),
        Length::Bytes(bytes) => out.number("numberOfBytes", bytes.into()),
    }
    rules::show_context(out, "encryptionContext", &input.context);
    rules::show_dry_run(out, input.dry_run);
}

/// Makes the data key.
pub(crate) async fn perform(
    input: &Input<'_>,
    call: &Call<'_>,
    with_plaintext: bool,
) -> Result<Done, Fault> {
    let key = call.key(0)?;
    key_state::usable(key.record)?;
    let name = if with_plaintext { "GenerateDataKey" } else { "GenerateDataKeyWithoutPlaintext" };
    rules::fits(key.record, EncryptionAlgorithm::SymmetricDefault, name)?;
    rules::end_dry_run(input.dry_run)?;
    let material = key.current()?;
    let (blob, plaintext) = call
        .ports
        .worker
        .generate_data_key(
            call.request.request_id,
            key.with(material),
            &input.context,
            input.length.bytes(),
            with_plaintext,
        )
        .await?;
    if with_plaintext != plaintext.is_some() {
        return Err(AwsError::internal(&"the worker answered another request").into());
    }
    // Large enough never to move: a move would leave a copy of the plaintext behind.
    let size = blob.len() + plaintext.as_ref().map_or(0, trent_types::SecretBytes::len);
    let body = object(384 + size * 4 / 3, |out| {
        out.blob("CiphertextBlob", &blob);
        if let Some(plaintext) = &plaintext {
            out.blob("Plaintext", plaintext.expose());
        }
        out.id("KeyId", &key.record.arn());
        out.id("KeyMaterialId", &material.material_id);
    });
    let additional = Additional::Material(Some(material.material_id));
    Ok(Done { body, additional, ..Done::default() })
}
