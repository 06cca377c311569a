//! P-256, P-384 and P-521: aws-lc-rs here, RustCrypto's crates against it.

macro_rules! curve {
    ($curve:ident, $spec:expr, $algorithm:expr, $hash:ty) => {
        mod $curve {
            use ::$curve::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
            use ::$curve::ecdsa::signature::{Signer, Verifier};
            use ::$curve::ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey};
            use ::$curve::pkcs8::{
                DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey,
            };
            use ::$curve::{PublicKey, SecretKey};
            use proptest::prelude::*;
            use sha2::Digest;
            use trent_crypto::SystemRandom;
            use trent_types::MessageType;

            use crate::{few, new_key};

            proptest! {
                #![proptest_config(few(8))]

                #[test]
                fn keys_have_the_same_encodings_and_signatures_go_both_ways(message: Vec<u8>) {
                    let (private, public, ours) = new_key($spec);
                    let theirs = SecretKey::from_pkcs8_der(&private).unwrap();
                    let their_private = theirs.to_pkcs8_der().unwrap();
                    prop_assert_eq!(their_private.as_bytes(), &private);
                    let their_public = theirs.public_key().to_public_key_der().unwrap();
                    prop_assert_eq!(their_public.as_bytes(), &public);

                    let digest = <$hash>::digest(&message);
                    let verifying = VerifyingKey::from(theirs.public_key());
                    for (kind, bytes) in
                        [(MessageType::Raw, message.as_slice()), (MessageType::Digest, &digest)]
                    {
                        let signature = ours.sign($algorithm, kind, bytes, &SystemRandom).unwrap();
                        let signature = Signature::from_der(&signature).unwrap();
                        prop_assert!(verifying.verify(&message, &signature).is_ok());
                        prop_assert!(verifying.verify_prehash(&digest, &signature).is_ok());
                    }
                    let signing = SigningKey::from(theirs);
                    let signed: [Signature; 2] =
                        [signing.sign(&message), signing.sign_prehash(&digest).unwrap()];
                    for signature in signed {
                        let signature = DerSignature::from(signature);
                        let signature = signature.as_bytes();
                        let raw = MessageType::Raw;
                        prop_assert!(ours.verify($algorithm, raw, &message, signature).is_ok());
                        let kind = MessageType::Digest;
                        prop_assert!(ours.verify($algorithm, kind, &digest, signature).is_ok());
                    }
                }

                #[test]
                fn both_agree_on_the_same_secret(_case in 0..8) {
                    let (private, public, ours) = new_key($spec);
                    let (peer_private, peer_public, peer) = new_key($spec);
                    let secret = ours.derive_shared_secret(&peer_public).unwrap();
                    prop_assert_eq!(&peer.derive_shared_secret(&public).unwrap(), &secret);
                    let theirs = SecretKey::from_pkcs8_der(&private).unwrap();
                    let their_peer = PublicKey::from_public_key_der(&peer_public).unwrap();
                    let shared = ::$curve::ecdh::diffie_hellman(
                        theirs.to_nonzero_scalar(),
                        their_peer.as_affine(),
                    );
                    prop_assert_eq!(shared.raw_secret_bytes().as_slice(), secret.expose());
                    prop_assert!(SecretKey::from_pkcs8_der(&peer_private).is_ok());
                }
            }
        }
    };
}

use sha2::{Sha256, Sha384, Sha512};
use trent_types::{KeySpec, SigningAlgorithm};

curve!(p256, super::KeySpec::EccNistP256, super::SigningAlgorithm::EcdsaSha256, super::Sha256);
curve!(p384, super::KeySpec::EccNistP384, super::SigningAlgorithm::EcdsaSha384, super::Sha384);
curve!(p521, super::KeySpec::EccNistP521, super::SigningAlgorithm::EcdsaSha512, super::Sha512);
