//! What a key is: spec, usage, origin, state and manager, in AWS's words, and which of them go
//! together.

use crate::wire_enum::wire_enum;
use crate::{EncryptionAlgorithm, MacAlgorithm, SigningAlgorithm};

wire_enum! {
    /// The kind of key material (`KeySpec`).
    KeySpec as "key spec" {
        /// RSA, 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA, 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA, 4096 bits.
        Rsa4096 = "RSA_4096",
        /// The NIST curve P-256 (secp256r1).
        EccNistP256 = "ECC_NIST_P256",
        /// The NIST curve P-384 (secp384r1).
        EccNistP384 = "ECC_NIST_P384",
        /// The NIST curve P-521 (secp521r1).
        EccNistP521 = "ECC_NIST_P521",
        /// The SECG curve secp256k1.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// AES-256-GCM under a derived key per call.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// HMAC with SHA-224.
        Hmac224 = "HMAC_224",
        /// HMAC with SHA-256.
        Hmac256 = "HMAC_256",
        /// HMAC with SHA-384.
        Hmac384 = "HMAC_384",
        /// HMAC with SHA-512.
        Hmac512 = "HMAC_512",
        /// SM2 (GB/T 32918).
        Sm2 = "SM2",
        /// ML-DSA-44 (FIPS 204).
        MlDsa44 = "ML_DSA_44",
        /// ML-DSA-65.
        MlDsa65 = "ML_DSA_65",
        /// ML-DSA-87.
        MlDsa87 = "ML_DSA_87",
        /// Edwards25519.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// ML-KEM-512 (FIPS 203).
        MlKem512 = "ML_KEM_512",
        /// ML-KEM-768.
        MlKem768 = "ML_KEM_768",
        /// ML-KEM-1024.
        MlKem1024 = "ML_KEM_1024",
    }
}

wire_enum! {
    /// What a key is for (`KeyUsage`).
    KeyUsage as "key usage" {
        /// Sign and Verify.
        SignVerify = "SIGN_VERIFY",
        /// Encrypt, Decrypt, ReEncrypt and data keys.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// GenerateMac and VerifyMac.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        /// DeriveSharedSecret.
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulate and Decapsulate.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}

wire_enum! {
    /// Where key material comes from (`Origin`).
    Origin as "origin" {
        /// Made by Trent.
        AwsKms = "AWS_KMS",
        /// Imported.
        External = "EXTERNAL",
    }
}

wire_enum! {
    /// The state of a key (`KeyState`); 02 of the AWS KMS key-state page.
    KeyState as "key state" {
        /// A replica that is being made.
        Creating = "Creating",
        /// Usable.
        Enabled = "Enabled",
        /// Not usable until enabled.
        Disabled = "Disabled",
        /// Waiting for its deletion date.
        PendingDeletion = "PendingDeletion",
        /// Waiting for the import of its material.
        PendingImport = "PendingImport",
        /// A primary key whose waiting period begins when its last replica is deleted.
        PendingReplicaDeletion = "PendingReplicaDeletion",
        /// A key of a key store that is away.
        Unavailable = "Unavailable",
        /// Usable, while the primary Region changes.
        Updating = "Updating",
    }
}

wire_enum! {
    /// Who manages a key (`KeyManager`).
    KeyManager as "key manager" {
        /// An AWS managed key.
        Aws = "AWS",
        /// A customer managed key.
        Customer = "CUSTOMER",
    }
}

impl KeyState {
    /// Whether a key in this state may be used for cryptography.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Enabled | Self::Updating => true,
            Self::Creating
            | Self::Disabled
            | Self::PendingDeletion
            | Self::PendingImport
            | Self::PendingReplicaDeletion
            | Self::Unavailable => false,
        }
    }

    /// Whether the key waits for its deletion, or for that of its replicas.
    #[must_use]
    pub const fn is_pending_deletion(self) -> bool {
        matches!(self, Self::PendingDeletion | Self::PendingReplicaDeletion)
    }
}

/// The kinds of key material (AWS KMS Developer Guide, "Key spec reference").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyFamily {
    /// `SYMMETRIC_DEFAULT`.
    Symmetric,
    /// `HMAC_*`.
    Hmac,
    /// `RSA_*`.
    Rsa,
    /// `ECC_NIST_P*` and `ECC_SECG_P256K1`.
    Ec,
    /// `ECC_NIST_EDWARDS25519`.
    Ed25519,
    /// `SM2`.
    Sm2,
    /// `ML_DSA_*`.
    MlDsa,
    /// `ML_KEM_*`.
    MlKem,
}

impl KeySpec {
    /// The kind of key material.
    #[must_use]
    pub const fn family(self) -> KeyFamily {
        match self {
            Self::SymmetricDefault => KeyFamily::Symmetric,
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => KeyFamily::Hmac,
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => KeyFamily::Rsa,
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::EccSecgP256k1 => {
                KeyFamily::Ec
            }
            Self::EccNistEdwards25519 => KeyFamily::Ed25519,
            Self::Sm2 => KeyFamily::Sm2,
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => KeyFamily::MlDsa,
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => KeyFamily::MlKem,
        }
    }

    /// Whether there is a public key.
    #[must_use]
    pub const fn is_asymmetric(self) -> bool {
        !matches!(self.family(), KeyFamily::Symmetric | KeyFamily::Hmac)
    }

    /// What keys of this spec can be for; the first is the default where AWS has one.
    #[must_use]
    pub const fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage::{
            EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify,
        };
        match self.family() {
            KeyFamily::Symmetric => &[EncryptDecrypt],
            KeyFamily::Hmac => &[GenerateVerifyMac],
            KeyFamily::Rsa => &[EncryptDecrypt, SignVerify],
            KeyFamily::Ec if matches!(self, Self::EccSecgP256k1) => &[SignVerify],
            KeyFamily::Ec => &[SignVerify, KeyAgreement],
            KeyFamily::Ed25519 | KeyFamily::MlDsa => &[SignVerify],
            KeyFamily::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
            KeyFamily::MlKem => &[EncapsulateDecapsulate],
        }
    }

    /// The algorithms of Encrypt and Decrypt, in the order in which AWS lists them.
    #[must_use]
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self.family() {
            KeyFamily::Symmetric => &[EncryptionAlgorithm::SymmetricDefault],
            KeyFamily::Rsa => {
                &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]
            }
            KeyFamily::Sm2 => &[EncryptionAlgorithm::Sm2Pke],
            KeyFamily::Hmac
            | KeyFamily::Ec
            | KeyFamily::Ed25519
            | KeyFamily::MlDsa
            | KeyFamily::MlKem => &[],
        }
    }

    /// The algorithms of Sign and Verify, in the order in which AWS lists them.
    #[must_use]
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use SigningAlgorithm as A;
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                A::RsassaPkcs1V15Sha256,
                A::RsassaPkcs1V15Sha384,
                A::RsassaPkcs1V15Sha512,
                A::RsassaPssSha256,
                A::RsassaPssSha384,
                A::RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256k1 => &[A::EcdsaSha256],
            Self::EccNistP384 => &[A::EcdsaSha384],
            Self::EccNistP521 => &[A::EcdsaSha512],
            Self::EccNistEdwards25519 => &[A::Ed25519Sha512, A::Ed25519PhSha512],
            Self::Sm2 => &[A::Sm2Dsa],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[A::MlDsaShake256],
            Self::SymmetricDefault
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => &[],
        }
    }

    /// The one algorithm of an HMAC key.
    #[must_use]
    pub const fn mac_algorithm(self) -> Option<MacAlgorithm> {
        match self {
            Self::Hmac224 => Some(MacAlgorithm::HmacSha224),
            Self::Hmac256 => Some(MacAlgorithm::HmacSha256),
            Self::Hmac384 => Some(MacAlgorithm::HmacSha384),
            Self::Hmac512 => Some(MacAlgorithm::HmacSha512),
            Self::SymmetricDefault
            | Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::Sm2
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024 => None,
        }
    }

    /// Whether key material of this spec can be imported.
    #[must_use]
    pub const fn can_be_imported(self) -> bool {
        !matches!(self.family(), KeyFamily::MlDsa | KeyFamily::MlKem)
    }

    /// Whether a key pair of this spec can be a data key pair (`DataKeyPairSpec`).
    #[must_use]
    pub const fn is_data_key_pair(self) -> bool {
        self.is_asymmetric() && !matches!(self.family(), KeyFamily::MlDsa)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_come_back() {
        for state in KeyState::ALL {
            assert_eq!(state.as_str().parse::<KeyState>().unwrap(), *state);
        }
        for spec in KeySpec::ALL {
            assert_eq!(spec.as_str().parse::<KeySpec>().unwrap(), *spec);
        }
        assert!("enabled".parse::<KeyState>().is_err());
    }

    #[test]
    fn a_key_has_algorithms_for_what_it_can_be_used_for() {
        for spec in KeySpec::ALL {
            let can = |usage| spec.usages().contains(&usage);
            let (encrypts, signs) = (can(KeyUsage::EncryptDecrypt), can(KeyUsage::SignVerify));
            assert_eq!(encrypts, !spec.encryption_algorithms().is_empty(), "{spec}");
            assert_eq!(signs, !spec.signing_algorithms().is_empty(), "{spec}");
            let macs = can(KeyUsage::GenerateVerifyMac);
            assert_eq!(macs, spec.mac_algorithm().is_some(), "{spec}");
        }
    }
}
