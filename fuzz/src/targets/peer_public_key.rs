//! The public key of a peer in DeriveSharedSecret: what is taken is a point of the curve by a
//! second implementation too, and both derive the same secret.

use p256::pkcs8::DecodePublicKey as _;
use trent_crypto::KeyMaterial;
use trent_types::KeySpec;

use crate::input::Input;
use crate::keys::{material, prepared};

/// Those that agree on secrets, and two that do not.
const SPECS: [KeySpec; 6] = [
    KeySpec::EccNistP256,
    KeySpec::EccNistP384,
    KeySpec::EccNistP521,
    KeySpec::Sm2,
    KeySpec::EccSecgP256k1,
    KeySpec::EccNistEdwards25519,
];

/// A spec, then a SubjectPublicKeyInfo.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let spec = input.one_of(&SPECS);
    let spki = input.rest();
    let Ok(secret) = prepared(spec).derive_shared_secret(spki) else { return false };
    assert_eq!(secret.expose(), second_secret(spec, spki));
    true
}

/// The secret by RustCrypto's implementation of the curve.
macro_rules! by_rustcrypto {
    ($curve:ident, $spec:expr, $scalar_bytes:expr, $spki:expr) => {{
        let peer = $curve::PublicKey::from_public_key_der($spki).expect("a point of the curve");
        let own = $curve::SecretKey::from_slice(&scalar($spec, $scalar_bytes)).expect("a scalar");
        let shared = $curve::ecdh::diffie_hellman(own.to_nonzero_scalar(), peer.as_affine());
        shared.raw_secret_bytes().to_vec()
    }};
}

fn second_secret(spec: KeySpec, spki: &[u8]) -> Vec<u8> {
    if spec == KeySpec::EccNistP256 {
        by_rustcrypto!(p256, spec, 32, spki)
    } else if spec == KeySpec::EccNistP384 {
        by_rustcrypto!(p384, spec, 48, spki)
    } else if spec == KeySpec::EccNistP521 {
        by_rustcrypto!(p521, spec, 66, spki)
    } else {
        assert_eq!(spec, KeySpec::Sm2, "it agrees on no secrets");
        // No second implementation is at hand: the x-coordinate comes back in full length.
        let secret = prepared(spec).derive_shared_secret(spki).expect("it has done so before");
        assert_eq!(secret.len(), 32);
        secret.expose().to_vec()
    }
}

/// The scalar of the fixed key. PKCS#8 of ours holds it as the OCTET STRING after `INTEGER 1`.
fn scalar(spec: KeySpec, bytes: usize) -> Vec<u8> {
    let der = material(spec).private_key_der().expect("an asymmetric key has one");
    let before = [2, 1, 1, 4, u8::try_from(bytes).expect("short")];
    let at = der.expose().windows(5).position(|window| window == before).expect("SEC 1 inside");
    der.expose()[at + 5..][..bytes].to_vec()
}

/// The public key of a peer on each curve, in the curve's own place and in another's.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, spec) in (0..).zip(SPECS) {
        let peer = KeyMaterial::generate(spec, &crate::keys::Predictable::new("peer"));
        let public = peer.expect("a key").public_key_der().expect("it has one").expect("it has");
        seeds.push([&[at], &*public].concat());
        seeds.push([&[(at + 1) % 6], &*public].concat());
        if let Some(compressed) = compressed(&public) {
            seeds.push([&[at], &*compressed].concat());
        }
    }
    seeds
}

/// A SubjectPublicKeyInfo with its point compressed (SEC 1, section 2.3.3).
fn compressed(spki: &[u8]) -> Option<Vec<u8>> {
    // A BIT STRING without unused bits that holds an uncompressed point.
    let at = spki.windows(2).rposition(|window| window == [0, 4])?;
    let point = &spki[at + 1..];
    let half = point.len() / 2;
    let parity = point.last()? & 1;
    let algorithm_at = if spki[1] == 0x81 { 3 } else { 2 };
    let algorithm = &spki[algorithm_at..][..2 + usize::from(spki[algorithm_at + 1])];
    let short = |length: usize| u8::try_from(length).ok().filter(|length| *length < 128);
    let bits = [&[3, short(half + 2)?, 0, 2 + parity], &point[1..=half]].concat();
    Some([&[0x30, short(algorithm.len() + bits.len())?], algorithm, &bits].concat())
}
