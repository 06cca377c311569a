//! Performs cryptographic orders under a Permit; no database.
//!
//! The worker is the only role that holds the domain key. It takes orders from the bus, and does
//! nothing that a Permit of the policy evaluator does not allow: the module `permission` checks
//! that first. Sealed material travels in each order, so workers hold no state but a cache of
//! opened keys.
//!
//! Who is in the same process has symmetric cryptography done by values instead (module `local`),
//! under the same checks.
//!
//! | order | answer, when it was done | sealed between the roles |
//! |---|---|---|
//! | GenerateMaterial, ImportMaterial | `made` | |
//! | SealMaterial | `made` | the material: evaluator to worker |
//! | MakeImportParameters | `import_parameters` | |
//! | CopyMaterial | `copied` | |
//! | Encrypt, ReEncrypt | `ciphertext` | Encrypt's plaintext: gateway to worker |
//! | Decrypt, GenerateRandom | `sealed_plaintext` | worker to gateway |
//! | GenerateDataKey | `data_key` | worker to gateway |
//! | GenerateDataKeyPair | `data_key_pair` | the private key: worker to gateway |
//! | Sign | `signature` | the message: gateway to worker |
//! | Verify | `verified` | the message: gateway to worker |
//! | GenerateMac | `sealed_plaintext` | the message: gateway to worker; the MAC: back |
//! | VerifyMac | `verified` | message and MAC: gateway to worker |
//! | DeriveSharedSecret, Decapsulate | `sealed_plaintext` | worker to gateway |
//! | Encapsulate | `encapsulated` | the secret: worker to gateway |
//! | SealSecret without a secret | `secret`, both fields | worker to gateway |
//! | SealSecret with a secret | `secret`, only `stored_secret` | evaluator to worker |
//! | OpenSecret | `secret`, only `sealed_secret` | worker to evaluator |
//! | ReSeal | `re_sealed` | |
//!
//! A Permit for OpenSecret names the access key id as its resource; one for ReSeal the key and
//! material, or the access key id; one for SealSecret any resource of the access key's account; one
//! for GenerateRandom any resource; every other one the key, and the material where one is used. A
//! Permit for whatever seals something under the domain key brings the proof of which domain key is
//! the deployment's, and one for ImportMaterial the time by the key clock.
//!
//! ReSeal goes upwards only: a worker seals anew what is of a lower version than the one it seals
//! with, and leaves everything else as it is. While the domain key rotates, some workers seal with
//! the old version and some with the new; nothing is ever sealed to and fro between them.

mod counts;
mod domain;
mod local;
mod orders;
mod parsed_keys;
mod permission;
mod ready_keys;
mod slow;
#[cfg(test)]
mod tests;
mod worker;
mod workshop;

pub use worker::{DOMAIN_KEY_CHECK, Worker, WorkerConfig};
