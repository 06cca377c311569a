//! ECDSA on secp256k1 (SEC 2, section 2.4.1), by k256.

use aws_lc_rs::digest::SHA256;
use k256::SecretKey;
use k256::ecdsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use k256::ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey};
use k256::elliptic_curve::sec1::ToSec1Point;
use trent_types::{MessageType, SigningAlgorithm};

use super::digest::digest_of;
use super::rng::Rng;
use crate::{CryptoError, Random};

/// A key pair on secp256k1, wiped on drop.
pub(super) struct Secp256k1Key {
    signing: SigningKey,
    verifying: VerifyingKey,
}

/// The uncompressed public point of a scalar; see `EcCurve::point`.
pub(super) fn point(scalar: &[u8]) -> Option<Vec<u8>> {
    let key = (scalar.len() == 32).then(|| SecretKey::from_slice(scalar).ok())??;
    Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
}

impl Secp256k1Key {
    pub(super) fn new(scalar: &[u8]) -> Result<Self, CryptoError> {
        let signing = SigningKey::from_slice(scalar).map_err(|_| CryptoError::InvalidMaterial)?;
        Ok(Self { verifying: *signing.verifying_key(), signing })
    }

    /// SEQUENCE { r, s } in DER. The nonce is that of RFC 6979 with fresh randomness as additional
    /// data (section 3.6), so that neither a weak generator nor a fault in a repeated signature
    /// gives the key away. Of s and n - s the library takes the lower, as Bitcoin and Ethereum ask
    /// for; AWS KMS takes either, and whoever verifies must take the lower.
    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        let digest = digest(algorithm, kind, message)?;
        let signature: DerSignature = self
            .signing
            .sign_prehash_with_rng(&mut Rng(random), digest.as_ref())
            .map_err(|_| CryptoError::NoRandomness)?;
        Ok(signature.as_bytes().to_vec())
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify(&self.verifying, algorithm, kind, message, signature)
    }
}

/// Takes either s, as AWS KMS does: the library would refuse the higher one.
pub(super) fn verify(
    key: &VerifyingKey,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let digest = digest(algorithm, kind, message)?;
    let invalid = |_| CryptoError::InvalidSignature;
    let signature = Signature::from_der(signature).map_err(invalid)?.normalize_s();
    key.verify_prehash(digest.as_ref(), &signature).map_err(invalid)
}

fn digest(
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
) -> Result<aws_lc_rs::digest::Digest, CryptoError> {
    if algorithm != SigningAlgorithm::EcdsaSha256 {
        return Err(CryptoError::WrongAlgorithm);
    }
    digest_of(&SHA256, kind, message)
}
