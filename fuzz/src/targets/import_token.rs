//! Import tokens: one that opens was sealed here for this key, and says what it was made to say.

use trent_crypto::{ImportToken, WrappingKey};
use trent_types::{KeyId, Timestamp, WrappingAlgorithm, WrappingKeySpec};

use crate::formats::{self, FRESH_BYTES};
use crate::input::Input;
use crate::keys::{Predictable, RSA, domain_keys, key_arn};

const LABEL: &[u8] = b"trent import token";

const ALGORITHMS: [WrappingAlgorithm; 4] = [
    WrappingAlgorithm::RsaesOaepSha1,
    WrappingAlgorithm::RsaesOaepSha256,
    WrappingAlgorithm::RsaAesKeyWrapSha1,
    WrappingAlgorithm::RsaAesKeyWrapSha256,
];

/// By the first byte: a token as it comes, a record inside a token, or what a token is to say.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    match input.byte() % 3 {
        0 => as_it_comes(input.rest()),
        1 => with_this_record(input.rest()),
        _ => round_trip(input),
    }
}

fn as_it_comes(token: &[u8]) -> bool {
    let Ok(opened) = domain_keys().open_import_token(&key_arn(), token) else { return false };
    let owner = formats::owner(&key_arn(), None);
    let record = formats::open(LABEL, &owner, token).expect("it opens here as well");
    assert_eq!(record, record_of(&opened), "a token that nobody here has made");
    true
}

/// What is sealed is read with the same care as what is not: a record that was written by another
/// release, or by whoever has the domain key, is no reason to fall over.
fn with_this_record(record: &[u8]) -> bool {
    let token =
        formats::seal(LABEL, &formats::owner(&key_arn(), None), record, &[0x55; FRESH_BYTES]);
    let Ok(opened) = domain_keys().open_import_token(&key_arn(), &token) else { return false };
    assert_eq!(opened.wrapping_spec, opened.wrapping_key.spec());
    let written = record_of(&opened);
    assert!(written.len() <= record.len(), "numbers can be written longer, never shorter");
    if written != record {
        // Otherwise it has just been read.
        let owner = formats::owner(&key_arn(), None);
        let token = formats::seal(LABEL, &owner, &written, &[0x55; FRESH_BYTES]);
        let again = domain_keys().open_import_token(&key_arn(), &token);
        assert_eq!(record_of(&again.expect("our own record")), written);
    }
    true
}

fn round_trip(mut input: Input<'_>) -> bool {
    // Mostly the smallest: parsing a key pair is most of the work.
    let (_, der) = RSA[if input.byte() < 240 { 0 } else { 2 }];
    let wrapping_key = WrappingKey::from_bytes(der).expect("a key pair of OpenSSL's");
    let made = ImportToken {
        key: key_arn(),
        algorithm: input.one_of(&ALGORITHMS),
        wrapping_spec: wrapping_key.spec(),
        valid_to: Timestamp::from_millis(i64::from_be_bytes(input.array())),
        wrapping_key,
    };
    let random = Predictable::new("import token");
    let mut token = domain_keys().seal_import_token(&made, &random).expect("it seals");
    assert!(token.len() <= 6_144, "AWS allows no longer token");
    let opened = domain_keys().open_import_token(&key_arn(), &token).expect("it was sealed here");
    assert_eq!(record_of(&opened), record_of(&made));

    let mut other = key_arn();
    other.key_id = KeyId::from_bytes(*other.key_id.as_bytes(), true);
    assert!(domain_keys().open_import_token(&other, &token).is_err(), "another key's token");
    let place = usize::from(u16::from_be_bytes(input.array())) % token.len();
    token[place] ^= 1 << (input.byte() % 8);
    assert!(domain_keys().open_import_token(&key_arn(), &token).is_err(), "byte {place} changed");
    true
}

/// The record of a token (`trent-crypto/src/record.rs`): numbers of algorithm and spec, end of
/// validity as a zigzag varint, the key pair with its length before it.
fn record_of(token: &ImportToken) -> Vec<u8> {
    let number = |found: Option<usize>| u8::try_from(found.expect("it is served") + 1);
    let algorithm = number(ALGORITHMS.iter().position(|known| *known == token.algorithm));
    let spec = number(WrappingKeySpec::ALL.iter().position(|known| *known == token.wrapping_spec));
    let millis = token.valid_to.as_millis();
    let zigzag = (millis.cast_unsigned() << 1) ^ (millis >> 63).cast_unsigned();
    let key = token.wrapping_key.to_bytes().expose();
    let length = varint(key.len() as u64);
    [&[algorithm.expect("few"), spec.expect("few")], &*varint(zigzag), &length, key].concat()
}

/// An integer in bincode's variable-length form.
fn varint(value: u64) -> Vec<u8> {
    let bytes = value.to_le_bytes();
    match value {
        0..=250 => vec![bytes[0]],
        251..=0xFFFF => [&[251], &bytes[..2]].concat(),
        0x1_0000..=0xFFFF_FFFF => [&[252], &bytes[..4]].concat(),
        _ => [&[253], &bytes[..]].concat(),
    }
}

/// Tokens, records of tokens, and orders for tokens.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for ((_, der), algorithm) in RSA.iter().zip(ALGORITHMS) {
        let wrapping_key = WrappingKey::from_bytes(der).expect("a key pair of OpenSSL's");
        let (key, wrapping_spec) = (key_arn(), wrapping_key.spec());
        let valid_to = Timestamp::from_millis(1_700_000_000_000);
        let token = ImportToken { key, algorithm, wrapping_spec, valid_to, wrapping_key };
        let random = Predictable::new("seed");
        let sealed = domain_keys().seal_import_token(&token, &random).expect("it seals");
        seeds.push([&[0], &*sealed].concat());
        if wrapping_spec == WrappingKeySpec::Rsa2048 {
            seeds.push([&[1], &*record_of(&token)].concat());
        }
    }
    seeds.push(vec![2, 0, 1, 0, 0, 1, 0x8B, 0xCF, 0xE5, 0x68, 0, 0, 40, 3]);
    seeds
}
