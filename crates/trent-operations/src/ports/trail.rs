//! What was recorded, and what follows from it.

use trent_types::{
    CostQuery, CostReport, LookupQuery, Permit, RequestId, TailPage, TailQuery, Timestamp,
    TrailEvent, TrailPublicKey, UsageQuery, UsageRow,
};

use super::{PortFuture, Unavailable};

/// Why the trail gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrailError {
    /// The Permit's time is over: authorize again.
    #[error("the Permit has expired")]
    PermitExpired,
    /// Nothing was read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The records of the Permit's account, and of its Region where it is not said otherwise.
pub trait Trail {
    /// Events, newest first; and whether there may be older ones.
    fn lookup<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: LookupQuery,
    ) -> PortFuture<'a, Result<(Vec<TrailEvent>, bool), TrailError>>;

    /// What has come since, or comes within the query's wait, oldest first; `None`: the event to
    /// begin after is not there.
    fn tail<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: TailQuery,
    ) -> PortFuture<'a, Result<Option<TailPage>, TrailError>>;

    /// Counted requests, by period and group.
    fn usage<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: UsageQuery,
    ) -> PortFuture<'a, Result<Vec<UsageRow>, TrailError>>;

    /// What a month costs.
    fn cost<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: CostQuery,
    ) -> PortFuture<'a, Result<CostReport, TrailError>>;

    /// The keys that sign at any moment between these two, both inclusive.
    fn public_keys<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        from: Timestamp,
        to: Timestamp,
    ) -> PortFuture<'a, Result<Vec<TrailPublicKey>, TrailError>>;
}
