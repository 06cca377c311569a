//! What archiving needs of the audit trail's store.

use async_trait::async_trait;
use trent_types::AccountId;

use crate::{ChainedRecord, StoreError};

/// A month that was moved into files, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedPart {
    /// The month, counted from January of year 0.
    pub month: i64,
    /// From 1: records may come into a month that is archived already.
    pub part: u32,
    /// The signed manifest of the files.
    pub manifest: String,
}

/// The audit trail by months, for its owner.
#[async_trait]
pub trait ArchiveStore: Send + Sync {
    /// The months, counted from January of year 0, that have a place for records; ascending.
    async fn months(&self) -> Result<Vec<i64>, StoreError>;

    /// The chain after this one that has records in a month; the first one after `None`.
    async fn next_chain_of_month(
        &self,
        month: i64,
        after: Option<Option<AccountId>>,
    ) -> Result<Option<Option<AccountId>>, StoreError>;

    /// Up to `limit` records of a month and chain after this sequence, in order.
    async fn records_of_month(
        &self,
        month: i64,
        chain: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError>;

    /// All that was archived, in order.
    async fn archived(&self) -> Result<Vec<ArchivedPart>, StoreError>;

    /// Removes the records of a month, with what they can be found by, and notes the manifest, in
    /// one transaction. Says false, and does nothing, when there are not exactly so many records.
    async fn drop_month(&self, part: &ArchivedPart, records: u64) -> Result<bool, StoreError>;
}
