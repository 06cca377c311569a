//! One module for each kind of key: its material, and the key made ready for use.
//!
//! Every private operation is the library's that is safest for it: aws-lc-rs for RSA, the NIST
//! curves, Ed25519, ML-DSA and ML-KEM, k256 for secp256k1, sm2 for SM2. What aws-lc-rs lacks is
//! filled in by ed25519-dalek (Ed25519ph), ml-dsa (an external μ) and ml-kem (keys from seeds).
//! aws-lc-rs draws its own randomness, from the same system generator; what it takes no seed for
//! (RSA keys, PSS salts, ECDSA nonces, ML-DSA's hedging, encapsulation) does not come from the
//! caller's [`crate::Random`].
//!
//! aws-lc overwrites all memory that it frees (`OPENSSL_free` cleanses), so keys that live inside
//! it need no wiping of ours. RustCrypto's keys wipe themselves on drop; what their constructors
//! move on the stack on the way is beyond anybody's reach, and is overwritten by later calls.

mod digest;
mod ec;
mod ed25519;
mod hmac;
mod ml_dsa;
mod ml_kem;
mod nist_curve;
mod rng;
mod rsa;
mod rsa_key;
mod secp256k1;
mod sm2;

pub(crate) use self::ec::EcCurve;
pub use self::ec::{EcKey, EcMaterial};
pub use self::ed25519::{Ed25519Key, Ed25519Material};
pub use self::hmac::{HmacKey, HmacMaterial};
pub use self::ml_dsa::{MlDsaKey, MlDsaMaterial};
pub use self::ml_kem::{MlKemKey, MlKemMaterial};
pub use self::rsa::RsaMaterial;
pub(crate) use self::rsa::spec_of_pkcs1;
pub use self::rsa_key::RsaKey;
pub use self::sm2::{Sm2Key, Sm2Material};

/// Keeps what is inside a key out of logs: a type's name and nothing else.
macro_rules! opaque_debug {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })+
    };
}
pub(crate) use opaque_debug;

#[cfg(test)]
#[path = "../../tests/vectors/mod.rs"]
mod vectors;
