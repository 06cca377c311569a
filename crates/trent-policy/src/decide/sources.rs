//! What each type of policy says to a question.

use super::{
    FailedCondition, IdentityPolicy, Inputs, PolicyType, ResourceUnderDecision, StatementName,
    Verdict, Verdicts,
};
use crate::principal::Coverage;
use crate::statement::{Effect, Question, Statement};
use crate::{Policy, PolicyKind};

/// The policies that have a say.
pub(crate) struct Sources<'a> {
    resource: Option<&'a Policy>,
    /// What the resource's policy has to be, and is called.
    resource_kind: PolicyKind,
    pub(super) resource_type: PolicyType,
    identity: &'a [IdentityPolicy<'a>],
    boundary: Option<IdentityPolicy<'a>>,
    session: Option<&'a [IdentityPolicy<'a>]>,
}

/// What the policies of one type say.
#[derive(Default)]
pub(super) struct Voice<'a> {
    pub(super) deny: Option<StatementName<'a>>,
    /// The statement that covers the caller most directly.
    pub(super) allow: Option<(StatementName<'a>, Coverage)>,
}

/// What all of them say. A boundary or session policies that there are not say nothing, and need
/// not.
pub(super) struct Voices<'a> {
    pub(super) resource: Voice<'a>,
    pub(super) identity: Voice<'a>,
    pub(super) boundary: Option<Voice<'a>>,
    pub(super) session: Option<Voice<'a>>,
}

impl<'a> Sources<'a> {
    pub(crate) const fn of(inputs: &Inputs<'a>) -> Self {
        let (resource, resource_kind, resource_type) = match inputs.resource {
            ResourceUnderDecision::Key { policy, .. } => {
                (Some(policy), PolicyKind::KeyPolicy, PolicyType::ResourceBased)
            }
            ResourceUnderDecision::Role { trust_policy, .. } => {
                (Some(trust_policy), PolicyKind::Trust, PolicyType::RoleTrust)
            }
            ResourceUnderDecision::IdentityOnly { .. } => {
                (None, PolicyKind::KeyPolicy, PolicyType::ResourceBased)
            }
        };
        Self {
            resource,
            resource_kind,
            resource_type,
            identity: inputs.identity_policies,
            boundary: inputs.boundary,
            session: inputs.session_policies,
        }
    }

    /// The same without the resource's policy, which has no say.
    pub(super) const fn without_resource(self) -> Self {
        Self { resource: None, ..self }
    }

    /// A policy in the wrong place would be read without its principals: then nothing is decided.
    pub(super) fn are_of_their_kind(&self) -> bool {
        let is_identity = |one: &IdentityPolicy<'_>| one.policy.kind() == PolicyKind::Identity;
        let of_session =
            |one: &IdentityPolicy<'_>| is_identity(one) || one.policy.kind() == PolicyKind::Session;
        self.resource.is_none_or(|policy| policy.kind() == self.resource_kind)
            && self.identity.iter().all(is_identity)
            && self.boundary.as_ref().is_none_or(is_identity)
            && self.session.unwrap_or_default().iter().all(of_session)
    }

    /// Asks every policy.
    pub(super) fn ask(&self, question: &Question<'_>) -> Voices<'a> {
        let of = |policies, policy_type| Voice::of(from_caller(policies, policy_type), question);
        Voices {
            resource: Voice::of(self.of_resource(), question),
            identity: of(self.identity, PolicyType::IdentityBased),
            boundary: self.boundary.map(|one| {
                let statements =
                    named(one.policy, PolicyType::PermissionsBoundary, Some(one.source));
                Voice::of(statements, question)
            }),
            session: self.session.map(|policies| of(policies, PolicyType::Session)),
        }
    }

    fn of_resource(&self) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> + use<'a> {
        let resource_type = self.resource_type;
        self.resource.into_iter().flat_map(move |policy| named(policy, resource_type, None))
    }

    /// Every statement of every policy.
    pub(crate) fn statements(
        &self,
    ) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> + use<'a> {
        let boundary = self
            .boundary
            .into_iter()
            .flat_map(|one| named(one.policy, PolicyType::PermissionsBoundary, Some(one.source)));
        self.of_resource()
            .chain(from_caller(self.identity, PolicyType::IdentityBased))
            .chain(boundary)
            .chain(from_caller(self.session.unwrap_or_default(), PolicyType::Session))
    }

    /// The conditions of allowing statements that cover the question in everything else.
    pub(super) fn failed_conditions(&self, question: &Question<'_>) -> Vec<FailedCondition<'a>> {
        let covering = self.statements().filter(|(_, statement)| {
            statement.effect == Effect::Allow && statement.coverage(question) != Coverage::None
        });
        let mut failed = Vec::new();
        for (name, statement) in covering {
            let failing = statement.conditions.iter().filter(|c| !c.holds(question.context));
            failed.extend(failing.map(|condition| FailedCondition {
                statement: name,
                operator: &condition.operator_text,
                key: &condition.key,
            }));
        }
        failed
    }
}

fn from_caller<'a>(
    policies: &'a [IdentityPolicy<'a>],
    policy_type: PolicyType,
) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> {
    policies.iter().flat_map(move |one| named(one.policy, policy_type, Some(one.source)))
}

fn named<'a>(
    policy: &'a Policy,
    policy_type: PolicyType,
    source: Option<&'a str>,
) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> {
    policy.statements.iter().enumerate().map(move |(index, statement)| {
        let sid = statement.sid.as_deref();
        (StatementName { policy_type, source, sid, index }, statement)
    })
}

impl<'a> Voice<'a> {
    fn of(
        statements: impl Iterator<Item = (StatementName<'a>, &'a Statement)>,
        question: &Question<'_>,
    ) -> Self {
        let mut voice = Self::default();
        for (name, statement) in statements {
            voice.hear(name, statement, question);
        }
        voice
    }

    fn hear(&mut self, name: StatementName<'a>, statement: &Statement, question: &Question<'_>) {
        let coverage = statement.coverage(question);
        let heard = match statement.effect {
            Effect::Deny => self.deny.map(|_| Coverage::Direct),
            Effect::Allow => self.allow.map(|(_, coverage)| coverage),
        };
        // What says nothing new needs no look at its conditions.
        if coverage <= heard.unwrap_or(Coverage::None)
            || !statement.conditions_hold(question.context)
        {
            return;
        }
        match statement.effect {
            Effect::Deny => self.deny = Some(name),
            Effect::Allow => self.allow = Some((name, coverage)),
        }
    }

    const fn verdict(&self) -> Verdict {
        match (&self.deny, &self.allow) {
            (Some(_), _) => Verdict::Denies,
            (None, Some(_)) => Verdict::Allows,
            (None, None) => Verdict::Silent,
        }
    }
}

impl<'a> Voices<'a> {
    /// The statement that denies, if any does. One is named even if several deny.
    pub(super) fn deny(&self) -> Option<StatementName<'a>> {
        let limits = self.boundary.iter().chain(&self.session);
        [&self.resource, &self.identity].into_iter().chain(limits).find_map(|voice| voice.deny)
    }

    /// What each type says.
    pub(super) fn verdicts(&self, sources: &Sources<'_>) -> Verdicts {
        let of = |voice: Option<&Voice<'_>>| voice.map_or(Verdict::Absent, Voice::verdict);
        Verdicts {
            resource_based: of(sources.resource.map(|_| &self.resource)),
            identity_based: self.identity.verdict(),
            boundary: of(self.boundary.as_ref()),
            session: of(self.session.as_ref()),
        }
    }
}
