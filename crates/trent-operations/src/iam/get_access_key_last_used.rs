//! `GetAccessKeyLastUsed`: when and for what an access key of the account was last used.

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::answers::answered;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::ACCESS_KEY_ID;
use crate::query::xml::{element, element_if, within};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// What stands in the place of service and Region of a key that was never used.
const NEVER: &str = "N/A";

/// The operation.
pub(crate) struct GetAccessKeyLastUsed;

impl Steps for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";
    const READ_ONLY: bool = true;
    type Input<'a> = String;

    fn decode<'a>(request: &Request<'a>) -> Result<String, AwsError> {
        read(request, |fields| fields.required("AccessKeyId", &ACCESS_KEY_ID))
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:GetAccessKeyLastUsed", Resource::Arn("*"))]
    }

    fn parameters(access_key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("accessKeyId", access_key_id);
    }

    async fn perform(access_key_id: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let found = call.ports.identities.access_key_use(id, permit, access_key_id).await?;
        let own = found.filter(|(key, _)| key.account == call.caller.account);
        let Some((key, used)) = own else {
            let text = format!("The Access Key with id {access_key_id} cannot be found");
            return Err(AwsError::new(ErrorCode::NoSuchEntity, text).into());
        };
        Ok(answered(call, Self::NAME, |out| {
            element_if(out, "UserName", key.user_name.as_deref());
            within(out, "AccessKeyLastUsed", |out| {
                let (service, region) =
                    used.as_ref().map_or((NEVER, NEVER), |used| (&used.service, &used.region));
                element_if(out, "LastUsedDate", used.as_ref().map(|u| u.at.iso8601()).as_deref());
                element(out, "ServiceName", service);
                element(out, "Region", region);
            });
        }))
    }
}
