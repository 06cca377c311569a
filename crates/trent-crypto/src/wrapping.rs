//! The RSA key pair under which key material is wrapped for its import.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use trent_types::{EncryptionAlgorithm, KeySpec, SecretBytes, WrappingAlgorithm, WrappingKeySpec};
use zeroize::Zeroizing;

use crate::CryptoError;
use crate::engine::{RsaKey, RsaMaterial, opaque_debug};

/// How long the key is that stands between the RSA key and the material, in bytes.
const AES_KEY_BYTES: usize = 32;

/// The key pair behind GetParametersForImport, ready for use and wiped on drop.
pub struct WrappingKey {
    material: RsaMaterial,
    key: RsaKey,
}

opaque_debug!(WrappingKey);

impl WrappingKey {
    /// A new key pair. It takes a tenth of a second and more, by size.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] for SM2, which only AWS's Regions in China have;
    /// [`CryptoError::LibraryFailure`].
    pub fn generate(spec: WrappingKeySpec) -> Result<Self, CryptoError> {
        Self::new(RsaMaterial::generate(rsa_spec(spec).ok_or(CryptoError::WrongAlgorithm)?)?)
    }

    /// A key pair out of [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`CryptoError::InvalidMaterial`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        Self::new(RsaMaterial::from_pkcs8(bytes)?)
    }

    /// A key pair that was made before it was needed.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] for other material than RSA.
    pub fn from_material(material: crate::KeyMaterial) -> Result<Self, CryptoError> {
        match material {
            crate::KeyMaterial::Rsa(material) => Self::new(material),
            crate::KeyMaterial::Symmetric(_)
            | crate::KeyMaterial::Hmac(_)
            | crate::KeyMaterial::Ec(_)
            | crate::KeyMaterial::Ed25519(_)
            | crate::KeyMaterial::Sm2(_)
            | crate::KeyMaterial::MlDsa(_)
            | crate::KeyMaterial::MlKem(_) => Err(CryptoError::WrongAlgorithm),
        }
    }

    fn new(material: RsaMaterial) -> Result<Self, CryptoError> {
        Ok(Self { key: material.prepare()?, material })
    }

    /// The size of the key pair.
    #[must_use]
    pub fn spec(&self) -> WrappingKeySpec {
        // Cannot fall through: the material is RSA of one of three sizes.
        let sizes = [WrappingKeySpec::Rsa2048, WrappingKeySpec::Rsa3072];
        let fits = |spec: &WrappingKeySpec| rsa_spec(*spec) == Some(self.material.spec());
        sizes.into_iter().find(fits).unwrap_or(WrappingKeySpec::Rsa4096)
    }

    /// The key pair as PKCS#8 in DER, for sealing: RSA-4096 has about 2,380 bytes.
    #[must_use]
    pub const fn to_bytes(&self) -> &SecretBytes {
        self.material.pkcs8()
    }

    /// The public key as an X.509 SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// None so far; the signature leaves room for keys that are not kept parsed.
    pub fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        Ok(self.key.public_key_der().to_vec())
    }

    /// Undoes the wrapping of key material.
    ///
    /// `RSAES_OAEP_SHA_1` and `_256`: OAEP with that hash for OAEP and MGF1 and an empty label (RFC
    /// 8017, section 7.1). `RSA_AES_KEY_WRAP_SHA_1` and `_256`: such an OAEP ciphertext of an
    /// AES-256 key, as long as the modulus, then the material under AES Key Wrap with Padding (RFC
    /// 5649) by that key; PKCS #11 calls it `CKM_RSA_AES_KEY_WRAP`.
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`], whatever is wrong with it;
    /// [`CryptoError::WrongAlgorithm`] for `RSAES_PKCS1_V1_5`, which AWS has withdrawn, and SM2PKE.
    pub fn unwrap(
        &self,
        algorithm: WrappingAlgorithm,
        wrapped: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256};
        match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => self.key.decrypt(RsaesOaepSha1, wrapped),
            WrappingAlgorithm::RsaesOaepSha256 => self.key.decrypt(RsaesOaepSha256, wrapped),
            WrappingAlgorithm::RsaAesKeyWrapSha1 => self.unwrap_by_aes(RsaesOaepSha1, wrapped),
            WrappingAlgorithm::RsaAesKeyWrapSha256 => self.unwrap_by_aes(RsaesOaepSha256, wrapped),
            WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke => {
                Err(CryptoError::WrongAlgorithm)
            }
        }
    }

    fn unwrap_by_aes(
        &self,
        oaep: EncryptionAlgorithm,
        wrapped: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        let (encrypted_key, wrapped) = wrapped
            .split_at_checked(self.key.modulus_bytes())
            .ok_or(CryptoError::InvalidCiphertext)?;
        let key = self.key.decrypt(oaep, encrypted_key)?;
        unwrap_with_padding(&key, wrapped)
    }
}

/// AES Key Wrap with Padding, RFC 5649, section 4.2; the key is the caller's choice of 32 bytes.
pub(crate) fn unwrap_with_padding(
    key: &SecretBytes,
    wrapped: &[u8],
) -> Result<SecretBytes, CryptoError> {
    let invalid = |_| CryptoError::InvalidCiphertext;
    if key.len() != AES_KEY_BYTES {
        return Err(CryptoError::InvalidCiphertext);
    }
    // The key is wiped by the library, when it is dropped.
    let key = AesKek::new(&AES_256, key.expose()).map_err(invalid)?;
    let mut buffer = Zeroizing::new(vec![0; wrapped.len()]);
    let material = key.unwrap_with_padding(wrapped, &mut buffer).map_err(invalid)?;
    Ok(SecretBytes::new(material.to_vec()))
}

fn rsa_spec(spec: WrappingKeySpec) -> Option<KeySpec> {
    match spec {
        WrappingKeySpec::Rsa2048 => Some(KeySpec::Rsa2048),
        WrappingKeySpec::Rsa3072 => Some(KeySpec::Rsa3072),
        WrappingKeySpec::Rsa4096 => Some(KeySpec::Rsa4096),
        WrappingKeySpec::Sm2 => None,
    }
}

#[cfg(test)]
mod tests;
