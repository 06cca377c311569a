//! What the grant operations share: principals, ids, which operations fit a key, and how grants are
//! shown.

use std::collections::BTreeMap;

use trent_types::{
    ChangeRefused, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal, KeyRecord,
    KeySpec, KeyUsage,
};

use crate::decode::Text;
use crate::error::{AwsError, ErrorCode};
use crate::json::{Object, quote};
use crate::refusals::refused_key_change;
use crate::steps::Call;
use crate::validate::{PRINCIPAL_ID, SERVICE_PRINCIPAL, Violations};

/// How many grants a page has, and how many at most.
pub(crate) const PAGE: (u32, u32) = (50, 100);

/// `PrincipalIdType`: 1 to 256 characters.
pub(crate) fn check_principal(found: &mut Violations, path: &str, principal: Option<&Text<'_>>) {
    found.length(path, principal, 1..=256);
    found.pattern(path, principal, &PRINCIPAL_ID);
}

/// `ServicePrincipalType`: 1 to 128 characters.
pub(crate) fn check_service(found: &mut Violations, path: &str, service: Option<&Text<'_>>) {
    found.length(path, service, 1..=128);
    found.form(path, service, &SERVICE_PRINCIPAL);
}

/// At most one of an AWS principal and a service principal. AWS documents the rule, not its text.
pub(crate) fn one_principal(
    (name, principal): (&str, Option<&Text<'_>>),
    (service_name, service): (&str, Option<&Text<'_>>),
) -> Result<Option<GrantPrincipal>, AwsError> {
    match (principal, service) {
        (Some(_), Some(_)) => {
            Err(invalid(format!("Specify either {name} or {service_name}, but not both.")))
        }
        (Some(arn), None) => Ok(Some(GrantPrincipal::Arn(arn.to_string()))),
        (None, Some(service)) => Ok(Some(GrantPrincipal::Service(service.to_string()))),
        (None, None) => Ok(None),
    }
}

/// Nobody who signs is a service, and this filter is for services only (API Reference). AWS
/// documents no text.
pub(crate) fn for_services_only(filter: &str) -> AwsError {
    let text = format!("The {filter} filter is only usable by callers in a service principal.");
    AwsError::new(ErrorCode::Validation, text)
}

/// A request that breaks a rule between its parameters.
pub(crate) fn invalid(text: impl Into<std::borrow::Cow<'static, str>>) -> AwsError {
    AwsError::new(ErrorCode::Validation, text)
}

/// A grant id, or `InvalidGrantIdException`.
pub(crate) fn grant_id(text: &str) -> Result<GrantId, AwsError> {
    text.parse().map_err(|_| AwsError::bare(ErrorCode::InvalidGrantId))
}

/// The error for a grant that was not removed.
pub(crate) fn refused_removal(call: &Call<'_>, grant: GrantId, reason: ChangeRefused) -> AwsError {
    match reason {
        ChangeRefused::NotFound => {
            AwsError::new(ErrorCode::NotFound, format!("Grant ID {grant} not found"))
        }
        ChangeRefused::Conflict
        | ChangeRefused::AlreadyExists
        | ChangeRefused::LimitExceeded { .. }
        | ChangeRefused::IncorrectMaterial
        | ChangeRefused::MalformedPolicy(_)
        | ChangeRefused::Identity(_)
        | ChangeRefused::NotPermitted(_) => refused_key_change(call, reason),
    }
}

/// Whether the key supports what the grant is to allow (Developer Guide, "Grant operations").
pub(crate) fn supports(key: &KeyRecord, operation: GrantOperation) -> bool {
    match operation {
        GrantOperation::Decrypt
        | GrantOperation::Encrypt
        | GrantOperation::ReEncryptFrom
        | GrantOperation::ReEncryptTo => key.usage == KeyUsage::EncryptDecrypt,
        GrantOperation::GenerateDataKey
        | GrantOperation::GenerateDataKeyWithoutPlaintext
        | GrantOperation::GenerateDataKeyPair
        | GrantOperation::GenerateDataKeyPairWithoutPlaintext => {
            key.spec == KeySpec::SymmetricDefault
        }
        GrantOperation::Sign | GrantOperation::Verify => key.usage == KeyUsage::SignVerify,
        GrantOperation::GenerateMac | GrantOperation::VerifyMac => {
            key.usage == KeyUsage::GenerateVerifyMac
        }
        GrantOperation::DeriveSharedSecret => key.usage == KeyUsage::KeyAgreement,
        GrantOperation::Encapsulate | GrantOperation::Decapsulate => {
            key.usage == KeyUsage::EncapsulateDecapsulate
        }
        GrantOperation::GetPublicKey => key.spec.is_asymmetric(),
        GrantOperation::CreateGrant | GrantOperation::RetireGrant | GrantOperation::DescribeKey => {
            true
        }
    }
}

/// `Grants`: the entries of ListGrants and ListRetirableGrants.
pub(crate) fn list(out: &mut Object<'_>, grants: &[Grant]) {
    out.list("Grants", grants, |out, grant| {
        let mut entry = Object::begin(out);
        entry.id("KeyId", &grant.key);
        entry.id("GrantId", &grant.grant_id);
        entry.text("Name", grant.name.as_deref().unwrap_or_default());
        entry.epoch_seconds("CreationDate", grant.created_at);
        match &grant.terms.grantee {
            GrantPrincipal::Arn(arn) => entry.text("GranteePrincipal", arn),
            GrantPrincipal::Service(name) => {
                // The older member names the service as well (ListGrants).
                entry.text("GranteePrincipal", name);
                entry.text("GranteeServicePrincipal", name);
            }
        }
        match &grant.terms.retiring {
            Some(GrantPrincipal::Arn(arn)) => entry.text("RetiringPrincipal", arn),
            Some(GrantPrincipal::Service(name)) => entry.text("RetiringServicePrincipal", name),
            None => {}
        }
        entry.text("IssuingAccount", &grant.issuing_account);
        entry.list("Operations", &grant.terms.operations, |out, one| quote(out, one.as_str()));
        show_constraints(
            &mut entry,
            "Constraints",
            &grant.terms.constraints,
            ["EncryptionContextSubset", "EncryptionContextEquals", "SourceArn"],
        );
        entry.end();
    });
}

/// Shows constraints, where there are any, under these names of their members.
pub(crate) fn show_constraints(
    out: &mut Object<'_>,
    name: &'static str,
    constraints: &GrantConstraints,
    [subset, equals, source]: [&'static str; 3],
) {
    if *constraints == GrantConstraints::default() {
        return;
    }
    out.object(name, |out| {
        show_pairs(out, subset, constraints.context_subset.as_ref());
        show_pairs(out, equals, constraints.context_equals.as_ref());
        out.text_if(source, constraints.source_arn.as_deref());
    });
}

fn show_pairs(out: &mut Object<'_>, name: &'static str, pairs: Option<&BTreeMap<String, String>>) {
    let Some(pairs) = pairs else { return };
    out.object(name, |out| {
        for (key, value) in pairs {
            out.pair(key, value);
        }
    });
}
