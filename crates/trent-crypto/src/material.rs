//! Key material: as it is kept, and made ready for use.

use std::fmt;

use trent_types::KeySpec;
use zeroize::Zeroizing;

use crate::kdf::DerivationKey;
use crate::{CryptoError, Random};

/// The secret of one version of a key, wiped on drop. Asymmetric and HMAC keys join as variants of
/// their own.
pub enum KeyMaterial {
    /// The 256-bit backing key of a `SYMMETRIC_DEFAULT` key; it never encrypts anything itself.
    Symmetric(Zeroizing<[u8; 32]>),
}

impl KeyMaterial {
    /// New material for a key of this spec.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`].
    pub fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, CryptoError> {
        match spec {
            KeySpec::SymmetricDefault => {
                let mut key = Zeroizing::new([0; 32]);
                random.fill(key.as_mut_slice())?;
                Ok(Self::Symmetric(key))
            }
            _ => Err(CryptoError::UnreadableRecord),
        }
    }

    /// The material made ready for use.
    #[must_use]
    pub fn prepare(&self) -> PreparedKey {
        match self {
            Self::Symmetric(key) => PreparedKey::Symmetric(SymmetricKey::new(key)),
        }
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symmetric(_) => f.write_str("KeyMaterial::Symmetric(…)"),
        }
    }
}

/// Key material ready for use, wiped on drop.
pub enum PreparedKey {
    /// For [`crate::encrypt`] and [`crate::decrypt`].
    Symmetric(SymmetricKey),
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symmetric(_) => f.write_str("PreparedKey::Symmetric(…)"),
        }
    }
}

/// A `SYMMETRIC_DEFAULT` backing key, ready to derive the key of each call.
pub struct SymmetricKey(DerivationKey);

impl SymmetricKey {
    /// Prepares a backing key.
    #[must_use]
    pub fn new(backing_key: &[u8; 32]) -> Self {
        Self(DerivationKey::new(backing_key))
    }

    pub(crate) const fn derivation(&self) -> &DerivationKey {
        &self.0
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn new_material_is_never_the_same_and_never_printed() {
        let make = || KeyMaterial::generate(KeySpec::SymmetricDefault, &SystemRandom).unwrap();
        let (KeyMaterial::Symmetric(one), KeyMaterial::Symmetric(other)) = (make(), make());
        assert_ne!(*one, *other);
        assert_eq!(format!("{:?}", make()), "KeyMaterial::Symmetric(…)");
        assert_eq!(format!("{:?}", make().prepare()), "PreparedKey::Symmetric(…)");
    }
}
