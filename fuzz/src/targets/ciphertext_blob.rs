//! The `CiphertextBlob` of symmetric keys: whatever decrypts was made by encrypt, byte for byte.

use trent_crypto::{CryptoError, Random, SymmetricKey, decrypt, encrypt};
use trent_types::{CiphertextHeader, EncryptionContext};

use crate::formats::{self, FRESH_BYTES};
use crate::input::Input;
use crate::keys::{key_arn, material_id};

const KEY: [u8; 32] = [0x11; 32];
const LABEL: &[u8] = b"trent ciphertext blob 1";

/// Hands out bytes of the input's.
struct Given([u8; FRESH_BYTES]);

impl Random for Given {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0[..out.len()]);
        Ok(())
    }
}

fn header() -> CiphertextHeader {
    CiphertextHeader { key_id: key_arn().key_id, material_id: material_id() }
}

/// A blob as the second implementation makes it.
fn expected(header: &[u8], context: &[u8], plaintext: &[u8], fresh: &[u8; 28]) -> Vec<u8> {
    let aad = [header, context].concat();
    [header, &formats::envelope(&KEY, LABEL, &aad, plaintext, fresh)].concat()
}

/// Even: a blob as it comes. Odd: what to encrypt, and which bit to change.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    if input.byte().is_multiple_of(2) { as_it_comes(input.rest()) } else { round_trip(input) }
}

fn as_it_comes(blob: &[u8]) -> bool {
    let key = SymmetricKey::new(&KEY);
    let Some(header) = CiphertextHeader::parse(blob) else {
        assert!(decrypt(&key, &self::header(), &[], blob).is_err(), "no header, but a plaintext");
        return false;
    };
    let mut written = Vec::new();
    header.write(&mut written);
    assert_eq!(written, blob[..CiphertextHeader::BYTES], "a header is written as it was read");
    let Ok(plaintext) = decrypt(&key, &header, &[], blob) else { return false };
    let fresh = blob[written.len()..][..FRESH_BYTES].try_into().expect("it has decrypted");
    assert_eq!(expected(&written, &[], plaintext.expose(), fresh), blob);
    true
}

fn round_trip(mut input: Input<'_>) -> bool {
    let key = SymmetricKey::new(&KEY);
    let fresh = Given(input.array());
    let (at, bit) = (u16::from_be_bytes(input.array()), input.byte() % 8);
    let pairs: Vec<_> = (0..input.byte() % 4).map(|_| (input.text(), input.text())).collect();
    let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    let context: EncryptionContext = pairs.collect();
    let context = context.canonical_bytes();
    let plaintext = input.rest();

    let blob = encrypt(&key, &header(), &context, plaintext, &fresh).expect("it encrypts");
    let (head, _) = blob.split_at(CiphertextHeader::BYTES);
    assert_eq!(expected(head, &context, plaintext, &fresh.0), blob);
    let opened = decrypt(&key, &header(), &context, &blob).expect("it was encrypted here");
    assert_eq!(opened.expose(), plaintext);

    let mut changed = blob.clone();
    let place = usize::from(at) % changed.len();
    changed[place] ^= 1 << bit;
    assert!(decrypt(&key, &header(), &context, &changed).is_err(), "bit {bit} of byte {place}");
    let mut other = context.clone();
    match other.len() {
        0 => other.push(0),
        length => other[usize::from(at) % length] ^= 1 << bit,
    }
    assert!(decrypt(&key, &header(), &other, &blob).is_err(), "another context");
    true
}

/// Blobs and orders for blobs.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut head = Vec::new();
    header().write(&mut head);
    let blob = |plaintext: &[u8]| expected(&head, &[], plaintext, &[0x55; FRESH_BYTES]);
    let order = [&[1][..], &[0x55; FRESH_BYTES], &[0, 60, 3, 2], b"\x01a\x02bc\x00\x01d", b"text"];
    vec![
        [&[0], blob(b"plaintext").as_slice()].concat(),
        [&[0], blob(b"").as_slice()].concat(),
        order.concat(),
        [&[1][..], &[0; FRESH_BYTES], &[0, 0, 0, 0]].concat(),
    ]
}
