//! `UpdateAccessKey`: activates or deactivates an access key of a user, the caller when none is
//! named.

use trent_types::{AccessKeyStatus, Caller, IdentityChange};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::answers::changed;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::ACCESS_KEY_ID;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct UpdateAccessKey;

/// A validated request.
pub(crate) struct Input {
    subject: Subject,
    access_key_id: String,
    status: AccessKeyStatus,
}

impl Steps for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| {
            let subject = Subject::read_user_or_caller(fields);
            let access_key_id = fields.required("AccessKeyId", &ACCESS_KEY_ID);
            let status = match fields.required_one_of("Status", &["Active", "Inactive", "Expired"])
            {
                "Active" => AccessKeyStatus::Active,
                "Expired" => {
                    let text = "An access key cannot be set to Expired.";
                    fields.refuse(AwsError::new(ErrorCode::InvalidInput, text));
                    AccessKeyStatus::Inactive
                }
                _ => AccessKeyStatus::Inactive,
            };
            Input { subject, access_key_id, status }
        })
    }

    fn barred(input: &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        input.subject.check_caller(caller)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.subject.question("iam:UpdateAccessKey")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.subject.show(out);
        out.text("accessKeyId", &input.access_key_id);
        out.shown("status", &input.status);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let change = IdentityChange::UpdateAccessKey {
            account: call.caller.account,
            user_name: input.subject.user_name(call)?,
            access_key_id: input.access_key_id.clone(),
            status: input.status,
        };
        Ok(changed(call, Self::NAME, change))
    }
}
