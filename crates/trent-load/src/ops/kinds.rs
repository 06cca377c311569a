//! The kinds of keys that operations are loaded with.

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Symmetric,
    P256Signing,
    P384Signing,
    Rsa2048Signing,
    P256Agreement,
    Hmac256,
    MlKem768,
}

impl KeyKind {
    /// `KeySpec` and `KeyUsage`.
    pub(crate) const fn spec_and_usage(self) -> (&'static str, &'static str) {
        match self {
            Self::Symmetric => ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            Self::P256Signing => ("ECC_NIST_P256", "SIGN_VERIFY"),
            Self::P384Signing => ("ECC_NIST_P384", "SIGN_VERIFY"),
            Self::Rsa2048Signing => ("RSA_2048", "SIGN_VERIFY"),
            Self::P256Agreement => ("ECC_NIST_P256", "KEY_AGREEMENT"),
            Self::Hmac256 => ("HMAC_256", "GENERATE_VERIFY_MAC"),
            Self::MlKem768 => ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        }
    }

    /// What stands in an alias between the prefix and the number.
    pub(crate) const fn in_alias(self) -> &'static str {
        match self {
            Self::Symmetric => "",
            Self::P256Signing => "p256-signing/",
            Self::P384Signing => "p384-signing/",
            Self::Rsa2048Signing => "rsa-2048-signing/",
            Self::P256Agreement => "p256-agreement/",
            Self::Hmac256 => "hmac-256/",
            Self::MlKem768 => "ml-kem-768/",
        }
    }
}
