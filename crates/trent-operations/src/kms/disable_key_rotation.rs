//! `DisableKeyRotation`: no rotation by schedule any more. Old material stays.

use trent_types::{Change, KeyUpdate, Origin};

use crate::decode::Text;
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::key_state;
use crate::kms::key_request::key_of;
use crate::kms::rotation::{of_origin, primary, symmetric};
use crate::ports::Question;
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct DisableKeyRotation;

impl Steps for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    const READ_ONLY: bool = false;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:DisableKeyRotation", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        symmetric(key)?;
        of_origin(key, Origin::AwsKms)?;
        key_state::usable(key)?;
        primary(key)?;
        let (arn, version) = (key.arn(), key.version);
        let change = Change::UpdateKey { key: arn, version, update: KeyUpdate::DisableRotation };
        Ok(Done::key_changed(&arn, Some(change)))
    }
}
