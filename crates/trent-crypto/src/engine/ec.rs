//! Key pairs on the NIST curves and secp256k1 (SEC 1, SEC 2, NIST SP 800-186).

use pkcs8::ObjectIdentifier;
use trent_types::{KeySpec, MessageType, SecretBytes, SigningAlgorithm};

use super::nist_curve::{self, NistCurveKey};
use super::secp256k1::{self, Secp256k1Key};
use super::{opaque_debug, rng};
use crate::encoding::{
    EcKeyParts, ID_EC_PUBLIC_KEY, P256, P384, P521, Parameters, SECP256K1, read_ec_point,
    write_pkcs8, write_sec1, write_spki,
};
use crate::{CryptoError, Random};

/// The key pair of an `ECC_NIST_P*` or `ECC_SECG_P256K1` spec: the scalar, big-endian, as long as
/// the order of the curve.
pub struct EcMaterial {
    curve: EcCurve,
    scalar: SecretBytes,
}

/// An EC key pair ready for use.
pub struct EcKey(Engine);

enum Engine {
    Nist(NistCurveKey),
    Secp256k1(Secp256k1Key),
}

opaque_debug!(EcMaterial, EcKey);

/// A curve of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EcCurve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl EcCurve {
    const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    pub(crate) fn of_spec(spec: KeySpec) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.spec() == spec)
    }

    pub(crate) fn of_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == oid)
    }

    pub(crate) const fn spec(self) -> KeySpec {
        match self {
            Self::P256 => KeySpec::EccNistP256,
            Self::P384 => KeySpec::EccNistP384,
            Self::P521 => KeySpec::EccNistP521,
            Self::Secp256k1 => KeySpec::EccSecgP256k1,
        }
    }

    pub(crate) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => P256,
            Self::P384 => P384,
            Self::P521 => P521,
            Self::Secp256k1 => SECP256K1,
        }
    }

    const fn bits(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// The uncompressed public point (SEC 1, section 2.3.3) of a scalar; `None` unless the scalar
    /// has the right length and is between 1 and the order less 1.
    fn point(self, scalar: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::P256 | Self::P384 | Self::P521 => nist_curve::point(self, scalar),
            Self::Secp256k1 => secp256k1::point(scalar),
        }
    }
}

impl EcMaterial {
    pub(crate) fn generate(curve: EcCurve, random: &dyn Random) -> Result<Self, CryptoError> {
        let (scalar, _) = rng::scalar(curve.bits(), random, |scalar| curve.point(scalar))?;
        Ok(Self { curve, scalar })
    }

    /// The key pair of a scalar of the right length and range.
    pub(crate) fn new(curve: EcCurve, scalar: &[u8]) -> Result<Self, CryptoError> {
        curve.point(scalar).ok_or(CryptoError::InvalidMaterial)?;
        Ok(Self { curve, scalar: SecretBytes::new(scalar.to_vec()) })
    }

    /// A key pair of somebody else's making. A curve that is named inside, and public points inside
    /// and in the PKCS#8 around it, must be those of the curve and the scalar.
    pub(crate) fn from_sec1(
        curve: EcCurve,
        parts: &EcKeyParts,
        outer_point: Option<&[u8]>,
    ) -> Result<Self, CryptoError> {
        let scalar = pad(&parts.scalar, curve.bits().div_ceil(8))?;
        let point = curve.point(scalar.expose()).ok_or(CryptoError::InvalidMaterial)?;
        let points = parts.point.as_deref().into_iter().chain(outer_point);
        let curve_fits = parts.curve.is_none_or(|named| named == curve.oid());
        if !curve_fits || !points.into_iter().all(|other| is_same_point(&point, other)) {
            return Err(CryptoError::InvalidMaterial);
        }
        Ok(Self { curve, scalar })
    }

    pub(crate) const fn spec(&self) -> KeySpec {
        self.curve.spec()
    }

    pub(crate) const fn secret(&self) -> &SecretBytes {
        &self.scalar
    }

    fn point(&self) -> Result<Vec<u8>, CryptoError> {
        self.curve.point(self.scalar.expose()).ok_or(CryptoError::InvalidMaterial)
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        write_spki(ID_EC_PUBLIC_KEY, &Parameters::Curve(self.curve.oid()), &self.point()?)
    }

    pub(crate) fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        let key = write_sec1(self.scalar.expose(), &self.point()?)?;
        write_pkcs8(ID_EC_PUBLIC_KEY, &Parameters::Curve(self.curve.oid()), &key)
    }

    pub(crate) fn prepare(&self) -> Result<EcKey, CryptoError> {
        let scalar = self.scalar.expose();
        Ok(EcKey(match self.curve {
            EcCurve::P256 | EcCurve::P384 | EcCurve::P521 => {
                Engine::Nist(NistCurveKey::new(self.curve, scalar)?)
            }
            EcCurve::Secp256k1 => Engine::Secp256k1(Secp256k1Key::new(scalar)?),
        }))
    }
}

impl EcKey {
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        match &self.0 {
            Engine::Nist(key) => key.sign(algorithm, kind, message),
            Engine::Secp256k1(key) => key.sign(algorithm, kind, message, random),
        }
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match &self.0 {
            Engine::Nist(key) => key.verify(algorithm, kind, message, signature),
            Engine::Secp256k1(key) => key.verify(algorithm, kind, message, signature),
        }
    }

    /// NIST curves only: AWS KMS has no key agreement on secp256k1.
    pub(crate) fn derive_shared_secret(&self, spki: &[u8]) -> Result<SecretBytes, CryptoError> {
        match &self.0 {
            Engine::Nist(key) => key.derive_shared_secret(read_ec_point(spki, key.curve().oid())?),
            Engine::Secp256k1(_) => Err(CryptoError::WrongAlgorithm),
        }
    }
}

/// A scalar with leading zeros up to its full length. RFC 5915 wants them, but encoders exist that
/// leave them out or write one too many.
pub(super) fn pad(scalar: &[u8], length: usize) -> Result<SecretBytes, CryptoError> {
    let surplus = scalar.len().saturating_sub(length);
    let (leading, digits) = scalar.split_at_checked(surplus).ok_or(CryptoError::InvalidMaterial)?;
    if digits.is_empty() || leading.iter().any(|byte| *byte != 0) {
        return Err(CryptoError::InvalidMaterial);
    }
    let mut padded = Vec::with_capacity(length);
    padded.resize(length - digits.len(), 0);
    padded.extend_from_slice(digits);
    Ok(SecretBytes::new(padded))
}

/// Whether a point, compressed or not, is this uncompressed one (SEC 1, section 2.3.3). The
/// compressed form is x after 2 or 3, by the parity of y.
pub(super) fn is_same_point(uncompressed: &[u8], other: &[u8]) -> bool {
    let Some((first, coordinates)) = other.split_first() else { return false };
    let Some((_, both)) = uncompressed.split_first() else { return false };
    let Some((x, y)) = both.split_at_checked(both.len() / 2) else { return false };
    let parity = y.last().is_some_and(|last| last & 1 == 1);
    match first {
        2 | 3 => coordinates == x && parity == (*first == 3),
        _ => other == uncompressed,
    }
}
