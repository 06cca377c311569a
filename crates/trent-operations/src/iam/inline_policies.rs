//! The inline policies of users, groups and roles: `PutUserPolicy`, `GetGroupPolicy`,
//! `ListRolePolicies`, `DeleteRolePolicy` and so on.

use trent_types::IdentityChange;

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::answers::{answered, changed};
use crate::iam::kinds::{Holder, operation};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::{Fields, read};
use crate::query::page::{self, Page};
use crate::query::rule::{DOCUMENT, POLICY_NAME};
use crate::query::xml::{document, element, texts};
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// An inline policy that a request names.
pub(crate) struct Named {
    holder: Subject,
    policy: String,
}

impl Named {
    fn read<K: Holder>(fields: &mut Fields<'_>) -> Self {
        let holder = Subject::read::<K>(fields);
        Self { holder, policy: fields.required("PolicyName", &POLICY_NAME) }
    }

    fn show(&self, out: &mut Object<'_>) {
        self.holder.show(out);
        out.text("policyName", &self.policy);
    }
}

/// `PutUserPolicy`, `PutGroupPolicy` and `PutRolePolicy`: adds or replaces an inline policy.
pub(crate) struct PutPolicy<K>(pub(crate) K);

impl<K: Holder> Steps for PutPolicy<K> {
    const NAME: &'static str = operation(K::PUT_POLICY);
    const READ_ONLY: bool = false;
    type Input<'a> = (Named, String);

    fn decode<'a>(request: &Request<'a>) -> Result<(Named, String), AwsError> {
        read(request, |fields| {
            (Named::read::<K>(fields), fields.required("PolicyDocument", &DOCUMENT))
        })
    }

    fn questions<'q>((named, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![named.holder.question(K::PUT_POLICY)]
    }

    fn parameters((named, document): &Self::Input<'_>, out: &mut Object<'_>) {
        named.show(out);
        out.text("policyDocument", document);
    }

    async fn perform((named, document): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let change = IdentityChange::PutInlinePolicy {
            entity: named.holder.entity(call)?,
            name: named.policy.clone(),
            document: document.clone(),
        };
        Ok(changed(call, Self::NAME, change))
    }
}

/// `GetUserPolicy`, `GetGroupPolicy` and `GetRolePolicy`.
pub(crate) struct GetPolicyOf<K>(pub(crate) K);

impl<K: Holder> Steps for GetPolicyOf<K> {
    const NAME: &'static str = operation(K::GET_POLICY);
    const READ_ONLY: bool = true;
    type Input<'a> = Named;

    fn decode<'a>(request: &Request<'a>) -> Result<Named, AwsError> {
        read(request, Named::read::<K>)
    }

    fn questions<'q>(named: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![named.holder.question(K::GET_POLICY)]
    }

    fn parameters(named: &Self::Input<'_>, out: &mut Object<'_>) {
        named.show(out);
    }

    async fn perform(named: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let view = named.holder.view(call).await?;
        let Some(found) = view.inline.iter().find(|policy| policy.name == named.policy) else {
            let (kind, policy) = (K::KIND.as_str(), &named.policy);
            let text = format!("The {kind} policy with name {policy} cannot be found.");
            return Err(AwsError::new(ErrorCode::NoSuchEntity, text).into());
        };
        Ok(answered(call, Self::NAME, |out| {
            element(out, K::PARAMETER, &view.record.entity().name);
            element(out, "PolicyName", &found.name);
            document(out, "PolicyDocument", &found.document);
        }))
    }
}

/// `ListUserPolicies`, `ListGroupPolicies` and `ListRolePolicies`: the names of inline policies.
pub(crate) struct ListPoliciesOf<K>(pub(crate) K);

impl<K: Holder> Steps for ListPoliciesOf<K> {
    const NAME: &'static str = operation(K::LIST_POLICIES);
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| (Subject::read::<K>(fields), Page::read(fields)))
    }

    fn questions<'q>((holder, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![holder.question(K::LIST_POLICIES)]
    }

    fn parameters((holder, page): &Self::Input<'_>, out: &mut Object<'_>) {
        holder.show(out);
        page.parameters(out);
    }

    async fn perform((holder, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[holder.given()];
        let after = page.after(call, Self::NAME, filter)?;
        let policies = holder.view(call).await?.inline;
        let (policies, last) =
            page::cut(policies, page, after.as_deref(), |policy| policy.name.clone());
        Ok(answered(call, Self::NAME, |out| {
            texts(out, "PolicyNames", policies.iter().map(|policy| &policy.name));
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}

/// `DeleteUserPolicy`, `DeleteGroupPolicy` and `DeleteRolePolicy`.
pub(crate) struct DeletePolicyOf<K>(pub(crate) K);

impl<K: Holder> Steps for DeletePolicyOf<K> {
    const NAME: &'static str = operation(K::DELETE_POLICY);
    const READ_ONLY: bool = false;
    type Input<'a> = Named;

    fn decode<'a>(request: &Request<'a>) -> Result<Named, AwsError> {
        read(request, Named::read::<K>)
    }

    fn questions<'q>(named: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![named.holder.question(K::DELETE_POLICY)]
    }

    fn parameters(named: &Self::Input<'_>, out: &mut Object<'_>) {
        named.show(out);
    }

    async fn perform(named: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (entity, name) = (named.holder.entity(call)?, named.policy.clone());
        Ok(changed(call, Self::NAME, IdentityChange::DeleteInlinePolicy { entity, name }))
    }
}
