//! The last use of each key, found in the audit trail (`GetKeyLastUsage`).
//!
//! A use is a successful cryptographic operation, and what says so is its record: nothing counts
//! that the trail has not accepted, and everything counts that it has. In the distributed form the
//! [`logger`](crate::logger) notes the uses of a batch in the transaction that keeps the batch; in
//! the embedded form a [`Follower`] reads the journal behind its writer. To note a use twice, or in
//! another order, changes nothing, so both may begin again wherever they like.

mod follower;
mod rollup;
#[cfg(test)]
mod tests;

pub use follower::{Follower, tracking_start};
pub use rollup::Rollup;
