//! The AWS operations: shapes, rules and sequence, over ports.
//!
//! A gateway finds the operation ([`operation_by_target`], [`operation_by_action`]) and lets it
//! [`serve`] the request. What fails before an operation is known goes through [`refuse`], so that
//! it is recorded too.

mod call;
mod cloudtrail;
mod decode;
mod error;
mod iam;
mod json;
mod key_state;
mod kms;
mod operation;
mod own;
pub mod ports;
mod query;
mod rate;
mod record;
mod refusals;
mod request;
mod rules;
mod steps;
mod sts;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token;
mod validate;

pub use call::{refuse, serve};
pub use error::{AwsError, ErrorCode};
pub use operation::{
    Operation, cloudtrail_operations, kms_operations, operation_by_action, operation_by_target,
    operation_names, query_operations,
};
pub use record::{NewKey, ServiceEvent, admin_event};
pub use request::{Refusal, Request, Response, ServiceName, TlsDetails};
