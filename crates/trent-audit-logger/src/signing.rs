//! The keys that sign what is kept of the trail outside the database: checkpoints, manifests of
//! archives, digest files.
//!
//! A signature is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2) of an RSA-2048 key, as in
//! CloudTrail's digest files. A key is named by its fingerprint: the first 16 bytes of the SHA-256
//! of its PKCS #1 form, in hexadecimal digits.
//!
//! What is signed begins differently for each purpose: a line of JSON with its `format`, or the
//! time with which a digest's signed string begins. So no signature serves for another purpose.

mod key_file;
pub(crate) mod seal;

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use sha2::{Digest, Sha256};
use trent_types::{SecretBytes, Timestamp, TrailPublicKey};

pub(crate) use key_file::moment_of;
pub use key_file::{KeyFileError, TrailKeyFile, moment_of as parse_moment};

/// The end of the validity of a key that signs still: the last second of the year 9999.
pub const NO_END: Timestamp = Timestamp::from_millis(253_402_300_799_000);

/// A signature could not be made, or is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The library made none.
    #[error("the signature could not be made")]
    NotMade,
    /// No key with this fingerprint is known.
    #[error("no public key with the fingerprint {0} is given")]
    UnknownKey(String),
    /// It is not the signature of this text under this key.
    #[error("the signature is wrong")]
    Wrong,
}

/// Who knows the keys that signed in some time.
pub trait TrailKeys: Send + Sync {
    /// The keys that were valid at any moment from `from` to `to`, both inclusive; the oldest
    /// first. May read a small file.
    fn public_keys(&self, from: Timestamp, to: Timestamp) -> Vec<TrailPublicKey>;
}

/// A key that signs.
pub struct SigningKey {
    pair: KeyPair,
    pkcs8: SecretBytes,
    fingerprint: String,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// [`SignatureError::NotMade`] when the library makes none.
    pub fn generate() -> Result<Self, SignatureError> {
        let failed = |_| SignatureError::NotMade;
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
        let pkcs8 = SecretBytes::new(der.map_err(failed)?.as_ref().to_vec());
        Ok(Self::of(pair, pkcs8))
    }

    /// The key of a PKCS #8 structure (RFC 5208); `None` when it is no RSA key of 2048 bits or
    /// more.
    #[must_use]
    pub fn from_pkcs8(pkcs8: SecretBytes) -> Option<Self> {
        let pair = KeyPair::from_pkcs8(pkcs8.expose()).ok()?;
        Some(Self::of(pair, pkcs8))
    }

    fn of(pair: KeyPair, pkcs8: SecretBytes) -> Self {
        let fingerprint = fingerprint(pair.public_key().as_ref());
        Self { pair, pkcs8, fingerprint }
    }

    /// Its name.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its public key: PKCS #1, DER.
    #[must_use]
    pub fn public_der(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Signs.
    ///
    /// # Errors
    /// [`SignatureError::NotMade`] when the library makes no signature.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SignatureError::NotMade)?;
        Ok(signature)
    }

    const fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// The name of a public key in PKCS #1 form.
#[must_use]
pub fn fingerprint(der: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(der));
    digits.truncate(32);
    digits
}

/// The keys that signatures may be of.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(Vec<TrailPublicKey>);

impl PublicKeys {
    /// These keys, the oldest first.
    #[must_use]
    pub fn new(mut keys: Vec<TrailPublicKey>) -> Self {
        keys.sort_by_key(|key| (key.from, key.to));
        Self(keys)
    }

    /// Reads a key file, or a file of public keys.
    ///
    /// # Errors
    /// When it cannot be read or is neither.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = SecretBytes::new(fs::read(path)?);
        let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        Ok(TrailKeyFile::parse(&text).map_err(wrong)?.public_keys())
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[TrailPublicKey] {
        &self.0
    }

    /// Those that were valid at any moment of this time, both ends inclusive.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<TrailPublicKey> {
        let valid = |key: &&TrailPublicKey| key.from <= to && key.to >= from;
        self.0.iter().filter(valid).cloned().collect()
    }

    /// Checks a signature of the key with this fingerprint.
    ///
    /// # Errors
    /// [`SignatureError::UnknownKey`] and [`SignatureError::Wrong`].
    pub fn verify(
        &self,
        fingerprint: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let key = self.0.iter().find(|key| key.fingerprint == fingerprint);
        let key = key.ok_or_else(|| SignatureError::UnknownKey(fingerprint.to_owned()))?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.der)
            .verify(message, signature)
            .map_err(|_| SignatureError::Wrong)
    }
}

/// The keys of a running process; they follow their file.
#[derive(Debug)]
pub struct SigningKeys {
    path: PathBuf,
    loaded: Mutex<Loaded>,
}

#[derive(Debug, Clone)]
struct Loaded {
    /// What tells a changed file: its inode, its length, and when it was changed.
    stamp: (u64, u64, i64, i64),
    keys: Arc<TrailKeyFile>,
}

impl SigningKeys {
    /// Reads the file, which must hold a key that signs.
    ///
    /// # Errors
    /// When it cannot be read or is no such file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let loaded = Mutex::new(load(path)?);
        Ok(Self { path: path.to_owned(), loaded })
    }

    /// The keys as the file has them now. While it cannot be read, they are what they were.
    #[must_use]
    pub fn present(&self) -> Arc<TrailKeyFile> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if stamp(&self.path).is_ok_and(|stamp| stamp != loaded.stamp) {
            match load(&self.path) {
                Ok(newer) => {
                    let fingerprint = newer.keys.signing().map(SigningKey::fingerprint);
                    tracing::info!(fingerprint, "the trail's signing keys were read anew");
                    *loaded = newer;
                }
                Err(error) => tracing::warn!(%error, "the trail's signing keys stay as they were"),
            }
        }
        Arc::clone(&loaded.keys)
    }
}

impl TrailKeys for SigningKeys {
    fn public_keys(&self, from: Timestamp, to: Timestamp) -> Vec<TrailPublicKey> {
        self.present().public_keys().between(from, to)
    }
}

fn load(path: &Path) -> io::Result<Loaded> {
    let stamp = stamp(path)?;
    let text = SecretBytes::new(fs::read(path)?);
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let keys = TrailKeyFile::parse(&text).map_err(wrong)?;
    if keys.signing().is_none() {
        return Err(wrong(KeyFileError::NoPrivateKey));
    }
    Ok(Loaded { stamp, keys: Arc::new(keys) })
}

fn stamp(path: &Path) -> io::Result<(u64, u64, i64, i64)> {
    let known = fs::metadata(path)?;
    Ok((known.ino(), known.len(), known.mtime(), known.mtime_nsec()))
}

#[cfg(test)]
mod tests;
