//! May they? The decision over key policy and identity policies, with what decided it.
//!
//! The order of steps is that of the AWS KMS Developer Guide, "Troubleshooting key access": an
//! explicit deny anywhere ends it; in its own account a key policy's allow is enough, and a key
//! policy that allows the account leaves the decision to identity policies; from another account
//! both must allow. What is neither allowed nor denied is denied.

mod grants;
mod sources;

use trent_types::{AccountId, Caller, CallerKind, GrantId, KeyArn, Partition};

pub use self::grants::{decide_retirement, decide_with_grants};
use self::sources::Sources;
use crate::Policy;
use crate::condition::{ConditionContext, Values};
use crate::principal::Coverage;
use crate::resource::Resource;
use crate::statement::Question;

/// Everything that a decision depends on.
pub struct Inputs<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The partition of the Region that was called; the caller's ARN carries it.
    pub partition: Partition,
    /// The permission, as in `kms:Encrypt`.
    pub action: &'a str,
    /// What it is about.
    pub resource: ResourceUnderDecision<'a>,
    /// The caller's own policies; none for the root user.
    pub identity_policies: &'a [IdentityPolicy<'a>],
    /// The values of condition keys.
    pub context: &'a dyn ConditionContext,
}

/// A policy that is attached to the caller.
#[derive(Debug, Clone, Copy)]
pub struct IdentityPolicy<'a> {
    /// The policy, of [`crate::PolicyKind::Identity`].
    pub policy: &'a Policy,
    /// Where it comes from: a managed policy's ARN, or an inline policy's name.
    pub source: &'a str,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy)]
pub enum ResourceUnderDecision<'a> {
    /// A key, with the policy that guards it.
    Key {
        /// The key; its account owns it.
        arn: KeyArn,
        /// Its policy, of [`crate::PolicyKind::KeyPolicy`].
        policy: &'a Policy,
    },
    /// What has no policy of its own: an alias, a user, or `*`. Identity policies decide alone.
    IdentityOnly {
        /// The account that the resource is in; for `*` the caller's.
        owner: AccountId,
        /// The ARN, or `*`.
        arn: &'a str,
    },
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They may.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// No statement allows it.
    ImplicitlyDenied,
}

/// The types of policy, as access-denied messages tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyType {
    /// The key policy.
    ResourceBased,
    /// A policy of the caller.
    IdentityBased,
    /// A grant of the key. It allows, and never denies.
    Grant,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementName<'a> {
    /// The type of its policy.
    pub policy_type: PolicyType,
    /// The [`IdentityPolicy::source`]; `None` for the key policy.
    pub source: Option<&'a str>,
    /// Its `Sid`.
    pub sid: Option<&'a str>,
    /// Its place in the policy, from 0.
    pub index: usize,
}

/// A condition that kept an allowing statement from applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedCondition<'a> {
    /// The statement.
    pub statement: StatementName<'a>,
    /// The operator, as in `StringEquals`.
    pub operator: &'a str,
    /// The condition key.
    pub key: &'a str,
}

/// The answer, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// The type of policy that allowed or denied, or that would have had to allow. `None` for a
    /// root user, who needs no policy for what has none.
    pub decided_by: Option<PolicyType>,
    /// The statement that allowed or denied.
    pub statement: Option<StatementName<'a>>,
    /// The grant that allowed.
    pub grant: Option<GrantId>,
    /// Conditions without which it would, as far as they go, have been allowed; only after an
    /// implicit deny.
    pub failed_conditions: Vec<FailedCondition<'a>>,
    /// Whether the resource is another account's, about which a denial tells nothing.
    pub(crate) across_accounts: bool,
}

impl Decision<'_> {
    /// Whether they may.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }
}

/// Decides. A policy without conditions and variables is read without allocating; the explanation
/// of an implicit deny allocates.
#[must_use]
pub fn decide<'a>(inputs: &Inputs<'a>) -> Decision<'a> {
    let (owner, resource) = match inputs.resource {
        ResourceUnderDecision::Key { arn, .. } => (arn.account, Resource::key(arn)),
        ResourceUnderDecision::IdentityOnly { owner, arn } => (owner, Resource::other(arn)),
    };
    let question = Question {
        caller: inputs.caller,
        partition: inputs.partition,
        action: inputs.action,
        resource: &resource,
        context: inputs.context,
    };
    let sources = Sources::of(inputs);
    let across_accounts = owner != inputs.caller.account;
    let mut decision = match inputs.resource {
        _ if !sources.are_of_their_kind() => implicit(PolicyType::ResourceBased),
        ResourceUnderDecision::Key { .. } => on_key(&question, &sources, across_accounts),
        ResourceUnderDecision::IdentityOnly { .. } => {
            on_other(&question, &sources, across_accounts)
        }
    };
    decision.across_accounts = across_accounts;
    if decision.outcome == Outcome::ImplicitlyDenied {
        decision.failed_conditions = sources.failed_conditions(&question);
    }
    decision
}

/// The policy lockout safety check: whether the caller may still replace the key's policy under the
/// new one.
#[must_use]
pub fn keeps_control<'a>(
    caller: &'a Caller,
    key: KeyArn,
    new_policy: &'a Policy,
    identity_policies: &'a [IdentityPolicy<'a>],
    context: &'a dyn ConditionContext,
) -> bool {
    let context = OfDefaultPolicy(context);
    let inputs = Inputs {
        caller,
        partition: key.region.partition(),
        action: "kms:PutKeyPolicy",
        resource: ResourceUnderDecision::Key { arn: key, policy: new_policy },
        identity_policies,
        context: &context,
    };
    decide(&inputs).is_allowed()
}

/// The request that the safety check imagines: PutKeyPolicy with the policy name `default`.
struct OfDefaultPolicy<'a>(&'a dyn ConditionContext);

impl ConditionContext for OfDefaultPolicy<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        if key.eq_ignore_ascii_case("kms:PolicyName") {
            Some(Values::one("default"))
        } else {
            self.0.values(key)
        }
    }
}

fn on_key<'a>(q: &Question<'_>, sources: &Sources<'a>, across_accounts: bool) -> Decision<'a> {
    let key_policy = sources.ask_key_policy(q);
    let identity = sources.ask_identity_policies(q);
    if let Some(statement) = key_policy.deny.or(identity.deny) {
        return by_statement(Outcome::ExplicitlyDenied, statement);
    }
    let is_root = is_root(q.caller);
    if across_accounts {
        let Some((statement, _)) = key_policy.allow.filter(|_| works_across_accounts(q.action))
        else {
            return implicit(PolicyType::ResourceBased);
        };
        return if is_root || identity.allow.is_some() {
            by_statement(Outcome::Allowed, statement)
        } else {
            implicit(PolicyType::IdentityBased)
        };
    }
    match (key_policy.allow, identity.allow) {
        (Some((statement, Coverage::Direct)), _) | (Some(_), Some((statement, _))) => {
            by_statement(Outcome::Allowed, statement)
        }
        (Some(_), None) => implicit(PolicyType::IdentityBased),
        (None, _) => implicit(PolicyType::ResourceBased),
    }
}

fn on_other<'a>(q: &Question<'_>, sources: &Sources<'a>, across_accounts: bool) -> Decision<'a> {
    let identity = sources.ask_identity_policies(q);
    match (identity.deny, identity.allow) {
        (Some(statement), _) => by_statement(Outcome::ExplicitlyDenied, statement),
        // Without a policy on the resource nobody from elsewhere can be let in.
        (None, _) if across_accounts => implicit(PolicyType::ResourceBased),
        (None, _) if is_root(q.caller) => {
            Decision { outcome: Outcome::Allowed, ..without_policy() }
        }
        (None, Some((statement, _))) => by_statement(Outcome::Allowed, statement),
        (None, None) => implicit(PolicyType::IdentityBased),
    }
}

fn is_root(caller: &Caller) -> bool {
    match caller.kind {
        CallerKind::Root => true,
        CallerKind::User { .. } => false,
    }
}

/// The actions that AWS KMS serves on another account's key (Developer Guide, "AWS KMS
/// permissions").
fn works_across_accounts(action: &str) -> bool {
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
    Decision {
        outcome: Outcome::ImplicitlyDenied,
        decided_by: None,
        statement: None,
        grant: None,
        failed_conditions: Vec::new(),
        across_accounts: false,
    }
}

fn implicit<'a>(lacking: PolicyType) -> Decision<'a> {
    Decision { decided_by: Some(lacking), ..without_policy() }
}

fn by_statement(outcome: Outcome, statement: StatementName<'_>) -> Decision<'_> {
    Decision {
        outcome,
        decided_by: Some(statement.policy_type),
        statement: Some(statement),
        ..without_policy()
    }
}

#[cfg(test)]
mod tests;
