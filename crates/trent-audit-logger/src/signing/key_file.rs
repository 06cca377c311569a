//! The file of the signing key, which also holds the public keys of those that signed before it.
//!
//! ```text
//! From: 2026-11-30T15:00:00Z
//! -----BEGIN PRIVATE KEY-----            the key that signs: PKCS #8
//! …
//! -----END PRIVATE KEY-----
//! From: 2026-01-01T00:00:00Z
//! To: 2026-11-30T15:00:00Z
//! -----BEGIN RSA PUBLIC KEY-----         a key that signed before: PKCS #1
//! …
//! -----END RSA PUBLIC KEY-----
//! ```
//!
//! It is PEM with explanatory text (RFC 7468, section 2), so openssl reads it. A key without `From`
//! signs since ever. The public form has `RSA PUBLIC KEY` blocks only; the key that signs still has
//! no `To`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_types::{SecretBytes, Timestamp, TrailPublicKey};

use super::{NO_END, PublicKeys, SignatureError, SigningKey, fingerprint};

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "RSA PUBLIC KEY";

/// Why a file is no file of signing keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It is no PEM text, or has blocks of another kind.
    #[error("line {0}: not a file of signing keys (PEM)")]
    Malformed(usize),
    /// A block is no RSA key of 2048 bits or more.
    #[error("line {0}: not an RSA key of 2048 bits or more")]
    NoRsaKey(usize),
    /// Two private keys.
    #[error("line {0}: a second private key; former keys are kept as public keys")]
    SecondPrivateKey(usize),
    /// No private key where one is needed.
    #[error("it holds no private key")]
    NoPrivateKey,
    /// No key at all.
    #[error("it holds no key")]
    Empty,
}

/// The keys of a file.
#[derive(Debug)]
pub struct TrailKeyFile {
    signing: Option<(SigningKey, Timestamp)>,
    others: Vec<TrailPublicKey>,
}

impl TrailKeyFile {
    /// A new key that signs from now on.
    ///
    /// # Errors
    /// [`SignatureError::NotMade`] when the library makes none.
    pub fn generate(now: Timestamp) -> Result<Self, SignatureError> {
        Ok(Self { signing: Some((SigningKey::generate()?, now)), others: Vec::new() })
    }

    /// Another new key that signs from now on; the present one is kept as a public key.
    ///
    /// # Errors
    /// [`SignatureError::NotMade`] when the library makes none.
    pub fn rotated(&self, now: Timestamp) -> Result<Self, SignatureError> {
        let mut others = self.others.clone();
        if let Some((key, from)) = &self.signing {
            others.push(public_key(key.public_der().to_vec(), *from, now));
        }
        Ok(Self { signing: Some((SigningKey::generate()?, now)), others })
    }

    /// The key that signs; `None` in a file of public keys.
    #[must_use]
    pub fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref().map(|(key, _)| key)
    }

    /// All public keys.
    #[must_use]
    pub fn public_keys(&self) -> PublicKeys {
        let mut keys = self.others.clone();
        if let Some((key, from)) = &self.signing {
            keys.push(public_key(key.public_der().to_vec(), *from, NO_END));
        }
        PublicKeys::new(keys)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`KeyFileError`] says which line is wrong.
    pub fn parse(text: &SecretBytes) -> Result<Self, KeyFileError> {
        let text = std::str::from_utf8(text.expose()).map_err(|_| KeyFileError::Malformed(1))?;
        let (mut signing, mut others) = (None, Vec::new());
        let (mut from, mut to) = (Timestamp::default(), NO_END);
        let mut lines = (1..).zip(text.lines().map(str::trim));
        while let Some((number, line)) = lines.next() {
            if let Some(moment) = line.strip_prefix("From: ") {
                from = moment_of(moment).ok_or(KeyFileError::Malformed(number))?;
            } else if let Some(moment) = line.strip_prefix("To: ") {
                to = moment_of(moment).ok_or(KeyFileError::Malformed(number))?;
            } else if let Some(kind) = label(line, "BEGIN") {
                let body = lines.by_ref().map(|(_, line)| line);
                let der = body_of(body, kind).ok_or(KeyFileError::Malformed(number))?;
                let wrong = KeyFileError::NoRsaKey(number);
                match kind {
                    PRIVATE if signing.is_some() => {
                        return Err(KeyFileError::SecondPrivateKey(number));
                    }
                    PRIVATE => signing = Some((SigningKey::from_pkcs8(der).ok_or(wrong)?, from)),
                    PUBLIC if is_rsa(der.expose()) => {
                        others.push(public_key(der.expose().to_vec(), from, to));
                    }
                    PUBLIC => return Err(wrong),
                    _ => return Err(KeyFileError::Malformed(number)),
                }
                (from, to) = (Timestamp::default(), NO_END);
            }
        }
        if signing.is_none() && others.is_empty() {
            return Err(KeyFileError::Empty);
        }
        Ok(Self { signing, others })
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> SecretBytes {
        // All the room at once: what grows leaves copies behind.
        let mut text = Vec::with_capacity(4096 + self.others.len() * 1024);
        if let Some((key, from)) = &self.signing {
            text.extend_from_slice(format!("From: {}\n", from.iso8601()).as_bytes());
            push_block(&mut text, PRIVATE, key.pkcs8().expose());
        }
        for key in &self.others {
            push_public(&mut text, key);
        }
        SecretBytes::new(text)
    }

    /// The text of a file with the public keys only.
    #[must_use]
    pub fn to_public_text(&self) -> String {
        let mut text = Vec::new();
        for key in self.public_keys().as_slice() {
            push_public(&mut text, key);
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

fn public_key(der: Vec<u8>, from: Timestamp, to: Timestamp) -> TrailPublicKey {
    TrailPublicKey { fingerprint: fingerprint(&der), der, from, to }
}

/// Whether these bytes are an `RSAPublicKey` (RFC 8017, appendix A.1.1) of enough bits.
fn is_rsa(der: &[u8]) -> bool {
    use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).is_ok()
}

fn push_public(text: &mut Vec<u8>, key: &TrailPublicKey) {
    text.extend_from_slice(format!("Fingerprint: {}\n", key.fingerprint).as_bytes());
    text.extend_from_slice(format!("From: {}\n", key.from.iso8601()).as_bytes());
    if key.to != NO_END {
        text.extend_from_slice(format!("To: {}\n", key.to.iso8601()).as_bytes());
    }
    push_block(text, PUBLIC, &key.der);
}

fn push_block(text: &mut Vec<u8>, kind: &str, der: &[u8]) {
    text.extend_from_slice(format!("-----BEGIN {kind}-----\n").as_bytes());
    let digits = SecretBytes::new(STANDARD.encode(der).into_bytes());
    for line in digits.expose().chunks(64) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(format!("-----END {kind}-----\n").as_bytes());
}

/// The kind of block that a boundary line names.
fn label<'a>(line: &'a str, boundary: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("-----")?.strip_prefix(boundary)?;
    rest.strip_prefix(' ')?.strip_suffix("-----")
}

/// What stands between the boundaries; `None` when the block does not end, or is no base64.
fn body_of<'a>(lines: impl Iterator<Item = &'a str>, kind: &str) -> Option<SecretBytes> {
    let mut digits = Vec::with_capacity(4096);
    for line in lines {
        match label(line, "END") {
            Some(end) if end == kind => {
                let digits = SecretBytes::new(digits);
                return STANDARD.decode(digits.expose()).ok().map(SecretBytes::new);
            }
            Some(_) => return None,
            None => digits.extend_from_slice(line.as_bytes()),
        }
    }
    None
}

/// The moment that a text like `2026-11-30T15:00:00Z` names.
#[must_use]
pub fn moment_of(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute, second) = (time.next()?, time.next()?, time.next()?);
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    };
    let plain_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
    let year = if plain_year { year.parse().ok()? } else { return None };
    Timestamp::from_civil(
        year,
        number(month)?,
        number(day)?,
        number(hour)?,
        number(minute)?,
        number(second)?,
    )
}
