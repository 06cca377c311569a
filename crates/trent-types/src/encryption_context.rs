//! The encryption context: the additional authenticated data of symmetric cryptography.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Pairs that a ciphertext is bound to; order does not matter, an empty map is the same as none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// The pairs, sorted by the UTF-8 bytes of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes that are authenticated: for each pair, sorted by key, the key's length as 4 bytes
    /// big-endian, the key, the value's length as 4 bytes big-endian, the value. The lengths keep
    /// `{a: bc}` and `{ab: c}` apart. An empty context has no bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let size = self.0.iter().map(|(key, value)| 8 + key.len() + value.len()).sum();
        let mut bytes = Vec::with_capacity(size);
        for part in self.0.iter().flat_map(|(key, value)| [key, value]) {
            // Cannot be cut short: a request body is far below 4 GiB.
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }

    /// SHA-256 of [`Self::canonical_bytes`], which a Permit is bound to; all zeros for an empty
    /// context.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Self::digest_of(&self.canonical_bytes())
    }

    /// [`Self::digest`] for bytes that are canonical already.
    #[must_use]
    pub fn digest_of(canonical: &[u8]) -> [u8; 32] {
        if canonical.is_empty() { [0; 32] } else { Sha256::digest(canonical).into() }
    }
}

impl FromIterator<(String, String)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<BTreeMap<String, String>> for EncryptionContext {
    fn from(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn moving_a_byte_between_key_and_value_changes_the_bytes() {
        let one = context(&[("a", "bc")]);
        let other = context(&[("ab", "c")]);
        assert_ne!(one.canonical_bytes(), other.canonical_bytes());
    }

    proptest! {
        #[test]
        fn different_contexts_have_different_bytes(
            one: BTreeMap<String, String>,
            other: BTreeMap<String, String>,
        ) {
            let same = one == other;
            let (one, other) = (EncryptionContext(one), EncryptionContext(other));
            prop_assert_eq!(one.canonical_bytes() == other.canonical_bytes(), same);
        }
    }
}
