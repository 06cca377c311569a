//! Which cryptography is slow: one table, by which clients choose the way of an order and workers
//! the thread that does it.
//!
//! The border is about a tenth of a millisecond on one core, some four times what a whole Encrypt
//! costs: below it, handing the work to another thread would cost more than it spares the others.
//! Rates of the libraries in use, a second and core (AES-GCM of 32 bytes with all that belongs to
//! it: 2.7 million):
//!
//! | inline | rate | on threads of their own | rate |
//! |---|---|---|---|
//! | AES, HMAC, random bytes | 1 M and more | RSA private operations, to 4096 bits | 4 k to 0.7 k |
//! | RSA public operations | 60 k to 20 k | RSA key generation | 13 to 2 |
//! | P-256 sign, verify | 62 k, 20 k | P-384, P-521 sign, verify | 12 k to 3 k |
//! | secp256k1 sign, verify | 30 k, 17 k | ML-DSA | 11 k to 6 k |
//! | Ed25519 sign, verify | 114 k, 26 k | SM2 | 11 k to 4 k |
//! | ML-KEM | 20 k and more | ECDH (the order does not tell the curve) | 20 k to 3 k |
//!
//! Making a key is slow whatever its kind, except for the random bytes of symmetric and HMAC keys.
//! Making an RSA key pair is a thousand times slower than the rest of what is slow.

use trent_types::{EncryptionAlgorithm, KeyFamily, KeySpec, SigningAlgorithm};

use crate::messages::crypto_request::Order;

/// How long an order takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Microseconds: done at once, where it comes in.
    Fast,
    /// Up to some milliseconds.
    Slow,
    /// Up to a second and more: it may need a new RSA key pair.
    VerySlow,
}

/// How long an order takes. One that names no known algorithm or spec is refused at once, and so is
/// fast.
#[must_use]
pub fn pace(order: &Order) -> Pace {
    match order {
        Order::GenerateMaterial(order) => making(&order.spec),
        Order::GenerateDataKeyPair(order) => making(&order.spec),
        Order::MakeImportParameters(_) => Pace::VerySlow,
        Order::Encrypt(order) => encrypting(&order.algorithm),
        Order::Decrypt(order) => decrypting(&order.algorithm),
        Order::ReEncrypt(order) => {
            decrypting(&order.source_algorithm).max(encrypting(&order.destination_algorithm))
        }
        Order::Sign(order) => order.algorithm.parse().map_or(Pace::Fast, signing),
        Order::Verify(order) => order.algorithm.parse().map_or(Pace::Fast, verifying),
        Order::DeriveSharedSecret(_) | Order::ImportMaterial(_) | Order::SealMaterial(_) => {
            Pace::Slow
        }
        Order::GenerateDataKey(_)
        | Order::GenerateRandom(_)
        | Order::SealSecret(_)
        | Order::OpenSecret(_)
        | Order::ReSeal(_)
        | Order::GenerateMac(_)
        | Order::VerifyMac(_)
        | Order::Encapsulate(_)
        | Order::Decapsulate(_)
        | Order::CopyMaterial(_) => Pace::Fast,
    }
}

fn making(spec: &str) -> Pace {
    match spec.parse().map(KeySpec::family) {
        Ok(KeyFamily::Symmetric | KeyFamily::Hmac) | Err(_) => Pace::Fast,
        Ok(
            KeyFamily::Ec
            | KeyFamily::Ed25519
            | KeyFamily::Sm2
            | KeyFamily::MlDsa
            | KeyFamily::MlKem,
        ) => Pace::Slow,
        Ok(KeyFamily::Rsa) => Pace::VerySlow,
    }
}

fn encrypting(algorithm: &str) -> Pace {
    match algorithm.parse() {
        Ok(
            EncryptionAlgorithm::SymmetricDefault
            | EncryptionAlgorithm::RsaesOaepSha1
            | EncryptionAlgorithm::RsaesOaepSha256,
        )
        | Err(_) => Pace::Fast,
        Ok(EncryptionAlgorithm::Sm2Pke) => Pace::Slow,
    }
}

fn decrypting(algorithm: &str) -> Pace {
    match algorithm.parse() {
        Ok(EncryptionAlgorithm::SymmetricDefault) | Err(_) => Pace::Fast,
        Ok(
            EncryptionAlgorithm::RsaesOaepSha1
            | EncryptionAlgorithm::RsaesOaepSha256
            | EncryptionAlgorithm::Sm2Pke,
        ) => Pace::Slow,
    }
}

const fn signing(algorithm: SigningAlgorithm) -> Pace {
    match algorithm {
        SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::Ed25519Sha512
        | SigningAlgorithm::Ed25519PhSha512 => Pace::Fast,
        SigningAlgorithm::RsassaPssSha256
        | SigningAlgorithm::RsassaPssSha384
        | SigningAlgorithm::RsassaPssSha512
        | SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::RsassaPkcs1V15Sha512
        | SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Sm2Dsa
        | SigningAlgorithm::MlDsaShake256 => Pace::Slow,
    }
}

const fn verifying(algorithm: SigningAlgorithm) -> Pace {
    match algorithm {
        SigningAlgorithm::RsassaPssSha256
        | SigningAlgorithm::RsassaPssSha384
        | SigningAlgorithm::RsassaPssSha512
        | SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::RsassaPkcs1V15Sha512
        | SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::Ed25519Sha512
        | SigningAlgorithm::Ed25519PhSha512 => Pace::Fast,
        SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Sm2Dsa
        | SigningAlgorithm::MlDsaShake256 => Pace::Slow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{
        DecryptOrder, EncryptOrder, GenerateMaterialOrder, ReEncryptOrder, SignOrder, VerifyOrder,
    };

    #[test]
    fn private_operations_of_rsa_are_slow_and_public_ones_are_not() {
        let rsa = || "RSAES_OAEP_SHA_256".to_owned();
        let pss = || "RSASSA_PSS_SHA_256".to_owned();
        assert_eq!(
            pace(&Order::Decrypt(DecryptOrder { algorithm: rsa(), ..Default::default() })),
            Pace::Slow
        );
        assert_eq!(
            pace(&Order::Encrypt(EncryptOrder { algorithm: rsa(), ..Default::default() })),
            Pace::Fast
        );
        assert_eq!(
            pace(&Order::Sign(SignOrder { algorithm: pss(), ..Default::default() })),
            Pace::Slow
        );
        assert_eq!(
            pace(&Order::Verify(VerifyOrder { algorithm: pss(), ..Default::default() })),
            Pace::Fast
        );
        let into_rsa = ReEncryptOrder { destination_algorithm: rsa(), ..Default::default() };
        let out_of_rsa = ReEncryptOrder { source_algorithm: rsa(), ..Default::default() };
        assert_eq!(pace(&Order::ReEncrypt(into_rsa)), Pace::Fast);
        assert_eq!(pace(&Order::ReEncrypt(out_of_rsa)), Pace::Slow);
    }

    #[test]
    fn symmetric_work_is_fast_whether_its_algorithm_is_named_or_not() {
        for algorithm in ["", "SYMMETRIC_DEFAULT", "no algorithm"] {
            let algorithm = algorithm.to_owned();
            let decrypt = DecryptOrder { algorithm: algorithm.clone(), ..Default::default() };
            let encrypt = EncryptOrder { algorithm, ..Default::default() };
            assert_eq!(pace(&Order::Decrypt(decrypt)), Pace::Fast);
            assert_eq!(pace(&Order::Encrypt(encrypt)), Pace::Fast);
        }
    }

    #[test]
    fn only_rsa_key_pairs_are_very_slow_to_make() {
        let make = |spec: KeySpec| {
            let spec = spec.as_str().to_owned();
            pace(&Order::GenerateMaterial(GenerateMaterialOrder { spec, ..Default::default() }))
        };
        for spec in KeySpec::ALL {
            let rsa = spec.family() == KeyFamily::Rsa;
            assert_eq!(make(*spec) == Pace::VerySlow, rsa, "{spec}");
            assert_eq!(make(*spec) == Pace::Fast, !spec.is_asymmetric(), "{spec}");
        }
    }
}
