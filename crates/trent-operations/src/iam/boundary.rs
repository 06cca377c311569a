//! Permissions boundaries of users and roles: given when one is made, set and removed.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::kinds::{Bounded, operation};
use crate::iam::policy_arn::PolicyArn;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::{Fields, read};
use crate::request::Request;
use crate::rules::condition;
use crate::steps::{Call, Done, Steps};

const PARAMETER: &str = "PermissionsBoundary";
const CONDITION: &str = "iam:PermissionsBoundary";

/// The boundary that a new user or role is given, if any.
pub(crate) struct Boundary(Option<PolicyArn>);

impl Boundary {
    /// Reads `PermissionsBoundary`.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        Self(PolicyArn::optional(fields, PARAMETER))
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> Option<&str> {
        self.0.as_ref().map(|arn| arn.text.as_str())
    }

    /// `iam:PermissionsBoundary`.
    pub(crate) fn condition(&self) -> Option<(String, Vec<String>)> {
        self.arn().map(|arn| condition(CONDITION, arn))
    }

    /// `requestParameters`.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        out.text_if("permissionsBoundary", self.arn());
    }
}

/// `PutUserPermissionsBoundary` and `PutRolePermissionsBoundary`.
pub(crate) struct PutBoundary<K>(pub(crate) K);

impl<K: Bounded> Steps for PutBoundary<K> {
    const NAME: &'static str = operation(K::PUT);
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, PolicyArn);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, PolicyArn), AwsError> {
        read(request, |fields| {
            let subject = Subject::read_short::<K>(fields);
            let policy = PolicyArn::required(fields, PARAMETER);
            (subject, policy)
        })
    }

    fn questions<'q>((subject, policy): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        // The same key under both names: policies are written with either.
        let conditions =
            vec![condition(CONDITION, &policy.text), condition("iam:PolicyARN", &policy.text)];
        vec![Question { conditions, ..subject.question(K::PUT) }]
    }

    fn parameters((subject, policy): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        out.text("permissionsBoundary", &policy.text);
    }

    async fn perform((subject, policy): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (entity, policy_arn) = (subject.entity(call)?, Some(policy.text.clone()));
        Ok(changed(call, Self::NAME, IdentityChange::SetBoundary { entity, policy_arn }))
    }
}

/// `DeleteUserPermissionsBoundary` and `DeleteRolePermissionsBoundary`.
pub(crate) struct DeleteBoundary<K>(pub(crate) K);

impl<K: Bounded> Steps for DeleteBoundary<K> {
    const NAME: &'static str = operation(K::REMOVE);
    const READ_ONLY: bool = false;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read_short::<K>)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question(K::REMOVE)]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let entity = subject.entity(call)?;
        let change = IdentityChange::SetBoundary { entity, policy_arn: None };
        Ok(changed(call, Self::NAME, change))
    }
}
