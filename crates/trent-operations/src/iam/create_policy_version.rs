//! `CreatePolicyVersion`: a new version of a managed policy of the account.

use trent_types::{EntityRecord, IdentityChange, PolicyVersion};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::ids::now;
use crate::iam::kinds::Policies;
use crate::iam::managed_policy::Version;
use crate::iam::subject::Subject;
use crate::json::{Object, object};
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::rule::DOCUMENT;
use crate::query::xml::within;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CreatePolicyVersion;

/// A validated request.
pub(crate) struct Input {
    subject: Subject,
    document: String,
    set_default: Option<bool>,
}

impl Steps for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            subject: Subject::read::<Policies>(fields),
            document: fields.required("PolicyDocument", &DOCUMENT),
            set_default: fields.flag("SetAsDefault"),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.subject.question("iam:CreatePolicyVersion")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.subject.show(out);
        out.text("policyDocument", &input.document);
        if let Some(set_default) = input.set_default {
            out.boolean("setAsDefault", set_default);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let view = input.subject.view(call).await?;
        let EntityRecord::Policy(found) = &view.record else {
            return Err(AwsError::internal(&"a policy is something else").into());
        };
        let (number, created_at) = (found.latest_version.saturating_add(1), now(call));
        let set_default = input.set_default.unwrap_or(false);
        let new = Version::new(number, set_default, created_at);
        let done = answered(call, Self::NAME, |out| {
            within(out, "PolicyVersion", |out| new.elements(out, false));
        });
        let elements = object(160, |out| out.object("policyVersion", |out| new.show(out)));
        let version = PolicyVersion { number, document: input.document.clone(), created_at };
        let policy = view.record.entity();
        let change = IdentityChange::CreatePolicyVersion { policy, version, set_default };
        Ok(made(done, change, elements))
    }
}
