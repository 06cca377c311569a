//! One version of a managed policy: `GetPolicyVersion`, `DeletePolicyVersion` and
//! `SetDefaultPolicyVersion`.

use trent_types::{Entity, IdentityChange};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, changed};
use crate::iam::kinds::{Policies, operation};
use crate::iam::managed_policy::{ManagedView, VersionId};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::{Fields, read};
use crate::query::rule::VERSION_ID;
use crate::query::xml::within;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// A version that a request names.
pub(crate) struct Named {
    subject: Subject,
    version: VersionId,
}

impl Named {
    fn read(fields: &mut Fields<'_>) -> Self {
        let subject = Subject::read::<Policies>(fields);
        Self { subject, version: VersionId::new(fields.required("VersionId", &VERSION_ID)) }
    }

    fn show(&self, out: &mut Object<'_>) {
        self.subject.show(out);
        out.text("versionId", &self.version.text);
    }
}

/// `GetPolicyVersion`: a version with its document.
pub(crate) struct GetVersion;

impl Steps for GetVersion {
    const NAME: &'static str = operation("iam:GetPolicyVersion");
    const READ_ONLY: bool = true;
    type Input<'a> = Named;

    fn decode<'a>(request: &Request<'a>) -> Result<Named, AwsError> {
        read(request, Named::read)
    }

    fn questions<'q>(named: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![named.subject.question("iam:GetPolicyVersion")]
    }

    fn parameters(named: &Self::Input<'_>, out: &mut Object<'_>) {
        named.show(out);
    }

    async fn perform(named: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let view = ManagedView::read(&named.subject, call).await?;
        let version = view.version(&named.version)?;
        Ok(answered(call, Self::NAME, |out| {
            within(out, "PolicyVersion", |out| version.elements(out, true));
        }))
    }
}

/// What becomes of a version.
pub(crate) trait VersionChange: Sync + 'static {
    /// The permission.
    const PERMISSION: &'static str;
    /// The change.
    fn change(policy: Entity, number: u32) -> IdentityChange;
}

/// It goes.
pub(crate) struct DeleteIt;
/// It comes into force.
pub(crate) struct SetDefault;

impl VersionChange for DeleteIt {
    const PERMISSION: &'static str = "iam:DeletePolicyVersion";

    fn change(policy: Entity, number: u32) -> IdentityChange {
        IdentityChange::DeletePolicyVersion { policy, number }
    }
}

impl VersionChange for SetDefault {
    const PERMISSION: &'static str = "iam:SetDefaultPolicyVersion";

    fn change(policy: Entity, number: u32) -> IdentityChange {
        IdentityChange::SetDefaultPolicyVersion { policy, number }
    }
}

/// `DeletePolicyVersion` and `SetDefaultPolicyVersion`.
pub(crate) struct ChangeVersion<C>(pub(crate) C);

impl<C: VersionChange> Steps for ChangeVersion<C> {
    const NAME: &'static str = operation(C::PERMISSION);
    const READ_ONLY: bool = false;
    type Input<'a> = Named;

    fn decode<'a>(request: &Request<'a>) -> Result<Named, AwsError> {
        read(request, Named::read)
    }

    fn questions<'q>(named: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![named.subject.question(C::PERMISSION)]
    }

    fn parameters(named: &Self::Input<'_>, out: &mut Object<'_>) {
        named.show(out);
    }

    async fn perform(named: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let policy = named.subject.to_change(call).await?;
        let number = named.version.number;
        let number = number.ok_or_else(|| named.version.missing(named.subject.given()))?;
        Ok(changed(call, Self::NAME, C::change(policy, number)))
    }
}
