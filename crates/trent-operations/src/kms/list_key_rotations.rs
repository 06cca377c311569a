//! `ListKeyRotations`: a key's completed rotations, or all of its materials.

use trent_types::{KeyRecord, MaterialId, MaterialRecord, Origin};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::page::{self, Page};
use crate::kms::rotation::symmetric;
use crate::ports::Question;
use crate::refusals::not_found;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListKeyRotations;

const ALL: &str = "ALL_KEY_MATERIAL";

shape! {
    ListKeyRotationsShape<'a> {
        key_id: "KeyId" => Text<'a>,
        include: "IncludeKeyMaterial" => Text<'a>,
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    include: Option<Text<'a>>,
    page: Page<'a>,
}

impl Input<'_> {
    fn rotations_only(&self) -> bool {
        self.include.as_deref() != Some(ALL)
    }
}

impl Steps for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListKeyRotationsShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.one_of("includeKeyMaterial", shape.include.as_ref(), &[ALL, "ROTATIONS_ONLY"]);
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let page = Page::new(shape.limit, shape.marker, (100, 1000))?;
        Ok(Input { key_id, include: shape.include, page })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:ListKeyRotations", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text_if("includeKeyMaterial", input.include.as_deref());
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        symmetric(key.record)?;
        let kind = if input.rotations_only() { "r" } else { "a" };
        let filter = format!("{kind}{}", key.record.key_id);
        let after = input.page.after(call, Self::NAME, &filter)?;
        let after: Option<MaterialId> = after
            .map(|id| id.parse().map_err(|_| AwsError::bare(ErrorCode::InvalidMarker)))
            .transpose()?;
        let (id, registry) = (call.request.request_id, call.ports.registry);
        let (limit, only) = (input.page.limit, input.rotations_only());
        let page = registry.materials(id, key.permit, only, after, limit).await?;
        let (materials, more) = page.ok_or_else(|| not_found(&key.record.arn()))?;
        let last = materials.last().filter(|_| more).map(|one| one.material_id.to_string());
        Ok(Done::answer(object(64 + materials.len() * 320, |out| {
            out.list("Rotations", &materials, |out, material| {
                let mut entry = Object::begin(out);
                write_material(&mut entry, key.record, material);
                entry.end();
            });
            page::finish(out, call, Self::NAME, &filter, last.as_deref());
        })))
    }
}

fn write_material(out: &mut Object<'_>, key: &KeyRecord, material: &MaterialRecord) {
    out.id("KeyId", &key.key_id);
    out.id("KeyMaterialId", &material.material_id);
    if key.origin == Origin::External {
        if !material.description.is_empty() {
            out.text("KeyMaterialDescription", &material.description);
        }
        out.text("ImportState", if material.present { "IMPORTED" } else { "PENDING_IMPORT" });
    }
    out.text("KeyMaterialState", material.state.as_str());
    if let Some(expiration) = material.expiration {
        out.text("ExpirationModel", expiration.model());
        if let Some(end) = expiration.valid_to() {
            out.epoch_seconds("ValidTo", end);
        }
    }
    if let Some((at, kind)) = material.rotated {
        out.epoch_seconds("RotationDate", at);
        out.text("RotationType", kind.as_str());
    }
}
