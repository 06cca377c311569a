//! What GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext have in common.

use serde::de::IgnoredAny;
use trent_types::{EncryptionAlgorithm, EncryptionContext, KeySpec, Primitive, SecretBytes};

use crate::decode::{Flag, List, Pairs, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::ports::{Question, Resource};
use crate::record::Additional;
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done};
use crate::validate::Violations;

/// `DataKeyPairSpec`.
const SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SM2",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];

shape! {
    DataKeyPairShape<'a> {
        context: "EncryptionContext" => Pairs,
        key_id: "KeyId" => Text<'a>,
        spec: "KeyPairSpec" => Text<'a>,
        grant_tokens: "GrantTokens" => List<Text<'a>>,
        recipient: "Recipient" => IgnoredAny,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    context: EncryptionContext,
    pub(crate) spec: KeySpec,
    dry_run: bool,
}

/// Decodes and validates; a `Recipient` exists only where a plaintext is answered.
pub(crate) fn decode<'a>(
    request: &Request<'a>,
    with_plaintext: bool,
) -> Result<Input<'a>, AwsError> {
    let shape: DataKeyPairShape<'a> = body(request.body)?;
    let mut found = Violations::default();
    rules::check_key_id(&mut found, shape.key_id.as_ref());
    found.required("keyPairSpec", shape.spec.as_ref());
    found.one_of("keyPairSpec", shape.spec.as_ref(), SPECS);
    found.grant_tokens(shape.grant_tokens.as_ref());
    found.finish()?;
    rules::not_served("Recipient", with_plaintext && shape.recipient.is_some())?;
    rules::are_grant_tokens(shape.grant_tokens.as_ref())?;
    Ok(Input {
        key_id: rules::present(shape.key_id)?,
        context: rules::context(shape.context, EncryptionAlgorithm::SymmetricDefault)?,
        spec: rules::validated(&rules::present(shape.spec)?)?,
        dry_run: rules::is_set(shape.dry_run),
    })
}

/// The one question.
pub(crate) fn questions<'q>(action: &'static str, input: &'q Input<'_>) -> Vec<Question<'q>> {
    let mut question = rules::about_use(
        action,
        Resource::Key(&input.key_id),
        (Primitive::GenerateDataKeyPair, None),
        &input.context,
        EncryptionAlgorithm::SymmetricDefault,
    );
    question.conditions.push(rules::condition("kms:DataKeyPairSpec", input.spec.as_str()));
    vec![question]
}

/// `requestParameters`.
pub(crate) fn parameters(input: &Input<'_>, out: &mut Object<'_>) {
    out.text("keyId", &input.key_id);
    out.text("keyPairSpec", input.spec.as_str());
    rules::show_context(out, "encryptionContext", &input.context);
    rules::show_dry_run(out, input.dry_run);
}

/// Makes the key pair.
pub(crate) async fn perform(
    input: &Input<'_>,
    call: &Call<'_>,
    operation: &'static str,
    with_plaintext: bool,
) -> Result<Done, Fault> {
    let key = call.key(0)?;
    key_state::usable(key.record)?;
    rules::fits(key.record, EncryptionAlgorithm::SymmetricDefault, operation)?;
    rules::end_dry_run(input.dry_run)?;
    let material = key.current()?;
    let (worker, id) = (call.ports.worker, call.request.request_id);
    let (context, spec) = (&input.context, input.spec);
    let pair = worker
        .generate_data_key_pair(id, key.with(material), context, spec, with_plaintext)
        .await?;
    if with_plaintext != pair.private_key.is_some() {
        return Err(AwsError::internal(&"the worker answered another request").into());
    }
    // Large enough never to move: a move would leave a copy of the private key behind.
    let plaintext = pair.private_key.as_ref().map_or(0, SecretBytes::len);
    let size = pair.private_key_blob.len() + plaintext + pair.public_key.len();
    let body = object(512 + size * 4 / 3, |out| {
        out.blob("PrivateKeyCiphertextBlob", &pair.private_key_blob);
        if let Some(private_key) = &pair.private_key {
            out.blob("PrivateKeyPlaintext", private_key.expose());
        }
        out.blob("PublicKey", &pair.public_key);
        out.id("KeyId", &key.record.arn());
        out.text("KeyPairSpec", spec.as_str());
        out.id("KeyMaterialId", &material.material_id);
    });
    let additional = Additional::Material(Some(material.material_id));
    Ok(Done { body, additional, ..Done::default() })
}
