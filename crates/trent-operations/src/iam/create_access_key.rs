//! `CreateAccessKey`: a new access key of a user, the caller when none is named. The secret is
//! answered this once.

use trent_types::{
    AccessKey, AccessKeyStatus, Caller, CallerKind, Change, ChangeRefused, IdentityChange,
    Primitive, Primitives,
};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::form::Form;
use crate::iam::names::{named_or_caller, new_id, no_such_user, to_the_second, user_name};
use crate::json::{Object, object};
use crate::steps::{Call, Done, Steps};

use crate::ports::{Question, Resource};
use crate::record::java_date;
use crate::request::{Request, ServiceName};
use crate::rules::about;
use crate::xml::{answer, element};

/// The operation.
pub(crate) struct CreateAccessKey;

impl Steps for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Option<String>;

    fn decode<'a>(request: &Request<'a>) -> Result<Option<String>, AwsError> {
        user_name(&Form::parse(request.body)?, 128)
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let primitives = Primitives::only(Primitive::SealSecret);
        vec![Question { primitives, ..about("iam:CreateAccessKey", Resource::Arn("*")) }]
    }

    const NAMES_CALLERS_OWN: bool = true;

    fn arn(name: &Self::Input<'_>, request: &Request<'_>, caller: &Caller) -> String {
        named_or_caller(name.as_deref(), request, caller)
    }

    fn parameters(name: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("userName", name.as_deref());
    }

    async fn perform(name: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        // Whether the user is there is for the registry to say, when it commits the key.
        let user_name = match (name, &call.caller.kind) {
            (Some(name), _) | (None, CallerKind::User { name, .. }) => Some(name.clone()),
            (None, CallerKind::Root | CallerKind::Role { .. } | CallerKind::Service { .. }) => None,
        };
        let access_key = AccessKey {
            access_key_id: new_id(call, "AKIA", 20),
            account: call.caller.account,
            user_name,
            status: AccessKeyStatus::Active,
            created_at: to_the_second(call.request.received_at),
        };
        let (sealed_secret, secret) =
            call.ports.worker.generate_secret(id, permit, &access_key).await?;
        let secret = std::str::from_utf8(secret.expose())
            .map_err(|_| AwsError::internal(&"a secret access key is not text"))?;
        let body = answer(ServiceName::Iam, Self::NAME, &call.request_id(), |out| {
            out.push_str("<AccessKey>");
            element(out, "UserName", access_key.user_name.as_deref().unwrap_or_default());
            element(out, "AccessKeyId", &access_key.access_key_id);
            element(out, "Status", "Active");
            element(out, "SecretAccessKey", secret);
            element(out, "CreateDate", &access_key.created_at.iso8601());
            out.push_str("</AccessKey>");
        });
        let elements = object(256, |out| show(out, &access_key));
        let change = IdentityChange::CreateAccessKey { access_key, sealed_secret };
        let change = Some(Change::Identity(change));
        Ok(Done { body, change, elements: Some(elements), ..Done::default() })
    }

    fn refused(name: &Self::Input<'_>, _: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match reason {
            ChangeRefused::LimitExceeded { limit, .. } => {
                let text = format!("Cannot exceed quota for AccessKeysPerUser: {limit}");
                AwsError::new(ErrorCode::LimitExceeded, text)
            }
            ChangeRefused::NotFound => no_such_user(name.as_deref().unwrap_or_default()),
            ChangeRefused::AlreadyExists
            | ChangeRefused::Conflict
            | ChangeRefused::IncorrectMaterial
            | ChangeRefused::MalformedPolicy(_)
            | ChangeRefused::Identity(_)
            | ChangeRefused::NotPermitted(_) => AwsError::internal(&reason),
        }
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
