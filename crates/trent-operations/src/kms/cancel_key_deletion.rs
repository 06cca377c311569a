//! `CancelKeyDeletion`: a key that waits for its deletion becomes a disabled key.

use trent_types::{Change, KeyUpdate};

use crate::decode::Text;
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::key_request::key_of;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::about_key;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CancelKeyDeletion;

impl Steps for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    const READ_ONLY: bool = false;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        key_of(request)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:CancelKeyDeletion", key_id)]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        let arn = key.arn();
        if !key.state.is_pending_deletion() {
            let text = format!("{arn} is not pending deletion.");
            return Err(AwsError::new(ErrorCode::InvalidState, text).into());
        }
        let update = KeyUpdate::CancelDeletion;
        let change = Change::UpdateKey { key: arn, version: key.version, update };
        let body = object(128, |out| out.id("KeyId", &arn));
        Ok(Done { body, ..Done::key_changed(&arn, Some(change)) })
    }
}
