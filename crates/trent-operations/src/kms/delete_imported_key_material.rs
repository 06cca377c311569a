//! `DeleteImportedKeyMaterial`: a key's imported material is destroyed; the key stays.

use trent_types::{Change, ChangeRefused, KeyFamily, KeyState, MaterialId, Origin};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state::in_state;
use crate::kms::rotation::of_origin;
use crate::ports::Question;
use crate::refusals::refused_key_change;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present, validated};
use crate::steps::{Call, Done, Steps};
use crate::validate::{MATERIAL_ID, Violations};

/// The operation.
pub(crate) struct DeleteImportedKeyMaterial;

shape! {
    DeleteImportedKeyMaterialShape<'a> {
        key_id: "KeyId" => Text<'a>,
        material_id: "KeyMaterialId" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    /// `None`: the current one.
    material_id: Option<MaterialId>,
}

impl Steps for DeleteImportedKeyMaterial {
    const NAME: &'static str = "DeleteImportedKeyMaterial";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: DeleteImportedKeyMaterialShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.length("keyMaterialId", shape.material_id.as_ref(), 64..=64);
        found.pattern("keyMaterialId", shape.material_id.as_ref(), &MATERIAL_ID);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let material_id = shape.material_id.as_ref().map(validated).transpose()?;
        Ok(Input { key_id, material_id })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:DeleteImportedKeyMaterial", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        if let Some(id) = &input.material_id {
            out.id("keyMaterialId", id);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        of_origin(key, Origin::External)?;
        in_state(key, |state| !matches!(state, KeyState::Creating | KeyState::Updating))?;
        let (arn, version) = (key.arn(), key.version);
        let material_id = input.material_id.or(key.current_material);
        let symmetric = key.spec.family() == KeyFamily::Symmetric;
        let shown = material_id.filter(|_| symmetric);
        let body = object(256, |out| {
            out.id("KeyId", &arn);
            if let Some(id) = &shown {
                out.id("KeyMaterialId", id);
            }
        });
        let elements = object(256, |out| {
            out.id("keyId", &arn);
            if let Some(id) = &shown {
                out.id("keyMaterialId", id);
            }
        });
        // Without material there is nothing to do, and no harm in asking.
        let change = material_id.map(|material_id| Change::DeleteMaterial {
            key: arn,
            version,
            material_id,
            expired: false,
        });
        Ok(Done { body, change, elements: Some(elements), ..Done::default() })
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match (reason, &input.material_id) {
            (ChangeRefused::NotFound, Some(id)) => {
                let text = format!("Key material '{id}' does not exist");
                AwsError::new(ErrorCode::NotFound, text)
            }
            (reason, _) => refused_key_change(call, reason),
        }
    }
}
