//! Key material, ciphertext blobs and sealing; pure, without I/O.
//!
//! Everything that Trent encrypts at rest goes through one construction, the module `envelope`: a
//! subkey for this one message by SP 800-108, then AES-256-GCM. [`encrypt`] uses it under a KMS
//! key, [`DomainKeys`] under the domain key.

mod blob;
mod check_value;
mod envelope;
mod kdf;
mod material;
mod random;
mod sealed;

pub use blob::{BLOB_OVERHEAD, decrypt, encrypt};
pub use check_value::check_value;
pub use material::{KeyMaterial, PreparedKey, SymmetricKey};
pub use random::{Random, SystemRandom, material_id, secret_access_key};
pub use sealed::DomainKeys;

/// Why a cryptographic step was refused. None of these says more than its caller may learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The ciphertext, its context or its key is not the one it was made with.
    #[error("the ciphertext does not decrypt")]
    InvalidCiphertext,
    /// Sealed bytes name a version of the domain key that this process does not have.
    #[error("no domain key of version {0}")]
    UnknownDomainKey(u8),
    /// Sealed bytes do not open: another domain key, another owner, or they were changed.
    #[error("the sealed bytes do not open under the domain key")]
    NotSealedHere,
    /// Sealed bytes opened, but their record is none of ours.
    #[error("the sealed record cannot be read")]
    UnreadableRecord,
    /// The system has no randomness to give.
    #[error("no randomness from the system")]
    NoRandomness,
}
