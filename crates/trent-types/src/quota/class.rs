//! The classes of requests whose rate AWS limits (AWS KMS Developer Guide, "Request quotas").

use crate::{KeyFamily, KeySpec, Region};

/// Declares the classes: those that several operations share, and those of one operation, which
/// have its name.
macro_rules! request_classes {
    (
        shared {
            $($(#[$sdoc:meta])* $shared:ident = $code:literal, $name:literal, $rate:literal;)+
        }
        operations { $($operation:ident = $own_code:literal, $own_rate:literal;)+ }
    ) => {
        /// Requests that are counted together. In each second so many of them are answered to an
        /// account in a Region.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RequestClass {
            $($(#[$sdoc])* $shared,)+
            $(#[doc = concat!("`", stringify!($operation), "`.")] $operation,)+
        }

        impl RequestClass {
            /// Every class, in the order of their places.
            pub const ALL: &'static [Self] = &[$(Self::$shared,)+ $(Self::$operation,)+];

            /// How many classes there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name by which `trent quota` knows its quota.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$shared => $code,)+
                    $(Self::$operation => $own_code,)+
                }
            }

            /// The name that AWS gives its quota.
            #[must_use]
            pub const fn aws_name(self) -> &'static str {
                match self {
                    $(Self::$shared => $name,)+
                    $(Self::$operation => concat!(stringify!($operation), " request rate"),)+
                }
            }

            /// Requests per second where no Region has a rate of its own.
            const fn usual_rate(self) -> u64 {
                match self {
                    $(Self::$shared => $rate,)+
                    $(Self::$operation => $own_rate,)+
                }
            }

            /// The class of one operation alone.
            const fn of_operation(name: &str) -> Option<Self> {
                $(if same(name, stringify!($operation)) {
                    return Some(Self::$operation);
                })+
                None
            }
        }
    };
}

request_classes! {
    shared {
        /// Cryptography with symmetric and HMAC keys, and GenerateRandom.
        Symmetric = "symmetric-requests",
            "Cryptographic operations (symmetric) request rate", 10_000;
        /// Cryptography with RSA keys.
        Rsa = "rsa-requests", "Cryptographic operations (RSA) request rate", 1_000;
        /// Cryptography with keys on elliptic curves, SM2 among them.
        EccSm2 = "ecc-sm2-requests", "Cryptographic operations (ECC and SM2) request rate", 1_000;
        /// Sign and Verify with ML-DSA keys.
        MlDsa = "ml-dsa-requests", "Cryptographic operations (ML-DSA) request rate", 1_000;
        /// Encapsulate and Decapsulate. AWS has published no rate; this is that of its neighbours.
        MlKem = "ml-kem-requests", "Cryptographic operations (ML-KEM) request rate", 1_000;
        /// RSA_2048 data key pairs, with and without plaintext.
        PairRsa2048 = "data-key-pair-rsa-2048-requests",
            "GenerateDataKeyPair (RSA_2048) request rate", 20;
        /// RSA_3072 data key pairs.
        PairRsa3072 = "data-key-pair-rsa-3072-requests",
            "GenerateDataKeyPair (RSA_3072) request rate", 4;
        /// RSA_4096 data key pairs.
        PairRsa4096 = "data-key-pair-rsa-4096-requests",
            "GenerateDataKeyPair (RSA_4096) request rate", 1;
        /// P-256 data key pairs.
        PairEccNistP256 = "data-key-pair-ecc-nist-p256-requests",
            "GenerateDataKeyPair (ECC_NIST_P256) request rate", 100;
        /// P-384 data key pairs.
        PairEccNistP384 = "data-key-pair-ecc-nist-p384-requests",
            "GenerateDataKeyPair (ECC_NIST_P384) request rate", 100;
        /// P-521 data key pairs.
        PairEccNistP521 = "data-key-pair-ecc-nist-p521-requests",
            "GenerateDataKeyPair (ECC_NIST_P521) request rate", 100;
        /// secp256k1 data key pairs.
        PairEccSecgP256k1 = "data-key-pair-ecc-secg-p256k1-requests",
            "GenerateDataKeyPair (ECC_SECG_P256K1) request rate", 100;
        /// Edwards25519 data key pairs.
        PairEccNistEdwards25519 = "data-key-pair-ecc-nist-edwards25519-requests",
            "GenerateDataKeyPair (ECC_NIST_EDWARDS25519) request rate", 100;
        /// SM2 data key pairs.
        PairSm2 = "data-key-pair-sm2-requests", "GenerateDataKeyPair (SM2) request rate", 25;
        /// ML-KEM data key pairs. AWS has published no rate; this is that of the curves.
        PairMlKem = "data-key-pair-ml-kem-requests",
            "GenerateDataKeyPair (ML_KEM) request rate", 100;
    }
    operations {
        CancelKeyDeletion = "cancel-key-deletion-requests", 5;
        ConnectCustomKeyStore = "connect-custom-key-store-requests", 5;
        CreateAlias = "create-alias-requests", 5;
        CreateCustomKeyStore = "create-custom-key-store-requests", 5;
        CreateGrant = "create-grant-requests", 50;
        CreateKey = "create-key-requests", 5;
        DeleteAlias = "delete-alias-requests", 15;
        DeleteCustomKeyStore = "delete-custom-key-store-requests", 5;
        DeleteImportedKeyMaterial = "delete-imported-key-material-requests", 15;
        DescribeCustomKeyStores = "describe-custom-key-stores-requests", 5;
        DescribeKey = "describe-key-requests", 2_000;
        DisableKey = "disable-key-requests", 5;
        DisableKeyRotation = "disable-key-rotation-requests", 5;
        DisconnectCustomKeyStore = "disconnect-custom-key-store-requests", 5;
        EnableKey = "enable-key-requests", 5;
        EnableKeyRotation = "enable-key-rotation-requests", 15;
        GetKeyLastUsage = "get-key-last-usage-requests", 5;
        GetKeyPolicy = "get-key-policy-requests", 1_000;
        GetKeyRotationStatus = "get-key-rotation-status-requests", 1_000;
        GetParametersForImport = "get-parameters-for-import-requests", 1;
        GetPublicKey = "get-public-key-requests", 2_000;
        ImportKeyMaterial = "import-key-material-requests", 15;
        ListAliases = "list-aliases-requests", 500;
        ListGrants = "list-grants-requests", 100;
        ListKeyPolicies = "list-key-policies-requests", 100;
        ListKeyRotations = "list-key-rotations-requests", 100;
        ListKeys = "list-keys-requests", 500;
        ListResourceTags = "list-resource-tags-requests", 2_000;
        ListRetirableGrants = "list-retirable-grants-requests", 100;
        LookupEvents = "lookup-events-requests", 2;
        PutKeyPolicy = "put-key-policy-requests", 15;
        ReplicateKey = "replicate-key-requests", 5;
        RetireGrant = "retire-grant-requests", 50;
        RevokeGrant = "revoke-grant-requests", 50;
        RotateKeyOnDemand = "rotate-key-on-demand-requests", 5;
        ScheduleKeyDeletion = "schedule-key-deletion-requests", 15;
        TagResource = "tag-resource-requests", 10;
        UntagResource = "untag-resource-requests", 5;
        UpdateAlias = "update-alias-requests", 5;
        UpdateCustomKeyStore = "update-custom-key-store-requests", 5;
        UpdateKeyDescription = "update-key-description-requests", 5;
        UpdatePrimaryRegion = "update-primary-region-requests", 5;
    }
}

/// How the requests of an operation are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// With all cryptography by keys of the same kind.
    ByKey,
    /// With all data key pairs of the same spec.
    ByPair,
    /// By themselves.
    Alone(RequestClass),
    /// Not at all: neither an operation of KMS nor LookupEvents.
    Not,
}

impl Counted {
    /// How AWS counts the requests of the operation with this name.
    #[must_use]
    pub const fn of(operation: &str) -> Self {
        const BY_KEY: &[&str] = &[
            "Decapsulate",
            "Decrypt",
            "DeriveSharedSecret",
            "Encapsulate",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "ReEncrypt",
            "Sign",
            "Verify",
            "VerifyMac",
        ];
        const BY_PAIR: &[&str] = &["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"];
        if contains(BY_KEY, operation) {
            return Self::ByKey;
        }
        if contains(BY_PAIR, operation) {
            return Self::ByPair;
        }
        match RequestClass::of_operation(operation) {
            Some(class) => Self::Alone(class),
            None => Self::Not,
        }
    }
}

impl RequestClass {
    /// Cryptography by a key of this spec.
    #[must_use]
    pub const fn by_key(spec: KeySpec) -> Self {
        match spec.family() {
            KeyFamily::Symmetric | KeyFamily::Hmac => Self::Symmetric,
            KeyFamily::Rsa => Self::Rsa,
            KeyFamily::Ec | KeyFamily::Ed25519 | KeyFamily::Sm2 => Self::EccSm2,
            KeyFamily::MlDsa => Self::MlDsa,
            KeyFamily::MlKem => Self::MlKem,
        }
    }

    /// Data key pairs of this spec. What cannot be one is refused before it is made, and counted
    /// with the slowest.
    #[must_use]
    pub const fn by_pair(spec: KeySpec) -> Self {
        match spec {
            KeySpec::Rsa2048 => Self::PairRsa2048,
            KeySpec::Rsa3072 => Self::PairRsa3072,
            KeySpec::EccNistP256 => Self::PairEccNistP256,
            KeySpec::EccNistP384 => Self::PairEccNistP384,
            KeySpec::EccNistP521 => Self::PairEccNistP521,
            KeySpec::EccSecgP256k1 => Self::PairEccSecgP256k1,
            KeySpec::EccNistEdwards25519 => Self::PairEccNistEdwards25519,
            KeySpec::Sm2 => Self::PairSm2,
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Self::PairMlKem,
            KeySpec::Rsa4096
            | KeySpec::SymmetricDefault
            | KeySpec::Hmac224
            | KeySpec::Hmac256
            | KeySpec::Hmac384
            | KeySpec::Hmac512
            | KeySpec::MlDsa44
            | KeySpec::MlDsa65
            | KeySpec::MlDsa87 => Self::PairRsa4096,
        }
    }

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Requests per second, by default. In China AWS makes one RSA data key pair a second of 2048
    /// bits, half a one of 3072 and a tenth of 4096; here it is one of each.
    #[must_use]
    pub fn default_rate(self, region: Region) -> u64 {
        match (self, region.as_str()) {
            (Self::Symmetric, "us-east-1" | "us-west-2" | "eu-west-1") => 100_000,
            (
                Self::Symmetric,
                "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1"
                | "eu-central-1" | "eu-west-2",
            ) => 20_000,
            (
                Self::PairRsa2048 | Self::PairRsa3072 | Self::PairRsa4096,
                "cn-north-1" | "cn-northwest-1",
            ) => 1,
            (class, _) => class.usual_rate(),
        }
    }
}

const fn contains(list: &[&str], name: &str) -> bool {
    let mut rest = list;
    while let [first, others @ ..] = rest {
        if same(first, name) {
            return true;
        }
        rest = others;
    }
    false
}

/// Whether two texts are the same; `==` is not to be had in constants.
const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([a, rest @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (rest, others);
    }
    one.is_empty() && other.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_at_its_own_place() {
        for (place, class) in RequestClass::ALL.iter().enumerate() {
            assert_eq!(class.index(), place);
        }
        assert_eq!(RequestClass::COUNT, RequestClass::ALL.len());
    }

    #[test]
    fn operations_are_counted_as_aws_counts_them() {
        assert_eq!(Counted::of("Encrypt"), Counted::ByKey);
        assert_eq!(Counted::of("GenerateRandom"), Counted::ByKey);
        assert_eq!(Counted::of("GenerateDataKey"), Counted::ByKey);
        assert_eq!(Counted::of("GenerateDataKeyPair"), Counted::ByPair);
        assert_eq!(Counted::of("DescribeKey"), Counted::Alone(RequestClass::DescribeKey));
        assert_eq!(Counted::of("EnableKey"), Counted::Alone(RequestClass::EnableKey));
        assert_eq!(Counted::of("CreateUser"), Counted::Not);
        assert_eq!(Counted::of("Encryp"), Counted::Not);
        assert_eq!(RequestClass::by_key(KeySpec::Hmac512), RequestClass::Symmetric);
        assert_eq!(RequestClass::by_key(KeySpec::EccNistEdwards25519), RequestClass::EccSm2);
    }

    #[test]
    fn the_symmetric_rate_depends_on_the_region() {
        let rate = |name: &str| RequestClass::Symmetric.default_rate(name.parse().unwrap());
        assert_eq!(rate("us-east-1"), 100_000);
        assert_eq!(rate("eu-central-1"), 20_000);
        assert_eq!(rate("eu-north-1"), 10_000);
        let pairs = |name: &str| RequestClass::PairRsa2048.default_rate(name.parse().unwrap());
        assert_eq!((pairs("us-east-1"), pairs("cn-north-1")), (20, 1));
    }
}
