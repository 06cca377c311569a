//! RSA in use: OAEP, PSS and PKCS #1 v1.5 (RFC 8017), all by aws-lc-rs.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{self, KeyPair as _, RsaEncoding, RsaParameters, UnparsedPublicKey};
use trent_types::{EncryptionAlgorithm, MessageType, SecretBytes, SigningAlgorithm};
use zeroize::Zeroizing;

use super::digest::digest_of;
use super::opaque_debug;
use crate::CryptoError;

/// An RSA key pair ready for use.
///
/// It is parsed once for signatures and once for OAEP: the library has a type for each, and makes
/// neither of the other.
pub struct RsaKey {
    pair: KeyPair,
    decrypting: OaepPrivateDecryptingKey,
    encrypting: OaepPublicEncryptingKey,
    /// SubjectPublicKeyInfo, which the library verifies by.
    public_key: Vec<u8>,
}

opaque_debug!(RsaKey);

/// How a signing algorithm is carried out.
struct Scheme {
    digest: &'static Algorithm,
    encoding: &'static dyn RsaEncoding,
    verification: &'static RsaParameters,
}

impl RsaKey {
    /// The key pair of a PKCS#8 private key in DER.
    pub(crate) fn new(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let rejected = |_| CryptoError::InvalidMaterial;
        let failed = |_| CryptoError::LibraryFailure;
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(rejected)?;
        let private = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(rejected)?;
        let public_key: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
        Ok(Self {
            public_key: public_key.as_ref().to_vec(),
            encrypting: OaepPublicEncryptingKey::new(private.public_key()).map_err(failed)?,
            decrypting: OaepPrivateDecryptingKey::new(private).map_err(failed)?,
            pair,
        })
    }

    pub(crate) fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    pub(crate) fn modulus_bytes(&self) -> usize {
        self.pair.public_modulus_len()
    }

    /// OAEP with an empty label. The plaintext has at most k - 2 hLen - 2 bytes.
    pub(crate) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let oaep = oaep(algorithm)?;
        if plaintext.len() > self.encrypting.max_plaintext_size(oaep) {
            return Err(CryptoError::InvalidMessageLength);
        }
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        let encrypted = self.encrypting.encrypt(oaep, plaintext, &mut ciphertext, None);
        encrypted.map_err(|_| CryptoError::LibraryFailure)?;
        Ok(ciphertext)
    }

    /// Undoes [`Self::encrypt`]. Whatever is wrong with a ciphertext, the answer is the same, and
    /// the library takes the same time (Manger's attack).
    pub(crate) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        let oaep = oaep(algorithm)?;
        let mut buffer = Zeroizing::new(vec![0; self.decrypting.min_output_size()]);
        let plaintext = self.decrypting.decrypt(oaep, ciphertext, &mut buffer, None);
        let plaintext = plaintext.map_err(|_| CryptoError::InvalidCiphertext)?;
        Ok(SecretBytes::new(plaintext.to_vec()))
    }

    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let scheme = scheme(algorithm)?;
        let digest = digest_of(scheme.digest, kind, message)?;
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign_digest(scheme.encoding, &digest, &mut signature);
        signed.map_err(|_| CryptoError::LibraryFailure)?;
        Ok(signature)
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify(&self.public_key, algorithm, kind, message, signature)
    }
}

/// Verifies by a SubjectPublicKeyInfo in DER.
pub(super) fn verify(
    public_key: &[u8],
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let scheme = scheme(algorithm)?;
    let digest = digest_of(scheme.digest, kind, message)?;
    UnparsedPublicKey::new(scheme.verification, public_key)
        .verify_digest(&digest, signature)
        .map_err(|_| CryptoError::InvalidSignature)
}

fn oaep(algorithm: EncryptionAlgorithm) -> Result<&'static OaepAlgorithm, CryptoError> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::RsaesOaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => {
            Err(CryptoError::WrongAlgorithm)
        }
    }
}

/// The salt of PSS is as long as the digest, in verification too.
fn scheme(algorithm: SigningAlgorithm) -> Result<Scheme, CryptoError> {
    let (digest, encoding, verification): (_, &dyn RsaEncoding, _) = match algorithm {
        SigningAlgorithm::RsassaPssSha256 => {
            (&SHA256, &signature::RSA_PSS_SHA256, &signature::RSA_PSS_2048_8192_SHA256)
        }
        SigningAlgorithm::RsassaPssSha384 => {
            (&SHA384, &signature::RSA_PSS_SHA384, &signature::RSA_PSS_2048_8192_SHA384)
        }
        SigningAlgorithm::RsassaPssSha512 => {
            (&SHA512, &signature::RSA_PSS_SHA512, &signature::RSA_PSS_2048_8192_SHA512)
        }
        SigningAlgorithm::RsassaPkcs1V15Sha256 => {
            (&SHA256, &signature::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256)
        }
        SigningAlgorithm::RsassaPkcs1V15Sha384 => {
            (&SHA384, &signature::RSA_PKCS1_SHA384, &signature::RSA_PKCS1_2048_8192_SHA384)
        }
        SigningAlgorithm::RsassaPkcs1V15Sha512 => {
            (&SHA512, &signature::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_2048_8192_SHA512)
        }
        SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Sm2Dsa
        | SigningAlgorithm::MlDsaShake256
        | SigningAlgorithm::Ed25519Sha512
        | SigningAlgorithm::Ed25519PhSha512 => return Err(CryptoError::WrongAlgorithm),
    };
    Ok(Scheme { digest, encoding, verification })
}
