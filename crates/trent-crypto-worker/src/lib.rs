//! Performs cryptographic orders under a Permit; no database.
//!
//! The worker is the only role that holds the domain key. It takes orders from the bus, and does
//! nothing that a Permit of the policy evaluator does not allow: the module `permission` checks
//! that first. Sealed material travels in each order, so workers hold no state but a cache of
//! opened keys.

mod counts;
mod orders;
mod parsed_keys;
mod permission;
#[cfg(test)]
mod tests;
mod worker;

pub use worker::{DOMAIN_KEY_CHECK, Worker, WorkerConfig};
