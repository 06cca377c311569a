//! Policy documents, conditions and the decision with its reason; pure, without I/O.
//!
//! A [`Policy`] is compiled once from its text; [`decide`] then answers whether a caller may
//! perform an action on a resource, and which statement said so. The language is that of the IAM
//! User Guide, "IAM JSON policy reference". Whatever this crate does not understand it refuses when
//! the policy is written, so that no stored statement ever means less than its author thinks.

mod condition;
mod decide;
mod document;
mod error;
mod grant;
mod json;
mod message;
mod principal;
mod resource;
mod statement;
mod variable;
mod wildcard;

pub use condition::{ConditionContext, NoConditions, Values};
pub use decide::{
    Decision, FailedCondition, IdentityPolicy, Inputs, Outcome, PolicyType, ResourceUnderDecision,
    StatementName, decide, decide_retirement, decide_with_grants, keeps_control,
};
pub use document::{Policy, PolicyKind, length_without_white_space, limits};
pub use error::PolicyError;
pub use grant::{GrantRequest, grantees_of};
pub use message::{LOCKED_OUT, NamedBy, unknown_key};
pub use principal::{Principal, PrincipalArn};
