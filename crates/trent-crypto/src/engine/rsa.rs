//! RSA key pairs: two primes, public exponent 65537 (FIPS 186-5, section 5).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use trent_types::{KeySpec, MessageType, SecretBytes, SigningAlgorithm};

use super::{RsaKey, opaque_debug};
use crate::CryptoError;
use crate::encoding::{read_pkcs8, read_rsa_public};

/// 65537, the one public exponent that AWS KMS has.
const PUBLIC_EXPONENT: [u8; 3] = [1, 0, 1];

/// The key pair of an `RSA_*` spec.
pub struct RsaMaterial {
    spec: KeySpec,
    pkcs8: SecretBytes,
}

opaque_debug!(RsaMaterial);

impl RsaMaterial {
    /// A new key pair; aws-lc draws the primes and tests them (FIPS 186-5, appendix A.1.3).
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        let pair = KeyPair::generate(key_size(spec).ok_or(CryptoError::WrongAlgorithm)?);
        Self::of_pair(spec, &pair.map_err(|_| CryptoError::LibraryFailure)?)
    }

    /// A key pair out of an `RSAPrivateKey` in DER (RFC 8017, appendix A.1.2) of somebody else's
    /// making: exactly the spec's modulus, two primes, exponent 65537, all parts consistent.
    pub(crate) fn from_pkcs1(spec: KeySpec, der: &[u8]) -> Result<Self, CryptoError> {
        if spec_of_pkcs1(der) != Some(spec) {
            return Err(CryptoError::InvalidMaterial);
        }
        // aws-lc checks n = pq, de = 1 modulo p - 1 and q - 1, and the parts of the Chinese
        // remainder theorem; that p and q are prime it does not.
        let pair = KeyPair::from_der(der).map_err(|_| CryptoError::InvalidMaterial)?;
        let material = Self::of_pair(spec, &pair)?;
        material.check_consistency()?;
        Ok(material)
    }

    /// The key pair that was kept as PKCS#8, checked for consistency as the library does.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let parts = read_pkcs8(pkcs8).ok_or(CryptoError::InvalidMaterial)?;
        let spec = spec_of_pkcs1(&parts.private_key).ok_or(CryptoError::InvalidMaterial)?;
        // Parsed for its checks: what is kept is the encoding, and a key that is used is parsed
        // once more and then stays parsed.
        KeyPair::from_pkcs8(pkcs8).map_err(|_| CryptoError::InvalidMaterial)?;
        Ok(Self { spec, pkcs8: SecretBytes::new(pkcs8.to_vec()) })
    }

    pub(crate) const fn spec(&self) -> KeySpec {
        self.spec
    }

    /// PKCS#8 in DER.
    pub(crate) const fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        let pair = KeyPair::from_pkcs8(self.pkcs8.expose());
        let pair = pair.map_err(|_| CryptoError::InvalidMaterial)?;
        let der: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
        Ok(der.map_err(|_| CryptoError::LibraryFailure)?.as_ref().to_vec())
    }

    pub(crate) fn prepare(&self) -> Result<RsaKey, CryptoError> {
        RsaKey::new(self.pkcs8.expose())
    }

    /// The pairwise consistency test (FIPS 140-3 IG 10.3.A): signs and verifies. With a factor that
    /// is not prime the two do not undo each other, unless somebody has sought out a Carmichael
    /// number, and then it is their own key that they made weak.
    fn check_consistency(&self) -> Result<(), CryptoError> {
        let (algorithm, kind) = (SigningAlgorithm::RsassaPkcs1V15Sha256, MessageType::Raw);
        let key = self.prepare()?;
        let message = b"pairwise consistency test";
        let signature =
            key.sign(algorithm, kind, message).map_err(|_| CryptoError::InvalidMaterial)?;
        key.verify(algorithm, kind, message, &signature).map_err(|_| CryptoError::InvalidMaterial)
    }

    fn of_pair(spec: KeySpec, pair: &KeyPair) -> Result<Self, CryptoError> {
        let der: Result<aws_lc_rs::encoding::Pkcs8V1Der<'_>, _> = pair.as_der();
        let der = der.map_err(|_| CryptoError::LibraryFailure)?;
        Ok(Self { spec, pkcs8: SecretBytes::new(der.as_ref().to_vec()) })
    }
}

/// The spec whose modulus an `RSAPrivateKey` has, if its exponent is 65537.
pub(crate) fn spec_of_pkcs1(der: &[u8]) -> Option<KeySpec> {
    let (modulus, exponent) = read_rsa_public(der)?;
    let top_bit_set = modulus.first().is_some_and(|first| first & 0x80 != 0);
    if !top_bit_set || exponent != PUBLIC_EXPONENT {
        return None;
    }
    match modulus.len() {
        256 => Some(KeySpec::Rsa2048),
        384 => Some(KeySpec::Rsa3072),
        512 => Some(KeySpec::Rsa4096),
        _ => None,
    }
}

fn key_size(spec: KeySpec) -> Option<KeySize> {
    [
        (KeySpec::Rsa2048, KeySize::Rsa2048),
        (KeySpec::Rsa3072, KeySize::Rsa3072),
        (KeySpec::Rsa4096, KeySize::Rsa4096),
    ]
    .into_iter()
    .find_map(|(of, size)| (of == spec).then_some(size))
}
