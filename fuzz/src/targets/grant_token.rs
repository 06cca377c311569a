//! Grant tokens: one that is read has the checksum that its layout asks for, and names the grant
//! that it was made for.

use sha2::{Digest, Sha256};
use trent_types::{GrantId, GrantToken};

use crate::input::Input;
use crate::keys::key_arn;

/// By the first byte: a token as it comes, content under a good checksum, or a grant.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    match input.byte() % 3 {
        0 => read(input.rest()),
        1 => read(&with_checksum(input.rest())),
        _ => {
            let made = GrantToken { key: key_arn(), grant_id: GrantId::from_bytes(input.array()) };
            let mut token = made.to_bytes(input.array());
            assert_eq!(GrantToken::from_bytes(&token), Ok(made));
            let place = usize::from(input.byte()) % token.len();
            token[place] ^= 1 << (input.byte() % 8);
            assert!(GrantToken::from_bytes(&token).is_err(), "byte {place} changed");
            true
        }
    }
}

fn read(token: &[u8]) -> bool {
    let Ok(named) = GrantToken::from_bytes(token) else { return false };
    assert_eq!(with_checksum(&token[..token.len() - 8]), token, "nobody here has made it");
    let random = token[33..49].try_into().expect("it was read");
    assert_eq!(named.to_bytes(random), token, "a token has one form");
    true
}

/// Content with its checksum (`trent-types/src/grant_token.rs`).
fn with_checksum(content: &[u8]) -> Vec<u8> {
    let sum =
        Sha256::new().chain_update(b"trent grant token v1\0").chain_update(content).finalize();
    [content, &sum[..8]].concat()
}

/// A token in each of the three ways.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let token = GrantToken { key: key_arn(), grant_id: GrantId::from_bytes([6; 32]) };
    let token = token.to_bytes([8; 16]);
    vec![
        [&[0], &*token].concat(),
        [&[1], &token[..token.len() - 8]].concat(),
        [&[2][..], &[6; 32], &[8; 16], &[50, 3]].concat(),
    ]
}
