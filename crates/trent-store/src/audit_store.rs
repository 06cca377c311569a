//! What the audit trail needs of a store: its records, and what they tell of the use of keys.

use async_trait::async_trait;
use trent_types::{AccountId, AuditRecord, KeyArn, KeyUsed, Timestamp};

use crate::StoreError;

/// A place in the embedded form's journal; the earlier one is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JournalPlace {
    /// The number of the segment.
    pub segment: u64,
    /// Bytes from the segment's beginning.
    pub offset: u64,
}

/// Where the embedded form keeps what its journal tells of the use of keys.
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// How far the journal has been read; `None` before the first time.
    async fn usage_place(&self) -> Result<Option<JournalPlace>, StoreError>;

    /// Notes uses where they are newer than what is known, and how far the journal has been read
    /// with them, in one transaction. Each key stands in `uses` once.
    async fn note_uses(
        &self,
        uses: &[(KeyArn, KeyUsed)],
        read: JournalPlace,
    ) -> Result<(), StoreError>;
}

/// A record in its place in the chain of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRecord {
    /// The record.
    pub record: AuditRecord,
    /// From 1, without gaps, per chain.
    pub sequence: u64,
    /// The hash of the record before, or 32 zero bytes.
    pub previous_hash: [u8; 32],
    /// SHA-256 over the previous hash, the sequence and the record; defined in
    /// `trent-audit-logger`, module `chain`.
    pub hash: [u8; 32],
}

/// The hash function of a chain: previous hash, sequence, record.
pub type ChainHash = fn(&[u8; 32], u64, &AuditRecord) -> [u8; 32];

/// Audit records in Postgres, each exactly once, in a hash chain per account.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Appends those records that are not there yet, in one transaction that locks the heads of
    /// their chains. Returns how many were new. In the same transaction it notes the uses of keys
    /// that the records tell of, where they are newer than what is known; each key stands in `uses`
    /// once.
    async fn append(
        &self,
        records: &[AuditRecord],
        uses: &[(KeyArn, KeyUsed)],
        hash: ChainHash,
    ) -> Result<u64, StoreError>;

    /// The chains, by account; `None` is the system's own chain for requests that were not
    /// authenticated.
    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError>;

    /// The sequence and hash of a chain's last record, as the head row says; `(0, zeros)` for an
    /// empty chain.
    async fn head(&self, chain: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError>;

    /// Up to `limit` records of a chain after this sequence, in order.
    async fn records(
        &self,
        chain: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError>;

    /// Makes the partitions that records between these moments need.
    async fn ensure_partitions(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError>;
}
