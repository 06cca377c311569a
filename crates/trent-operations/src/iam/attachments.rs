//! The managed policies of users, groups and roles: `AttachUserPolicy`, `DetachRolePolicy`,
//! `ListAttachedGroupPolicies` and so on.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, changed};
use crate::iam::kinds::{Holder, operation};
use crate::iam::policy_arn::PolicyArn;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::{Fields, read};
use crate::query::page::{self, Page};
use crate::query::rule::POLICY_PATH;
use crate::query::xml::{element, list};
use crate::request::Request;
use crate::rules::condition;
use crate::steps::{Call, Done, Steps};

/// A policy and whom a request attaches it to or detaches it from.
pub(crate) struct Attachment {
    holder: Subject,
    policy: PolicyArn,
}

impl Attachment {
    fn read<K: Holder>(fields: &mut Fields<'_>) -> Self {
        let holder = Subject::read_short::<K>(fields);
        Self { holder, policy: PolicyArn::required(fields, "PolicyArn") }
    }

    fn questions(&self, permission: &'static str) -> Vec<Question<'_>> {
        let conditions = vec![condition("iam:PolicyARN", &self.policy.text)];
        vec![Question { conditions, ..self.holder.question(permission) }]
    }

    fn show(&self, out: &mut Object<'_>) {
        self.holder.show(out);
        out.text("policyArn", &self.policy.text);
    }
}

/// `AttachUserPolicy`, `AttachGroupPolicy` and `AttachRolePolicy`.
pub(crate) struct Attach<K>(pub(crate) K);

impl<K: Holder> Steps for Attach<K> {
    const NAME: &'static str = operation(K::ATTACH);
    const READ_ONLY: bool = false;
    type Input<'a> = Attachment;

    fn decode<'a>(request: &Request<'a>) -> Result<Attachment, AwsError> {
        read(request, Attachment::read::<K>)
    }

    fn questions<'q>(attachment: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        attachment.questions(K::ATTACH)
    }

    fn parameters(attachment: &Self::Input<'_>, out: &mut Object<'_>) {
        attachment.show(out);
    }

    async fn perform(attachment: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let entity = attachment.holder.entity(call)?;
        let policy_arn = attachment.policy.text.clone();
        Ok(changed(call, Self::NAME, IdentityChange::Attach { entity, policy_arn }))
    }
}

/// `DetachUserPolicy`, `DetachGroupPolicy` and `DetachRolePolicy`.
pub(crate) struct Detach<K>(pub(crate) K);

impl<K: Holder> Steps for Detach<K> {
    const NAME: &'static str = operation(K::DETACH);
    const READ_ONLY: bool = false;
    type Input<'a> = Attachment;

    fn decode<'a>(request: &Request<'a>) -> Result<Attachment, AwsError> {
        read(request, Attachment::read::<K>)
    }

    fn questions<'q>(attachment: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        attachment.questions(K::DETACH)
    }

    fn parameters(attachment: &Self::Input<'_>, out: &mut Object<'_>) {
        attachment.show(out);
    }

    async fn perform(attachment: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let entity = attachment.holder.entity(call)?;
        let policy_arn = attachment.policy.text.clone();
        Ok(changed(call, Self::NAME, IdentityChange::Detach { entity, policy_arn }))
    }
}

/// A list of the policies that are attached to something.
pub(crate) struct Listing {
    holder: Subject,
    path_prefix: Option<String>,
    page: Page,
}

/// `ListAttachedUserPolicies`, `ListAttachedGroupPolicies` and `ListAttachedRolePolicies`: by name.
pub(crate) struct ListAttached<K>(pub(crate) K);

impl<K: Holder> Steps for ListAttached<K> {
    const NAME: &'static str = operation(K::LIST_ATTACHED);
    const READ_ONLY: bool = true;
    type Input<'a> = Listing;

    fn decode<'a>(request: &Request<'a>) -> Result<Listing, AwsError> {
        read(request, |fields| Listing {
            holder: Subject::read_short::<K>(fields),
            path_prefix: fields.text("PathPrefix", &POLICY_PATH),
            page: Page::read(fields),
        })
    }

    fn questions<'q>(listing: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![listing.holder.question(K::LIST_ATTACHED)]
    }

    fn parameters(listing: &Self::Input<'_>, out: &mut Object<'_>) {
        listing.holder.show(out);
        out.text_if("pathPrefix", listing.path_prefix.as_deref());
        listing.page.parameters(out);
    }

    async fn perform(listing: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let prefix = listing.path_prefix.as_deref().unwrap_or("/");
        let filter = &[listing.holder.given(), prefix];
        let after = listing.page.after(call, Self::NAME, filter)?;
        let attached = listing.holder.view(call).await?.attached;
        let policies: Vec<PolicyArn> = attached
            .iter()
            .filter_map(|arn| PolicyArn::parse(arn))
            .filter(|policy| policy.path().starts_with(prefix))
            .collect();
        let (policies, last) =
            page::cut(policies, &listing.page, after.as_deref(), PolicyArn::place);
        Ok(answered(call, Self::NAME, |out| {
            list(out, "AttachedPolicies", &policies, |out, policy| {
                element(out, "PolicyName", &policy.name);
                element(out, "PolicyArn", &policy.text);
            });
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}
