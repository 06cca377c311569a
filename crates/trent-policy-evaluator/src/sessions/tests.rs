//! The layout of tokens.

use trent_bus::messages::session_token::Principal;
use trent_bus::messages::{SessionRole, SessionTag, SessionToken};
use trent_types::{KeyRing, SecretBytes};

use super::token::{TOKEN_MAX, open, seal};
use crate::TokenKeys;

fn keys(byte: u8) -> TokenKeys {
    TokenKeys::new(KeyRing::single(SecretBytes::new(vec![byte; 32])).unwrap())
}

fn token() -> SessionToken {
    SessionToken {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret: b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".as_slice().into(),
        account: "111122223333".into(),
        principal: Some(Principal::Role(SessionRole {
            role_id: "AROAREADERREADERREADE".into(),
            name: "reader".into(),
            session_name: "s".into(),
        })),
        issued_at_ms: 1_700_000_000_000,
        expires_at_ms: 1_700_000_900_000,
        policy: "{}".into(),
        policy_arns: vec!["arn:aws:iam::aws:policy/AdministratorAccess".into()],
        tags: vec![SessionTag { key: "team".into(), value: "blue".into(), transitive: true }],
        source_identity: "ann".into(),
    }
}

/// Sealed by the first version of this: every later one must open it.
const GOLDEN: &str = "\
    AYYDfHGbhfzrJzatIGAPbh4AAAAAAAAAAJ9GrwkSRCJJSlaeLubv5BP2XX/UlGaB7s16mF0hKay59HrO7d4P\
    yFNlukhPvAG+pIlK83BuDG21Wsz5T77c+ujVU5tCtvxIs02LekoTy3FYbPV+AJC6v8XAcy2W6f+BzfshlRy0\
    HYJido8CLtAAPSkolIwT/CfZOVy4MZWkbEw0XHcSBanteLWCYXS2lkEh1YOCn9Ufkc1bepLX2RWi43S02+yK\
    V85vtxgaWblewkmFYCcHXSa41+0YKrGM55Z8tTBMZyAKFRo0TbSb6VSllPZ82Xztfe4=";

#[test]
fn a_token_that_was_sealed_once_is_opened_for_good() {
    assert_eq!(open(&keys(3), GOLDEN), Some(token()));
}

#[test]
fn no_other_keys_and_no_changed_byte_open_a_token() {
    let text = seal(&keys(3), token());
    assert_eq!(open(&keys(3), &text), Some(token()));
    assert_eq!(open(&keys(4), &text), None, "another deployment's");
    for at in (0..text.len() - 4).step_by(7) {
        let mut changed = text.clone();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        assert_eq!(open(&keys(3), &changed), None, "byte {at}");
    }
    assert_eq!(open(&keys(3), &"A".repeat(TOKEN_MAX + 4)), None);
    assert_eq!(open(&keys(3), ""), None);
}

#[test]
fn a_token_outlives_the_rotation_of_its_key_until_that_is_gone() {
    let keys = keys(3);
    let text = seal(&keys, token());
    let (both, version) = keys.ring().with_new(SecretBytes::new(vec![9; 32])).unwrap();
    let promoted = both.promoted(version).unwrap();
    keys.replace(promoted.clone());
    assert_eq!(open(&keys, &text), Some(token()));
    let newer = seal(&keys, token());
    keys.replace(promoted.without(1).unwrap());
    assert_eq!(open(&keys, &text), None);
    assert_eq!(open(&keys, &newer), Some(token()));
}
