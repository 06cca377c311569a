//! Whether a grant covers a request: its grantee, its operations and its constraints (AWS KMS
//! Developer Guide, "Grants in AWS KMS"; API Reference, "GrantConstraints").

use std::collections::BTreeMap;

use trent_types::{
    Caller, CallerKind, EncryptionContext, Grant, GrantConstraints, GrantOperation, GrantPrincipal,
    GrantTerms, Region,
};

use crate::Principal;
use crate::principal::{Coverage, Who, names_service};

/// What a request brings that grants depend on.
#[derive(Debug, Clone, Copy)]
pub struct GrantRequest<'a> {
    /// The encryption context; empty where there is none.
    pub encryption_context: &'a EncryptionContext,
    /// `aws:SourceArn`: the resource on whose behalf a service calls.
    pub source_arn: Option<&'a str>,
    /// The grant that CreateGrant is to make.
    pub new_grant: Option<&'a GrantTerms>,
}

/// How the constraints of a grant bear on an operation.
enum ConstrainedBy {
    /// The encryption context of the request must fit.
    Context,
    /// The grant to be made must be at least as strict.
    NewGrant,
    /// Not by the encryption context: the operation has none.
    Nothing,
}

/// The principals of the grants that can cover a caller who calls in this Region: itself by its ARN
/// and its unique id, the role of a session, and its account; a service by its name and by that in
/// the Region.
#[must_use]
pub fn grantees_of(caller: &Caller, region: Region) -> Vec<String> {
    let partition = region.partition();
    let own = caller.arn(partition);
    let account =
        || ["arn:", partition.as_str(), ":iam::", caller.account.as_str(), ":root"].concat();
    match &caller.kind {
        CallerKind::Root => vec![own],
        CallerKind::User { user_id, .. } => vec![own, user_id.clone(), account()],
        CallerKind::Role { role_id, .. } => {
            vec![own, caller.principal_arn(partition), role_id.clone(), account()]
        }
        CallerKind::Service { name, .. } => match name.split_once('.') {
            Some((service, domain)) => {
                let regional = [service, ".", region.as_str(), ".", domain].concat();
                vec![name.clone(), regional]
            }
            None => vec![name.clone()],
        },
    }
}

/// How a principal of a grant covers a caller. A principal is matched as the one in a key policy: a
/// user exactly, a role as its sessions, an account as its root user and whomever its identity
/// policies allow. A unique id is what a deleted user or role has left.
pub(crate) fn coverage(principal: &GrantPrincipal, who: &Who<'_>) -> Coverage {
    match principal {
        GrantPrincipal::Arn(text) => Principal::from_arn(text)
            .or_else(|| Principal::from_unique_id(text))
            .map_or(Coverage::None, |principal| principal.coverage(who)),
        GrantPrincipal::Service(text) => match &who.caller.kind {
            CallerKind::Service { name, .. } if names_service(text, name, who.region) => {
                Coverage::Direct
            }
            CallerKind::Service { .. }
            | CallerKind::Root
            | CallerKind::User { .. }
            | CallerKind::Role { .. } => Coverage::None,
        },
    }
}

/// Whether a grant allows an action, whoever asks.
///
/// `kms:RetireGrant` is not for this: who may retire a grant is a question about that grant.
pub(crate) fn allows(grant: &Grant, action: &str, request: &GrantRequest<'_>) -> bool {
    let Some(operation) = operation(action) else { return false };
    let GrantTerms { operations, constraints, .. } = &grant.terms;
    if !operations.contains(&operation) {
        return false;
    }
    let source_fits =
        constraints.source_arn.as_deref().is_none_or(|arn| request.source_arn == Some(arn));
    source_fits
        && match constrained_by(operation) {
            ConstrainedBy::Context => context_fits(constraints, request.encryption_context),
            ConstrainedBy::NewGrant => {
                request.new_grant.is_some_and(|child| is_within(child, &grant.terms))
            }
            ConstrainedBy::Nothing => true,
        }
}

fn operation(action: &str) -> Option<GrantOperation> {
    let operation = action.strip_prefix("kms:")?.parse().ok()?;
    (operation != GrantOperation::RetireGrant).then_some(operation)
}

/// Operations with keys of other kinds have no encryption context, so a constraint that wants one
/// is never met by them. CreateGrant refuses such grants in the first place.
const fn constrained_by(operation: GrantOperation) -> ConstrainedBy {
    match operation {
        GrantOperation::Decrypt
        | GrantOperation::Encrypt
        | GrantOperation::GenerateDataKey
        | GrantOperation::GenerateDataKeyWithoutPlaintext
        | GrantOperation::GenerateDataKeyPair
        | GrantOperation::GenerateDataKeyPairWithoutPlaintext
        | GrantOperation::ReEncryptFrom
        | GrantOperation::ReEncryptTo
        | GrantOperation::Sign
        | GrantOperation::Verify
        | GrantOperation::GenerateMac
        | GrantOperation::VerifyMac
        | GrantOperation::DeriveSharedSecret
        | GrantOperation::Encapsulate
        | GrantOperation::Decapsulate => ConstrainedBy::Context,
        GrantOperation::CreateGrant => ConstrainedBy::NewGrant,
        GrantOperation::GetPublicKey
        | GrantOperation::DescribeKey
        | GrantOperation::RetireGrant => ConstrainedBy::Nothing,
    }
}

fn context_fits(constraints: &GrantConstraints, context: &EncryptionContext) -> bool {
    let pairs: Vec<_> = context.iter().collect();
    let equals = constraints.context_equals.as_ref();
    let subset = constraints.context_subset.as_ref();
    equals.is_none_or(|wanted| {
        // In both directions, because names that differ in case only count as one.
        includes(&pairs, &listed(wanted)) && includes(&listed(wanted), &pairs)
    }) && subset.is_none_or(|wanted| includes(&pairs, &listed(wanted)))
}

/// Whether each of the wanted pairs is there. In constraints the names of pairs compare without
/// regard to case and their values exactly (API Reference, "GrantConstraints").
fn includes(pairs: &[(&str, &str)], wanted: &[(&str, &str)]) -> bool {
    wanted.iter().all(|(name, value)| {
        pairs.iter().any(|(other, found)| found == value && same_name(other, name))
    })
}

fn listed(pairs: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// Whether a grant allows no more than the one by which it is made: no other operations, and only
/// where the other allows them too (Developer Guide, "Granting CreateGrant permission").
fn is_within(child: &GrantTerms, parent: &GrantTerms) -> bool {
    let (inner, outer) = (&child.constraints, &parent.constraints);
    let exact = inner.context_equals.as_ref();
    let at_least = exact.into_iter().chain(&inner.context_subset);
    let as_exact = outer.context_equals.as_ref().is_none_or(|outer| {
        exact.is_some_and(|inner| {
            includes(&listed(inner), &listed(outer)) && includes(&listed(outer), &listed(inner))
        })
    });
    let as_large = outer.context_subset.as_ref().is_none_or(|outer| {
        at_least.into_iter().any(|inner| includes(&listed(inner), &listed(outer)))
    });
    let for_source = outer.source_arn.is_none() || inner.source_arn == outer.source_arn;
    let operations = child.operations.iter().all(|one| parent.operations.contains(one));
    operations && as_exact && as_large && for_source
}

#[cfg(test)]
mod tests;
