//! Versioned 256-bit keys of the deployment: domain, Permit, bus and token keys.

use std::fmt;

use crate::{Malformed, SecretBytes};

/// Keys of one kind, each with its version. The first is used for new work; all are accepted.
///
/// As a file: one key a line, `<version> <64 hex digits>`, the current key first; empty lines and
/// lines that start with `#` are skipped. Versions are 1 to 255 and unique.
#[derive(Clone)]
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
        let mut text = String::new();
        for (version, key) in &self.0 {
            text.push_str(&format!("{version} {}\n", hex::encode(key.expose())));
        }
        SecretBytes::new(text.into_bytes())
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
    fn short_keys_double_versions_and_empty_files_are_refused() {
        let key = "ab".repeat(32);
        for bad in ["", "1 abcd", &format!("0 {key}"), &format!("1 {key}\n1 {key}"), &key] {
            assert!(KeyRing::parse(bad).is_err(), "{bad}");
        }
    }
}
