//! What an operation needs from the crypto workers.
//!
//! Plaintexts, messages to sign, MACs and shared secrets are sealed by the implementation wherever
//! they go as messages.

use trent_types::{
    AccessKey, EncryptionContext, KeyArn, KeySpec, MacAlgorithm, MessageType, NewMaterial, Permit,
    Region, RequestId, SealedMaterial, SecretBytes, SigningAlgorithm, Timestamp, WrappingAlgorithm,
    WrappingKeySpec,
};

use super::{Ciphering, KeyUse, PortFuture, Unavailable};

/// Why a worker did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// The ciphertext, its context or its key is not the one it was made with.
    #[error("invalid ciphertext")]
    InvalidCiphertext,
    /// The signature is not that of the message.
    #[error("invalid signature")]
    InvalidSignature,
    /// The MAC is not that of the message.
    #[error("invalid MAC")]
    InvalidMac,
    /// The message or digest has a length that the algorithm does not allow.
    #[error("invalid message length")]
    InvalidMessageLength,
    /// The public key of the other party is malformed or of another curve.
    #[error("invalid public key")]
    InvalidPublicKey,
    /// Not an import token of this key.
    #[error("invalid import token")]
    InvalidImportToken,
    /// An import token whose time is over.
    #[error("expired import token")]
    ExpiredImportToken,
    /// What was unwrapped is no key material of the key's spec.
    #[error("invalid key material")]
    InvalidMaterial,
    /// The Permit is no longer fresh: authorize again and retry.
    #[error("the Permit has expired")]
    PermitExpired,
    /// The worker refused for a reason that a correct program never meets; the text is for logs.
    #[error("the worker refused: {0}")]
    Refused(String),
    /// No worker answered.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A data key: its ciphertext blob, and its plaintext when asked for.
pub type DataKey = (Vec<u8>, Option<SecretBytes>);

/// A wrapping key's public key, and its import token.
pub type ImportParameters = (Vec<u8>, Vec<u8>);

/// A key pair for its caller's own use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeyPair {
    /// The private key (PKCS #8, DER) as a ciphertext blob.
    pub private_key_blob: Vec<u8>,
    /// The private key when asked for: PKCS #8, DER (RFC 5958).
    pub private_key: Option<SecretBytes>,
    /// X.509 SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
}

/// What a crypto worker does.
pub trait CryptoWorker: CipherWorker + SignatureWorker + AgreementWorker + MaterialWorker {}

impl<W: CipherWorker + SignatureWorker + AgreementWorker + MaterialWorker> CryptoWorker for W {}

/// Encryption, data keys and data key pairs.
pub trait CipherWorker {
    /// Encrypts; the answer is a ciphertext blob, or what the asymmetric algorithm gives.
    fn encrypt<'a>(
        &'a self,
        request: RequestId,
        with: Ciphering<'a>,
        plaintext: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>>;

    /// Decrypts what [`Self::encrypt`] has encrypted.
    fn decrypt<'a>(
        &'a self,
        request: RequestId,
        with: Ciphering<'a>,
        ciphertext: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>>;

    /// Decrypts under one key and encrypts under another; the plaintext stays in the worker.
    fn re_encrypt<'a>(
        &'a self,
        request: RequestId,
        source: Ciphering<'a>,
        ciphertext: &'a [u8],
        destination: Ciphering<'a>,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>>;

    /// Makes a data key of 1 to 1024 bytes: its ciphertext blob, and its plaintext when asked for.
    fn generate_data_key<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKey, WorkerError>>;

    /// Makes a key pair of this spec and encrypts its private key under the symmetric key.
    fn generate_data_key_pair<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        spec: KeySpec,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKeyPair, WorkerError>>;

    /// Makes 1 to 1024 random bytes.
    fn generate_random<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>>;
}

/// Signatures and message authentication codes.
pub trait SignatureWorker {
    /// Signs a message or digest.
    fn sign<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>>;

    /// Verifies a signature; [`WorkerError::InvalidSignature`] when it is not good.
    fn verify<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &'a SecretBytes,
        signature: &'a [u8],
    ) -> PortFuture<'a, Result<(), WorkerError>>;

    /// Makes a MAC: 28, 32, 48 or 64 bytes.
    fn generate_mac<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: MacAlgorithm,
        message: &'a SecretBytes,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>>;

    /// Verifies a MAC; [`WorkerError::InvalidMac`] when it is not good.
    fn verify_mac<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: MacAlgorithm,
        message: &'a SecretBytes,
        mac: &'a SecretBytes,
    ) -> PortFuture<'a, Result<(), WorkerError>>;
}

/// Secrets that two parties come to share.
pub trait AgreementWorker {
    /// The raw ECDH secret with the owner of this public key (X.509 SubjectPublicKeyInfo, DER).
    fn derive_shared_secret<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        public_key: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>>;

    /// A new ML-KEM secret of 32 bytes, after the ciphertext that brings it back.
    fn encapsulate<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>>;

    /// The secret in the ciphertext of [`Self::encapsulate`], 32 bytes. A ciphertext of another key
    /// gives another secret, not an error (FIPS 203, section 6.3).
    fn decapsulate<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        ciphertext: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>>;
}

/// What is made or opened to be sealed under the domain key.
pub trait MaterialWorker {
    /// Makes new material for a key, and seals it for its related keys in these Regions too.
    fn generate_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: KeySpec,
        replicas: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>>;

    /// Makes a wrapping key: its public key (X.509 SubjectPublicKeyInfo, DER), and the token that
    /// brings the private one back until `valid_to` by the key clock.
    fn make_import_parameters<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: WrappingKeySpec,
        algorithm: WrappingAlgorithm,
        valid_to: Timestamp,
    ) -> PortFuture<'a, Result<ImportParameters, WorkerError>>;

    /// Unwraps material of this spec with the wrapping key in the token, and seals it for the key.
    fn import_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: KeySpec,
        token: &'a [u8],
        wrapped: &'a [u8],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>>;

    /// Seals these materials of a multi-Region key for its related key in another Region, in their
    /// order.
    fn copy_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        materials: &'a [&'a SealedMaterial],
        region: Region,
    ) -> PortFuture<'a, Result<Vec<SealedMaterial>, WorkerError>>;

    /// Makes a secret access key (40 characters of base64): sealed for the registry, and for the
    /// answer.
    fn generate_secret<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        access_key: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>>;
}
