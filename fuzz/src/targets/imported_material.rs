//! Imported key material: what is taken encodes to a key that is taken again and stays the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_crypto::KeyMaterial;
use trent_types::{KeyFamily, KeySpec};

use crate::input::Input;
use crate::keys::material;

const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// By the first byte: bytes for a spec, bytes under a label of PEM, or a text that may be PEM.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    match input.byte() % 3 {
        0 => {
            let spec = input.one_of(KeySpec::ALL);
            let bytes = input.rest();
            let Ok(taken) = KeyMaterial::from_imported(spec, bytes) else { return false };
            assert_eq!(taken.spec(), spec);
            assert!(spec.can_be_imported(), "{spec} has no import");
            stays_the_same(&taken, bytes);
        }
        1 => {
            let label = input.one_of(&LABELS);
            let text = pem(label, input.rest());
            let Ok(taken) = KeyMaterial::from_private_pem(&text) else { return false };
            stays_the_same(&taken, &[]);
        }
        _ => {
            let Ok(text) = std::str::from_utf8(input.rest()) else { return false };
            let Ok(taken) = KeyMaterial::from_private_pem(text) else { return false };
            stays_the_same(&taken, &[]);
        }
    }
    true
}

/// The encoding is a fixed point, in DER and in PEM, and the key is good for use.
fn stays_the_same(taken: &KeyMaterial, bytes: &[u8]) {
    let spec = taken.spec();
    match spec.family() {
        KeyFamily::Symmetric => return assert_eq!(bytes.len(), 32),
        KeyFamily::Hmac => return assert!(bytes.len() <= 128),
        KeyFamily::Rsa | KeyFamily::Ec | KeyFamily::Ed25519 | KeyFamily::Sm2 => {}
        KeyFamily::MlDsa | KeyFamily::MlKem => panic!("{spec} has no import"),
    }
    let der = taken.private_key_der().expect("an asymmetric key has one");
    // In one of the two forms: for an RSA key pair each costs several private operations.
    let again = match der.expose().last() {
        Some(last) if last.is_multiple_of(2) => KeyMaterial::from_imported(spec, der.expose()),
        _ => KeyMaterial::from_private_pem(&pem(LABELS[0], der.expose())),
    };
    let again = again.expect("our own encoding");
    assert_eq!(again.private_key_der().expect("as before").expose(), der.expose());
    assert_eq!(again.public_key_der(), taken.public_key_der());
    taken.prepare().expect("what was taken is a good key");
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A key of every spec in each form that it can come in.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, spec) in (0..).zip(KeySpec::ALL) {
        match spec.family() {
            KeyFamily::Symmetric => seeds.push([&[0, at][..], &[0x77; 32]].concat()),
            KeyFamily::Hmac => seeds.push([&[0, at][..], &[0x77; 64]].concat()),
            KeyFamily::Rsa | KeyFamily::Ec | KeyFamily::Ed25519 | KeyFamily::Sm2 => {
                let der = material(*spec).private_key_der().expect("it has one");
                seeds.push([&[0, at], der.expose()].concat());
                if [KeySpec::Rsa3072, KeySpec::Rsa4096].contains(spec) {
                    // One form of each: they are slow, and their forms are those of RSA-2048.
                    continue;
                }
                seeds.push([&[0, at], &*indefinite(der.expose())].concat());
                seeds.push([&[2], pem(LABELS[0], der.expose()).as_bytes()].concat());
                if let Some(inner) = inner(der.expose()) {
                    let label = if spec.family() == KeyFamily::Rsa { 1 } else { 2 };
                    seeds.push([&[1, label], inner].concat());
                }
            }
            KeyFamily::MlDsa | KeyFamily::MlKem => {}
        }
    }
    seeds.push([&[1, 2], RFC_5915].concat());
    seeds
}

/// The DER of a SEQUENCE as BER with an indefinite length (X.690, section 8.1.3.6).
fn indefinite(der: &[u8]) -> Vec<u8> {
    let header = match der[1] {
        0x82 => 4,
        0x81 => 3,
        _ => 2,
    };
    [&[0x30, 0x80], &der[header..], &[0, 0]].concat()
}

/// The key inside a PKCS#8 of ours, which is its last element: an OCTET STRING with a SEQUENCE.
fn inner(der: &[u8]) -> Option<&[u8]> {
    let is_sequence = |at: &usize| match &der[*at..] {
        [4, 0x82, _, _, 0x30, ..] => true,
        [4, 0x81, _, 0x30, ..] => true,
        [4, length, 0x30, ..] => *at + 2 + usize::from(*length) == der.len(),
        _ => false,
    };
    let at = (0..der.len()).find(is_sequence)?;
    der[at..].iter().position(|byte| *byte == 0x30).map(|skipped| &der[at + skipped..])
}

/// A P-256 key after RFC 5915, section 3, with its curve named and without its point: scalar 1.
const RFC_5915: &[u8] = &[
    0x30, 0x31, 2, 1, 1, 4, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xA0, 0x0A, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7,
];
