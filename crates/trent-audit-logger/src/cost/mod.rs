//! What keys and requests cost, from what the audit trail tells of them (`docs/cost.md`).
//!
//! Everything is a whole number: hours and requests are counted, prices are billionths of a US
//! dollar, and each line of a report is rounded once, when it is finished.

mod history;
mod prices;
mod report;

pub(crate) use history::Keys;
pub use prices::{PriceError, PriceList, Prices};
pub(crate) use report::{Bill, month_hours};

use trent_types::{Counted, KeyFamily, KeySpec};

/// What a request is paid as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RequestKind {
    /// Everything that is nothing else: symmetric and HMAC keys, and all management.
    Requests,
    /// Cryptography by RSA_2048.
    Rsa2048,
    /// Cryptography by other asymmetric keys.
    Asymmetric,
    /// Data key pairs that are not RSA.
    PairEcc,
    /// RSA data key pairs.
    PairRsa,
}

impl RequestKind {
    /// What a request of this operation is paid as: by the spec of the pair that it asks for, or
    /// of the key that it uses, as far as they are known.
    pub(crate) fn of(operation: &str, pair: Option<KeySpec>, key: Option<KeySpec>) -> Self {
        if Counted::of(operation) == Counted::ByPair {
            return match pair.map(KeySpec::family) {
                Some(KeyFamily::Rsa) => Self::PairRsa,
                Some(_) => Self::PairEcc,
                // Refused, for it says not what it wants.
                None => Self::Requests,
            };
        }
        if Counted::of(operation) != Counted::ByKey && operation != "GetPublicKey" {
            return Self::Requests;
        }
        match (key, key.map(KeySpec::family)) {
            (Some(KeySpec::Rsa2048), _) => Self::Rsa2048,
            (_, Some(KeyFamily::Symmetric | KeyFamily::Hmac)) => Self::Requests,
            (_, Some(_)) => Self::Asymmetric,
            // Of a key that nothing is known of, the operation tells.
            (_, None) if ASYMMETRIC_ONLY.contains(&operation) => Self::Asymmetric,
            (_, None) => Self::Requests,
        }
    }

    /// The usage type without its Region.
    pub(crate) const fn usage_type(self) -> &'static str {
        match self {
            Self::Requests => "KMS-Requests",
            Self::Rsa2048 => "KMS-Requests-Asymmetric-RSA_2048",
            Self::Asymmetric => "KMS-Requests-Asymmetric",
            Self::PairEcc => "KMS-Requests-GenerateDatakeyPair-ECC",
            Self::PairRsa => "KMS-Requests-GenerateDatakeyPair-RSA",
        }
    }
}

/// Operations that only asymmetric keys are for.
const ASYMMETRIC_ONLY: &[&str] =
    &["Sign", "Verify", "GetPublicKey", "DeriveSharedSecret", "Encapsulate", "Decapsulate"];
