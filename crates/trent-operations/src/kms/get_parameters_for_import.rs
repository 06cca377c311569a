//! `GetParametersForImport`: a public key to wrap key material with, and the token that goes with
//! it.

use trent_types::{
    KeyFamily, KeyRecord, KeySpec, KeyState, Origin, Primitive, Primitives, WrappingAlgorithm,
    WrappingKeySpec,
};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state::in_state;
use crate::kms::rotation::{DAY_MS, of_origin};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present, validated};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct GetParametersForImport;

shape! {
    GetParametersForImportShape<'a> {
        key_id: "KeyId" => Text<'a>,
        algorithm: "WrappingAlgorithm" => Text<'a>,
        spec: "WrappingKeySpec" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    algorithm: WrappingAlgorithm,
    spec: WrappingKeySpec,
}

impl Steps for GetParametersForImport {
    const NAME: &'static str = "GetParametersForImport";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: GetParametersForImportShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("wrappingAlgorithm", shape.algorithm.as_ref());
        found.one_of("wrappingAlgorithm", shape.algorithm.as_ref(), WrappingAlgorithm::NAMES);
        found.required("wrappingKeySpec", shape.spec.as_ref());
        found.one_of("wrappingKeySpec", shape.spec.as_ref(), WrappingKeySpec::NAMES);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let algorithm = validated(&present(shape.algorithm)?)?;
        let spec = validated(&present(shape.spec)?)?;
        // AWS took PKCS #1 v1.5 out of use; SM2 is for its Regions in China.
        if matches!(algorithm, WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke) {
            let text = format!("WrappingAlgorithm {algorithm} is not supported.");
            return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
        }
        if spec == WrappingKeySpec::Sm2 {
            let text = format!("WrappingKeySpec {spec} is not supported.");
            return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
        }
        Ok(Input { key_id, algorithm, spec })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = about_key("kms:GetParametersForImport", &input.key_id);
        let conditions = vec![
            condition("kms:WrappingAlgorithm", input.algorithm.as_str()),
            condition("kms:WrappingKeySpec", input.spec.as_str()),
        ];
        let primitives = Primitives::only(Primitive::MakeImportParameters);
        vec![Question { primitives, conditions, ..question }]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("wrappingAlgorithm", input.algorithm.as_str());
        out.text("wrappingKeySpec", input.spec.as_str());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let target = call.key(0)?;
        let key = target.record;
        of_origin(key, Origin::External)?;
        in_state(key, |state| {
            matches!(state, KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport)
        })?;
        can_wrap(key, input)?;
        let arn = key.arn();
        let valid_to = call.key_now.plus_millis(DAY_MS);
        let (public_key, token) = call
            .ports
            .worker
            .make_import_parameters(
                call.request.request_id,
                target.permit,
                arn,
                input.spec,
                input.algorithm,
                valid_to,
            )
            .await?;
        Ok(Done::answer(object(192 + (public_key.len() + token.len()) * 4 / 3, |out| {
            out.id("KeyId", &arn);
            out.blob("ImportToken", &token);
            out.blob("PublicKey", &public_key);
            out.epoch_seconds("ParametersValidTo", valid_to);
        })))
    }
}

/// Whether the material can be wrapped so (AWS KMS Developer Guide, "Wrapping public key
/// specifications"): only what is short fits into RSA itself.
fn can_wrap(key: &KeyRecord, input: &Input<'_>) -> Result<(), AwsError> {
    let direct = matches!(
        input.algorithm,
        WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaesOaepSha256
    );
    let fits = match key.spec.family() {
        KeyFamily::Symmetric | KeyFamily::Hmac => direct,
        KeyFamily::Rsa => !direct,
        KeyFamily::Ec | KeyFamily::Ed25519 | KeyFamily::Sm2 => {
            let large = key.spec == KeySpec::EccNistP521;
            !(direct && large && input.spec == WrappingKeySpec::Rsa2048)
        }
        KeyFamily::MlDsa | KeyFamily::MlKem => false,
    };
    if fits {
        return Ok(());
    }
    // AWS states the rule, not the text.
    let text = format!(
        "WrappingAlgorithm {} with WrappingKeySpec {} is not valid for key spec {}.",
        input.algorithm, input.spec, key.spec
    );
    Err(AwsError::new(ErrorCode::Validation, text))
}
