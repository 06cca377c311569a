//! Operations of Trent's own, beside AWS's: JSON 1.1, signed for `kms`, `X-Amz-Target: Trent.…`.

mod cost_csv;
mod decimal;
mod dimensions;
pub(crate) mod explain;
pub(crate) mod get_cost_report;
pub(crate) mod get_usage;
pub(crate) mod list_quotas;
pub(crate) mod tail_events;

use std::borrow::Cow;

use crate::error::{AwsError, ErrorCode};

/// A request that breaks a rule of its shape.
fn invalid(text: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(ErrorCode::Validation, text)
}

/// A token that is not of this list.
fn wrong_token() -> AwsError {
    let text = "The token is not valid, or it is of a request with other parameters.";
    AwsError::new(ErrorCode::InvalidNextToken, text)
}
