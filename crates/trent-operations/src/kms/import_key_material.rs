//! `ImportKeyMaterial`: wrapped key material into a key without it.

use trent_types::{
    Change, Expiration, ImportType, KeyFamily, KeyRecord, KeyState, MaterialId, Origin, Primitive,
    Primitives, SecretBytes, Timestamp,
};

use crate::decode::{Blob, Moment, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state::in_state;
use crate::kms::rotation::{DAY_MS, of_origin};
use crate::ports::Question;
use crate::record::java_date;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present, validated};
use crate::steps::{Call, Done, Steps};
use crate::validate::{MATERIAL_DESCRIPTION, MATERIAL_ID, Violations};

/// The operation.
pub(crate) struct ImportKeyMaterial;

/// The furthest end of imported material.
const VALID_MAX_MS: i64 = 365 * DAY_MS;

const MODELS: &[&str] = &["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];

shape! {
    ImportKeyMaterialShape<'a> {
        key_id: "KeyId" => Text<'a>,
        token: "ImportToken" => Blob,
        material: "EncryptedKeyMaterial" => Blob,
        valid_to: "ValidTo" => Moment,
        model: "ExpirationModel" => Text<'a>,
        import_type: "ImportType" => Text<'a>,
        description: "KeyMaterialDescription" => Text<'a>,
        material_id: "KeyMaterialId" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    token: SecretBytes,
    material: SecretBytes,
    expiration: Expiration,
    model_given: bool,
    import_type: Option<ImportType>,
    description: Option<Text<'a>>,
    material_id: Option<MaterialId>,
}

/// The end of the material, by the rules between the parameters.
fn expiration(shape: &ImportKeyMaterialShape<'_>) -> Result<Expiration, AwsError> {
    let invalid = |text: &'static str| Err(AwsError::new(ErrorCode::Validation, text));
    let expires = shape.model.as_deref() != Some("KEY_MATERIAL_DOES_NOT_EXPIRE");
    match (expires, shape.valid_to) {
        (true, Some(Moment(end))) => Ok(Expiration::At(end)),
        (false, None) => Ok(Expiration::Never),
        // AWS states these rules, not the texts.
        (true, None) => {
            invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
        }
        (false, Some(_)) => invalid(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
    }
}

impl Steps for ImportKeyMaterial {
    const NAME: &'static str = "ImportKeyMaterial";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ImportKeyMaterialShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("importToken", shape.token.as_ref());
        found.blob("importToken", shape.token.as_ref(), 1..=6144);
        found.required("encryptedKeyMaterial", shape.material.as_ref());
        found.blob("encryptedKeyMaterial", shape.material.as_ref(), 1..=6144);
        found.one_of("expirationModel", shape.model.as_ref(), MODELS);
        found.one_of("importType", shape.import_type.as_ref(), ImportType::NAMES);
        let description = shape.description.as_ref();
        found.length("keyMaterialDescription", description, 0..=256);
        found.pattern("keyMaterialDescription", description, &MATERIAL_DESCRIPTION);
        found.length("keyMaterialId", shape.material_id.as_ref(), 64..=64);
        found.pattern("keyMaterialId", shape.material_id.as_ref(), &MATERIAL_ID);
        found.finish()?;
        let expiration = expiration(&shape)?;
        let import_type = shape.import_type.as_ref().map(validated).transpose()?;
        let material_id = shape.material_id.as_ref().map(validated).transpose()?;
        if import_type == Some(ImportType::New) && material_id.is_some() {
            let text = "KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.";
            return Err(AwsError::new(ErrorCode::Validation, text));
        }
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        Ok(Input {
            key_id,
            token: present(shape.token)?.0,
            material: present(shape.material)?.0,
            expiration,
            model_given: shape.model.is_some(),
            import_type,
            description: shape.description,
            material_id,
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = about_key("kms:ImportKeyMaterial", &input.key_id);
        let mut conditions = Vec::new();
        if input.model_given {
            conditions.push(condition("kms:ExpirationModel", input.expiration.model()));
        }
        if let Some(end) = input.expiration.valid_to() {
            let millis = end.as_millis();
            let text = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
            let text = text.trim_end_matches('0');
            let text = if text.ends_with('.') { format!("{text}0") } else { text.to_owned() };
            conditions.push(condition("kms:ValidTo", &text));
        }
        let primitives = Primitives::only(Primitive::ImportMaterial);
        vec![Question { primitives, conditions, ..question }]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        if let Some(end) = input.expiration.valid_to() {
            out.text("validTo", &java_date(end));
        }
        out.text("expirationModel", input.expiration.model());
        out.text_if("importType", input.import_type.map(ImportType::as_str));
        out.text_if("keyMaterialDescription", input.description.as_deref());
        if let Some(id) = &input.material_id {
            out.id("keyMaterialId", id);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let target = call.key(0)?;
        let key = target.record;
        of_origin(key, Origin::External)?;
        in_state(key, |state| !state.is_pending_deletion() && state != KeyState::Creating)?;
        for_this_key(key, input)?;
        check_end(input.expiration, call.key_now)?;
        let arn = key.arn();
        let material = call
            .ports
            .worker
            .import_material(
                call.request.request_id,
                target.permit,
                arn,
                key.spec,
                input.token.expose(),
                input.material.expose(),
            )
            .await?;
        let material_id = material.sealed.material_id;
        if input.material_id.is_some_and(|wanted| wanted != material_id) {
            return Err(AwsError::bare(ErrorCode::IncorrectKeyMaterial).into());
        }
        let first = key.current_material.is_none();
        let usual = if first { ImportType::New } else { ImportType::Existing };
        let change = Change::ImportMaterial {
            key: arn,
            version: key.version,
            material,
            expiration: input.expiration,
            description: input.description.as_deref().map(ToOwned::to_owned),
            import_type: input.import_type.unwrap_or(usual),
        };
        let symmetric = key.spec.family() == KeyFamily::Symmetric;
        let body = object(256, |out| {
            out.id("KeyId", &arn);
            if symmetric {
                out.id("KeyMaterialId", &material_id);
            }
        });
        let elements = object(256, |out| {
            out.id("keyId", &arn);
            if symmetric {
                out.id("keyMaterialId", &material_id);
            }
        });
        Ok(Done { body, change: Some(change), elements: Some(elements), ..Done::default() })
    }
}

/// Only symmetric keys have several materials, and so a need to tell them apart.
fn for_this_key(key: &KeyRecord, input: &Input<'_>) -> Result<(), AwsError> {
    if key.spec.family() == KeyFamily::Symmetric {
        return Ok(());
    }
    let given = [
        ("ImportType", input.import_type.is_some()),
        ("KeyMaterialDescription", input.description.is_some()),
        ("KeyMaterialId", input.material_id.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        // AWS states the rule, not the text.
        Some((parameter, _)) => Err(AwsError::new(
            ErrorCode::Validation,
            format!("{parameter} is only valid for symmetric encryption keys."),
        )),
    }
}

fn check_end(expiration: Expiration, now: Timestamp) -> Result<(), AwsError> {
    let Some(end) = expiration.valid_to() else { return Ok(()) };
    if now < end && end <= now.plus_millis(VALID_MAX_MS) {
        return Ok(());
    }
    // AWS states the rule, not the text.
    let text = "The ValidTo date must be in the future and no more than 365 days from now.";
    Err(AwsError::new(ErrorCode::Validation, text))
}
