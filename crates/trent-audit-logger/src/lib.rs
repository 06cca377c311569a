//! The audit trail's keeper: hash chains, the embedded journal, the distributed logger, and their
//! verification.
//!
//! Every account has a chain of its own, and requests that were not authenticated have the
//! system's; see [`chain`]. The embedded form keeps its records in a [`journal`], the distributed
//! form in an `AuditStore` that a [`logger`] fills from the audit stream. [`verify`] walks either.
//! [`usage`] finds in either when each key was last used.

pub mod archive;
pub mod chain;
pub mod checkpoints;
mod derive;
mod facts;
pub mod journal;
pub mod log_files;
pub mod logger;
mod meters;
pub mod queries;
pub mod signing;
pub mod usage;
pub mod verify;
mod walk;
