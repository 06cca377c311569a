//! The last use of a key, as `GetKeyLastUsage` tells of it.

use crate::wire_enum::wire_enum;
use crate::{EventId, RequestId, Timestamp};

wire_enum! {
    /// An operation that counts as a use of the key (`KeyLastUsageTrackingOperation`).
    TrackedOperation as "tracked operation" {
        /// `Decrypt`.
        Decrypt = "Decrypt",
        /// `DeriveSharedSecret`.
        DeriveSharedSecret = "DeriveSharedSecret",
        /// `Encrypt`.
        Encrypt = "Encrypt",
        /// `GenerateDataKey`.
        GenerateDataKey = "GenerateDataKey",
        /// `GenerateDataKeyPair`.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// `GenerateDataKeyPairWithoutPlaintext`.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// `GenerateDataKeyWithoutPlaintext`.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// `GenerateMac`.
        GenerateMac = "GenerateMac",
        /// `ReEncrypt`, of both its keys.
        ReEncrypt = "ReEncrypt",
        /// `Sign`.
        Sign = "Sign",
        /// `Verify`.
        Verify = "Verify",
        /// `VerifyMac`.
        VerifyMac = "VerifyMac",
        /// `Encapsulate`.
        Encapsulate = "Encapsulate",
        /// `Decapsulate`.
        Decapsulate = "Decapsulate",
    }
}

/// One successful cryptographic operation with a key (`KeyLastUsageData`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsed {
    /// Which operation.
    pub operation: TrackedOperation,
    /// `eventTime` of its record.
    pub at: Timestamp,
    /// `eventID` of the record that the key's owner got.
    pub event_id: EventId,
    /// `requestID` of its record.
    pub request_id: RequestId,
}

impl KeyUsed {
    /// Whether this use counts when the other one is known. Two of the same moment are told apart
    /// by their event ids, so that the order in which they are heard of makes no difference.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        (self.at, self.event_id) > (other.at, other.event_id)
    }
}

/// What is known of the use of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastUsage {
    /// When this deployment began to track uses.
    pub tracking_start: Timestamp,
    /// The last use; `None` when there was none since then.
    pub used: Option<KeyUsed>,
}

/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;

impl LastUsage {
    /// Since when uses of a key that was made at this moment are tracked (`TrackingStartDate`).
    #[must_use]
    pub fn tracked_since(&self, created_at: Timestamp) -> Timestamp {
        self.tracking_start.max(created_at)
    }

    /// Whole days, rounded down, between the last use of a key that was made at `created_at` and
    /// `now`. A key that was never used counts from its creation, or from the beginning of tracking
    /// if it is older (KMS Developer Guide, `kms:TrailingDaysWithoutKeyUsage`).
    #[must_use]
    pub fn trailing_days(&self, created_at: Timestamp, now: Timestamp) -> i64 {
        let since = self.used.map_or_else(|| self.tracked_since(created_at), |used| used.at);
        now.as_millis().saturating_sub(since.as_millis()).div_euclid(DAY_MS).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(at: i64, event: u8) -> KeyUsed {
        KeyUsed {
            operation: TrackedOperation::Sign,
            at: Timestamp::from_millis(at),
            event_id: EventId::from_bytes([event; 16]),
            request_id: RequestId::from_bytes([0; 16]),
        }
    }

    #[test]
    fn of_two_uses_the_later_counts_and_never_both() {
        assert!(used(2, 1).is_newer_than(&used(1, 2)));
        assert!(!used(1, 2).is_newer_than(&used(2, 1)));
        assert!(used(1, 2).is_newer_than(&used(1, 1)));
        assert!(!used(1, 1).is_newer_than(&used(1, 1)));
    }

    #[test]
    fn days_without_use_are_whole_and_count_from_the_last_use_creation_or_tracking() {
        let at = |days: i64| Timestamp::from_millis(days * DAY_MS);
        let unused = LastUsage { tracking_start: at(10), used: None };
        assert_eq!(unused.trailing_days(at(20), at(50)), 30);
        assert_eq!(unused.trailing_days(at(20), at(50).plus_millis(-1)), 29);
        assert_eq!(unused.trailing_days(at(3), at(50)), 40, "older than tracking");
        let used = LastUsage { used: Some(used(45 * DAY_MS, 1)), ..unused };
        assert_eq!(used.trailing_days(at(20), at(50)), 5);
        assert_eq!(used.trailing_days(at(20), at(44)), 0, "clocks differ");
        assert_eq!((used.tracked_since(at(3)), used.tracked_since(at(20))), (at(10), at(20)));
    }
}
