//! What grants add to policies, and who may retire a grant.

use trent_types::{Grant, GrantOperation, GrantPrincipal};

use super::rules::{
    by_policies, by_statement, implicit, is_across_accounts, lacking, silent_limit, to_root,
};
use super::sources::{Sources, Voices};
use super::{Decision, Inputs, Outcome, PolicyType, ResourceUnderDecision};
use crate::grant::{self, GrantRequest};
use crate::principal::{Coverage, Who};

/// [`super::decide`], and where policies neither allow nor deny, whether one of these grants allows
/// it.
///
/// A grant needs no policy beside it, not even across accounts; it is limited as an allow of the
/// key policy for its grantee is. One of another key counts for nothing.
#[must_use]
pub fn decide_with_grants<'a>(
    inputs: &Inputs<'a>,
    grants: &[Grant],
    request: &GrantRequest<'_>,
) -> Decision<'a> {
    let resource = inputs.resource.text();
    let question = inputs.question(&resource);
    let sources = Sources::of(inputs);
    let decision = by_policies(inputs, &sources, &question);
    let ResourceUnderDecision::Key { arn, .. } = inputs.resource else {
        return decision.explained(&sources, &question);
    };
    if decision.outcome != Outcome::ImplicitlyDenied || !sources.are_of_their_kind() {
        return decision.explained(&sources, &question);
    }
    let mut allowing = grants
        .iter()
        .filter(|grant| grant.key == arn && grant::allows(grant, inputs.action, request))
        .filter(|grant| grant::coverage(&grant.terms.grantee, &question.who) != Coverage::None)
        .peekable();
    if allowing.peek().is_none() {
        return decision.explained(&sources, &question);
    }
    let voices = sources.ask(&question);
    let (mut limited_by, who) = (None, &question.who);
    for grant in allowing {
        match lacking(grant::coverage(&grant.terms.grantee, who), &voices) {
            None => return by_grant(grant, decision),
            Some(policy_type) => limited_by = limited_by.or(Some(policy_type)),
        }
    }
    Decision { decided_by: limited_by.or(decision.decided_by), ..decision }
        .explained(&sources, &question)
}

/// Whether the caller may retire this grant; the inputs are those of `kms:RetireGrant` on its key.
///
/// The grant itself says who may: its retiring principal, and its grantee if it allows RetireGrant.
/// Besides them the key's own account may, and can let its principals do so by identity policies.
/// Constraints do not bear on it, and the key policy has no say (Developer Guide, "Retiring and
/// revoking grants").
#[must_use]
pub fn decide_retirement<'a>(inputs: &Inputs<'a>, grant: &Grant) -> Decision<'a> {
    let resource = inputs.resource.text();
    let question = inputs.question(&resource);
    let sources = Sources::of(inputs);
    let across_accounts = is_across_accounts(inputs);
    if !sources.are_of_their_kind() {
        return Decision { across_accounts, ..implicit(PolicyType::ResourceBased) };
    }
    let sources = sources.without_resource();
    let voices = sources.ask(&question);
    let decision = retirement(grant, &question.who, &voices, across_accounts);
    Decision { across_accounts, verdicts: voices.verdicts(&sources), ..decision }
}

fn retirement<'a>(
    grant: &Grant,
    who: &Who<'_>,
    voices: &Voices<'a>,
    across_accounts: bool,
) -> Decision<'a> {
    if let Some(statement) = voices.deny() {
        return by_statement(Outcome::ExplicitlyDenied, statement);
    }
    let retiring = grant.terms.retiring.iter();
    let grantee = grant.terms.operations.contains(&GrantOperation::RetireGrant);
    let mut may = retiring.chain(grantee.then_some(&grant.terms.grantee));
    let lets_in =
        |principal: &GrantPrincipal| lacking(grant::coverage(principal, who), voices).is_none();
    if may.any(lets_in) {
        return by_grant(grant, to_root());
    }
    if across_accounts {
        return implicit(PolicyType::ResourceBased);
    }
    if who.caller.is_root() {
        return silent_limit(voices).map_or_else(to_root, implicit);
    }
    match (lacking(Coverage::Account, voices), voices.identity.allow) {
        (None, Some((statement, _))) => by_statement(Outcome::Allowed, statement),
        (lacking, _) => implicit(lacking.unwrap_or(PolicyType::IdentityBased)),
    }
}

fn by_grant<'a>(grant: &Grant, decision: Decision<'a>) -> Decision<'a> {
    Decision {
        outcome: Outcome::Allowed,
        decided_by: Some(PolicyType::Grant),
        grant: Some(grant.grant_id),
        ..decision
    }
}

#[cfg(test)]
mod tests;
