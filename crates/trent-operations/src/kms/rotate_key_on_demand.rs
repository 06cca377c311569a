//! `RotateKeyOnDemand`: new material now, or the imported material that waits for this.
//!
//! AWS rotates after its answer. Here the rotation is over when the answer goes out: whoever sees
//! it can rely on it.

use trent_types::{
    Change, ChangeRefused, MaterialId, MaterialState, Origin, Primitive, Primitives, RotationType,
};

use crate::decode::Text;
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state;
use crate::kms::key_request::key_of;
use crate::kms::rotation::{primary, symmetric};
use crate::ports::Question;
use crate::record::ServiceEvent;
use crate::refusals::{not_found, refused_key_change};
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps, Target};

/// The operation.
pub(crate) struct RotateKeyOnDemand;

/// So shortly before a rotation by schedule AWS refuses one on demand.
const TOO_SHORTLY_MS: i64 = 20 * 60_000;

/// More materials than a key can have: its rotations on demand are limited.
const MATERIALS_MAX: u32 = 1_000;

impl Steps for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    const READ_ONLY: bool = false;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = about_key("kms:RotateKeyOnDemand", key_id);
        let primitives = Primitives::only(Primitive::GenerateMaterial);
        vec![Question { primitives, ..question }]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let target = call.key(0)?;
        let key = target.record;
        symmetric(key)?;
        key_state::usable(key)?;
        primary(key)?;
        let soon = call.key_now.plus_millis(TOO_SHORTLY_MS);
        if key.rotation.is_some_and(|rotation| rotation.next <= soon) {
            let text = "An automatic rotation of the key is in progress or due within 20 minutes.";
            return Err(AwsError::new(ErrorCode::Conflict, text).into());
        }
        let arn = key.arn();
        let (material, current) = match key.origin {
            Origin::AwsKms => {
                let replicas: Vec<_> = key.related().map(|replica| replica.region).collect();
                let (worker, id) = (call.ports.worker, call.request.request_id);
                let made =
                    worker.generate_material(id, target.permit, arn, key.spec, &replicas).await?;
                let current = made.sealed.material_id;
                (Some(made), current)
            }
            Origin::External => (None, waiting(call, target).await?),
        };
        let kind = RotationType::OnDemand;
        let previous = key.current_material;
        let event = ServiceEvent::RotateKey { kind, origin: key.origin, previous, current };
        let mut events = vec![call.event(event, &arn)];
        if key.related().next().is_some() {
            events.push(call.event(ServiceEvent::SynchronizeMultiRegionKey, &arn));
        }
        let change = Change::RotateKey {
            key: arn,
            version: key.version,
            rotation_type: kind,
            at: call.key_now,
            material,
        };
        let body = object(128, |out| out.id("KeyId", &arn));
        Ok(Done { body, events, ..Done::key_changed(&arn, Some(change)) })
    }

    fn refused(_: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        refused_key_change(call, reason)
    }
}

/// The imported material that waits for a rotation.
async fn waiting(call: &Call<'_>, target: Target<'_>) -> Result<MaterialId, Fault> {
    let arn = target.record.arn();
    let id = call.request.request_id;
    let page = call.ports.registry.materials(id, target.permit, false, None, MATERIALS_MAX).await?;
    let (materials, _) = page.ok_or_else(|| not_found(&arn))?;
    let waits = materials.iter().find(|one| one.state == MaterialState::PendingRotation);
    waits.map(|one| one.material_id).ok_or_else(|| {
        let text = format!("{arn} has no key material that is pending rotation.");
        AwsError::new(ErrorCode::InvalidState, text).into()
    })
}
