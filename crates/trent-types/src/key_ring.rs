//! Versioned 256-bit keys of the deployment: domain, Permit, bus, token and trail keys.

use std::fmt;

use crate::{Malformed, SecretBytes};

/// Keys of one kind, each with its version. The first is used for new work; all are accepted.
///
/// As a file: one key a line, `<version> <64 hex digits>`, the current key first; empty lines and
/// lines that start with `#` are skipped. Versions are 1 to 255 and unique.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRing(Vec<(u8, SecretBytes)>);

impl KeyRing {
    /// A ring with one key, version 1. `key` must be 32 bytes.
    ///
    /// # Errors
    /// [`Malformed`] for another length.
    pub fn single(key: SecretBytes) -> Result<Self, Malformed> {
        if key.len() == 32 { Ok(Self(vec![(1, key)])) } else { Err(Malformed::new("key file")) }
    }

    /// Reads the file form.
    ///
    /// # Errors
    /// [`Malformed`] when a line is not a key, a version stands twice, or there is no key.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("key file");
        let mut keys: Vec<(u8, SecretBytes)> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (version, digits) = line.split_once(' ').ok_or_else(malformed)?;
            let version: u8 = version.parse().map_err(|_| malformed())?;
            let key = hex::decode(digits.trim()).map_err(|_| malformed())?;
            if version == 0 || key.len() != 32 || keys.iter().any(|(known, _)| *known == version) {
                return Err(malformed());
            }
            keys.push((version, SecretBytes::new(key)));
        }
        if keys.is_empty() { Err(malformed()) } else { Ok(Self(keys)) }
    }

    /// The file form.
    #[must_use]
    pub fn to_text(&self) -> SecretBytes {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // All the room there can be need of: text that moved would leave copies unwiped.
        let mut text = Vec::with_capacity(self.0.len() * 72);
        for (version, key) in &self.0 {
            text.extend_from_slice(version.to_string().as_bytes());
            text.push(b' ');
            let halves = key.expose().iter().flat_map(|byte| [byte >> 4, byte & 15]);
            text.extend(halves.filter_map(|half| DIGITS.get(usize::from(half))));
            text.push(b'\n');
        }
        SecretBytes::new(text)
    }

    /// The key for new work, with its version.
    #[must_use]
    pub fn current(&self) -> (u8, &SecretBytes) {
        // Cannot fail: no ring is made without a key.
        #[expect(clippy::indexing_slicing, reason = "every constructor puts a key in")]
        let (version, key) = &self.0[0];
        (*version, key)
    }

    /// The key of this version.
    #[must_use]
    pub fn get(&self, version: u8) -> Option<&SecretBytes> {
        self.0.iter().find(|(known, _)| *known == version).map(|(_, key)| key)
    }

    /// Every key with its version, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &SecretBytes)> {
        self.0.iter().map(|(version, key)| (*version, key))
    }

    /// The highest version, which is the one that was added last.
    #[must_use]
    pub fn newest(&self) -> u8 {
        self.0.iter().map(|(version, _)| *version).max().unwrap_or_default()
    }

    /// The lowest version.
    #[must_use]
    pub fn oldest(&self) -> u8 {
        self.0.iter().map(|(version, _)| *version).min().unwrap_or_default()
    }

    /// The ring with one more key, accepted and not current, and its version: one more than the
    /// highest. A number is never used for two keys, so at 255 a ring is full.
    ///
    /// # Errors
    /// [`Malformed`] when the ring is full or the key does not have 32 bytes.
    pub fn with_new(&self, key: SecretBytes) -> Result<(Self, u8), Malformed> {
        let version = self.newest().checked_add(1).ok_or(Malformed::new("key file"))?;
        if key.len() != 32 {
            return Err(Malformed::new("key file"));
        }
        let mut keys = self.0.clone();
        keys.push((version, key));
        Ok((Self(keys), version))
    }

    /// The ring with this version as the current one, if it has it.
    #[must_use]
    pub fn promoted(&self, version: u8) -> Option<Self> {
        self.get(version)?;
        let mut keys = self.0.clone();
        keys.sort_by_key(|(known, _)| *known != version);
        Some(Self(keys))
    }

    /// The ring without this version, if it has it and it is not the current one.
    #[must_use]
    pub fn without(&self, version: u8) -> Option<Self> {
        self.get(version).filter(|_| self.current().0 != version)?;
        let keys = self.0.iter().filter(|(known, _)| *known != version);
        Some(Self(keys.cloned().collect()))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(version, _)| version)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_comes_back_from_its_file_form() {
        let text = format!("# rotated 2026\n2 {}\n1 {}\n", "ab".repeat(32), "cd".repeat(32));
        let ring = KeyRing::parse(&text).unwrap();
        assert_eq!(ring.current().0, 2);
        assert_eq!(ring.get(1).unwrap().expose(), [0xcd; 32]);
        let again = KeyRing::parse(std::str::from_utf8(ring.to_text().expose()).unwrap()).unwrap();
        assert_eq!(again.current().1, ring.current().1);
    }

    #[test]
    fn a_ring_is_rotated_by_adding_promoting_and_removing() {
        let key = |byte| SecretBytes::new(vec![byte; 32]);
        let versions = |ring: &KeyRing| ring.iter().map(|(version, _)| version).collect::<Vec<_>>();
        let first = KeyRing::single(key(1)).unwrap();
        let (both, added) = first.with_new(key(2)).unwrap();
        assert_eq!((added, versions(&both)), (2, vec![1, 2]));
        assert!(both.promoted(3).is_none() && both.without(3).is_none());
        assert!(both.without(1).is_none(), "the current key cannot go");
        let promoted = both.promoted(2).unwrap();
        assert_eq!(versions(&promoted), [2, 1]);
        assert_eq!((promoted.oldest(), promoted.newest()), (1, 2));
        let last = promoted.without(1).unwrap();
        assert_eq!(versions(&last), [2]);
        assert_eq!(last.current().1, &key(2));
        let full = KeyRing::parse(&format!("255 {}", "ab".repeat(32))).unwrap();
        assert!(
            full.with_new(key(1)).is_err() && first.with_new(SecretBytes::new(vec![1])).is_err()
        );
    }

    #[test]
    fn short_keys_double_versions_and_empty_files_are_refused() {
        let key = "ab".repeat(32);
        for bad in ["", "1 abcd", &format!("0 {key}"), &format!("1 {key}\n1 {key}"), &key] {
            assert!(KeyRing::parse(bad).is_err(), "{bad}");
        }
    }
}
