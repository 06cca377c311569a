//! `CreatePolicy`: a new managed policy of the caller's account.

use trent_types::{EntityKind, IdentityChange, ManagedPolicy, Tag};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, made};
use crate::iam::ids::{new_id, now};
use crate::iam::managed_policy::ManagedView;
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::{DOCUMENT, POLICY_DESCRIPTION, POLICY_NAME, POLICY_PATH};
use crate::query::tags;
use crate::query::xml::within;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct CreatePolicy;

/// A validated request.
pub(crate) struct Input {
    name: String,
    path: Option<String>,
    document: String,
    description: Option<String>,
    tags: Vec<Tag>,
}

impl Steps for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            name: fields.required("PolicyName", &POLICY_NAME),
            path: fields.text("Path", &POLICY_PATH),
            document: fields.required("PolicyDocument", &DOCUMENT),
            description: fields.text("Description", &POLICY_DESCRIPTION),
            tags: tags::read(fields).unwrap_or_default(),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let (name, new_path) = (Some(input.name.as_str()), input.path.as_deref().or(Some("/")));
        let resource = Resource::Entity { kind: EntityKind::Policy, name, new_path };
        let conditions = tags::conditions(&input.tags);
        let create = Question { conditions, ..about("iam:CreatePolicy", resource) };
        tags::with_tagging(create, "iam:TagPolicy", &input.tags)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("policyName", &input.name);
        out.text_if("path", input.path.as_deref());
        out.text("policyDocument", &input.document);
        out.text_if("description", input.description.as_deref());
        tags::show_if_any(out, &input.tags);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let now = now(call);
        let policy = ManagedPolicy {
            account: call.caller.account,
            path: input.path.clone().unwrap_or_else(|| "/".to_owned()),
            name: input.name.clone(),
            policy_id: new_id(call, "ANPA", 21),
            created_at: now,
            updated_at: now,
            description: input.description.clone().unwrap_or_default(),
            default_version: 1,
            latest_version: 1,
            attachments: 0,
            boundary_of: 0,
        };
        let mut view = ManagedView::of_record(&policy, call.request.region.partition());
        view.tags.clone_from(&input.tags);
        let done = answered(call, Self::NAME, |out| {
            within(out, "Policy", |out| view.elements(out, false));
        });
        let elements = object(512, |out| out.object("policy", |out| view.show(out)));
        let (document, tags) = (input.document.clone(), input.tags.clone());
        Ok(made(done, IdentityChange::CreatePolicy { policy, document, tags }, elements))
    }
}
