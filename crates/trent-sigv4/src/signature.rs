//! The signing key and the comparison.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use trent_types::SecretBytes;

use crate::{MISMATCH, SignedRequest, canonical};

/// The key of one secret for one day, Region and service, ready to sign. Its HMAC state is wiped
/// when dropped (feature `zeroize` of `sha2`).
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The signature is not the one that the secret makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MISMATCH}")]
pub struct Mismatch;

/// Derives the signing key: HMAC chained over date, Region, service and `aws4_request`.
#[must_use]
pub fn signing_key(secret: &SecretBytes, date: &str, region: &str, service: &str) -> SigningKey {
    let mut prefixed = Vec::with_capacity(4 + secret.len());
    prefixed.extend_from_slice(b"AWS4");
    prefixed.extend_from_slice(secret.expose());
    let mut key = SecretBytes::new(prefixed);
    for part in [date, region, service, "aws4_request"] {
        let mut mac = keyed(key.expose());
        mac.update(part.as_bytes());
        let mut link = mac.finalize().into_bytes();
        key = SecretBytes::new(link.to_vec());
        link.fill(0);
    }
    SigningKey(keyed(key.expose()))
}

/// Compares the request's signature with the one that the key makes, in constant time.
///
/// # Errors
/// [`Mismatch`]; also when the request claims a presigned life that it did not sign.
pub fn verify(request: &SignedRequest, key: &SigningKey) -> Result<(), Mismatch> {
    let same: bool = of(request, key).ct_eq(&request.signature).into();
    let life_is_signed = request.expires_seconds == 0
        || canonical::signed_expires(&request.canonical_request) == Some(request.expires_seconds);
    if same && life_is_signed { Ok(()) } else { Err(Mismatch) }
}

/// The signature that the key makes of a request, whatever the request says.
pub(crate) fn of(request: &SignedRequest, key: &SigningKey) -> [u8; 32] {
    let mut digest = [0; 64];
    // Cannot fail: 64 digits are what 32 bytes need.
    let _ = hex::encode_to_slice(Sha256::digest(&request.canonical_request), &mut digest);
    let mut mac = key.0.clone();
    for part in [
        "AWS4-HMAC-SHA256\n",
        &request.timestamp,
        "\n",
        &request.scope_date,
        "/",
        &request.scope_region,
        "/",
        &request.scope_service,
        "/aws4_request\n",
    ] {
        mac.update(part.as_bytes());
    }
    mac.update(&digest);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104)")]
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length")
}
