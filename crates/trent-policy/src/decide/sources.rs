//! What each type of policy says to a question.

use super::{
    FailedCondition, IdentityPolicy, Inputs, PolicyType, ResourceUnderDecision, StatementName,
};
use crate::principal::Coverage;
use crate::statement::{Effect, Question, Statement};
use crate::{Policy, PolicyKind};

/// The policies that have a say.
pub(super) struct Sources<'a> {
    key_policy: Option<&'a Policy>,
    identity_policies: &'a [IdentityPolicy<'a>],
}

/// What the policies of one type say.
#[derive(Default)]
pub(super) struct Voice<'a> {
    pub(super) deny: Option<StatementName<'a>>,
    /// The statement that covers the caller most directly.
    pub(super) allow: Option<(StatementName<'a>, Coverage)>,
}

impl<'a> Sources<'a> {
    pub(super) const fn of(inputs: &Inputs<'a>) -> Self {
        let key_policy = match inputs.resource {
            ResourceUnderDecision::Key { policy, .. } => Some(policy),
            ResourceUnderDecision::IdentityOnly { .. } => None,
        };
        Self { key_policy, identity_policies: inputs.identity_policies }
    }

    /// A policy in the wrong place would be read without its principals: then nothing is decided.
    pub(super) fn are_of_their_kind(&self) -> bool {
        self.key_policy.is_none_or(|policy| policy.kind() == PolicyKind::KeyPolicy)
            && self.identity_policies.iter().all(|one| one.policy.kind() == PolicyKind::Identity)
    }

    pub(super) fn ask_key_policy(&self, question: &Question<'_>) -> Voice<'a> {
        let mut voice = Voice::default();
        for (name, statement) in self.key_policy_statements() {
            voice.hear(name, statement, question);
        }
        voice
    }

    pub(super) fn ask_identity_policies(&self, question: &Question<'_>) -> Voice<'a> {
        let mut voice = Voice::default();
        for (name, statement) in self.identity_statements() {
            voice.hear(name, statement, question);
        }
        voice
    }

    fn key_policy_statements(&self) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> {
        self.key_policy
            .into_iter()
            .flat_map(|policy| named(policy, PolicyType::ResourceBased, None))
    }

    fn identity_statements(&self) -> impl Iterator<Item = (StatementName<'a>, &'a Statement)> {
        self.identity_policies
            .iter()
            .flat_map(|one| named(one.policy, PolicyType::IdentityBased, Some(one.source)))
    }

    /// The conditions of allowing statements that cover the question in everything else.
    pub(super) fn failed_conditions(&self, question: &Question<'_>) -> Vec<FailedCondition<'a>> {
        let covering = self.key_policy_statements().chain(self.identity_statements()).filter(
            |(_, statement)| {
                statement.effect == Effect::Allow && statement.coverage(question) != Coverage::None
            },
        );
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
}
