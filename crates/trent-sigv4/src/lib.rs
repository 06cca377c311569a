//! Verifies and makes AWS Signature Version 4; pure, without I/O.
//!
//! Two roles share the work, because only one of them holds secrets. The gateway calls [`parse`],
//! which rebuilds the canonical request from what was received; the evaluator, which holds the
//! secret access keys, calls [`check_time`] and [`verify`]. Both the header form and the presigned
//! form are taken (AWS IAM User Guide, "Create a signed AWS API request"). Nothing between the two
//! is trusted: whatever the evaluator reads, it reads from bytes that were signed.

mod authorization;
mod canonical;
mod sign;
mod signature;
mod time;

use std::fmt;

pub use canonical::{payload_hash, signed_header, signed_headers};
pub use sign::Signer;
pub use signature::{Mismatch, SigningKey, signing_key, verify};
pub use time::{CLOCK_SKEW_SECONDS, TimeFault, check_time};
pub use trent_types::SignedRequest;

/// The longest life of a presigned request, in seconds: seven days.
pub const EXPIRES_SECONDS_MAX: u32 = 604_800;

/// What an HTTP request looked like when it arrived.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// As in `POST`.
    pub method: &'a str,
    /// The path of the request target, still percent-encoded.
    pub path: &'a str,
    /// What follows the `?`, still percent-encoded.
    pub query: Option<&'a str>,
    /// Names in lower case, values as received, in the order received.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// HTTP/2's `:authority`, which stands for a `Host` header that is not there.
    pub authority: Option<&'a str>,
}

/// Why a request cannot be taken for a signed one. `Display` is AWS's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is no signature at all.
    #[error("Missing Authentication Token")]
    Missing,
    /// The `Authorization` header, the query or a header that must be there cannot be used.
    #[error("{0}")]
    Incomplete(String),
    /// The credential scope cannot be one of ours.
    #[error("{0}")]
    Scope(String),
    /// The signature cannot be right, whoever made it.
    #[error("{0}")]
    Mismatch(String),
}

/// The text of every signature that is not the right one.
pub(crate) const MISMATCH: &str = "The request signature we calculated does not match the \
    signature you provided. Check your AWS Secret Access Key and signing method. Consult the \
    service documentation for details.";

/// Reads the signature of a request, in its header or presigned form, and rebuilds what was signed.
///
/// `payload_sha256` is the hash of the body that was received: a client that signed another body
/// does not match. Every `x-amz-*` header present, and the host, must be among the signed headers.
///
/// # Errors
/// [`ParseError`], with AWS's message.
pub fn parse(
    request: &RequestParts<'_>,
    payload_sha256: &[u8; 32],
) -> Result<SignedRequest, ParseError> {
    let claim = authorization::read(request)?;
    let canonical_request = canonical::build(request, &claim, payload_sha256)?;
    Ok(SignedRequest {
        access_key_id: claim.credential.access_key_id,
        scope_date: claim.credential.date,
        scope_region: claim.credential.region,
        scope_service: claim.credential.service,
        timestamp: claim.timestamp,
        expires_seconds: claim.expires_seconds,
        canonical_request,
        signature: claim.signature,
        session_token: claim.session_token,
    })
}

/// AWS's message for a credential scope whose Region is not served.
#[must_use]
pub fn wrong_region(region: &str) -> String {
    format!("Credential should be scoped to a valid Region, not '{region}'.")
}

/// AWS's message for a credential scope that names another service than `service`.
#[must_use]
pub fn wrong_service(service: &str) -> String {
    format!("Credential should be scoped to correct service: '{service}'.")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}
