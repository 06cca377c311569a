//! `UpdatePrimaryRegion`: a replica becomes the primary key.

use trent_types::{Change, KeyState, Region, RequestClass};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::key_state;
use crate::kms::replicate_key::{family_of_primary, served};
use crate::ports::{Question, Resource};
use crate::record::ServiceEvent;
use crate::request::Request;
use crate::rules::{about, about_key, check_key_id, condition, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct UpdatePrimaryRegion;

/// How long both keys are `Updating`. AWS takes some seconds; here it is done at once, and the
/// state only shows what clients wait for.
const UPDATING_MS: i64 = 1_000;

shape! {
    UpdatePrimaryRegionShape<'a> {
        key_id: "KeyId" => Text<'a>,
        region: "PrimaryRegion" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    name: Text<'a>,
    region: Region,
}

impl Steps for UpdatePrimaryRegion {
    const NAME: &'static str = "UpdatePrimaryRegion";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: UpdatePrimaryRegionShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("primaryRegion", shape.region.as_ref());
        found.region("primaryRegion", shape.region.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let name = present(shape.region)?;
        let Ok(region) = name.parse() else { return Err(unsupported(&name)) };
        if region == request.region {
            // It is the primary's already, or the request went to a replica.
            return Err(unsupported(&name));
        }
        Ok(Input { key_id, name, region })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let action = "kms:UpdatePrimaryRegion";
        let mut primary = about_key(action, &input.key_id);
        primary.conditions.push(condition("kms:PrimaryRegion", &input.name));
        let replica = Resource::Related { key: &input.key_id, region: input.region };
        let mut replica = about(action, replica);
        replica.conditions.push(condition("kms:PrimaryRegion", &input.name));
        vec![primary, replica]
    }

    /// It is one request in each of the two Regions.
    fn counted_elsewhere(input: &Self::Input<'_>) -> Option<(Region, RequestClass, u32)> {
        Some((input.region, RequestClass::UpdatePrimaryRegion, 1))
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("primaryRegion", &input.name);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (key, replica) = (call.key(0)?.record, call.key(1)?.record);
        family_of_primary(key, KeyState::is_usable)?;
        let to = served(call, &input.name)?;
        key_state::usable(replica)?;
        let (arn, other) = (key.arn(), replica.arn());
        let change = Change::UpdatePrimaryRegion {
            key: arn,
            version: key.version,
            to,
            updating_until: call.request.received_at.plus_millis(UPDATING_MS),
        };
        let events = vec![
            call.elsewhere::<Self>(&other, &|out| {
                out.id("keyId", &other);
                out.text("primaryRegion", &input.name);
            }),
            call.event(ServiceEvent::SynchronizeMultiRegionKey, &other),
        ];
        Ok(Done { events, ..Done::key_changed(&arn, Some(change)) })
    }
}

fn unsupported(name: &str) -> AwsError {
    let text = format!("The primary Region cannot be changed to {name}.");
    AwsError::new(ErrorCode::UnsupportedOperation, text)
}
