//! A signed line: a JSON object whose last members say which key signed it, and its signature.
//!
//! ```json
//! {"format":"…", … ,"key":"<fingerprint>","signature":"<hexadecimal digits>"}
//! ```
//!
//! Signed is the line up to and without the comma before `"signature"`, byte by byte. So nothing
//! depends on how JSON is written.

use std::fmt::Write;

use super::{PublicKeys, SignatureError, SigningKey};

const SIGNATURE: &str = ",\"signature\":\"";

/// Ends an object that lacks its closing brace, and signs it.
///
/// # Errors
/// [`SignatureError::NotMade`].
pub(crate) fn seal(mut open: String, key: &SigningKey) -> Result<String, SignatureError> {
    // Cannot fail: a string takes everything.
    let _ = write!(open, ",\"key\":\"{}\"", key.fingerprint());
    let signature = key.sign(open.as_bytes())?;
    let _ = write!(open, "{SIGNATURE}{}\"}}", hex::encode(signature));
    Ok(open)
}

/// Checks the signature of a line whose key is `fingerprint`.
///
/// # Errors
/// [`SignatureError::Wrong`] also when it is no signed line.
pub(crate) fn check(
    line: &str,
    fingerprint: &str,
    keys: &PublicKeys,
) -> Result<(), SignatureError> {
    let (signed, rest) = line.rsplit_once(SIGNATURE).ok_or(SignatureError::Wrong)?;
    let digits = rest.strip_suffix("\"}").ok_or(SignatureError::Wrong)?;
    // One way to write it, so that no other line says the same.
    let signature = hex::decode(digits).ok().filter(|bytes| hex::encode(bytes) == digits);
    let signature = signature.ok_or(SignatureError::Wrong)?;
    keys.verify(fingerprint, signed.as_bytes(), &signature)
}
