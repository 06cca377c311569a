//! The algorithms that keys are used with, in AWS's words.

use crate::wire_enum::wire_enum;

wire_enum! {
    /// Algorithms of Encrypt and Decrypt (`EncryptionAlgorithmSpec`).
    EncryptionAlgorithm as "encryption algorithm" {
        /// AES-256-GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSA OAEP with SHA-1, and MGF1 with SHA-1 (RFC 8017, section 7.1).
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSA OAEP with SHA-256, and MGF1 with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// SM2 public key encryption (GB/T 32918.4).
        Sm2Pke = "SM2PKE",
    }
}

wire_enum! {
    /// Algorithms of Sign and Verify (`SigningAlgorithmSpec`).
    SigningAlgorithm as "signing algorithm" {
        /// RSASSA-PSS, SHA-256, salt as long as the digest (RFC 8017, section 8.1).
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        /// RSASSA-PSS, SHA-384.
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        /// RSASSA-PSS, SHA-512.
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        /// RSASSA-PKCS1-v1_5, SHA-256 (RFC 8017, section 8.2).
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        /// RSASSA-PKCS1-v1_5, SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        /// RSASSA-PKCS1-v1_5, SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        /// ECDSA with SHA-256, DER (FIPS 186-5, section 6).
        EcdsaSha256 = "ECDSA_SHA_256",
        /// ECDSA with SHA-384.
        EcdsaSha384 = "ECDSA_SHA_384",
        /// ECDSA with SHA-512.
        EcdsaSha512 = "ECDSA_SHA_512",
        /// SM2 signatures with SM3 (GB/T 32918.2).
        Sm2Dsa = "SM2DSA",
        /// ML-DSA (FIPS 204).
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        /// Ed25519 (FIPS 186-5, section 7.6).
        Ed25519Sha512 = "ED25519_SHA_512",
        /// Ed25519ph (FIPS 186-5, section 7.8).
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }
}

wire_enum! {
    /// What the message of Sign and Verify is (`MessageType`).
    MessageType as "message type" {
        /// The message itself.
        Raw = "RAW",
        /// The digest of the message.
        Digest = "DIGEST",
        /// The representative μ of ML-DSA (FIPS 204, section 6.2), computed by the caller.
        ExternalMu = "EXTERNAL_MU",
    }
}

wire_enum! {
    /// Algorithms of GenerateMac and VerifyMac (`MacAlgorithmSpec`).
    MacAlgorithm as "MAC algorithm" {
        /// HMAC with SHA-224 (RFC 2104).
        HmacSha224 = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512",
    }
}

wire_enum! {
    /// Algorithms of DeriveSharedSecret (`KeyAgreementAlgorithmSpec`).
    KeyAgreementAlgorithm as "key agreement algorithm" {
        /// The cofactor Diffie-Hellman primitive (NIST SP 800-56A, section 5.7.1.2).
        Ecdh = "ECDH",
    }
}

wire_enum! {
    /// Algorithms of Encapsulate and Decapsulate (`EncapsulationAlgorithmSpec`).
    EncapsulationAlgorithm as "encapsulation algorithm" {
        /// ML-KEM (FIPS 203).
        MlKem = "ML_KEM",
    }
}

wire_enum! {
    /// How key material is wrapped for its import (`AlgorithmSpec`).
    WrappingAlgorithm as "wrapping algorithm" {
        /// RSA PKCS #1 v1.5; no longer accepted by AWS.
        RsaesPkcs1V15 = "RSAES_PKCS1_V1_5",
        /// RSA OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSA OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// An AES-256 key under OAEP with SHA-1, and the material under that (RFC 5649).
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        /// An AES-256 key under OAEP with SHA-256, and the material under that (RFC 5649).
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        /// SM2; AWS's Regions in China only.
        Sm2Pke = "SM2PKE",
    }
}

wire_enum! {
    /// The key that wraps key material for its import (`WrappingKeySpec`).
    WrappingKeySpec as "wrapping key spec" {
        /// RSA, 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA, 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA, 4096 bits.
        Rsa4096 = "RSA_4096",
        /// SM2; AWS's Regions in China only.
        Sm2 = "SM2",
    }
}
