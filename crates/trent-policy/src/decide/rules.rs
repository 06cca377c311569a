//! Who wins: the order of steps, and what each way to a resource needs besides.
//!
//! The order is that of the AWS KMS Developer Guide, "Troubleshooting key access", and of the IAM
//! User Guide, "Policy evaluation logic": an explicit deny anywhere ends it; in its own account a
//! resource's policy that names the caller is enough, and one that names the account leaves the
//! decision to identity policies; from another account both must allow. A permissions boundary and
//! session policies never allow by themselves. What is neither allowed nor denied is denied.

use trent_types::Caller;

use super::sources::{Sources, Voices};
use super::{Decision, Inputs, Outcome, PolicyType, ResourceUnderDecision, StatementName};
use super::{Verdict, Verdicts};
use crate::principal::{Coverage, is_service};
use crate::statement::Question;

/// What policies say to the question, grants aside.
pub(super) fn by_policies<'a>(
    inputs: &Inputs<'a>,
    sources: &Sources<'a>,
    question: &Question<'_>,
) -> Decision<'a> {
    let across_accounts = is_across_accounts(inputs);
    if !sources.are_of_their_kind() {
        return Decision { across_accounts, ..implicit(PolicyType::ResourceBased) };
    }
    let voices = sources.ask(question);
    let decision = match (voices.deny(), inputs.resource) {
        (Some(statement), _) => by_statement(Outcome::ExplicitlyDenied, statement),
        (None, ResourceUnderDecision::IdentityOnly { .. }) => {
            without_resource_policy(inputs.caller, &voices, across_accounts)
        }
        // Roles may not be assumed by root users (API Reference of AWS STS, "AssumeRole").
        (None, ResourceUnderDecision::Role { .. }) if inputs.caller.is_root() => {
            implicit(sources.resource_type)
        }
        (None, ResourceUnderDecision::Key { .. } | ResourceUnderDecision::Role { .. }) => {
            with_resource_policy(inputs, sources.resource_type, &voices)
        }
    };
    Decision { across_accounts, verdicts: voices.verdicts(sources), ..decision }
}

/// Whether the resource is another account's than the caller's. The account of a service is that of
/// the deployment.
pub(super) fn is_across_accounts(inputs: &Inputs<'_>) -> bool {
    inputs.resource.owner() != inputs.caller.account
}

fn with_resource_policy<'a>(
    inputs: &Inputs<'a>,
    resource_type: PolicyType,
    voices: &Voices<'a>,
) -> Decision<'a> {
    let Some((statement, coverage)) = voices.resource.allow else { return implicit(resource_type) };
    // A service is in no account: the resource's policy lets it in, or nothing does.
    let across_accounts = is_across_accounts(inputs) && !is_service(inputs.caller);
    if !across_accounts {
        return match lacking(coverage, voices) {
            Some(policy_type) => implicit(policy_type),
            None if coverage == Coverage::Account => {
                let allow = voices.identity.allow.map_or(statement, |(allow, _)| allow);
                Decision { beside: Some(statement), ..by_statement(Outcome::Allowed, allow) }
            }
            None => by_statement(Outcome::Allowed, statement),
        };
    }
    if !works_across_accounts(inputs) {
        return implicit(resource_type);
    }
    if inputs.caller.is_root() {
        return by_statement(Outcome::Allowed, statement);
    }
    // The caller's own account must agree, however the resource's policy names the caller.
    match lacking(Coverage::Account, voices) {
        Some(policy_type) => implicit(policy_type),
        None => {
            let beside = voices.identity.allow.map(|(allow, _)| allow);
            Decision { beside, ..by_statement(Outcome::Allowed, statement) }
        }
    }
}

fn without_resource_policy<'a>(
    caller: &Caller,
    voices: &Voices<'a>,
    across_accounts: bool,
) -> Decision<'a> {
    if across_accounts {
        // Without a policy on the resource nobody from elsewhere can be let in.
        return implicit(PolicyType::ResourceBased);
    }
    if caller.is_root() {
        return match silent_limit(voices) {
            Some(policy_type) => implicit(policy_type),
            None => to_root(),
        };
    }
    match (lacking(Coverage::Account, voices), voices.identity.allow) {
        (None, Some((statement, _))) => by_statement(Outcome::Allowed, statement),
        (lacking, _) => implicit(lacking.unwrap_or(PolicyType::IdentityBased)),
    }
}

/// What still keeps out a caller whom the policy of a resource, or a grant, lets in this way. The
/// one place that says whom permissions boundaries and session policies limit.
///
/// AWS documents it for policies (IAM User Guide, "Policy evaluation logic", "Resource-based
/// policies"): what a resource's policy gives to a *role* is, as if it were the role's own policy,
/// limited by what boundary and session policies do not allow; what it gives to a user, to a
/// session by its own ARN, or to everybody, is not. What goes through the caller's *account* needs
/// an identity policy and is limited as that is. A grant is such an allow on the key, for its
/// grantee: the same holds for it. An explicit deny has been looked for before.
pub(super) fn lacking(coverage: Coverage, voices: &Voices<'_>) -> Option<PolicyType> {
    match coverage {
        Coverage::None => Some(PolicyType::ResourceBased),
        Coverage::Account if voices.identity.allow.is_none() => Some(PolicyType::IdentityBased),
        Coverage::Account | Coverage::Role => silent_limit(voices),
        Coverage::Direct => None,
    }
}

/// The permissions boundary or session policies, if they are there and do not allow it.
pub(super) fn silent_limit(voices: &Voices<'_>) -> Option<PolicyType> {
    let is_silent = |voice: &super::sources::Voice<'_>| voice.allow.is_none();
    if voices.boundary.as_ref().is_some_and(is_silent) {
        Some(PolicyType::PermissionsBoundary)
    } else {
        voices.session.as_ref().is_some_and(is_silent).then_some(PolicyType::Session)
    }
}

/// Whether the action is served on another account's resource: of KMS these (Developer Guide, "AWS
/// KMS permissions").
fn works_across_accounts(inputs: &Inputs<'_>) -> bool {
    match inputs.resource {
        ResourceUnderDecision::Key { .. } => is_cross_account(inputs.action),
        ResourceUnderDecision::Role { .. } => true,
        ResourceUnderDecision::IdentityOnly { .. } => false,
    }
}

pub(super) fn is_cross_account(action: &str) -> bool {
    const ACTIONS: [&str; 22] = [
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    ];
    action.strip_prefix("kms:").is_some_and(|name| ACTIONS.binary_search(&name).is_ok())
}

const fn without_policy<'a>() -> Decision<'a> {
    let absent = Verdict::Absent;
    Decision {
        outcome: Outcome::ImplicitlyDenied,
        decided_by: None,
        statement: None,
        beside: None,
        grant: None,
        verdicts: Verdicts {
            resource_based: absent,
            identity_based: absent,
            boundary: absent,
            session: absent,
        },
        failed_conditions: Vec::new(),
        across_accounts: false,
    }
}

pub(super) const fn to_root<'a>() -> Decision<'a> {
    let mut decision = without_policy();
    decision.outcome = Outcome::Allowed;
    decision
}

pub(super) const fn implicit<'a>(lacking: PolicyType) -> Decision<'a> {
    let mut decision = without_policy();
    decision.decided_by = Some(lacking);
    decision
}

pub(super) const fn by_statement(outcome: Outcome, statement: StatementName<'_>) -> Decision<'_> {
    let mut decision = without_policy();
    decision.outcome = outcome;
    decision.decided_by = Some(statement.policy_type);
    decision.statement = Some(statement);
    decision
}
