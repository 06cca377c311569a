//! ML-KEM: aws-lc-rs here, ml-kem against it.

use ml_kem::Decapsulate;
use ml_kem::pkcs8::{EncodePrivateKey, EncodePublicKey};
use proptest::prelude::*;
use trent_crypto::SystemRandom;
use trent_types::KeySpec;

macro_rules! both_ways {
    ($name:ident, $spec:expr, $key:ty) => {
        fn $name(message: [u8; 32], changed_byte: usize) {
            let (private, public, ours) = super::new_key($spec);
            // PKCS#8 of a seed ends with it, whatever the spec.
            assert_eq!(private.len(), 86);
            let seed: [u8; 64] = private[22..].try_into().unwrap();
            let theirs = Box::new(<$key>::from_seed(seed.into()));
            let encapsulation_key = theirs.encapsulation_key();
            assert_eq!(theirs.to_pkcs8_der().unwrap().as_bytes(), private);
            assert_eq!(encapsulation_key.to_public_key_der().unwrap().as_bytes(), public);

            let (ciphertext, secret) = ours.encapsulate(&SystemRandom).unwrap();
            let their_secret = theirs.decapsulate_slice(&ciphertext).unwrap();
            assert_eq!(their_secret.as_slice(), secret.expose());
            let (ciphertext, secret) = encapsulation_key.encapsulate_deterministic(&message.into());
            assert_eq!(ours.decapsulate(&ciphertext).unwrap().expose(), secret.as_slice());

            // Implicit rejection gives the same other secret, and no error.
            let mut changed = ciphertext.to_vec();
            let at = changed_byte % changed.len();
            changed[at] ^= 1;
            let rejected = ours.decapsulate(&changed).unwrap();
            assert_ne!(rejected.expose(), secret.as_slice());
            let their_secret = theirs.decapsulate_slice(&changed).unwrap();
            assert_eq!(their_secret.as_slice(), rejected.expose());
        }
    };
}

both_ways!(ml_kem_512, KeySpec::MlKem512, ml_kem::DecapsulationKey512);
both_ways!(ml_kem_768, KeySpec::MlKem768, ml_kem::DecapsulationKey768);
both_ways!(ml_kem_1024, KeySpec::MlKem1024, ml_kem::DecapsulationKey1024);

proptest! {
    #![proptest_config(super::few(8))]

    #[test]
    fn shared_secrets_go_both_ways(message: [u8; 32], changed_byte: usize) {
        ml_kem_512(message, changed_byte);
        ml_kem_768(message, changed_byte);
        ml_kem_1024(message, changed_byte);
    }
}
