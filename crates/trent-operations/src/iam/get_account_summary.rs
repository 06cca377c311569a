//! `GetAccountSummary`: how many users, groups, roles and policies the account has, and IAM's
//! quotas.

use trent_types::EntityKind;

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::list_entities::folded;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::xml::{element, within};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// How many are counted at a time.
const COUNTED_AT_ONCE: u32 = 1000;

/// IAM's quotas of one account (IAM User Guide, "IAM and AWS STS quotas").
const QUOTAS: &[(&str, u64)] = &[
    ("UsersQuota", 5000),
    ("GroupsQuota", 300),
    ("RolesQuota", 1000),
    ("PoliciesQuota", 1500),
    ("AccessKeysPerUserQuota", 2),
    ("GroupsPerUserQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("VersionsPerPolicyQuota", 5),
    ("PolicySizeQuota", 6144),
    ("UserPolicySizeQuota", 2048),
    ("GroupPolicySizeQuota", 5120),
    ("RolePolicySizeQuota", 10_240),
    ("AssumeRolePolicySizeQuota", 2048),
];

/// The operation.
pub(crate) struct GetAccountSummary;

impl Steps for GetAccountSummary {
    const NAME: &'static str = "GetAccountSummary";
    const READ_ONLY: bool = true;
    type Input<'a> = ();

    fn decode<'a>(_: &Request<'a>) -> Result<(), AwsError> {
        Ok(())
    }

    fn questions<'q>((): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:GetAccountSummary", Resource::Arn("*"))]
    }

    fn parameters((): &Self::Input<'_>, _: &mut Object<'_>) {}

    async fn perform((): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let mut counts = Vec::new();
        for (name, kind) in [
            ("Users", EntityKind::User),
            ("Groups", EntityKind::Group),
            ("Roles", EntityKind::Role),
            ("Policies", EntityKind::Policy),
        ] {
            counts.push((name, count(kind, call).await?));
        }
        Ok(answered(call, Self::NAME, |out| {
            within(out, "SummaryMap", |out| {
                for (name, number) in counts.iter().chain(QUOTAS) {
                    within(out, "entry", |out| {
                        element(out, "key", name);
                        element(out, "value", &number.to_string());
                    });
                }
            });
        }))
    }
}

async fn count(kind: EntityKind, call: &Call<'_>) -> Result<u64, AwsError> {
    let (id, permit) = (call.request.request_id, call.permit(0)?);
    let (mut count, mut after) = (0, None::<String>);
    loop {
        let identities = call.ports.identities;
        let (found, more) =
            identities.entities(id, permit, kind, "/", after.as_deref(), COUNTED_AT_ONCE).await?;
        count += found.len() as u64;
        after = found.last().map(folded);
        if !more || after.is_none() {
            return Ok(count);
        }
    }
}
