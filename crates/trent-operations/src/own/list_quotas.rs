//! `ListQuotas`: every quota with the value that is in force for the caller's account in a Region.

use trent_types::{Quota, QuotaOverride};

use crate::decode::{body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListQuotas;

shape! {
    ListQuotasShape<'a> {}
}

impl Steps for ListQuotas {
    const NAME: &'static str = "ListQuotas";
    const READ_ONLY: bool = true;
    type Input<'a> = ();

    fn decode<'a>(request: &Request<'a>) -> Result<(), AwsError> {
        body::<ListQuotasShape<'a>>(request.body).map(|_| ())
    }

    fn questions<'q>((): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("trent:ListQuotas", Resource::Arn("*"))]
    }

    fn parameters((): &Self::Input<'_>, _: &mut Object<'_>) {}

    async fn perform((): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (account, region) = (call.caller.account, call.request.region);
        Ok(Done::answer(object(16 * 1024, |out| {
            out.list("Quotas", Quota::all(), |out, quota| {
                let set = QuotaOverride::in_force(&call.quota_overrides, quota, account, region);
                let default = quota.default_limit(region);
                let value = set.map(|set| set.value).or(default);
                let mut shown = Object::begin(out);
                shown.text("Code", quota.code());
                shown.text("Name", quota.aws_name());
                shown.text(
                    "Kind",
                    match quota {
                        Quota::Resource(_) => "RESOURCE",
                        Quota::Request(_) => "REQUEST",
                    },
                );
                for (name, limit) in [("Value", value), ("Default", default)] {
                    if let Some(limit) = limit.and_then(|limit| i64::try_from(limit).ok()) {
                        shown.number(name, limit);
                    }
                }
                shown.boolean("Adjustable", quota.adjustable());
                shown.end();
            });
        })))
    }
}
