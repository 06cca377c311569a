//! Every algorithm against a library that does not carry it out here: what one makes, the other
//! understands, and the same keys have the same encodings.
//!
//! | here | against it |
//! |---|---|
//! | aws-lc-rs (RSA) | rsa |
//! | aws-lc-rs (P-256, P-384, P-521) | p256, p384, p521 |
//! | k256 | aws-lc-rs |
//! | aws-lc-rs (Ed25519) | ed25519-dalek |
//! | aws-lc-rs (ML-DSA), ml-dsa (external μ) | each other |
//! | aws-lc-rs (ML-KEM, keys from ml-kem) | ml-kem |
//! | hmac, sha2 | aws-lc-rs |
//! | aws-lc-rs (key wrap) | aes-kw, in `src/wrapping/tests.rs` |
//!
//! SM2 and Ed25519ph have no second library here; vectors of others stand in (`tests/vectors/`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod ed25519;
mod hmac;
mod ml_dsa;
mod ml_kem;
mod nist_curves;
mod rsa;
mod secp256k1;

use proptest::prelude::*;
use trent_crypto::{KeyMaterial, PreparedKey, SystemRandom};
use trent_types::KeySpec;

/// A new key: its private key in PKCS#8, its SubjectPublicKeyInfo, and itself ready for use.
fn new_key(spec: KeySpec) -> (Vec<u8>, Vec<u8>, PreparedKey) {
    let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
    let private = material.private_key_der().unwrap().expose().to_vec();
    (private, material.public_key_der().unwrap().unwrap(), material.prepare().unwrap())
}

/// A few cases: each makes a key, and some kinds are slow where nothing is optimised.
fn few(cases: u32) -> ProptestConfig {
    ProptestConfig::with_cases(cases)
}
