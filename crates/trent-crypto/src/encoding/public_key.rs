//! SubjectPublicKeyInfo (RFC 5280, section 4.1).

use pkcs8::der::asn1::BitStringRef;
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use pkcs8::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::oids::ID_EC_PUBLIC_KEY;
use super::private_key::Parameters;
use crate::CryptoError;

/// The SubjectPublicKeyInfo of a public key, in DER.
pub(crate) fn write_spki(
    algorithm: ObjectIdentifier,
    parameters: &Parameters,
    public_key: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let failed = |_| CryptoError::LibraryFailure;
    let info = SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier { oid: algorithm, parameters: parameters.as_any() },
        subject_public_key: BitStringRef::from_bytes(public_key).map_err(failed)?,
    };
    info.to_der().map_err(failed)
}

/// The point in the SubjectPublicKeyInfo of an EC key of this curve (RFC 5480, section 2), as it
/// stands there (SEC 1, section 2.3.3); that it lies on the curve is for the caller to check.
pub(crate) fn read_ec_point(spki: &[u8], curve: ObjectIdentifier) -> Result<&[u8], CryptoError> {
    let info =
        SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| CryptoError::InvalidPublicKey)?;
    if info.algorithm.oid != ID_EC_PUBLIC_KEY || info.algorithm.parameters_oid() != Ok(curve) {
        return Err(CryptoError::InvalidPublicKey);
    }
    info.subject_public_key.as_bytes().ok_or(CryptoError::InvalidPublicKey)
}
