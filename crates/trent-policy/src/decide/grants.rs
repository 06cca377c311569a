//! What grants add to policies, and who may retire a grant.

use trent_types::{Grant, GrantOperation, GrantPrincipal};

use super::sources::Sources;
use super::{
    Decision, Inputs, Outcome, PolicyType, ResourceUnderDecision, by_statement, decide, implicit,
    is_root, without_policy,
};
use crate::grant::{self, GrantRequest};
use crate::principal::Coverage;
use crate::resource::Resource;
use crate::statement::Question;

/// [`decide`], and where policies neither allow nor deny, whether one of these grants allows it.
///
/// A grant needs no policy beside it, not even across accounts. One of another key counts for
/// nothing.
#[must_use]
pub fn decide_with_grants<'a>(
    inputs: &Inputs<'a>,
    grants: &[Grant],
    request: &GrantRequest<'_>,
) -> Decision<'a> {
    let by_policies = decide(inputs);
    let ResourceUnderDecision::Key { arn, .. } = inputs.resource else { return by_policies };
    let sources = Sources::of(inputs);
    if by_policies.outcome != Outcome::ImplicitlyDenied || !sources.are_of_their_kind() {
        return by_policies;
    }
    let resource = Resource::key(arn);
    let question = question(inputs, &resource);
    let granted = grants.iter().find(|grant| {
        grant.key == arn
            && grant::allows(grant, inputs.action, request)
            && covers(&grant.terms.grantee, &question, &sources)
    });
    match granted {
        Some(grant) => by_grant(grant, by_policies.across_accounts),
        None => by_policies,
    }
}

/// Whether the caller may retire this grant; the inputs are those of `kms:RetireGrant` on its key.
///
/// The grant itself says who may: its retiring principal, and its grantee if it allows RetireGrant.
/// Besides them the key's own account may, and can let its principals do so by identity policies.
/// Constraints do not bear on it, and the key policy has no say (Developer Guide, "Retiring and
/// revoking grants").
#[must_use]
pub fn decide_retirement<'a>(inputs: &Inputs<'a>, grant: &Grant) -> Decision<'a> {
    let sources = Sources::of(inputs);
    let resource = Resource::key(grant.key);
    let question = question(inputs, &resource);
    let across_accounts = grant.key.account != inputs.caller.account;
    let mut decision = if sources.are_of_their_kind() {
        retirement(grant, &question, &sources, across_accounts)
    } else {
        implicit(PolicyType::ResourceBased)
    };
    decision.across_accounts = across_accounts;
    decision
}

fn retirement<'a>(
    grant: &Grant,
    question: &Question<'_>,
    sources: &Sources<'a>,
    across_accounts: bool,
) -> Decision<'a> {
    let identity = sources.ask_identity_policies(question);
    if let Some(statement) = identity.deny {
        return by_statement(Outcome::ExplicitlyDenied, statement);
    }
    let retiring = grant.terms.retiring.iter();
    let grantee = grant.terms.operations.contains(&GrantOperation::RetireGrant);
    let mut may = retiring.chain(grantee.then_some(&grant.terms.grantee));
    if may.any(|principal| covers(principal, question, sources)) {
        return by_grant(grant, across_accounts);
    }
    match identity.allow {
        _ if across_accounts => implicit(PolicyType::ResourceBased),
        _ if is_root(question.caller) => Decision { outcome: Outcome::Allowed, ..without_policy() },
        Some((statement, _)) => by_statement(Outcome::Allowed, statement),
        None => implicit(PolicyType::IdentityBased),
    }
}

/// Whether a principal of a grant stands for the caller. An account stands for those whom its
/// identity policies allow what is asked.
fn covers(principal: &GrantPrincipal, question: &Question<'_>, sources: &Sources<'_>) -> bool {
    match grant::coverage(principal, question.caller, question.partition) {
        Coverage::None => false,
        Coverage::Direct => true,
        Coverage::Account => sources.ask_identity_policies(question).allow.is_some(),
    }
}

fn question<'q>(inputs: &Inputs<'q>, resource: &'q Resource<'q>) -> Question<'q> {
    Question {
        caller: inputs.caller,
        partition: inputs.partition,
        action: inputs.action,
        resource,
        context: inputs.context,
    }
}

fn by_grant<'a>(grant: &Grant, across_accounts: bool) -> Decision<'a> {
    Decision {
        outcome: Outcome::Allowed,
        decided_by: Some(PolicyType::Grant),
        grant: Some(grant.grant_id),
        across_accounts,
        ..without_policy()
    }
}

#[cfg(test)]
mod tests;
