//! Signatures as callers send them: none is good for another message than its own, and none has a
//! second encoding.

use trent_crypto::{CryptoError, KeyMaterial};
use trent_types::{KeySpec, MessageType, SigningAlgorithm};

use crate::input::Input;
use crate::keys::{Predictable, prepared};

/// What the seeds are signatures of.
const SIGNED: &[u8] = b"the message that was signed";
/// Nobody has signed this one.
const NEVER_SIGNED: &[u8] = b"the message that was never signed";

const SPECS: [KeySpec; 10] = [
    KeySpec::Rsa2048,
    KeySpec::EccNistP256,
    KeySpec::EccNistP384,
    KeySpec::EccNistP521,
    KeySpec::EccSecgP256k1,
    KeySpec::EccNistEdwards25519,
    KeySpec::Sm2,
    KeySpec::MlDsa44,
    KeySpec::MlDsa65,
    KeySpec::MlDsa87,
];

/// Spec, algorithm and message type, then a signature.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let spec = input.one_of(&SPECS);
    let algorithm = input.one_of(SigningAlgorithm::ALL);
    let kind = input.one_of(MessageType::ALL);
    let signature = input.rest();
    let key = prepared(spec);
    let verify = |message: &[u8]| key.verify(algorithm, kind, message, signature);

    if !spec.signing_algorithms().contains(&algorithm) {
        assert_eq!(verify(SIGNED), Err(CryptoError::WrongAlgorithm));
        return false;
    }
    if kind != MessageType::Raw {
        // No signature of a message that begins well is that of a digest which is all zeros.
        for length in [20, 28, 32, 48, 64] {
            assert!(verify(&vec![0; length]).is_err(), "{spec} {algorithm} {kind}: forged");
        }
        return false;
    }
    assert!(verify(NEVER_SIGNED).is_err(), "{spec} {algorithm}: forged");
    if verify(SIGNED).is_err() {
        return false;
    }
    let sign = || key.sign(algorithm, kind, SIGNED, &Predictable::new("signature"));
    match algorithm {
        // One message has one signature.
        SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::RsassaPkcs1V15Sha512
        | SigningAlgorithm::Ed25519Sha512 => assert_eq!(sign().expect("it signs"), signature),
        SigningAlgorithm::RsassaPssSha256
        | SigningAlgorithm::RsassaPssSha384
        | SigningAlgorithm::RsassaPssSha512 => assert_eq!(signature.len(), 256),
        SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Sm2Dsa => assert!(is_strict_der(signature), "{spec}: a second form"),
        SigningAlgorithm::Ed25519PhSha512 => panic!("it signs digests only"),
        SigningAlgorithm::MlDsaShake256 => {
            assert_eq!(signature.len(), sign().expect("it signs").len());
        }
    }
    true
}

/// Whether bytes are the DER of a SEQUENCE of two positive INTEGERs, in their only form (X.690,
/// sections 8.3.2 and 10.1).
fn is_strict_der(signature: &[u8]) -> bool {
    let [0x30, rest @ ..] = signature else { return false };
    let Some((length, rest)) = length(rest) else { return false };
    if length != rest.len() {
        return false;
    }
    integer(rest).and_then(integer).is_some_and(<[u8]>::is_empty)
}

/// What follows an INTEGER.
fn integer(der: &[u8]) -> Option<&[u8]> {
    let [2, rest @ ..] = der else { return None };
    let (length, rest) = length(rest)?;
    let (digits, rest) = rest.split_at_checked(length)?;
    match digits {
        [] => None,
        [0, next, ..] if *next < 0x80 => None,
        [first, ..] if *first >= 0x80 => None,
        _ => Some(rest),
    }
}

fn length(der: &[u8]) -> Option<(usize, &[u8])> {
    match der {
        [length @ 0..=0x7F, rest @ ..] => Some((usize::from(*length), rest)),
        [0x81, length @ 0x80..=0xFF, rest @ ..] => Some((usize::from(*length), rest)),
        _ => None,
    }
}

/// A signature of every algorithm of every spec.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, spec) in (0..).zip(SPECS) {
        for algorithm in spec.signing_algorithms() {
            let random = Predictable::new("signature");
            let signed = prepared(spec).sign(*algorithm, MessageType::Raw, SIGNED, &random);
            let place = SigningAlgorithm::ALL.iter().position(|known| known == algorithm);
            let place = u8::try_from(place.expect("every algorithm")).expect("few");
            let raw = MessageType::ALL.iter().position(|kind| *kind == MessageType::Raw);
            let raw = u8::try_from(raw.expect("every type")).expect("few");
            // Ed25519ph signs digests only.
            if let Ok(signature) = signed {
                seeds.push([&[at, place, raw], &*signature].concat());
            }
        }
    }
    let other = KeyMaterial::generate(KeySpec::EccNistP256, &Predictable::new("other"));
    let other = other.and_then(|material| material.prepare()).expect("a key");
    let algorithm = SigningAlgorithm::EcdsaSha256;
    let foreign = other.sign(algorithm, MessageType::Raw, SIGNED, &Predictable::new("other"));
    seeds.push([&[1, 6, 0], &*foreign.expect("it signs")].concat());
    seeds
}
