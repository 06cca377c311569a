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
//! | AES, HMAC, random bytes | 1 M and more | RSA private operations, 2048 to 4096 bits | 4 k to 0.7 k |
//! | RSA public operations | 60 k to 20 k | RSA key generation | 13 to 2 |
//! | P-256 sign, verify | 62 k, 20 k | P-384, P-521 sign, verify | 12 k to 3 k |
//! | secp256k1 sign, verify | 30 k, 17 k | ML-DSA | 11 k to 6 k |
//! | Ed25519 sign, verify | 114 k, 26 k | SM2 | 11 k to 4 k |
//! | ML-KEM | 20 k and more | ECDH (the order does not tell the curve) | 20 k to 3 k |
//!
//! Making a key is slow whatever its kind, except for the random bytes of symmetric and HMAC keys.

use trent_types::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};

use crate::messages::crypto_request::Order;

/// Whether an order takes longer than the fast ones should have to wait. One that names no known
/// algorithm or spec is refused at once, and so is fast.
#[must_use]
pub fn is_slow(order: &Order) -> bool {
    match order {
        Order::GenerateMaterial(order) => {
            order.spec.parse().is_ok_and(|spec: KeySpec| spec.is_asymmetric())
        }
        Order::Encrypt(order) => is_slow_to_encrypt(&order.algorithm),
        Order::Decrypt(order) => is_slow_to_decrypt(&order.algorithm),
        Order::ReEncrypt(order) => {
            is_slow_to_decrypt(&order.source_algorithm)
                || is_slow_to_encrypt(&order.destination_algorithm)
        }
        Order::Sign(order) => order.algorithm.parse().is_ok_and(|algorithm| match algorithm {
            SigningAlgorithm::RsassaPssSha256
            | SigningAlgorithm::RsassaPssSha384
            | SigningAlgorithm::RsassaPssSha512
            | SigningAlgorithm::RsassaPkcs1V15Sha256
            | SigningAlgorithm::RsassaPkcs1V15Sha384
            | SigningAlgorithm::RsassaPkcs1V15Sha512 => true,
            other => is_slow_to_verify(other),
        }),
        Order::Verify(order) => order.algorithm.parse().is_ok_and(is_slow_to_verify),
        Order::DeriveSharedSecret(_)
        | Order::GenerateDataKeyPair(_)
        | Order::MakeImportParameters(_)
        | Order::ImportMaterial(_)
        | Order::SealMaterial(_) => true,
        Order::GenerateDataKey(_)
        | Order::GenerateRandom(_)
        | Order::SealSecret(_)
        | Order::OpenSecret(_)
        | Order::ReSeal(_)
        | Order::GenerateMac(_)
        | Order::VerifyMac(_)
        | Order::Encapsulate(_)
        | Order::Decapsulate(_)
        | Order::CopyMaterial(_) => false,
    }
}

fn is_slow_to_encrypt(algorithm: &str) -> bool {
    algorithm.parse().is_ok_and(|algorithm| match algorithm {
        EncryptionAlgorithm::SymmetricDefault
        | EncryptionAlgorithm::RsaesOaepSha1
        | EncryptionAlgorithm::RsaesOaepSha256 => false,
        EncryptionAlgorithm::Sm2Pke => true,
    })
}

fn is_slow_to_decrypt(algorithm: &str) -> bool {
    algorithm.parse().is_ok_and(|algorithm| match algorithm {
        EncryptionAlgorithm::SymmetricDefault => false,
        EncryptionAlgorithm::RsaesOaepSha1
        | EncryptionAlgorithm::RsaesOaepSha256
        | EncryptionAlgorithm::Sm2Pke => true,
    })
}

const fn is_slow_to_verify(algorithm: SigningAlgorithm) -> bool {
    match algorithm {
        SigningAlgorithm::RsassaPssSha256
        | SigningAlgorithm::RsassaPssSha384
        | SigningAlgorithm::RsassaPssSha512
        | SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::RsassaPkcs1V15Sha512
        | SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::Ed25519Sha512
        | SigningAlgorithm::Ed25519PhSha512 => false,
        SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Sm2Dsa
        | SigningAlgorithm::MlDsaShake256 => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{DecryptOrder, EncryptOrder, ReEncryptOrder, SignOrder, VerifyOrder};

    #[test]
    fn private_operations_of_rsa_are_slow_and_public_ones_are_not() {
        let rsa = || "RSAES_OAEP_SHA_256".to_owned();
        let pss = || "RSASSA_PSS_SHA_256".to_owned();
        assert!(is_slow(&Order::Decrypt(DecryptOrder { algorithm: rsa(), ..Default::default() })));
        assert!(!is_slow(&Order::Encrypt(EncryptOrder { algorithm: rsa(), ..Default::default() })));
        assert!(is_slow(&Order::Sign(SignOrder { algorithm: pss(), ..Default::default() })));
        assert!(!is_slow(&Order::Verify(VerifyOrder { algorithm: pss(), ..Default::default() })));
        let into_rsa = ReEncryptOrder { destination_algorithm: rsa(), ..Default::default() };
        let out_of_rsa = ReEncryptOrder { source_algorithm: rsa(), ..Default::default() };
        assert!(!is_slow(&Order::ReEncrypt(into_rsa)));
        assert!(is_slow(&Order::ReEncrypt(out_of_rsa)));
    }

    #[test]
    fn symmetric_work_is_fast_whether_its_algorithm_is_named_or_not() {
        for algorithm in ["", "SYMMETRIC_DEFAULT", "no algorithm"] {
            let algorithm = algorithm.to_owned();
            let decrypt = DecryptOrder { algorithm: algorithm.clone(), ..Default::default() };
            let encrypt = EncryptOrder { algorithm, ..Default::default() };
            assert!(!is_slow(&Order::Decrypt(decrypt)));
            assert!(!is_slow(&Order::Encrypt(encrypt)));
        }
    }
}
