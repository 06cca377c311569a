//! Grant tokens (AWS KMS Developer Guide, "Using a grant token").
//!
//! AWS gives a new grant a token, because it takes minutes until the grant is known everywhere;
//! with the token it can be used at once. Here a grant works as soon as it is made: a change is
//! answered only when every evaluator knows of it. So a token conveys no authority. It only names
//! its grant, for RetireGrant, and has a checksum, so that whoever sends something else in its
//! place is told so.
//!
//! | bytes | content |
//! |---|---|
//! | 0 | 1: this layout |
//! | 1..33 | the grant id |
//! | 33..49 | random, so that each token is another one |
//! | 49..n-8 | the ARN of the key |
//! | n-8..n | the first 8 bytes of SHA-256 over `trent grant token v1` ‖ 0 ‖ everything before |

use sha2::{Digest, Sha256};

use crate::{GrantId, KeyArn, Malformed};

const LAYOUT: u8 = 1;
const LABEL: &[u8] = b"trent grant token v1\0";

/// Which grant a grant token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantToken {
    /// The key.
    pub key: KeyArn,
    /// The grant.
    pub grant_id: GrantId,
}

impl GrantToken {
    /// The bytes of a new token.
    #[must_use]
    pub fn to_bytes(&self, random: [u8; 16]) -> Vec<u8> {
        let key = self.key.to_string();
        let mut bytes = Vec::with_capacity(57 + key.len());
        bytes.push(LAYOUT);
        bytes.extend_from_slice(self.grant_id.as_bytes());
        bytes.extend_from_slice(&random);
        bytes.extend_from_slice(key.as_bytes());
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`Malformed`] when no Trent has made it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("grant token");
        let read = || {
            let (content, sum) = bytes.split_last_chunk::<8>()?;
            let (layout, rest) = content.split_first()?;
            let (id, rest) = rest.split_first_chunk::<32>()?;
            let (_random, key) = rest.split_first_chunk::<16>()?;
            if *layout != LAYOUT || *sum != checksum(content) {
                return None;
            }
            let key = std::str::from_utf8(key).ok()?.parse().ok()?;
            Some(Self { key, grant_id: GrantId::from_bytes(*id) })
        };
        read().ok_or_else(malformed)
    }
}

fn checksum(content: &[u8]) -> [u8; 8] {
    let hash = Sha256::new().chain_update(LABEL).chain_update(content).finalize();
    let mut sum = [0; 8];
    sum.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> GrantToken {
        let key = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        GrantToken { key: key.parse().unwrap(), grant_id: GrantId::from_bytes([7; 32]) }
    }

    #[test]
    fn every_token_of_a_grant_names_it_and_no_two_are_the_same() {
        let (one, other) = (token().to_bytes([1; 16]), token().to_bytes([2; 16]));
        assert_ne!(one, other);
        for bytes in [one, other] {
            assert_eq!(GrantToken::from_bytes(&bytes).unwrap(), token());
        }
    }

    #[test]
    fn a_token_that_was_cut_or_changed_is_none() {
        let whole = token().to_bytes([1; 16]);
        for at in 0..whole.len() {
            assert!(GrantToken::from_bytes(&whole[..at]).is_err(), "cut at {at}");
            let mut other = whole.clone();
            other[at] ^= 1;
            assert!(GrantToken::from_bytes(&other).is_err(), "changed at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_token_or_none(bytes: Vec<u8>) {
            let _ = GrantToken::from_bytes(&bytes);
        }
    }
}
