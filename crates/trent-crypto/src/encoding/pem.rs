//! Private keys in PEM (RFC 7468), for keys that are there from the start.

use pkcs8::der::pem;
use zeroize::Zeroizing;

/// A private key out of its textual form, by the format that its label names.
pub(crate) enum PemKey {
    /// `PRIVATE KEY`: PKCS#8 (RFC 5958).
    Pkcs8(Zeroizing<Vec<u8>>),
    /// `RSA PRIVATE KEY`: PKCS#1 (RFC 8017, appendix A.1.2).
    Pkcs1(Zeroizing<Vec<u8>>),
    /// `EC PRIVATE KEY`: SEC 1 (RFC 5915).
    Sec1(Zeroizing<Vec<u8>>),
}

const BEGIN: &str = "-----BEGIN ";
const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// The first private key in a text; `None` if there is none, or it is encrypted or malformed. What
/// stands before it (an `EC PARAMETERS` block, for one) and white space around lines is skipped, so
/// that a key can be indented in a configuration file.
pub(crate) fn read_pem(text: &str) -> Option<PemKey> {
    let start =
        LABELS.iter().filter_map(|label| text.find(&format!("{BEGIN}{label}-----"))).min()?;
    // Room for everything at once: text that moved would leave copies unwiped.
    let mut lines = Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.get(start..)?.lines() {
        lines.push_str(line.trim());
        lines.push('\n');
        if line.trim().starts_with("-----END ") {
            break;
        }
    }
    let (label, der) = pem::decode_vec(lines.as_bytes()).ok()?;
    let der = Zeroizing::new(der);
    match label {
        "PRIVATE KEY" => Some(PemKey::Pkcs8(der)),
        "RSA PRIVATE KEY" => Some(PemKey::Pkcs1(der)),
        "EC PRIVATE KEY" => Some(PemKey::Sec1(der)),
        _ => None,
    }
}
