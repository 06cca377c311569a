//! Ed25519 by aws-lc-rs, and Ed25519ph, which that lacks, by ed25519-dalek (RFC 8032, FIPS 186-5).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use ed25519_dalek::{Sha512, Signature, SigningKey};
use sha2::Digest;
use trent_types::{MessageType, SecretBytes, SigningAlgorithm};
use zeroize::Zeroizing;

use super::{opaque_debug, rng};
use crate::encoding::{
    ED25519 as ED25519_OID, Parameters, Pkcs8Parts, read_octets, write_pkcs8, write_spki,
};
use crate::{CryptoError, Random};

/// The key pair of `ECC_NIST_EDWARDS25519`: its 32 random bytes (RFC 8032, section 5.1.5).
pub struct Ed25519Material(Zeroizing<[u8; 32]>);

/// An Ed25519 key pair ready for use.
pub struct Ed25519Key {
    pair: Ed25519KeyPair,
    verifying: ParsedPublicKey,
    /// For Ed25519ph only; wiped on drop.
    prehash: SigningKey,
}

opaque_debug!(Ed25519Material, Ed25519Key);

/// How long the digest is that Ed25519ph is given, in bytes.
const PREHASH_BYTES: usize = 64;

impl Ed25519Material {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, CryptoError> {
        rng::seed(random).map(Self)
    }

    /// Every 32 bytes are a key.
    pub(crate) fn new(seed: &[u8]) -> Result<Self, CryptoError> {
        let mut bytes = Zeroizing::new([0; 32]);
        if seed.len() != bytes.len() {
            return Err(CryptoError::InvalidMaterial);
        }
        bytes.copy_from_slice(seed);
        Ok(Self(bytes))
    }

    /// A key pair of somebody else's making (RFC 8410, section 7): no parameters, and a public key
    /// that fits if there is one.
    pub(crate) fn from_pkcs8(parts: &Pkcs8Parts) -> Result<Self, CryptoError> {
        if parts.algorithm != ED25519_OID || parts.parameters != Parameters::Absent {
            return Err(CryptoError::InvalidMaterial);
        }
        let seed = read_octets(&parts.private_key).ok_or(CryptoError::InvalidMaterial)?;
        let material = Self::new(seed)?;
        let public_key = material.pair()?;
        let fits = |given: &[u8]| given == public_key.public_key().as_ref();
        if !parts.public_key.as_deref().is_none_or(fits) {
            return Err(CryptoError::InvalidMaterial);
        }
        Ok(material)
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    fn pair(&self) -> Result<Ed25519KeyPair, CryptoError> {
        Ed25519KeyPair::from_seed_unchecked(&*self.0).map_err(|_| CryptoError::LibraryFailure)
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        write_spki(ED25519_OID, &Parameters::Absent, self.pair()?.public_key().as_ref())
    }

    /// `privateKey` is an OCTET STRING once more, the 32 bytes (RFC 8410, section 7).
    pub(crate) fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        let mut octets = Zeroizing::new(Vec::with_capacity(34));
        octets.extend_from_slice(&[0x04, 32]);
        octets.extend_from_slice(&*self.0);
        write_pkcs8(ED25519_OID, &Parameters::Absent, &octets)
    }

    pub(crate) fn prepare(&self) -> Result<Ed25519Key, CryptoError> {
        let pair = self.pair()?;
        let verifying = ParsedPublicKey::new(&ED25519, pair.public_key());
        let verifying = verifying.map_err(|_| CryptoError::LibraryFailure)?;
        Ok(Ed25519Key { verifying, prehash: SigningKey::from_bytes(&self.0), pair })
    }
}

impl Ed25519Key {
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        match variant(algorithm, kind)? {
            Variant::Pure => {
                let signature = self.pair.try_sign(message);
                Ok(signature.map_err(|_| CryptoError::LibraryFailure)?.as_ref().to_vec())
            }
            Variant::Prehash => self.sign_prehashed(prehash(message)?),
        }
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match variant(algorithm, kind)? {
            Variant::Pure => self
                .verifying
                .verify_sig(message, signature)
                .map_err(|_| CryptoError::InvalidSignature),
            Variant::Prehash => self.verify_prehashed(prehash(message)?, signature),
        }
    }

    /// Ed25519ph of a hash that has taken in all of M, with an empty context.
    pub(super) fn sign_prehashed(&self, prehash: Sha512) -> Result<Vec<u8>, CryptoError> {
        let signature = self.prehash.sign_prehashed(prehash, None);
        Ok(signature.map_err(|_| CryptoError::LibraryFailure)?.to_bytes().to_vec())
    }

    pub(super) fn verify_prehashed(
        &self,
        prehash: Sha512,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let invalid = |_| CryptoError::InvalidSignature;
        let signature = Signature::from_slice(signature).map_err(invalid)?;
        self.prehash.verify_prehashed(prehash, None, &signature).map_err(invalid)
    }
}

enum Variant {
    Pure,
    Prehash,
}

/// AWS KMS takes messages for the one and digests for the other (Sign, `SigningAlgorithm`).
const fn variant(algorithm: SigningAlgorithm, kind: MessageType) -> Result<Variant, CryptoError> {
    match (algorithm, kind) {
        (SigningAlgorithm::Ed25519Sha512, MessageType::Raw) => Ok(Variant::Pure),
        (SigningAlgorithm::Ed25519PhSha512, MessageType::Digest) => Ok(Variant::Prehash),
        _ => Err(CryptoError::WrongAlgorithm),
    }
}

/// PH(M) of Ed25519ph is SHA-512 of what is signed. What AWS KMS signs is the 64 bytes that it is
/// given: it hashes them once more, though they are called a digest (AWS KMS Developer Guide, "Key
/// spec reference"). Who has a message gives its SHA-512 and verifies against that, not against the
/// message.
fn prehash(message: &[u8]) -> Result<Sha512, CryptoError> {
    if message.len() != PREHASH_BYTES {
        return Err(CryptoError::InvalidMessageLength);
    }
    Ok(Sha512::new().chain_update(message))
}
