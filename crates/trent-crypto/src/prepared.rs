//! Keys ready for use, and everything that is done with the asymmetric and HMAC ones.

use std::fmt;

use trent_types::{EncryptionAlgorithm, MacAlgorithm, MessageType, SecretBytes, SigningAlgorithm};

use crate::engine::{EcKey, Ed25519Key, HmacKey, MlDsaKey, MlKemKey, RsaKey, Sm2Key};
use crate::{CryptoError, Random, SymmetricKey};

/// Key material ready for use, wiped on drop. It can be used by several threads at once.
///
/// An operation that a kind of key does not have, or an algorithm that does not fit it, gives
/// [`CryptoError::WrongAlgorithm`] in every method. What `random` is not used for is said in the
/// module `engine`.
pub enum PreparedKey {
    /// For [`crate::encrypt`] and [`crate::decrypt`].
    Symmetric(SymmetricKey),
    /// HMAC.
    Hmac(Box<HmacKey>),
    /// RSA.
    Rsa(Box<RsaKey>),
    /// A NIST curve or secp256k1.
    Ec(Box<EcKey>),
    /// Ed25519.
    Ed25519(Box<Ed25519Key>),
    /// SM2.
    Sm2(Box<Sm2Key>),
    /// ML-DSA.
    MlDsa(Box<MlDsaKey>),
    /// ML-KEM.
    MlKem(Box<MlKemKey>),
}

impl PreparedKey {
    /// Encrypts under the public key: RSA-OAEP (RFC 8017, section 7.1; empty label) or SM2PKE
    /// (GB/T 32918.4; C1, C3 and C2 as a DER SEQUENCE, GB/T 35276).
    ///
    /// # Errors
    /// [`CryptoError::InvalidMessageLength`] for a plaintext that is too long (OAEP: the modulus'
    /// bytes, less two digests and 2; SM2PKE: 1 to 1024 bytes), [`CryptoError::WrongAlgorithm`],
    /// [`CryptoError::NoRandomness`], [`CryptoError::LibraryFailure`].
    pub fn encrypt_public(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Rsa(key) => key.encrypt(algorithm, plaintext),
            Self::Sm2(key) => key.encrypt(algorithm, plaintext, random),
            Self::Symmetric(_)
            | Self::Hmac(_)
            | Self::Ec(_)
            | Self::Ed25519(_)
            | Self::MlDsa(_)
            | Self::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    /// Undoes [`Self::encrypt_public`].
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`], whatever is wrong with it;
    /// [`CryptoError::WrongAlgorithm`].
    pub fn decrypt_private(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        match self {
            Self::Rsa(key) => key.decrypt(algorithm, ciphertext),
            Self::Sm2(key) => key.decrypt(algorithm, ciphertext),
            Self::Symmetric(_)
            | Self::Hmac(_)
            | Self::Ec(_)
            | Self::Ed25519(_)
            | Self::MlDsa(_)
            | Self::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    /// Signs a message, its digest or its μ. RSA: as long as the modulus; ECDSA and SM2: SEQUENCE
    /// of r and s in DER; Ed25519: R ‖ S, 64 bytes; ML-DSA: as FIPS 204 encodes it.
    ///
    /// # Errors
    /// [`CryptoError::InvalidMessageLength`] for a digest or μ of another length than the
    /// algorithm's, [`CryptoError::WrongAlgorithm`] also for a message type that the algorithm does
    /// not have, [`CryptoError::NoRandomness`], [`CryptoError::LibraryFailure`].
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Rsa(key) => key.sign(algorithm, kind, message),
            Self::Ec(key) => key.sign(algorithm, kind, message, random),
            Self::Ed25519(key) => key.sign(algorithm, kind, message),
            Self::Sm2(key) => key.sign(algorithm, kind, message, random),
            Self::MlDsa(key) => key.sign(algorithm, kind, message, random),
            Self::Symmetric(_) | Self::Hmac(_) | Self::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    /// Verifies a signature of [`Self::sign`]. A signature of a message verifies for its digest (or
    /// μ) and the other way round, but not with Ed25519.
    ///
    /// # Errors
    /// [`CryptoError::InvalidSignature`]; [`CryptoError::InvalidMessageLength`] and
    /// [`CryptoError::WrongAlgorithm`] as for [`Self::sign`].
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match self {
            Self::Rsa(key) => key.verify(algorithm, kind, message, signature),
            Self::Ec(key) => key.verify(algorithm, kind, message, signature),
            Self::Ed25519(key) => key.verify(algorithm, kind, message, signature),
            Self::Sm2(key) => key.verify(algorithm, kind, message, signature),
            Self::MlDsa(key) => key.verify(algorithm, kind, message, signature),
            Self::Symmetric(_) | Self::Hmac(_) | Self::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    /// The HMAC of a message (RFC 2104), in full length.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`].
    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.hmac()?.mac(algorithm, message)
    }

    /// Verifies an HMAC in constant time; a truncated one is refused.
    ///
    /// # Errors
    /// [`CryptoError::InvalidMac`] or [`CryptoError::WrongAlgorithm`].
    pub fn verify_mac(
        &self,
        algorithm: MacAlgorithm,
        message: &[u8],
        mac: &[u8],
    ) -> Result<(), CryptoError> {
        self.hmac()?.verify(algorithm, message, mac)
    }

    /// The secret shared with the holder of a peer's public key: the x-coordinate of the ECDH point
    /// (NIST SP 800-56A, section 5.7.1.2), as long as the field (32, 48 or 66 bytes). The peer's
    /// key is a SubjectPublicKeyInfo in DER that names the same curve.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`] or [`CryptoError::WrongAlgorithm`].
    pub fn derive_shared_secret(&self, peer_spki: &[u8]) -> Result<SecretBytes, CryptoError> {
        match self {
            Self::Ec(key) => key.derive_shared_secret(peer_spki),
            Self::Sm2(key) => key.derive_shared_secret(peer_spki),
            Self::Symmetric(_)
            | Self::Hmac(_)
            | Self::Rsa(_)
            | Self::Ed25519(_)
            | Self::MlDsa(_)
            | Self::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    /// A new shared secret of 32 bytes and the ciphertext that carries it to the private key
    /// (FIPS 203, ML-KEM.Encaps). The library draws its own randomness.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] or [`CryptoError::LibraryFailure`].
    pub fn encapsulate(&self, _random: &dyn Random) -> Result<(Vec<u8>, SecretBytes), CryptoError> {
        self.ml_kem()?.encapsulate()
    }

    /// The shared secret that a ciphertext carries (FIPS 203, ML-KEM.Decaps). A ciphertext that was
    /// changed gives another secret, not an error (implicit rejection).
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`] for another length; [`CryptoError::WrongAlgorithm`].
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, CryptoError> {
        self.ml_kem()?.decapsulate(ciphertext)
    }

    fn hmac(&self) -> Result<&HmacKey, CryptoError> {
        if let Self::Hmac(key) = self { Ok(key) } else { Err(CryptoError::WrongAlgorithm) }
    }

    fn ml_kem(&self) -> Result<&MlKemKey, CryptoError> {
        if let Self::MlKem(key) = self { Ok(key) } else { Err(CryptoError::WrongAlgorithm) }
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Symmetric(_) => "PreparedKey::Symmetric(…)",
            Self::Hmac(_) => "PreparedKey::Hmac(…)",
            Self::Rsa(_) => "PreparedKey::Rsa(…)",
            Self::Ec(_) => "PreparedKey::Ec(…)",
            Self::Ed25519(_) => "PreparedKey::Ed25519(…)",
            Self::Sm2(_) => "PreparedKey::Sm2(…)",
            Self::MlDsa(_) => "PreparedKey::MlDsa(…)",
            Self::MlKem(_) => "PreparedKey::MlKem(…)",
        })
    }
}
