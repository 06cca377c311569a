//! The last use of each key, found in the audit trail (`GetKeyLastUsage`).
//!
//! A use is a successful cryptographic operation, and what says so is its record: nothing counts
//! that the trail has not accepted, and everything counts that it has. In the distributed form the
//! [`logger`](crate::logger) notes the uses of a batch in the transaction that keeps the batch; in
//! the embedded form a [`Follower`](crate::follower::Follower) does. To note a use twice, or in
//! another order, changes nothing, so both may begin again wherever they like.

mod rollup;
#[cfg(test)]
pub(crate) mod tests;

use std::io;

use trent_types::{Clock, Timestamp};

use crate::journal::{self, Journal};

pub use rollup::Rollup;

/// Since when a deployment with this journal can know of uses, if it has not tracked them before:
/// since the first record.
///
/// # Errors
/// When the journal cannot be read.
pub async fn tracking_start(journal: &Journal, clock: &dyn Clock) -> io::Result<Timestamp> {
    let directory = journal.directory().to_owned();
    let first = tokio::task::spawn_blocking(move || journal::first_event_time(&directory)).await;
    Ok(first.map_err(io::Error::other)??.unwrap_or_else(|| clock.now()))
}
