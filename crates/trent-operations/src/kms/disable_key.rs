//! `DisableKey`: makes a key unusable until it is enabled again.

use trent_types::{Change, KeyUpdate};

use crate::decode::Text;
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::key_state::can_be_enabled;
use crate::kms::key_request::key_of;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct DisableKey;

impl Steps for DisableKey {
    const NAME: &'static str = "DisableKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:DisableKey", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        can_be_enabled(key)?;
        // The key may be there already, by a change that not every evaluator knows of yet: only the
        // registry can promise that they all do, so it is asked all the same.
        let (arn, version) = (key.arn(), key.version);
        let change = Change::UpdateKey { key: arn, version, update: KeyUpdate::Disable };
        Ok(Done::key_changed(&arn, Some(change)))
    }
}
