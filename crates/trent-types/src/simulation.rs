//! Simulated decisions (IAM API Reference, "SimulatePrincipalPolicy" and "SimulateCustomPolicy").

use crate::{Entity, Timestamp};

/// What is to be decided as if somebody asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// Whose policies count; `None`: only those that are given.
    pub source: Option<Entity>,
    /// Identity policies that count besides.
    pub policies: Vec<String>,
    /// Permissions boundaries in the place of the source's.
    pub boundaries: Vec<String>,
    /// The actions, as in `kms:Encrypt`.
    pub actions: Vec<String>,
    /// The resources; empty: `*`.
    pub resources: Vec<String>,
    /// The resource-based policy of every resource.
    pub resource_policy: Option<String>,
    /// The account that owns the resources, 12 digits or a root ARN.
    pub resource_owner: Option<String>,
    /// The user that is taken for the caller.
    pub caller_arn: Option<String>,
    /// Values of condition keys.
    pub context: Vec<(String, Vec<String>)>,
    /// The moment, for conditions on time; `None`: now.
    pub at: Option<Timestamp>,
}

/// How an action on a resource was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulatedDecision {
    /// `allowed`.
    Allowed,
    /// `explicitDeny`.
    ExplicitDeny,
    /// `implicitDeny`.
    ImplicitDeny,
}

/// A statement that bore on a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// The policy's name or ARN, or `PolicyInputList.1`.
    pub source: String,
    /// AWS's `PolicySourceType`.
    pub source_type: String,
    /// Line and column, from 1, of the first character of the statement.
    pub start: (u32, u32),
    /// Line and column just after its last character.
    pub end: (u32, u32),
}

/// One action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedResult {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// How it was decided.
    pub decision: SimulatedDecision,
    /// What it rests on.
    pub matched: Vec<MatchedStatement>,
    /// Condition keys that statements read and the request did not give.
    pub missing_context: Vec<String>,
    /// Whether the permissions boundary allows it, where there is one.
    pub allowed_by_boundary: Option<bool>,
}

/// Why nothing was simulated; the texts are for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationRefused {
    /// `NoSuchEntity`.
    #[error("{0}")]
    NoSuchEntity(String),
    /// `InvalidInput`.
    #[error("{0}")]
    InvalidInput(String),
}
