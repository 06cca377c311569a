//! `EnableKeyRotation`: rotates the material by schedule, or changes the schedule.

use trent_types::{Change, KeyUpdate, Origin, Rotation};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::key_state;
use crate::kms::rotation::{DAY_MS, of_origin, primary, symmetric};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct EnableKeyRotation;

/// The period when none is given, in days.
const USUAL_PERIOD: u32 = 365;

shape! {
    EnableKeyRotationShape<'a> {
        key_id: "KeyId" => Text<'a>,
        period: "RotationPeriodInDays" => Integer,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    /// 90 to 2560.
    period_days: u32,
    period_given: bool,
}

impl Steps for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: EnableKeyRotationShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.range("rotationPeriodInDays", shape.period, 90..=2560);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let given = shape.period.and_then(|Integer(days)| u32::try_from(days).ok());
        let period_days = given.unwrap_or(USUAL_PERIOD);
        Ok(Input { key_id, period_days, period_given: given.is_some() })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:EnableKeyRotation", &input.key_id);
        let days = input.period_days.to_string();
        question.conditions.push(condition("kms:RotationPeriodInDays", &days));
        vec![question]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        if input.period_given {
            out.number("rotationPeriodInDays", input.period_days.into());
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        symmetric(key)?;
        of_origin(key, Origin::AwsKms)?;
        key_state::usable(key)?;
        primary(key)?;
        // The schedule begins now; one that goes on with the same period keeps its date.
        let kept = key.rotation.filter(|kept| kept.period_days == input.period_days);
        let rotation = kept.unwrap_or_else(|| Rotation {
            period_days: input.period_days,
            next: call.key_now.plus_millis(i64::from(input.period_days) * DAY_MS),
        });
        let (arn, version) = (key.arn(), key.version);
        let update = KeyUpdate::EnableRotation(rotation);
        Ok(Done::key_changed(&arn, Some(Change::UpdateKey { key: arn, version, update })))
    }
}
