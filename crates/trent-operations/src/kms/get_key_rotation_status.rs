//! `GetKeyRotationStatus`: whether a key rotates by schedule, and when next.

use trent_types::{KeyState, Origin};

use crate::decode::Text;
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::key_request::key_of;
use crate::kms::rotation::{symmetric, wrong_origin};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetKeyRotationStatus;

impl Steps for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    const READ_ONLY: bool = true;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:GetKeyRotationStatus", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        symmetric(key)?;
        if key.state == KeyState::PendingImport && key.origin == Origin::External {
            return Err(wrong_origin(key).into());
        }
        // While a key waits for its deletion it is not rotated; the schedule is back when that is
        // called off. A rotation on demand is over when it is answered, so none is ever under way.
        let rotation = key.rotation.filter(|_| !key.state.is_pending_deletion());
        Ok(Done::answer(object(192, |out| {
            out.id("KeyId", &key.key_id);
            out.boolean("KeyRotationEnabled", rotation.is_some());
            if let Some(rotation) = rotation {
                out.number("RotationPeriodInDays", rotation.period_days.into());
                out.epoch_seconds("NextRotationDate", rotation.next);
            }
        })))
    }
}
