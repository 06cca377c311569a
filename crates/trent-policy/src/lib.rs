//! Policy documents, conditions and the decision with its reason; pure, without I/O.
//!
//! A [`Policy`] is compiled once from its text; [`decide`] then answers whether a caller may
//! perform an action on a resource, and which statement said so. The language is that of the IAM
//! User Guide, "IAM JSON policy reference". Whatever this crate does not understand it refuses when
//! the policy is written, so that no stored statement ever means less than its author thinks.

mod condition;
mod console;
mod decide;
mod document;
mod error;
mod explain;
mod grant;
mod json;
pub mod limits;
mod message;
mod principal;
mod resource;
mod rewrite;
mod service_keys;
mod statement;
mod variable;
mod wildcard;

pub use condition::{ConditionContext, NoConditions, Values};
pub use console::{ConsolePolicy, console_key_policy};
pub use decide::{
    Decision, FailedCondition, IdentityPolicy, Inputs, Outcome, PolicyType, ResourceUnderDecision,
    StatementName, Verdict, Verdicts, decide, decide_retirement, decide_with_grants, keeps_control,
};
pub use document::{Policy, PolicyKind};
pub use error::PolicyError;
pub use explain::{Explained, Explanation, FailedTest, StatementOutcome};
pub use grant::{GrantRequest, grantees_of};
pub use limits::length_without_white_space;
pub use message::{LOCKED_OUT, NamedBy, unknown_key, unknown_role};
pub use principal::{Principal, PrincipalArn};
pub use rewrite::{StatementSpan, rewrite_principals, statement_spans};
pub use service_keys::aws_managed_key_policy;
pub use statement::Effect;
