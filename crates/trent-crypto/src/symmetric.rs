//! `SYMMETRIC_DEFAULT` backing keys, ready for use.

use std::fmt;

use crate::kdf::DerivationKey;

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
