//! Why it was decided so, statement by statement, as data of its own.
//!
//! An explanation says which statements there are and what became of each. It holds no value of a
//! condition, neither the policy's nor the request's: only operators and keys.

use trent_types::GrantId;

use crate::decide::{Decision, Inputs, Outcome, PolicyType, Sources, Verdicts};
use crate::principal::Coverage;
use crate::statement::{Effect, Question, Statement};

/// Why a decision came out as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// How it ended.
    pub outcome: Outcome,
    /// [`Decision::decided_by`].
    pub decided_by: Option<PolicyType>,
    /// The grant that allowed.
    pub grant: Option<GrantId>,
    /// What each type of policy said.
    pub verdicts: Verdicts,
    /// Every statement of every policy that had a say: the resource's, the caller's, the boundary,
    /// the session's, each in the order of the document.
    pub statements: Vec<Explained>,
}

/// One statement, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The type of its policy.
    pub policy_type: PolicyType,
    /// The managed policy's ARN or inline policy's name; `None` for the policy of the resource.
    pub source: Option<String>,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its place in the policy, from 0.
    pub index: usize,
    /// What it says of what it covers.
    pub effect: Effect,
    /// What became of it.
    pub outcome: StatementOutcome,
    /// Whether the decision names it: [`Decision::statement`] or [`Decision::beside`].
    pub decisive: bool,
}

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementOutcome {
    /// It covers the request, and its conditions hold.
    Applied,
    /// It covers the request, but for these conditions.
    ConditionsFailed(Vec<FailedTest>),
    /// It is about another caller, action or resource.
    NotCovering,
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    /// The operator as the policy writes it, as in `StringEquals`.
    pub operator: String,
    /// The condition key as the policy writes it.
    pub key: String,
}

impl Decision<'_> {
    /// Explains the decision; the inputs are those of the decision. This asks every statement again
    /// and allocates.
    #[must_use]
    pub fn explain(&self, inputs: &Inputs<'_>) -> Explanation {
        let resource = inputs.resource.text();
        let question = inputs.question(&resource);
        let statements = Sources::of(inputs)
            .statements()
            .map(|(name, statement)| Explained {
                policy_type: name.policy_type,
                source: name.source.map(str::to_owned),
                sid: name.sid.map(str::to_owned),
                index: name.index,
                effect: statement.effect,
                outcome: outcome(statement, &question),
                decisive: self.statement == Some(name) || self.beside == Some(name),
            })
            .collect();
        Explanation {
            outcome: self.outcome,
            decided_by: self.decided_by,
            grant: self.grant,
            verdicts: self.verdicts,
            statements,
        }
    }
}

fn outcome(statement: &Statement, question: &Question<'_>) -> StatementOutcome {
    if statement.coverage(question) == Coverage::None {
        return StatementOutcome::NotCovering;
    }
    let failing = statement.conditions.iter().filter(|c| !c.holds(question.context));
    let failed: Vec<_> = failing
        .map(|condition| FailedTest {
            operator: condition.operator_text.to_string(),
            key: condition.key.to_string(),
        })
        .collect();
    if failed.is_empty() {
        StatementOutcome::Applied
    } else {
        StatementOutcome::ConditionsFailed(failed)
    }
}

#[cfg(test)]
mod tests;
