//! `DeleteAccessKey`: the end of an access key of a user, the caller when none is named.

use trent_types::{Caller, IdentityChange};

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::ACCESS_KEY_ID;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct DeleteAccessKey;

impl Steps for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, String);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, String), AwsError> {
        read(request, |fields| {
            let subject = Subject::read_user_or_caller(fields);
            let access_key_id = fields.required("AccessKeyId", &ACCESS_KEY_ID);
            (subject, access_key_id)
        })
    }

    fn barred((subject, _): &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        subject.check_caller(caller)
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question("iam:DeleteAccessKey")]
    }

    fn parameters((subject, access_key_id): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        out.text("accessKeyId", access_key_id);
    }

    async fn perform(
        (subject, access_key_id): &Self::Input<'_>,
        call: &Call<'_>,
    ) -> Result<Done, Fault> {
        let change = IdentityChange::DeleteAccessKey {
            account: call.caller.account,
            user_name: subject.user_name(call)?,
            access_key_id: access_key_id.clone(),
        };
        Ok(changed(call, Self::NAME, change))
    }
}
