//! Performs cryptographic orders under a Permit; no database.
//!
//! The worker is the only role that holds the domain key. It takes orders from the bus, and does
//! nothing that a Permit of the policy evaluator does not allow: the module `permission` checks
//! that first. Sealed material travels in each order, so workers hold no state but a cache of
//! opened keys.
//!
//! | order | answer, when it was done | sealed between the roles for |
//! |---|---|---|
//! | GenerateMaterial | `material` | |
//! | Encrypt, ReEncrypt | `ciphertext` | Encrypt's plaintext: gateway to worker |
//! | Decrypt, GenerateRandom | `sealed_plaintext` | worker to gateway |
//! | GenerateDataKey | `data_key` | worker to gateway |
//! | SealSecret without a secret | `secret`, both fields | worker to gateway |
//! | SealSecret with a secret | `secret`, only `stored_secret` | evaluator to worker |
//! | OpenSecret | `secret`, only `sealed_secret` | worker to evaluator |
//! | ReSeal | `re_sealed` | |
//!
//! A Permit for OpenSecret names the access key id as its resource; one for ReSeal the key and
//! material, or the access key id; one for SealSecret any resource of the access key's account; one
//! for GenerateRandom any resource.
//!
//! ReSeal goes upwards only: a worker seals anew what is of a lower version than the one it seals
//! with, and leaves everything else as it is. While the domain key rotates, some workers seal with
//! the old version and some with the new; nothing is ever sealed to and fro between them.

mod counts;
mod domain;
mod orders;
mod parsed_keys;
mod permission;
#[cfg(test)]
mod tests;
mod worker;

pub use worker::{DOMAIN_KEY_CHECK, Worker, WorkerConfig};
