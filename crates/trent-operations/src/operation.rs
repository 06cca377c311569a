//! The tables of operations, and how one is found by what a request names.

use crate::call::Attempts;
use crate::iam::kinds::{Groups, Policies, Roles, Users};
use crate::iam::membership::{Add, Remove};
use crate::iam::policy_version::{DeleteIt, SetDefault};
use crate::iam::simulate::{Custom, Principal};
use crate::ports::{PortFuture, Ports};
use crate::request::{Request, Response, ServiceName};
use crate::steps::Steps;
use crate::{cloudtrail, iam, kms, own, sts};

/// One AWS operation.
pub trait Operation: Sync {
    /// The name, as in `Encrypt`.
    fn name(&self) -> &'static str;

    /// Whether it only reads (`readOnly` of its audit record).
    fn read_only(&self) -> bool;

    /// Whether it does what AWS documents; otherwise it is refused with
    /// `UnsupportedOperationException`.
    fn served(&self) -> bool {
        true
    }

    /// Runs one request from the signature to the answer.
    fn run<'a>(
        &'a self,
        request: &'a Request<'a>,
        ports: &'a Ports<'a>,
    ) -> PortFuture<'a, Response>;
}

impl<O: Steps> Operation for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn read_only(&self) -> bool {
        O::READ_ONLY
    }

    fn run<'a>(
        &'a self,
        request: &'a Request<'a>,
        ports: &'a Ports<'a>,
    ) -> PortFuture<'a, Response> {
        Box::pin(answer::<O>(request, ports))
    }
}

async fn answer<O: Steps>(request: &Request<'_>, ports: &Ports<'_>) -> Response {
    let decoded = O::decode(request);
    Attempts::of(request, ports).run::<O>(&decoded).await
}

/// The KMS operations, by their names.
static KMS: &[&dyn Operation] = &[
    &kms::cancel_key_deletion::CancelKeyDeletion,
    &kms::create_alias::CreateAlias,
    &kms::create_grant::CreateGrant,
    &kms::create_key::CreateKey,
    &kms::decapsulate::Decapsulate,
    &kms::decrypt::Decrypt,
    &kms::delete_alias::DeleteAlias,
    &kms::delete_imported_key_material::DeleteImportedKeyMaterial,
    &kms::derive_shared_secret::DeriveSharedSecret,
    &kms::describe_key::DescribeKey,
    &kms::disable_key::DisableKey,
    &kms::disable_key_rotation::DisableKeyRotation,
    &kms::enable_key::EnableKey,
    &kms::enable_key_rotation::EnableKeyRotation,
    &kms::encapsulate::Encapsulate,
    &kms::encrypt::Encrypt,
    &kms::generate_data_key::GenerateDataKey,
    &kms::generate_data_key_pair::GenerateDataKeyPair,
    &kms::generate_data_key_pair_without_plaintext::GenerateDataKeyPairWithoutPlaintext,
    &kms::generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext,
    &kms::generate_mac::GenerateMac,
    &kms::generate_random::GenerateRandom,
    &kms::get_key_last_usage::GetKeyLastUsage,
    &kms::get_key_policy::GetKeyPolicy,
    &kms::get_key_rotation_status::GetKeyRotationStatus,
    &kms::get_parameters_for_import::GetParametersForImport,
    &kms::get_public_key::GetPublicKey,
    &kms::import_key_material::ImportKeyMaterial,
    &kms::list_aliases::ListAliases,
    &kms::list_grants::ListGrants,
    &kms::list_key_policies::ListKeyPolicies,
    &kms::list_key_rotations::ListKeyRotations,
    &kms::list_keys::ListKeys,
    &kms::list_resource_tags::ListResourceTags,
    &kms::list_retirable_grants::ListRetirableGrants,
    &kms::put_key_policy::PutKeyPolicy,
    &kms::re_encrypt::ReEncrypt,
    &kms::replicate_key::ReplicateKey,
    &kms::retire_grant::RetireGrant,
    &kms::revoke_grant::RevokeGrant,
    &kms::rotate_key_on_demand::RotateKeyOnDemand,
    &kms::schedule_key_deletion::ScheduleKeyDeletion,
    &kms::sign::Sign,
    &kms::tag_resource::TagResource,
    &kms::untag_resource::UntagResource,
    &kms::update_alias::UpdateAlias,
    &kms::update_key_description::UpdateKeyDescription,
    &kms::update_primary_region::UpdatePrimaryRegion,
    &kms::verify::Verify,
    &kms::verify_mac::VerifyMac,
    &kms::key_stores::OnKeyStore("ConnectCustomKeyStore"),
    &kms::key_stores::OnKeyStore("CreateCustomKeyStore"),
    &kms::key_stores::OnKeyStore("DeleteCustomKeyStore"),
    &kms::key_stores::OnKeyStore("DescribeCustomKeyStores"),
    &kms::key_stores::OnKeyStore("DisconnectCustomKeyStore"),
    &kms::key_stores::OnKeyStore("UpdateCustomKeyStore"),
];

/// The IAM operations.
static IAM: &[&dyn Operation] = &[
    &iam::attachments::Attach(Groups),
    &iam::attachments::Attach(Roles),
    &iam::attachments::Attach(Users),
    &iam::attachments::Detach(Groups),
    &iam::attachments::Detach(Roles),
    &iam::attachments::Detach(Users),
    &iam::attachments::ListAttached(Groups),
    &iam::attachments::ListAttached(Roles),
    &iam::attachments::ListAttached(Users),
    &iam::boundary::DeleteBoundary(Roles),
    &iam::boundary::DeleteBoundary(Users),
    &iam::boundary::PutBoundary(Roles),
    &iam::boundary::PutBoundary(Users),
    &iam::create_access_key::CreateAccessKey,
    &iam::create_group::CreateGroup,
    &iam::create_policy::CreatePolicy,
    &iam::create_policy_version::CreatePolicyVersion,
    &iam::create_role::CreateRole,
    &iam::create_user::CreateUser,
    &iam::delete::Delete(Groups),
    &iam::delete::Delete(Policies),
    &iam::delete::Delete(Roles),
    &iam::delete::Delete(Users),
    &iam::delete_access_key::DeleteAccessKey,
    &iam::get_access_key_last_used::GetAccessKeyLastUsed,
    &iam::get_account_summary::GetAccountSummary,
    &iam::get_group::GetGroup,
    &iam::get_policy::GetPolicy,
    &iam::get_role::GetRole,
    &iam::get_user::GetUser,
    &iam::inline_policies::DeletePolicyOf(Groups),
    &iam::inline_policies::DeletePolicyOf(Roles),
    &iam::inline_policies::DeletePolicyOf(Users),
    &iam::inline_policies::GetPolicyOf(Groups),
    &iam::inline_policies::GetPolicyOf(Roles),
    &iam::inline_policies::GetPolicyOf(Users),
    &iam::inline_policies::ListPoliciesOf(Groups),
    &iam::inline_policies::ListPoliciesOf(Roles),
    &iam::inline_policies::ListPoliciesOf(Users),
    &iam::inline_policies::PutPolicy(Groups),
    &iam::inline_policies::PutPolicy(Roles),
    &iam::inline_policies::PutPolicy(Users),
    &iam::list_access_keys::ListAccessKeys,
    &iam::list_account_aliases::ListAccountAliases,
    &iam::list_entities::ListEntities(Groups),
    &iam::list_entities::ListEntities(Roles),
    &iam::list_entities::ListEntities(Users),
    &iam::list_entities_for_policy::ListEntitiesForPolicy,
    &iam::list_groups_for_user::ListGroupsForUser,
    &iam::list_policies::ListPolicies,
    &iam::list_policy_versions::ListPolicyVersions,
    &iam::membership::ChangeMembership(Add),
    &iam::membership::ChangeMembership(Remove),
    &iam::policy_version::ChangeVersion(DeleteIt),
    &iam::policy_version::ChangeVersion(SetDefault),
    &iam::policy_version::GetVersion,
    &iam::rename::Rename(Groups),
    &iam::rename::Rename(Users),
    &iam::simulate::Simulate(Custom),
    &iam::simulate::Simulate(Principal),
    &iam::tagging::AddTags(Policies),
    &iam::tagging::AddTags(Roles),
    &iam::tagging::AddTags(Users),
    &iam::tagging::ListTags(Policies),
    &iam::tagging::ListTags(Roles),
    &iam::tagging::ListTags(Users),
    &iam::tagging::RemoveTags(Policies),
    &iam::tagging::RemoveTags(Roles),
    &iam::tagging::RemoveTags(Users),
    &iam::update_access_key::UpdateAccessKey,
    &iam::update_assume_role_policy::UpdateAssumeRolePolicy,
    &iam::update_role::UpdateRole,
    &iam::update_role_description::UpdateRoleDescription,
];

/// The STS operations.
static STS: &[&dyn Operation] = &[
    &sts::assume_role::AssumeRole,
    &sts::get_access_key_info::GetAccessKeyInfo,
    &sts::get_caller_identity::GetCallerIdentity,
    &sts::get_session_token::GetSessionToken,
];

/// The CloudTrail operations.
static CLOUDTRAIL: &[&dyn Operation] =
    &[&cloudtrail::list_public_keys::ListPublicKeys, &cloudtrail::lookup_events::LookupEvents];

/// Trent's own.
static OWN: &[&dyn Operation] = &[
    &own::explain::Explain,
    &own::get_cost_report::GetCostReport,
    &own::get_usage::GetUsage,
    &own::list_quotas::ListQuotas,
    &own::tail_events::TailEvents,
];

/// The name of every operation, served or not.
pub fn operation_names() -> impl Iterator<Item = &'static str> {
    [KMS, IAM, STS, CLOUDTRAIL, OWN].into_iter().flatten().map(|operation| operation.name())
}

/// The operations of the KMS service model (API version 2014-11-01), served or not, by their names.
pub fn kms_operations() -> impl Iterator<Item = &'static dyn Operation> {
    KMS.iter().copied()
}

/// The operations of CloudTrail that are served.
pub fn cloudtrail_operations() -> impl Iterator<Item = &'static dyn Operation> {
    CLOUDTRAIL.iter().copied()
}

/// The operations of IAM and STS that are served, with their service.
pub fn query_operations() -> impl Iterator<Item = (ServiceName, &'static dyn Operation)> {
    let iam = IAM.iter().map(|operation| (ServiceName::Iam, *operation));
    iam.chain(STS.iter().map(|operation| (ServiceName::Sts, *operation)))
}

/// The service and the operation that an `X-Amz-Target` header names: one of KMS, as in
/// `TrentService.Encrypt`, one of Trent's own, as in `Trent.Explain`, which are signed for KMS, or
/// one of CloudTrail. SDKs write CloudTrail's name in two ways.
#[must_use]
pub fn operation_by_target(target: &str) -> Option<(ServiceName, &'static dyn Operation)> {
    let (service, name) = target.rsplit_once('.')?;
    let (service, table) = match service {
        "TrentService" => (ServiceName::Kms, KMS),
        "Trent" => (ServiceName::Kms, OWN),
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" | "CloudTrail_20131101" => {
            (ServiceName::CloudTrail, CLOUDTRAIL)
        }
        _ => return None,
    };
    Some((service, find(table, name)?))
}

/// The IAM or STS operation that `Action` and `Version` name; KMS has none.
#[must_use]
pub fn operation_by_action(
    service: ServiceName,
    action: &str,
    version: &str,
) -> Option<&'static dyn Operation> {
    match (service, version) {
        (ServiceName::Iam, "2010-05-08") => find(IAM, action),
        (ServiceName::Sts, "2011-06-15") => find(STS, action),
        (ServiceName::Iam | ServiceName::Sts | ServiceName::Kms | ServiceName::CloudTrail, _) => {
            None
        }
    }
}

fn find(table: &[&'static dyn Operation], name: &str) -> Option<&'static dyn Operation> {
    table.iter().copied().find(|operation| operation.name() == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_request_takes_little_room_while_it_waits() {
        fn size<F: Future, A, B>(_: impl FnOnce(A, B) -> F) -> usize {
            size_of::<F>()
        }
        let encrypt = size(answer::<kms::encrypt::Encrypt>);
        assert!(encrypt <= 1_300, "{encrypt}");
    }

    #[test]
    fn all_56_operations_of_the_model_are_known_once() {
        let names: BTreeSet<_> = KMS.iter().map(|operation| operation.name()).collect();
        assert_eq!((names.len(), KMS.len()), (56, 56));
    }

    #[test]
    fn operations_are_found_by_their_wire_names() {
        let by_target = |target: &str| {
            let (service, operation) = operation_by_target(target).unwrap();
            (service, operation.name())
        };
        assert_eq!(by_target("TrentService.Encrypt"), (ServiceName::Kms, "Encrypt"));
        assert_eq!(by_target("Trent.Explain"), (ServiceName::Kms, "Explain"));
        for service in
            ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "CloudTrail_20131101"]
        {
            let found = by_target(&format!("{service}.LookupEvents"));
            assert_eq!(found, (ServiceName::CloudTrail, "LookupEvents"));
        }
        for unknown in [
            "Encrypt",
            "TrentService.encrypt",
            "TrentService.Explain",
            "Trent.Encrypt",
            "CloudTrail_20131101.Encrypt",
            "TrentService.LookupEvents",
            "Trent.",
            "",
        ] {
            assert!(operation_by_target(unknown).is_none(), "{unknown}");
        }
        let iam = |action, version| operation_by_action(ServiceName::Iam, action, version);
        assert_eq!(iam("CreateUser", "2010-05-08").unwrap().name(), "CreateUser");
        assert!(iam("CreateUser", "2011-06-15").is_none());
        assert!(operation_by_action(ServiceName::Kms, "Encrypt", "2014-11-01").is_none());
    }
}
