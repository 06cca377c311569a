//! `CreateAccessKey`: a new access key of a user, the caller when none is named. The secret is
//! answered this once.

use trent_types::{AccessKey, AccessKeyStatus, Caller, IdentityChange, Primitive, Primitives};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::ids::{new_id, now};
use crate::iam::subject::Subject;
use crate::json::{Object, object};
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::xml::{element, within};
use crate::record::java_date;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CreateAccessKey;

impl Steps for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read_user_or_caller)
    }

    fn barred(subject: &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        subject.check_caller(caller)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let primitives = Primitives::only(Primitive::SealSecret);
        vec![Question { primitives, ..subject.question("iam:CreateAccessKey") }]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        // Whether the user is there is for the registry to say, when it commits the key.
        let access_key = AccessKey {
            access_key_id: new_id(call, "AKIA", 20),
            account: call.caller.account,
            user_name: subject.user_name(call)?,
            status: AccessKeyStatus::Active,
            created_at: now(call),
        };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let (sealed_secret, secret) =
            call.ports.worker.generate_secret(id, permit, &access_key).await?;
        let secret = std::str::from_utf8(secret.expose())
            .map_err(|_| AwsError::internal(&"a secret access key is not text"))?;
        let done = answered(call, Self::NAME, |out| {
            within(out, "AccessKey", |out| {
                element(out, "UserName", access_key.user_name.as_deref().unwrap_or_default());
                element(out, "AccessKeyId", &access_key.access_key_id);
                element(out, "Status", "Active");
                element(out, "SecretAccessKey", secret);
                element(out, "CreateDate", &access_key.created_at.iso8601());
            });
        });
        let elements = object(256, |out| show(out, &access_key));
        Ok(made(done, IdentityChange::CreateAccessKey { access_key, sealed_secret }, elements))
    }
}

/// The access key in a record, without its secret.
fn show(out: &mut Object<'_>, key: &AccessKey) {
    out.object("accessKey", |shown| {
        shown.text_if("userName", key.user_name.as_deref());
        shown.text("accessKeyId", &key.access_key_id);
        shown.text("status", "Active");
        shown.text("createDate", &java_date(key.created_at));
    });
}
