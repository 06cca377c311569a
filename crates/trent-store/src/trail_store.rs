//! How the audit trail is searched.

use async_trait::async_trait;
use trent_types::{AccountId, AuditRecord, EventId, Region, Timestamp, TrailAttribute};

use crate::{Derive, StoreError};

/// Which postings are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingsQuery {
    /// The chain.
    pub chain: AccountId,
    /// `awsRegion`.
    pub region: Region,
    /// As in [`crate::Posting::attribute`].
    pub attribute: Option<TrailAttribute>,
    /// As in [`crate::Posting::value`].
    pub value: String,
    /// Only those that have a record at this moment or later, as their bounds say.
    pub from: Timestamp,
    /// Only those that have a record at this moment or earlier, as their bounds say.
    pub to: Timestamp,
    /// Only those after this one in the order of [`TrailStore::postings`].
    pub after: Option<Posted>,
    /// The most.
    pub limit: u32,
}

/// Where the records of one posting are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The time of the earliest.
    pub earliest: Timestamp,
    /// The time of the latest.
    pub latest: Timestamp,
    /// Their places in the chain, ascending; never empty.
    pub sequences: Vec<u64>,
}

/// Finds records in Postgres.
#[async_trait]
pub trait TrailStore: Send + Sync {
    /// Postings of an attribute's value, those with the latest record first; of those with the same
    /// time the one with the later first place.
    async fn postings(&self, query: &PostingsQuery) -> Result<Vec<Posted>, StoreError>;

    /// The records at these places of a chain, in its order, with their places; whatever is not
    /// between these moments, both inclusive, or no longer there, is left out.
    async fn records_at(
        &self,
        chain: AccountId,
        sequences: &[u64],
        earliest: Timestamp,
        latest: Timestamp,
    ) -> Result<Vec<(u64, AuditRecord)>, StoreError>;

    /// The record of this event at this moment, with its place, whatever its chain.
    async fn event(
        &self,
        at: Timestamp,
        event: EventId,
    ) -> Result<Option<(u64, AuditRecord)>, StoreError>;

    /// Posts so many records of those that were kept before there were postings, in one
    /// transaction. Says how many places it went through: none where others are at work on what is
    /// left; `None` when nothing is left.
    async fn post_next(
        &self,
        derive: &dyn Derive,
        records_max: u32,
    ) -> Result<Option<u64>, StoreError>;
}
