//! The hash that ties each audit record to the one before it.
//!
//! ```text
//! hash = SHA-256( "trent audit chain v1\0"      21 bytes: no other hash of Trent is one of these
//!               ‖ hash of the record before     32 bytes, zeros for the first
//!               ‖ sequence                       8 bytes, big-endian, from 1
//!               ‖ event id                      16 bytes
//!               ‖ length of account ‖ account    8 bytes big-endian, then 12 digits or nothing
//!               ‖ event time                     8 bytes, big-endian, milliseconds since the epoch
//!               ‖ length of JSON ‖ JSON )        8 bytes big-endian, then the record
//! ```
//!
//! Every field has a fixed length or says its length first, so no two records share an encoding.
//! Who holds a hash holds a promise about every record up to it (FIPS 180-4 for SHA-256).

use sha2::{Digest, Sha256};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

/// A chain's name: the account whose records it holds; `None` for requests that were not
/// authenticated.
pub type Chain = Option<AccountId>;

/// The hash before a chain's first record.
pub const START: [u8; 32] = [0; 32];

const DOMAIN: &[u8] = b"trent audit chain v1\0";

/// The hash of a record at its place. It is a `trent_store::ChainHash`.
#[must_use]
pub fn hash(previous: &[u8; 32], sequence: u64, record: &AuditRecord) -> [u8; 32] {
    let AuditRecord { event_id, account, event_time, cloudtrail_json, trace: _ } = record;
    hash_parts(previous, sequence, *event_id, *account, *event_time, cloudtrail_json)
}

/// [`hash`] of a record that is not in one piece.
pub(crate) fn hash_parts(
    previous: &[u8; 32],
    sequence: u64,
    event_id: EventId,
    chain: Chain,
    event_time: Timestamp,
    json: &[u8],
) -> [u8; 32] {
    let account = chain.as_ref().map_or("", AccountId::as_str).as_bytes();
    // Everything before the JSON goes in at once: 113 bytes at most.
    let mut head = [0u8; 128];
    let mut length = 0;
    let fields: [&[u8]; 8] = [
        DOMAIN,
        previous,
        &sequence.to_be_bytes(),
        event_id.as_bytes(),
        &(account.len() as u64).to_be_bytes(),
        account,
        &event_time.as_millis().to_be_bytes(),
        &(json.len() as u64).to_be_bytes(),
    ];
    for field in fields {
        if let Some(place) = head.get_mut(length..length + field.len()) {
            place.copy_from_slice(field);
            length += field.len();
        }
    }
    let mut sha = Sha256::new();
    sha.update(head.get(..length).unwrap_or_default());
    sha.update(json);
    sha.finalize().into()
}

/// The end of a chain: where its next record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The sequence of the last record; 0 for an empty chain.
    pub sequence: u64,
    /// The hash of the last record; [`START`] for an empty chain.
    pub hash: [u8; 32],
}

impl Default for Head {
    fn default() -> Self {
        Self { sequence: 0, hash: START }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(account: Option<&str>, json: &str) -> AuditRecord {
        AuditRecord {
            event_id: EventId::from_bytes([7; 16]),
            account: account.map(|digits| digits.parse().unwrap()),
            event_time: Timestamp::from_millis(1_700_000_000_123),
            cloudtrail_json: json.into(),
            trace: None,
        }
    }

    /// The expected values come from Python's hashlib over the layout in this module's head.
    #[test]
    fn the_layout_never_changes() {
        let signed = record(Some("123456789012"), r#"{"eventName":"Encrypt"}"#);
        assert_eq!(
            hex::encode(hash(&[9; 32], 42, &signed)),
            "42881eb3e4852303a362d841620c1b9d3eb2455817ff14bd4a173a922ba20585"
        );
        assert_eq!(
            hex::encode(hash(&START, 1, &record(None, "{}"))),
            "1749c46d263ee5118f0429945ab87dfed38f0a136a420542c9d0b445e72a124b"
        );
    }

    #[test]
    fn every_field_counts() {
        let plain = record(Some("123456789012"), "{}");
        let of = |record: &AuditRecord| hash(&START, 1, record);
        assert_ne!(of(&plain), hash(&[1; 32], 1, &plain));
        assert_ne!(of(&plain), hash(&START, 2, &plain));
        let event_id = EventId::from_bytes([8; 16]);
        assert_ne!(of(&plain), of(&AuditRecord { event_id, ..plain.clone() }));
        assert_ne!(of(&plain), of(&AuditRecord { account: None, ..plain.clone() }));
        let event_time = Timestamp::from_millis(0);
        assert_ne!(of(&plain), of(&AuditRecord { event_time, ..plain.clone() }));
        assert_ne!(of(&plain), of(&record(Some("123456789012"), "{ }")));
    }
}
