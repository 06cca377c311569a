//! Key pairs that were made before anybody asked for them, sealed under the domain key.
//!
//! An RSA key pair takes a tenth of a second and more to make. One from a pool belongs to no key
//! yet, only to its spec: it is sealed under a label of its own, so that it opens as nothing else,
//! and is sealed anew for the key that it is given to.

use trent_types::KeySpec;

use crate::record::{read_record, write_record};
use crate::{CryptoError, DomainKeys, KeyMaterial, Random};

/// No other use of a domain key has this label; see `sealed`.
const LABEL: &[u8] = b"trent pooled key";

impl DomainKeys {
    /// Seals material for a pool of this spec.
    ///
    /// # Errors
    /// [`CryptoError::InvalidMaterial`] for material of another spec;
    /// [`CryptoError::NoRandomness`].
    pub fn seal_pooled(
        &self,
        spec: KeySpec,
        material: &KeyMaterial,
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        if material.spec() != spec {
            return Err(CryptoError::InvalidMaterial);
        }
        let record = write_record(material)?;
        self.seal(LABEL, &[spec.as_str().as_bytes()], &record, random)
    }

    /// Opens material of a pool of this spec.
    ///
    /// # Errors
    /// [`CryptoError::UnknownDomainKey`], [`CryptoError::NotSealedHere`] or
    /// [`CryptoError::UnreadableRecord`].
    pub fn open_pooled(&self, spec: KeySpec, sealed: &[u8]) -> Result<KeyMaterial, CryptoError> {
        let material =
            read_record(self.open(LABEL, &[spec.as_str().as_bytes()], sealed)?.expose())?;
        if material.spec() == spec { Ok(material) } else { Err(CryptoError::UnreadableRecord) }
    }
}

#[cfg(test)]
mod tests {
    use trent_types::{KeyArn, KeyId, KeyRing, MaterialId, SecretBytes};

    use super::*;
    use crate::SystemRandom;

    fn keys() -> DomainKeys {
        DomainKeys::new(&KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap())
    }

    #[test]
    fn pooled_material_opens_as_a_key_of_its_own_spec_only() {
        let spec = KeySpec::EccNistP256;
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        let sealed = keys().seal_pooled(spec, &material, &SystemRandom).unwrap();
        let opened = keys().open_pooled(spec, &sealed).unwrap();
        assert_eq!(opened.public_key_der(), material.public_key_der());
        let other = keys().open_pooled(KeySpec::EccSecgP256k1, &sealed).map(|_| ());
        assert_eq!(other, Err(CryptoError::NotSealedHere));
        let mislabelled = keys().seal_pooled(KeySpec::Rsa2048, &material, &SystemRandom);
        assert_eq!(mislabelled, Err(CryptoError::InvalidMaterial));
    }

    #[test]
    fn pooled_material_does_not_open_as_the_material_of_a_key() {
        let spec = KeySpec::EccNistP256;
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        let sealed = keys().seal_pooled(spec, &material, &SystemRandom).unwrap();
        let key = KeyArn {
            region: "eu-west-1".parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            key_id: KeyId::from_bytes([7; 16], false),
        };
        let id = MaterialId::from_bytes([9; 32]);
        assert!(keys().open_material(&key, &id, &sealed).is_err());
        let sealed = keys().seal_material(&key, id, &material, &SystemRandom).unwrap();
        assert!(keys().open_pooled(spec, &sealed.sealed).is_err());
    }
}
