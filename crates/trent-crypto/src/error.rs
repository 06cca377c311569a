//! Why a cryptographic step was refused.

/// Why a cryptographic step was refused. None of these says more than its caller may learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The ciphertext, its context or its key is not the one it was made with.
    #[error("the ciphertext does not decrypt")]
    InvalidCiphertext,
    /// The signature is not one of this key over this message, or is malformed.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// The MAC is not that of this key over this message.
    #[error("the MAC is not valid")]
    InvalidMac,
    /// A message, digest or plaintext has a length that the algorithm does not allow.
    #[error("the message has a length that the algorithm does not allow")]
    InvalidMessageLength,
    /// The algorithm, or the message type with it, does not go together with the key.
    #[error("the algorithm does not fit the key")]
    WrongAlgorithm,
    /// A peer's public key is malformed, of another curve, or not a point of its curve.
    #[error("the public key is not valid for the key")]
    InvalidPublicKey,
    /// Bytes that should become key material are none of this spec.
    #[error("the key material is not valid for the key spec")]
    InvalidMaterial,
    /// An import token is not one of this key, or not one of ours.
    #[error("the import token is not valid for the key")]
    InvalidImportToken,
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
    /// The cryptographic library failed at what does not fail with good keys: no memory, or its own
    /// self-check found a fault.
    #[error("the cryptographic library failed")]
    LibraryFailure,
}
