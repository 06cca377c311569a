//! May they? The decision over all policies that have a say, with what decided it.

mod grants;
mod rules;
mod sources;

use trent_types::{AccountId, Caller, GrantId, KeyArn, Partition};

pub use self::grants::{decide_retirement, decide_with_grants};
pub(crate) use self::sources::Sources;
use crate::Policy;
use crate::condition::{ConditionContext, Values};
use crate::principal::Who;
use crate::resource::Resource;
use crate::statement::Question;

/// Everything that a decision depends on.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Who asks. Of a service that calls on somebody's behalf it is that somebody.
    pub caller: &'a Caller,
    /// The partition of the Region that was called; the caller's ARN carries it.
    pub partition: Partition,
    /// The permission, as in `kms:Encrypt`.
    pub action: &'a str,
    /// What it is about.
    pub resource: ResourceUnderDecision<'a>,
    /// The caller's own policies: a user's with those of its groups, or a role's. None for the root
    /// user and for services.
    pub identity_policies: &'a [IdentityPolicy<'a>],
    /// The caller's permissions boundary, of [`crate::PolicyKind::Identity`].
    pub boundary: Option<IdentityPolicy<'a>>,
    /// The session policies, of [`crate::PolicyKind::Session`] or, of managed ones,
    /// [`crate::PolicyKind::Identity`]. What one of them allows the session may, as far as its role
    /// may.
    /// `None`: the session was made without any, or the caller has no session. `Some(&[])`: those
    /// it was made with are gone; they allow nothing.
    pub session_policies: Option<&'a [IdentityPolicy<'a>]>,
    /// The values of condition keys.
    pub context: &'a dyn ConditionContext,
}

/// A policy of the caller, or one that limits the caller.
#[derive(Debug, Clone, Copy)]
pub struct IdentityPolicy<'a> {
    /// The policy, of [`crate::PolicyKind::Identity`]; of a session also
    /// [`crate::PolicyKind::Session`].
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
    /// A role that is to be assumed, with its trust policy.
    Role {
        /// The role's ARN.
        arn: &'a str,
        /// The account that the role is in.
        owner: AccountId,
        /// Its trust policy, of [`crate::PolicyKind::Trust`].
        trust_policy: &'a Policy,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyType {
    /// The key policy.
    ResourceBased,
    /// The trust policy of a role.
    RoleTrust,
    /// A policy of the caller.
    IdentityBased,
    /// The caller's permissions boundary.
    PermissionsBoundary,
    /// A policy of the caller's session.
    Session,
    /// A grant of the key. It allows, and never denies.
    Grant,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementName<'a> {
    /// The type of its policy.
    pub policy_type: PolicyType,
    /// The [`IdentityPolicy::source`]; `None` for the policy of the resource.
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

/// What all policies of one type say, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There are none, and none are needed.
    Absent,
    /// They neither allow nor deny.
    Silent,
    /// They allow.
    Allows,
    /// They deny.
    Denies,
}

/// What each type of policy says for itself; who wins is in [`Decision::outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdicts {
    /// The key policy or trust policy. It also allows when it lets the caller's account decide.
    pub resource_based: Verdict,
    /// The caller's policies.
    pub identity_based: Verdict,
    /// The permissions boundary.
    pub boundary: Verdict,
    /// The session policies.
    pub session: Verdict,
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
    /// The other statement without which it would not have been allowed: that of the key policy
    /// which let the account decide, or that of the identity policy which another account's key
    /// needs besides.
    pub beside: Option<StatementName<'a>>,
    /// The grant that allowed.
    pub grant: Option<GrantId>,
    /// What each type of policy said.
    pub verdicts: Verdicts,
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

impl<'a> ResourceUnderDecision<'a> {
    /// The account that the resource belongs to.
    #[must_use]
    pub const fn owner(&self) -> AccountId {
        match self {
            Self::Key { arn, .. } => arn.account,
            Self::Role { owner, .. } | Self::IdentityOnly { owner, .. } => *owner,
        }
    }

    /// The resource as statements see it.
    pub(crate) const fn text(&self) -> Resource<'a> {
        match self {
            Self::Key { arn, .. } => Resource::key(*arn),
            Self::Role { arn, .. } | Self::IdentityOnly { arn, .. } => Resource::other(arn),
        }
    }
}

impl<'a> Inputs<'a> {
    /// The question that every statement is asked.
    pub(crate) const fn question<'q>(&self, resource: &'q Resource<'q>) -> Question<'q>
    where
        'a: 'q,
    {
        let region = match self.resource {
            ResourceUnderDecision::Key { arn, .. } => Some(arn.region),
            ResourceUnderDecision::Role { .. } | ResourceUnderDecision::IdentityOnly { .. } => None,
        };
        let (caller, partition, bounded) = (self.caller, self.partition, self.boundary.is_some());
        let who = Who { caller, partition, region, bounded };
        Question { who, action: self.action, resource, context: self.context }
    }
}

/// Decides. Policies are read without allocating unless a condition has to take a value apart or a
/// pattern needs one put in; the explanation of an implicit deny allocates.
///
/// A decision depends on nothing but who the caller is, the action, the resource, the policies and
/// the values that it asks the context for: one that has asked for none holds for every request of
/// the caller for the same action and resource, until a policy changes.
#[must_use]
pub fn decide<'a>(inputs: &Inputs<'a>) -> Decision<'a> {
    let resource = inputs.resource.text();
    let question = inputs.question(&resource);
    let sources = Sources::of(inputs);
    rules::by_policies(inputs, &sources, &question).explained(&sources, &question)
}

impl<'a> Decision<'a> {
    /// Says, after an implicit deny, which conditions stood in the way.
    fn explained(mut self, sources: &Sources<'a>, question: &Question<'_>) -> Self {
        if self.outcome == Outcome::ImplicitlyDenied {
            self.failed_conditions = sources.failed_conditions(question);
        }
        self
    }
}

/// The policy lockout safety check: whether the caller may still replace the key's policy under the
/// new one. The inputs are those of any question about the key, with the new policy as the key's;
/// the action does not matter.
#[must_use]
pub fn keeps_control(inputs: &Inputs<'_>) -> bool {
    let context = OfDefaultPolicy(inputs.context);
    decide(&Inputs { action: "kms:PutKeyPolicy", context: &context, ..*inputs }).is_allowed()
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

#[cfg(test)]
mod tests;
