//! PKCS#8 (RFC 5958) and what stands inside it.

use pkcs8::der::asn1::{AnyRef, Null, OctetStringRef, UintRef};
use pkcs8::der::{Decode, Encode, Reader, SliceReader};
use pkcs8::spki::AlgorithmIdentifier;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use sec1::{EcParameters, EcPrivateKey};
use trent_types::SecretBytes;
use zeroize::Zeroizing;

use super::ber::to_der;
use crate::CryptoError;

/// The parameters of an algorithm identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// There are none.
    Absent,
    /// NULL, as rsaEncryption has it.
    Null,
    /// A named curve.
    Curve(ObjectIdentifier),
}

impl Parameters {
    pub(super) fn as_any(&self) -> Option<AnyRef<'_>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(Null.into()),
            Self::Curve(oid) => Some(oid.into()),
        }
    }

    fn read(any: Option<AnyRef<'_>>) -> Option<Self> {
        match any {
            None => Some(Self::Absent),
            Some(any) if any.is_null() => Some(Self::Null),
            Some(any) => any.decode_as().ok().map(Self::Curve),
        }
    }
}

/// What a PKCS#8 private key holds.
pub(crate) struct Pkcs8Parts {
    /// The key's algorithm.
    pub(crate) algorithm: ObjectIdentifier,
    /// Its parameters.
    pub(crate) parameters: Parameters,
    /// The content of `privateKey`, in DER whatever it was.
    pub(crate) private_key: Zeroizing<Vec<u8>>,
    /// The public key of version 2.
    pub(crate) public_key: Option<Vec<u8>>,
}

/// Reads a PKCS#8 private key in BER or DER, of version 1 or 2, whose `privateKey` is itself
/// BER or DER. Explicit curve parameters are refused: a parameter is an identifier or nothing.
pub(crate) fn read_pkcs8(ber: &[u8]) -> Option<Pkcs8Parts> {
    let der = to_der(ber)?;
    let info = PrivateKeyInfoRef::from_der(&der).ok()?;
    let public_key = match info.public_key {
        Some(bits) => Some(bits.as_bytes()?.to_vec()),
        None => None,
    };
    Some(Pkcs8Parts {
        algorithm: info.algorithm.oid,
        parameters: Parameters::read(info.algorithm.parameters)?,
        private_key: to_der(info.private_key.as_bytes())?,
        public_key,
    })
}

/// Writes a PKCS#8 private key of version 1.
pub(crate) fn write_pkcs8(
    algorithm: ObjectIdentifier,
    parameters: &Parameters,
    private_key: &[u8],
) -> Result<SecretBytes, CryptoError> {
    let failed = |_| CryptoError::LibraryFailure;
    let algorithm = AlgorithmIdentifier { oid: algorithm, parameters: parameters.as_any() };
    let private_key = OctetStringRef::new(private_key).map_err(failed)?;
    // Encoded into a buffer of the right size, which then is the secret: no copy is left behind.
    let info = PrivateKeyInfoRef::new(algorithm, private_key);
    info.to_der().map(SecretBytes::new).map_err(failed)
}

/// What an `ECPrivateKey` holds (RFC 5915, section 3).
pub(crate) struct EcKeyParts {
    /// The scalar, big-endian, as long as it stands there.
    pub(crate) scalar: Zeroizing<Vec<u8>>,
    /// The curve, if it is named inside.
    pub(crate) curve: Option<ObjectIdentifier>,
    /// The public point, if it is there.
    pub(crate) point: Option<Vec<u8>>,
}

/// Reads an `ECPrivateKey` in DER.
pub(crate) fn read_sec1(der: &[u8]) -> Option<EcKeyParts> {
    let key = EcPrivateKey::from_der(der).ok()?;
    Some(EcKeyParts {
        scalar: Zeroizing::new(key.private_key.to_vec()),
        curve: key.parameters.and_then(EcParameters::named_curve),
        point: key.public_key.map(<[u8]>::to_vec),
    })
}

/// Writes an `ECPrivateKey` with its public point and without parameters, which stand in the
/// PKCS#8 around it (RFC 5958 leaves them optional; this is how the field writes them).
pub(crate) fn write_sec1(scalar: &[u8], point: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let key = EcPrivateKey { private_key: scalar, parameters: None, public_key: Some(point) };
    key.to_der().map(Zeroizing::new).map_err(|_| CryptoError::LibraryFailure)
}

/// The content of an OCTET STRING in DER that fills the input.
pub(crate) fn read_octets(der: &[u8]) -> Option<&[u8]> {
    <&OctetStringRef>::from_der(der).ok().map(OctetStringRef::as_bytes)
}

/// Modulus and public exponent of an `RSAPrivateKey` in DER (RFC 8017, appendix A.1.2), without
/// leading zeros. Only two-prime keys (version 0) have them for us.
pub(crate) fn read_rsa_public(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(der).ok()?;
    let parts = reader.sequence(|fields| {
        let version = u8::decode(fields)?;
        let modulus = UintRef::decode(fields)?;
        let exponent = UintRef::decode(fields)?;
        // d, p, q, dP, dQ and qInv: the library that uses the key holds them against each other.
        for _ in 0..6 {
            UintRef::decode(fields)?;
        }
        Ok::<_, pkcs8::der::Error>((version, modulus, exponent))
    });
    let (version, modulus, exponent) = parts.ok()?;
    (version == 0 && reader.is_finished()).then(|| (modulus.as_bytes(), exponent.as_bytes()))
}
