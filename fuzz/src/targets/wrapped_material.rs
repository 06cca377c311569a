//! Wrapped key material: both AES key wrap forms accept what RFC 5649 does and nothing else.

use std::sync::OnceLock;

use trent_types::{EncryptionAlgorithm, KeySpec, WrappingAlgorithm};

use crate::formats;
use crate::input::Input;
use crate::keys::{Predictable, prepared, wrapping_key};

/// The AES key that stands between the RSA key and the material.
const MIDDLE_KEY: [u8; 32] = [0x3C; 32];

/// The two forms, with the OAEP that is inside each.
const FORMS: [(WrappingAlgorithm, EncryptionAlgorithm); 2] = [
    (WrappingAlgorithm::RsaAesKeyWrapSha1, EncryptionAlgorithm::RsaesOaepSha1),
    (WrappingAlgorithm::RsaAesKeyWrapSha256, EncryptionAlgorithm::RsaesOaepSha256),
];

/// By the first byte: bytes as they come; any padded block under a good AES key; an AES key of any
/// length; material that is wrapped properly.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    match input.byte() % 4 {
        0 => as_it_comes(input),
        1 => any_padding(input),
        2 => any_middle_key(input),
        _ => round_trip(input),
    }
}

fn as_it_comes(mut input: Input<'_>) -> bool {
    let algorithm = input.one_of(WrappingAlgorithm::ALL);
    let wrapped = input.rest();
    let Ok(material) = wrapping_key().unwrap(algorithm, wrapped) else { return false };
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 => assert!(material.len() <= 256 - 2 * 20 - 2),
        WrappingAlgorithm::RsaesOaepSha256 => assert!(material.len() <= 256 - 2 * 32 - 2),
        WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256 => {
            assert_eq!(wrapped.len(), 256 + 8 + material.len().next_multiple_of(8));
        }
        WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke => {
            panic!("{algorithm} is not served");
        }
    }
    true
}

fn any_padding(mut input: Input<'_>) -> bool {
    let (form, _) = input.one_of(&FORMS);
    let choice = input.byte();
    let mut initial: [u8; 8] = input.array();
    let padded = input.rest();
    let padded = &padded[..padded.len() / 8 * 8];
    if padded.is_empty() {
        return false;
    }
    if choice & 1 == 0 {
        // A length near the right ones under the right constant, which chance would never find.
        let length = (padded.len() + 1).saturating_sub(usize::from(choice >> 1) % 11);
        initial = formats::alternative_initial_value(u32::try_from(length).expect("short"));
    }
    let wrapped = formats::wrap_padded(&MIDDLE_KEY, initial, padded);
    let sent = [encrypted_middle_key(form), &wrapped].concat();
    let unwrapped = wrapping_key().unwrap(form, &sent).ok();
    let expected = unpadded(initial, padded);
    assert_eq!(unwrapped.as_ref().map(|material| material.expose()), expected);
    expected.is_some()
}

/// The material in a padded block (RFC 5649, section 3), if it is one.
fn unpadded(initial: [u8; 8], padded: &[u8]) -> Option<&[u8]> {
    let length = u32::from_be_bytes(initial[4..].try_into().ok()?);
    let length = usize::try_from(length).ok()?;
    if initial[..4] != [0xA6, 0x59, 0x59, 0xA6] || length.next_multiple_of(8) != padded.len() {
        return None;
    }
    let (material, zeros) = padded.split_at(length);
    zeros.iter().all(|byte| *byte == 0).then_some(material)
}

fn any_middle_key(mut input: Input<'_>) -> bool {
    let (form, oaep) = input.one_of(&FORMS);
    let key = input.piece();
    let key = &key[..key.len().min(190)];
    let material = input.rest();
    let sent = [encrypted(oaep, key), formats::wrap(&MIDDLE_KEY, material)].concat();
    let unwrapped = wrapping_key().unwrap(form, &sent);
    let good = key == MIDDLE_KEY && !material.is_empty();
    assert_eq!(unwrapped.is_ok(), good, "an AES key of {} bytes", key.len());
    good
}

fn round_trip(mut input: Input<'_>) -> bool {
    let (form, _) = input.one_of(&FORMS);
    let (at, bit) = (u16::from_be_bytes(input.array()), input.byte() % 8);
    let material = input.rest();
    if material.is_empty() {
        return false;
    }
    let mut sent = [encrypted_middle_key(form), &formats::wrap(&MIDDLE_KEY, material)].concat();
    let unwrapped = wrapping_key().unwrap(form, &sent).expect("it was wrapped properly");
    assert_eq!(unwrapped.expose(), material);
    let place = usize::from(at) % sent.len();
    sent[place] ^= 1 << bit;
    assert!(wrapping_key().unwrap(form, &sent).is_err(), "bit {bit} of byte {place}");
    true
}

fn encrypted_middle_key(form: WrappingAlgorithm) -> &'static [u8] {
    static KEYS: OnceLock<Vec<(WrappingAlgorithm, Vec<u8>)>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        FORMS.iter().map(|(form, oaep)| (*form, encrypted(*oaep, &MIDDLE_KEY))).collect()
    });
    &keys.iter().find(|(known, _)| *known == form).expect("two forms").1
}

/// Under the wrapping key's public key.
fn encrypted(oaep: EncryptionAlgorithm, plaintext: &[u8]) -> Vec<u8> {
    prepared(KeySpec::Rsa2048)
        .encrypt_public(oaep, plaintext, &Predictable::new("unused"))
        .expect("it fits")
}

/// Wrapped material of each form, and orders for some.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, algorithm) in (0..).zip(WrappingAlgorithm::ALL) {
        let wrapped = match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => {
                encrypted(EncryptionAlgorithm::RsaesOaepSha1, &[0x77; 32])
            }
            WrappingAlgorithm::RsaesOaepSha256 => {
                encrypted(EncryptionAlgorithm::RsaesOaepSha256, &[0x77; 32])
            }
            WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256 => {
                let wrapped = formats::wrap(&MIDDLE_KEY, &[0x77; 37]);
                [encrypted_middle_key(*algorithm), &wrapped].concat()
            }
            WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke => continue,
        };
        seeds.push([&[0, at], &*wrapped].concat());
    }
    for form in [0, 1] {
        seeds.push([&[1, form, 2][..], &[0; 8], &[0x77; 8]].concat());
        seeds.push([&[1, form, 8][..], &[0; 8], &[0x77; 13], &[0; 3]].concat());
        seeds.push([&[2, form, 32][..], &MIDDLE_KEY, b"material"].concat());
        seeds.push([&[2, form, 16][..], &MIDDLE_KEY[..16], b"material"].concat());
        seeds.push([&[3, form, 1, 4, 3][..], &[0x77; 32]].concat());
    }
    seeds
}
