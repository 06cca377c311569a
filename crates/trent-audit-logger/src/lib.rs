//! The audit trail's keeper: hash chains, the embedded journal, the distributed logger, and their
//! verification.
//!
//! Every account has a chain of its own, and requests that were not authenticated have the
//! system's; see [`chain`]. The embedded form keeps its records in a [`journal`], the distributed
//! form in an `AuditStore` that a [`logger`] fills from the audit stream. [`verify`] walks either.
//! What follows from records is kept with them: by the logger in the transaction that keeps them,
//! by a [`follower`] that reads the journal behind its writer. [`queries`] answers what the trail
//! is asked; [`usage`] finds when each key was last used.

pub mod archive;
mod blocks;
pub mod chain;
pub mod checkpoints;
pub mod cost;
pub mod derive;
mod facts;
pub mod follower;
pub mod journal;
pub mod log_files;
pub mod logger;
mod meters;
pub mod queries;
pub mod recount;
pub mod signing;
pub mod usage;
pub mod verify;
mod walk;
