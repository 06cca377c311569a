//! `GetKeyLastUsage`: the last successful cryptographic operation with a key, in any state.

use trent_types::{KeyUsed, Timestamp};

use crate::decode::Text;
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::kms::key_request::key_of;
use crate::ports::Question;
use crate::refusals::not_found;
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetKeyLastUsage;

impl Steps for GetKeyLastUsage {
    const NAME: &'static str = "GetKeyLastUsage";
    const READ_ONLY: bool = true;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:GetKeyLastUsage", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        let created_at = key.record.created_at;
        let found = call.ports.registry.last_usage(call.request.request_id, key.permit).await?;
        let usage = found.ok_or_else(|| not_found(&key.record.arn()))?;
        Ok(Done::answer(object(384, |out| {
            out.id("KeyId", &key.record.key_id);
            out.object("KeyLastUsage", |last| {
                if let Some(used) = &usage.used {
                    write(last, used);
                }
            });
            out.epoch_seconds("TrackingStartDate", usage.tracked_since(created_at));
            out.epoch_seconds("KeyCreationDate", created_at);
        })))
    }
}

/// `KeyLastUsageData`. The moment is the record's, which has whole seconds.
fn write(out: &mut Object<'_>, used: &KeyUsed) {
    out.text("Operation", used.operation.as_str());
    out.epoch_seconds("Timestamp", Timestamp::from_millis(used.at.as_seconds() * 1_000));
    out.id("CloudTrailEventId", &used.event_id);
    out.id("KmsRequestId", &used.request_id);
}
