//! `GetCallerIdentity`: who signed. It needs no permission and cannot be denied.

use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::ports::Question;
use crate::query::xml::{answer, element};
use crate::request::{Request, ServiceName};
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GetCallerIdentity;

impl Steps for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const READ_ONLY: bool = true;
    type Input<'a> = ();

    fn decode<'a>(_: &Request<'a>) -> Result<(), AwsError> {
        Ok(())
    }

    fn questions<'q>((): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        Vec::new()
    }

    fn parameters((): &Self::Input<'_>, _: &mut Object<'_>) {}

    async fn perform((): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let caller = &call.caller;
        let body = answer(ServiceName::Sts, Self::NAME, &call.request_id(), |out| {
            element(out, "Arn", &caller.arn(call.request.region.partition()));
            element(out, "UserId", &caller.principal_id());
            element(out, "Account", caller.account.as_str());
        });
        Ok(Done::answer(body))
    }
}
