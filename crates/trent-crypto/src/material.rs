//! Key material, as it is made, kept and exported.

use std::fmt;

use trent_types::{KeyFamily, KeySpec, SecretBytes};
use zeroize::Zeroizing;

use crate::engine::{
    EcCurve, EcMaterial, Ed25519Material, HmacMaterial, MlDsaMaterial, MlKemMaterial, RsaMaterial,
    Sm2Material,
};
use crate::{CryptoError, PreparedKey, Random, SymmetricKey};

/// The secret of one version of a key, wiped on drop.
pub enum KeyMaterial {
    /// The 256-bit backing key of a `SYMMETRIC_DEFAULT` key; it never encrypts anything itself.
    Symmetric(Zeroizing<[u8; 32]>),
    /// The key of an `HMAC_*` spec.
    Hmac(HmacMaterial),
    /// The key pair of an `RSA_*` spec.
    Rsa(RsaMaterial),
    /// The key pair of an `ECC_NIST_P*` or `ECC_SECG_P256K1` spec.
    Ec(EcMaterial),
    /// The key pair of `ECC_NIST_EDWARDS25519`.
    Ed25519(Ed25519Material),
    /// The key pair of `SM2`.
    Sm2(Sm2Material),
    /// The key pair of an `ML_DSA_*` spec.
    MlDsa(MlDsaMaterial),
    /// The key pair of an `ML_KEM_*` spec.
    MlKem(MlKemMaterial),
}

impl KeyMaterial {
    /// New material for a key of this spec. RSA takes a tenth of a second and more, the rest
    /// microseconds; RSA primes are aws-lc's own draw and not from `random`.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`]; [`CryptoError::LibraryFailure`] for RSA.
    pub fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, CryptoError> {
        match spec.family() {
            KeyFamily::Symmetric => {
                let mut key = Zeroizing::new([0; 32]);
                random.fill(key.as_mut_slice())?;
                Ok(Self::Symmetric(key))
            }
            KeyFamily::Hmac => HmacMaterial::generate(spec, random).map(Self::Hmac),
            KeyFamily::Rsa => RsaMaterial::generate(spec).map(Self::Rsa),
            KeyFamily::Ec => {
                let curve = EcCurve::of_spec(spec).ok_or(CryptoError::WrongAlgorithm)?;
                EcMaterial::generate(curve, random).map(Self::Ec)
            }
            KeyFamily::Ed25519 => Ed25519Material::generate(random).map(Self::Ed25519),
            KeyFamily::Sm2 => Sm2Material::generate(random).map(Self::Sm2),
            KeyFamily::MlDsa => MlDsaMaterial::generate(spec, random).map(Self::MlDsa),
            KeyFamily::MlKem => MlKemMaterial::generate(spec, random).map(Self::MlKem),
        }
    }

    /// What kind of key it is.
    #[must_use]
    pub fn spec(&self) -> KeySpec {
        match self {
            Self::Symmetric(_) => KeySpec::SymmetricDefault,
            Self::Hmac(material) => material.spec(),
            Self::Rsa(material) => material.spec(),
            Self::Ec(material) => material.spec(),
            Self::Ed25519(_) => KeySpec::EccNistEdwards25519,
            Self::Sm2(_) => KeySpec::Sm2,
            Self::MlDsa(material) => material.spec(),
            Self::MlKem(material) => material.spec(),
        }
    }

    /// The public key as an X.509 SubjectPublicKeyInfo in DER (RFC 5280, section 4.1), which is
    /// what GetPublicKey answers with; `None` for keys that have none.
    ///
    /// # Errors
    /// [`CryptoError::LibraryFailure`]; [`CryptoError::InvalidMaterial`] for an RSA key pair whose
    /// parts do not fit together, which no constructor lets through.
    pub fn public_key_der(&self) -> Result<Option<Vec<u8>>, CryptoError> {
        match self {
            Self::Symmetric(_) | Self::Hmac(_) => Ok(None),
            Self::Rsa(material) => material.public_key_der().map(Some),
            Self::Ec(material) => material.public_key_der().map(Some),
            Self::Ed25519(material) => material.public_key_der().map(Some),
            Self::Sm2(material) => material.public_key_der().map(Some),
            Self::MlDsa(material) => material.public_key_der().map(Some),
            Self::MlKem(material) => material.public_key_der().map(Some),
        }
    }

    /// The private key as PKCS#8 in DER (RFC 5958, version 1), which is what a data key pair is
    /// handed out as. EC and SM2 keys have their public point inside; ML-DSA and ML-KEM keys are
    /// their seeds.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] for symmetric and HMAC keys, which have no such form;
    /// [`CryptoError::LibraryFailure`].
    pub fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        match self {
            Self::Symmetric(_) | Self::Hmac(_) => Err(CryptoError::WrongAlgorithm),
            Self::Rsa(material) => Ok(material.pkcs8().clone()),
            Self::Ec(material) => material.private_key_der(),
            Self::Ed25519(material) => material.private_key_der(),
            Self::Sm2(material) => material.private_key_der(),
            Self::MlDsa(material) => material.private_key_der(),
            Self::MlKem(material) => material.private_key_der(),
        }
    }

    /// The material made ready for use: parsed once, and wiped when it is dropped.
    ///
    /// # Errors
    /// As for [`Self::public_key_der`].
    pub fn prepare(&self) -> Result<PreparedKey, CryptoError> {
        match self {
            Self::Symmetric(key) => Ok(PreparedKey::Symmetric(SymmetricKey::new(key))),
            Self::Hmac(material) => material.prepare().map(|key| PreparedKey::Hmac(key.into())),
            Self::Rsa(material) => material.prepare().map(|key| PreparedKey::Rsa(key.into())),
            Self::Ec(material) => material.prepare().map(|key| PreparedKey::Ec(key.into())),
            Self::Ed25519(material) => {
                material.prepare().map(|key| PreparedKey::Ed25519(key.into()))
            }
            Self::Sm2(material) => material.prepare().map(|key| PreparedKey::Sm2(key.into())),
            Self::MlDsa(material) => material.prepare().map(|key| PreparedKey::MlDsa(key.into())),
            Self::MlKem(material) => material.prepare().map(|key| PreparedKey::MlKem(key.into())),
        }
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterial({}, …)", self.spec())
    }
}

#[cfg(test)]
mod tests;
