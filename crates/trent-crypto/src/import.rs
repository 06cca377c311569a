//! Key material of somebody else's making.

use pkcs8::ObjectIdentifier;
use sha2::{Digest, Sha256};
use trent_types::{KeyFamily, KeyId, KeySpec, MaterialId};
use zeroize::Zeroizing;

use crate::encoding::{
    ED25519, EcKeyParts, ID_EC_PUBLIC_KEY, Parameters, PemKey, Pkcs8Parts, RSA_ENCRYPTION, SM2,
    read_pem, read_pkcs8, read_sec1, to_der,
};
use crate::engine::{
    EcCurve, EcMaterial, Ed25519Material, HmacMaterial, RsaMaterial, Sm2Material, spec_of_pkcs1,
};
use crate::sealed::key_id_bytes;
use crate::{CryptoError, KeyMaterial};

/// Separates these hashes from those of every other purpose; part of the ids for ever.
const LABEL: &[u8] = b"trent imported key material";

/// The id of imported symmetric material: SHA-256(label ‖ 0 or 1 for multi-Region ‖ key id, 16
/// bytes ‖ material).
///
/// The same material has the same id each time it is imported into a key and into its multi-Region
/// relatives, and another in another key, as with AWS KMS. The id is public, and says nothing about
/// material of 256 random bits. Every part but the last has a fixed length, so no two inputs are
/// the same bytes.
#[must_use]
pub fn imported_material_id(key_id: KeyId, plaintext: &[u8]) -> MaterialId {
    let hash = Sha256::new().chain_update(LABEL).chain_update(key_id_bytes(key_id));
    MaterialId::from_bytes(hash.chain_update(plaintext).finalize().into())
}

impl KeyMaterial {
    /// Material for a key of this spec out of imported bytes, after unwrapping (AWS KMS Developer
    /// Guide, "Importing key material", "Requirements for imported key material").
    ///
    /// | spec | bytes |
    /// |---|---|
    /// | `SYMMETRIC_DEFAULT` | 32 |
    /// | `HMAC_*` | as many as the hash has, up to 128 |
    /// | `RSA_*` | PKCS#8, BER or DER; the spec's modulus, two primes, exponent 65537 |
    /// | `ECC_*`, `SM2` | PKCS#8, BER or DER; a named curve; points, if any, compressed or not |
    ///
    /// # Errors
    /// [`CryptoError::InvalidMaterial`] for everything else, for parts that do not fit together,
    /// and for specs that have no import (ML-DSA, ML-KEM).
    pub fn from_imported(spec: KeySpec, plaintext: &[u8]) -> Result<Self, CryptoError> {
        match spec.family() {
            KeyFamily::Symmetric => {
                let key: &[u8; 32] =
                    plaintext.try_into().map_err(|_| CryptoError::InvalidMaterial)?;
                Ok(Self::Symmetric(Zeroizing::new(*key)))
            }
            KeyFamily::Hmac => HmacMaterial::new(spec, plaintext).map(Self::Hmac),
            KeyFamily::Rsa | KeyFamily::Ec | KeyFamily::Ed25519 | KeyFamily::Sm2 => {
                let parts = read_pkcs8(plaintext).ok_or(CryptoError::InvalidMaterial)?;
                let material = from_pkcs8(&parts)?;
                if material.spec() == spec {
                    Ok(material)
                } else {
                    Err(CryptoError::InvalidMaterial)
                }
            }
            KeyFamily::MlDsa | KeyFamily::MlKem => Err(CryptoError::InvalidMaterial),
        }
    }

    /// The key pair of the first private key in a text: PKCS#8, PKCS#1 or SEC 1 in PEM (RFC 7468),
    /// not encrypted. RSA, EC, Ed25519 or SM2, whichever it is, under the rules of
    /// [`Self::from_imported`].
    ///
    /// # Errors
    /// [`CryptoError::InvalidMaterial`].
    pub fn from_private_pem(pem: &str) -> Result<Self, CryptoError> {
        let invalid = CryptoError::InvalidMaterial;
        match read_pem(pem).ok_or(invalid)? {
            PemKey::Pkcs8(der) => from_pkcs8(&read_pkcs8(&der).ok_or(invalid)?),
            PemKey::Pkcs1(der) => from_pkcs1(&to_der(&der).ok_or(invalid)?),
            PemKey::Sec1(der) => {
                let parts = to_der(&der).and_then(|der| read_sec1(&der)).ok_or(invalid)?;
                from_sec1(parts.curve.ok_or(invalid)?, &parts, None)
            }
        }
    }
}

fn from_pkcs8(parts: &Pkcs8Parts) -> Result<KeyMaterial, CryptoError> {
    let invalid = CryptoError::InvalidMaterial;
    match (parts.algorithm, parts.parameters) {
        // NULL is what RFC 8017 asks for; encoders exist that leave it out.
        (RSA_ENCRYPTION, Parameters::Null | Parameters::Absent) if parts.public_key.is_none() => {
            from_pkcs1(&parts.private_key)
        }
        (ID_EC_PUBLIC_KEY, Parameters::Curve(curve)) => {
            let key = read_sec1(&parts.private_key).ok_or(invalid)?;
            from_sec1(curve, &key, parts.public_key.as_deref())
        }
        (ED25519, _) => Ed25519Material::from_pkcs8(parts).map(KeyMaterial::Ed25519),
        _ => Err(invalid),
    }
}

fn from_pkcs1(der: &[u8]) -> Result<KeyMaterial, CryptoError> {
    let spec = spec_of_pkcs1(der).ok_or(CryptoError::InvalidMaterial)?;
    RsaMaterial::from_pkcs1(spec, der).map(KeyMaterial::Rsa)
}

fn from_sec1(
    curve: ObjectIdentifier,
    parts: &EcKeyParts,
    outer_point: Option<&[u8]>,
) -> Result<KeyMaterial, CryptoError> {
    if curve == SM2 {
        return Sm2Material::from_sec1(parts, outer_point).map(KeyMaterial::Sm2);
    }
    let curve = EcCurve::of_oid(curve).ok_or(CryptoError::InvalidMaterial)?;
    EcMaterial::from_sec1(curve, parts, outer_point).map(KeyMaterial::Ec)
}

#[cfg(test)]
mod tests;
