//! HMAC: RustCrypto's hmac here, aws-lc-rs against it.

use aws_lc_rs::hmac::{self, HMAC_SHA224, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use proptest::prelude::*;
use trent_crypto::KeyMaterial;
use trent_types::KeySpec;

proptest! {
    #[test]
    fn macs_are_the_same(
        key in prop::collection::vec(any::<u8>(), 64..=128),
        message: Vec<u8>,
    ) {
        for (spec, theirs) in [
            (KeySpec::Hmac224, HMAC_SHA224),
            (KeySpec::Hmac256, HMAC_SHA256),
            (KeySpec::Hmac384, HMAC_SHA384),
            (KeySpec::Hmac512, HMAC_SHA512),
        ] {
            let algorithm = spec.mac_algorithm().unwrap();
            let ours = KeyMaterial::from_imported(spec, &key).unwrap().prepare().unwrap();
            let mac = ours.mac(algorithm, &message).unwrap();
            let theirs = hmac::Key::new(theirs, &key);
            let their_mac = hmac::sign(&theirs, &message);
            prop_assert_eq!(their_mac.as_ref(), mac.as_slice(), "{}", spec);
            prop_assert_eq!(ours.verify_mac(algorithm, &message, &mac), Ok(()));
        }
    }
}
