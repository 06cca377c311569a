//! Signed checkpoints: what the trail had reached, said outside of it.
//!
//! A chain proves that nothing in it was changed as long as somebody knows its end from elsewhere:
//! who may change everything in the database or the journal can also compute all hashes anew, or
//! cut the end off and move the head back. So whoever keeps the trail writes down every minute
//! where the chains stand, and signs it, in a file that may lie on another machine.
//!
//! ```text
//! checkpoints/
//!   HOST-1.jsonl   one file for each process that writes at the same time; a line a checkpoint
//! ```
//!
//! ```json
//! {"format":"trent-checkpoint/1","number":7,"time":"2026-11-30T15:00:00Z",
//!  "previous":"<SHA-256 of the line before>",
//!  "heads":[{"chain":"123456789012","sequence":10,"hash":"…"}],"key":"…","signature":"…"}
//! ```
//!
//! A line names the chains that have moved since the line before, and the first line of a process
//! all of them. `previous` ties the lines of a file, so that none can be left out between others.
//! A file that ends in half a line was being written when its process was killed; the next process
//! cuts that off.

mod appender;
mod expected;
mod keeper;
mod line;

#[cfg(test)]
pub(crate) mod tests;

pub use expected::{CheckpointError, Expected, Mark};
pub(crate) use expected::{Comparison, Contradiction};
pub use keeper::{ChainHeads, Checkpoints, HeadsUnknown, StoreHeads};
