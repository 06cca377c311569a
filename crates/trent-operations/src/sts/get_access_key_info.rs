//! `GetAccessKeyInfo`: the account that a long-term access key belongs to.

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::STS_ACCESS_KEY_ID;
use crate::query::xml::{answer, element};
use crate::request::{Request, ServiceName};
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetAccessKeyInfo;

impl Steps for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";
    const READ_ONLY: bool = true;
    type Input<'a> = String;

    fn decode<'a>(request: &Request<'a>) -> Result<String, AwsError> {
        read(request, |fields| fields.required("AccessKeyId", &STS_ACCESS_KEY_ID))
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("sts:GetAccessKeyInfo", Resource::Arn("*"))]
    }

    fn parameters(access_key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("accessKeyId", access_key_id);
    }

    async fn perform(access_key_id: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let found = call.ports.identities.access_key_use(id, permit, access_key_id).await?;
        let Some((key, _)) = found else {
            // AWS reads the account out of the id, and says this of one that has none in it.
            let text = format!("Invalid AccessKeyId: {access_key_id}");
            return Err(AwsError::new(ErrorCode::Validation, text).into());
        };
        Ok(Done::answer(answer(ServiceName::Sts, Self::NAME, &call.request_id(), |out| {
            element(out, "Account", key.account.as_str());
        })))
    }
}
