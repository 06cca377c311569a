//! The inner record of sealed key material: bincode 2 in its standard configuration (little-endian,
//! variable-length integers), the variant's number and then its fields.
//!
//! | number | family | fields |
//! |---|---|---|
//! | 0 | `SYMMETRIC_DEFAULT` | the backing key, 32 bytes |
//! | 1 | `HMAC_*` | spec, key (length first) |
//! | 2 | `RSA_*` | PKCS#8 in DER (length first) |
//! | 3 | `ECC_NIST_P*`, `ECC_SECG_P256K1` | spec, scalar (length first; as long as the order) |
//! | 4 | `ECC_NIST_EDWARDS25519` | the 32 bytes of RFC 8032 |
//! | 5 | `SM2` | scalar, 32 bytes |
//! | 6 | `ML_DSA_*` | spec, seed ξ, 32 bytes |
//! | 7 | `ML_KEM_*` | spec, seed d ‖ z, 64 bytes |
//!
//! Scalars are big-endian. A spec is one byte, the number in [`SPECS`]. A length is one byte up to
//! 250, otherwise 251 and two bytes little-endian. Numbers are what is on disk: they are never
//! changed or used again.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::{Decode, Encode};
use trent_types::{KeySpec, WrappingAlgorithm, WrappingKeySpec};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::engine::{
    EcCurve, EcMaterial, Ed25519Material, HmacMaterial, MlDsaMaterial, MlKemMaterial, RsaMaterial,
    Sm2Material,
};
use crate::{CryptoError, KeyMaterial};

/// The longest record: an RSA-4096 key pair has about 2,380 bytes.
pub(crate) const RECORD_BYTES_MAX: usize = 4096;
const RECORD_FORM: Configuration<LittleEndian, Varint, Limit<RECORD_BYTES_MAX>> =
    bincode::config::standard().with_limit::<RECORD_BYTES_MAX>();

/// The numbers of the specs that share a variant.
const SPECS: [(u8, KeySpec); 14] = [
    (1, KeySpec::Hmac224),
    (2, KeySpec::Hmac256),
    (3, KeySpec::Hmac384),
    (4, KeySpec::Hmac512),
    (5, KeySpec::EccNistP256),
    (6, KeySpec::EccNistP384),
    (7, KeySpec::EccNistP521),
    (8, KeySpec::EccSecgP256k1),
    (9, KeySpec::MlDsa44),
    (10, KeySpec::MlDsa65),
    (11, KeySpec::MlDsa87),
    (12, KeySpec::MlKem512),
    (13, KeySpec::MlKem768),
    (14, KeySpec::MlKem1024),
];

/// The numbers of the wrapping algorithms that are served.
const WRAPPING_ALGORITHMS: [(u8, WrappingAlgorithm); 4] = [
    (1, WrappingAlgorithm::RsaesOaepSha1),
    (2, WrappingAlgorithm::RsaesOaepSha256),
    (3, WrappingAlgorithm::RsaAesKeyWrapSha1),
    (4, WrappingAlgorithm::RsaAesKeyWrapSha256),
];

/// The numbers of the wrapping key specs that are served.
const WRAPPING_SPECS: [(u8, WrappingKeySpec); 3] =
    [(1, WrappingKeySpec::Rsa2048), (2, WrappingKeySpec::Rsa3072), (3, WrappingKeySpec::Rsa4096)];

/// What is inside sealed key material. New kinds of key are added at the end: the position is the
/// number on disk.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
enum MaterialRecord {
    Symmetric([u8; 32]),
    Hmac(u8, Vec<u8>),
    Rsa(Vec<u8>),
    Ec(u8, Vec<u8>),
    Ed25519([u8; 32]),
    Sm2([u8; 32]),
    MlDsa(u8, [u8; 32]),
    MlKem(u8, [u8; 64]),
}

/// What is inside an import token: numbers of algorithm and wrapping key spec, end of validity in
/// milliseconds since the Unix epoch, and the wrapping key pair as PKCS#8 in DER.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub(crate) struct TokenRecord {
    algorithm: u8,
    wrapping_spec: u8,
    pub(crate) valid_to: i64,
    pub(crate) wrapping_key: Vec<u8>,
}

impl TokenRecord {
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] for an algorithm or spec that has no number.
    pub(crate) fn new(
        algorithm: WrappingAlgorithm,
        wrapping_spec: WrappingKeySpec,
        valid_to: i64,
        wrapping_key: &[u8],
    ) -> Result<Self, CryptoError> {
        Ok(Self {
            algorithm: number(&WRAPPING_ALGORITHMS, algorithm)?,
            wrapping_spec: number(&WRAPPING_SPECS, wrapping_spec)?,
            valid_to,
            wrapping_key: wrapping_key.to_vec(),
        })
    }

    pub(crate) fn algorithm(&self) -> Option<WrappingAlgorithm> {
        named(&WRAPPING_ALGORITHMS, self.algorithm)
    }

    pub(crate) fn wrapping_spec(&self) -> Option<WrappingKeySpec> {
        named(&WRAPPING_SPECS, self.wrapping_spec)
    }

    pub(crate) fn write(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        encode(self)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CryptoError> {
        decode(bytes)
    }
}

/// The record of key material, in a buffer that is wiped.
pub(crate) fn write_record(material: &KeyMaterial) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let spec = |spec| number(&SPECS, spec);
    let record = match material {
        KeyMaterial::Symmetric(key) => MaterialRecord::Symmetric(**key),
        KeyMaterial::Hmac(key) => {
            MaterialRecord::Hmac(spec(key.spec())?, key.secret().expose().to_vec())
        }
        KeyMaterial::Rsa(key) => MaterialRecord::Rsa(key.pkcs8().expose().to_vec()),
        KeyMaterial::Ec(key) => {
            MaterialRecord::Ec(spec(key.spec())?, key.secret().expose().to_vec())
        }
        KeyMaterial::Ed25519(key) => MaterialRecord::Ed25519(*key.secret()),
        KeyMaterial::Sm2(key) => {
            let scalar = key.secret().expose().try_into();
            MaterialRecord::Sm2(scalar.map_err(|_| CryptoError::UnreadableRecord)?)
        }
        KeyMaterial::MlDsa(key) => MaterialRecord::MlDsa(spec(key.spec())?, *key.secret()),
        KeyMaterial::MlKem(key) => MaterialRecord::MlKem(spec(key.spec())?, *key.secret()),
    };
    encode(&record)
}

/// The material of a record; scalars and key pairs are checked again.
pub(crate) fn read_record(bytes: &[u8]) -> Result<KeyMaterial, CryptoError> {
    let record: MaterialRecord = decode(bytes)?;
    material(&record).map_err(|_| CryptoError::UnreadableRecord)
}

fn material(record: &MaterialRecord) -> Result<KeyMaterial, CryptoError> {
    let spec = |of: u8| named(&SPECS, of).ok_or(CryptoError::UnreadableRecord);
    match record {
        MaterialRecord::Symmetric(key) => Ok(KeyMaterial::Symmetric(Zeroizing::new(*key))),
        MaterialRecord::Hmac(of, key) => HmacMaterial::new(spec(*of)?, key).map(KeyMaterial::Hmac),
        MaterialRecord::Rsa(pkcs8) => RsaMaterial::from_pkcs8(pkcs8).map(KeyMaterial::Rsa),
        MaterialRecord::Ec(of, scalar) => {
            let curve = EcCurve::of_spec(spec(*of)?).ok_or(CryptoError::UnreadableRecord)?;
            EcMaterial::new(curve, scalar).map(KeyMaterial::Ec)
        }
        MaterialRecord::Ed25519(seed) => Ed25519Material::new(seed).map(KeyMaterial::Ed25519),
        MaterialRecord::Sm2(scalar) => Sm2Material::new(scalar).map(KeyMaterial::Sm2),
        MaterialRecord::MlDsa(of, seed) => {
            MlDsaMaterial::new(spec(*of)?, seed).map(KeyMaterial::MlDsa)
        }
        MaterialRecord::MlKem(of, seed) => {
            MlKemMaterial::new(spec(*of)?, seed).map(KeyMaterial::MlKem)
        }
    }
}

fn encode(record: &impl Encode) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut buffer = Zeroizing::new(vec![0; RECORD_BYTES_MAX]);
    let length = bincode::encode_into_slice(record, &mut buffer, RECORD_FORM)
        .map_err(|_| CryptoError::UnreadableRecord)?;
    // What is beyond stays zero: the buffer was new.
    buffer.truncate(length);
    Ok(buffer)
}

fn decode<T: Decode<()>>(bytes: &[u8]) -> Result<T, CryptoError> {
    let (record, length): (T, usize) = bincode::decode_from_slice(bytes, RECORD_FORM)
        .map_err(|_| CryptoError::UnreadableRecord)?;
    if length == bytes.len() { Ok(record) } else { Err(CryptoError::UnreadableRecord) }
}

fn number<T: PartialEq + Copy>(table: &[(u8, T)], value: T) -> Result<u8, CryptoError> {
    let line = table.iter().find(|(_, known)| *known == value);
    line.map(|(number, _)| *number).ok_or(CryptoError::WrongAlgorithm)
}

fn named<T: Copy>(table: &[(u8, T)], number: u8) -> Option<T> {
    table.iter().find(|(known, _)| *known == number).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests;
