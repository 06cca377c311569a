//! The clear header of a ciphertext blob: which key and which material it needs.

use crate::{KeyId, MaterialId};

/// The first bytes of every symmetric `CiphertextBlob`. The header is readable without a key, so
/// that the policy evaluator can find the key, and it is inside the AAD, so that nobody can change
/// it.
///
/// | bytes | content |
/// |---|---|
/// | 0 | format version, 1 |
/// | 1 | 0 for a single-Region key, 1 for a multi-Region key |
/// | 2..18 | key id |
/// | 18..50 | key material id |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CiphertextHeader {
    /// The key that encrypted.
    pub key_id: KeyId,
    /// The version of its material that encrypted.
    pub material_id: MaterialId,
}

/// The only format so far.
const VERSION: u8 = 1;

impl CiphertextHeader {
    /// The length of a header.
    pub const BYTES: usize = 50;

    /// Reads the header at the start of a blob; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(blob: &[u8]) -> Option<Self> {
        let (head, rest) = blob.split_first_chunk::<2>()?;
        let (key, rest) = rest.split_first_chunk::<16>()?;
        let (material, _) = rest.split_first_chunk::<32>()?;
        let multi_region = match head {
            [VERSION, 0] => false,
            [VERSION, 1] => true,
            _ => return None,
        };
        Some(Self {
            key_id: KeyId::from_bytes(*key, multi_region),
            material_id: MaterialId::from_bytes(*material),
        })
    }

    /// Appends the header to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[VERSION, u8::from(self.key_id.is_multi_region())]);
        out.extend_from_slice(self.key_id.as_bytes());
        out.extend_from_slice(self.material_id.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_and_anything_shorter_or_foreign_is_refused() {
        let header = CiphertextHeader {
            key_id: KeyId::from_bytes([7; 16], true),
            material_id: MaterialId::from_bytes([9; 32]),
        };
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        assert_eq!(bytes.len(), CiphertextHeader::BYTES);
        assert_eq!(CiphertextHeader::parse(&bytes), Some(header));
        assert_eq!(CiphertextHeader::parse(&bytes[..49]), None);
        bytes[0] = 2;
        assert_eq!(CiphertextHeader::parse(&bytes), None);
    }
}
