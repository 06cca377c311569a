//! ECDSA (FIPS 186-5, section 6) and ECDH (NIST SP 800-56A, section 5.7.1.2) on P-256, P-384 and
//! P-521, by aws-lc-rs.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::digest::{Algorithm, Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use trent_types::{MessageType, SecretBytes, SigningAlgorithm};

use super::digest::digest_of;
use super::ec::EcCurve;
use crate::CryptoError;

/// A key pair on a NIST curve, ready to sign and to agree.
pub(super) struct NistCurveKey {
    curve: EcCurve,
    signing: EcdsaKeyPair,
    verifying: NistCurvePublicKey,
    agreeing: PrivateKey,
}

/// A public key on a NIST curve, ready to verify.
pub(super) struct NistCurvePublicKey {
    parameters: CurveParameters,
    key: ParsedPublicKey,
}

/// What the library calls the curve, and the one signing algorithm of its keys.
#[derive(Clone, Copy)]
struct CurveParameters {
    algorithm: SigningAlgorithm,
    digest: &'static Algorithm,
    signing: &'static EcdsaSigningAlgorithm,
    verifying: &'static EcdsaVerificationAlgorithm,
    agreement: &'static agreement::Algorithm,
}

/// `None` for secp256k1, which is not the library's.
fn parameters(curve: EcCurve) -> Option<CurveParameters> {
    match curve {
        EcCurve::P256 => Some(CurveParameters {
            algorithm: SigningAlgorithm::EcdsaSha256,
            digest: &SHA256,
            signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
            verifying: &ECDSA_P256_SHA256_ASN1,
            agreement: &agreement::ECDH_P256,
        }),
        EcCurve::P384 => Some(CurveParameters {
            algorithm: SigningAlgorithm::EcdsaSha384,
            digest: &SHA384,
            signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
            verifying: &ECDSA_P384_SHA384_ASN1,
            agreement: &agreement::ECDH_P384,
        }),
        EcCurve::P521 => Some(CurveParameters {
            algorithm: SigningAlgorithm::EcdsaSha512,
            digest: &SHA512,
            signing: &ECDSA_P521_SHA512_ASN1_SIGNING,
            verifying: &ECDSA_P521_SHA512_ASN1,
            agreement: &agreement::ECDH_P521,
        }),
        EcCurve::Secp256k1 => None,
    }
}

/// The uncompressed public point of a scalar; see `EcCurve::point`.
pub(super) fn point(curve: EcCurve, scalar: &[u8]) -> Option<Vec<u8>> {
    let private = PrivateKey::from_private_key(parameters(curve)?.agreement, scalar).ok()?;
    Some(private.compute_public_key().ok()?.as_ref().to_vec())
}

impl NistCurveKey {
    pub(super) fn new(curve: EcCurve, scalar: &[u8]) -> Result<Self, CryptoError> {
        let rejected = |_| CryptoError::InvalidMaterial;
        let parameters = parameters(curve).ok_or(CryptoError::WrongAlgorithm)?;
        let agreeing =
            PrivateKey::from_private_key(parameters.agreement, scalar).map_err(rejected)?;
        let point = agreeing.compute_public_key().map_err(|_| CryptoError::LibraryFailure)?;
        let signing = EcdsaKeyPair::from_private_key_and_public_key(
            parameters.signing,
            scalar,
            point.as_ref(),
        );
        let signing = signing.map_err(rejected)?;
        let verifying = NistCurvePublicKey::new(curve, point.as_ref())?;
        Ok(Self { curve, signing, verifying, agreeing })
    }

    pub(super) const fn curve(&self) -> EcCurve {
        self.curve
    }

    /// SEQUENCE { r, s } in DER (RFC 3279, section 2.2.3).
    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let digest = self.verifying.digest(algorithm, kind, message)?;
        let signature = self.signing.sign_digest(&digest);
        Ok(signature.map_err(|_| CryptoError::LibraryFailure)?.as_ref().to_vec())
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.verifying.verify(algorithm, kind, message, signature)
    }

    /// The x-coordinate of the shared point, as long as the field. The library checks that the
    /// peer's point is on the curve; the cofactor of these curves is 1, so that is the whole of the
    /// validation (NIST SP 800-56A, section 5.6.2.3.4).
    pub(super) fn derive_shared_secret(&self, peer: &[u8]) -> Result<SecretBytes, CryptoError> {
        // The library takes several encodings. Only a point gets through to it.
        if !matches!(peer.first(), Some(2..=4)) {
            return Err(CryptoError::InvalidPublicKey);
        }
        agreement::agree(
            &self.agreeing,
            UnparsedPublicKey::new(self.agreeing.algorithm(), peer),
            CryptoError::InvalidPublicKey,
            |secret| Ok(SecretBytes::new(secret.to_vec())),
        )
    }
}

impl NistCurvePublicKey {
    /// The key of an uncompressed point.
    pub(super) fn new(curve: EcCurve, point: &[u8]) -> Result<Self, CryptoError> {
        let parameters = parameters(curve).ok_or(CryptoError::WrongAlgorithm)?;
        let key = ParsedPublicKey::new(parameters.verifying, point);
        Ok(Self { parameters, key: key.map_err(|_| CryptoError::InvalidPublicKey)? })
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let digest = self.digest(algorithm, kind, message)?;
        self.key.verify_digest_sig(&digest, signature).map_err(|_| CryptoError::InvalidSignature)
    }

    fn digest(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
    ) -> Result<Digest, CryptoError> {
        if algorithm != self.parameters.algorithm {
            return Err(CryptoError::WrongAlgorithm);
        }
        digest_of(self.parameters.digest, kind, message)
    }
}
