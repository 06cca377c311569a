//! Answers what the trail is asked (`trent.v1.audit.query`).

mod books;
mod journal_trail;
mod merge;
mod service;
mod stored;
mod tail;
mod wanted;

use async_trait::async_trait;
use trent_store::StoreError;
use trent_types::{
    AccountId, AuditRecord, CostQuery, CostReport, EventId, LookupQuery, Region, Timestamp,
    UsageQuery, UsageRow,
};

pub use books::Books;
pub use journal_trail::JournalTrail;
pub use service::{TrailService, TrailServiceConfig};
pub use stored::StoredTrail;

/// The trail cannot be read; the text is for logs.
#[derive(Debug, thiserror::Error)]
#[error("the trail cannot be read: {0}")]
pub struct TrailUnreadable(pub String);

impl From<StoreError> for TrailUnreadable {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// The records of a trail, in either form.
#[async_trait]
pub trait TrailReader: Send + Sync {
    /// The records that fit, newest first by time and event id; each of them fits the filter.
    async fn lookup(
        &self,
        account: AccountId,
        region: Region,
        query: &LookupQuery,
    ) -> Result<Vec<AuditRecord>, TrailUnreadable>;

    /// The place of the last record of the account's chain; 0 when there is none.
    async fn head(&self, account: AccountId) -> Result<u64, TrailUnreadable>;

    /// The place of an event in the account's chain; `None` when it is not there.
    async fn place_of(
        &self,
        account: AccountId,
        event: EventId,
    ) -> Result<Option<u64>, TrailUnreadable>;

    /// Up to so many records of the account's chain after a place, in order, with their places.
    async fn after(
        &self,
        account: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<(u64, AuditRecord)>, TrailUnreadable>;
}

/// What follows from the records of a trail: usage and cost, in either form.
#[async_trait]
pub trait UsageReader: Send + Sync {
    /// The requests of an account, by period and group, in an order that does not change.
    async fn usage(
        &self,
        account: AccountId,
        query: &UsageQuery,
    ) -> Result<Vec<UsageRow>, TrailUnreadable>;

    /// What an account pays; `now` tells whether the month is over.
    async fn cost(
        &self,
        account: AccountId,
        query: &CostQuery,
        now: Timestamp,
    ) -> Result<CostReport, TrailUnreadable>;
}
