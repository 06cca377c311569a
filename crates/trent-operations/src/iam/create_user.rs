//! `CreateUser`: a new IAM user of the caller's account.

use trent_types::{Caller, Change, ChangeRefused, IdentityChange, User};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::form::Form;
use crate::iam::names::{arn, new_id, path, show_user, to_the_second, user_element, user_name};
use crate::json::{Object, object};
use crate::steps::{Call, Done, Steps};

use crate::ports::{Question, Resource};
use crate::request::{Request, ServiceName};
use crate::rules::{about, not_served};
use crate::xml::answer;

/// The operation.
pub(crate) struct CreateUser;

/// A validated request.
pub(crate) struct Input {
    name: String,
    path: String,
}

impl Steps for CreateUser {
    const NAME: &'static str = "CreateUser";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        let form = Form::parse(request.body)?;
        let name = user_name(&form, 64)?.ok_or_else(|| {
            let text = "1 validation error detected: Value null at 'userName' failed to satisfy \
                        constraint: Member must not be null";
            AwsError::new(ErrorCode::Validation, text)
        })?;
        let path = path(&form)?;
        for parameter in ["PermissionsBoundary", "Tags"] {
            not_served(parameter, form.has(parameter))?;
        }
        Ok(Input { name, path })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:CreateUser", Resource::Arn("*"))]
    }

    const NAMES_CALLERS_OWN: bool = true;

    fn arn(input: &Self::Input<'_>, request: &Request<'_>, caller: &Caller) -> String {
        arn(request, caller.account, &input.path, &input.name)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("userName", &input.name);
        out.text("path", &input.path);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let user = User {
            account: call.caller.account,
            path: input.path.clone(),
            name: input.name.clone(),
            user_id: new_id(call, "AIDA", 21),
            created_at: to_the_second(call.request.received_at),
        };
        let body = answer(ServiceName::Iam, Self::NAME, &call.request_id(), |out| {
            user_element(out, call.request, &user);
        });
        let elements = object(384, |out| show_user(out, call.request, &user));
        let change = IdentityChange::CreateUser { user, tags: Vec::new(), boundary: None };
        let change = Some(Change::Identity(change));
        Ok(Done { body, change, elements: Some(elements), ..Done::default() })
    }

    fn refused(input: &Self::Input<'_>, _: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match reason {
            ChangeRefused::AlreadyExists => {
                let text = format!("User with name {} already exists.", input.name);
                AwsError::new(ErrorCode::EntityAlreadyExists, text)
            }
            ChangeRefused::LimitExceeded { limit, .. } => {
                let text = format!("Cannot exceed quota for UsersPerAccount: {limit}");
                AwsError::new(ErrorCode::LimitExceeded, text)
            }
            ChangeRefused::NotFound
            | ChangeRefused::Conflict
            | ChangeRefused::IncorrectMaterial
            | ChangeRefused::MalformedPolicy(_)
            | ChangeRefused::Identity(_)
            | ChangeRefused::NotPermitted(_) => AwsError::internal(&reason),
        }
    }
}
