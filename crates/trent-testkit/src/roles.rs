//! The processes that make up Trent.

use serde::{Deserialize, Serialize};

/// One process of a stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// `all`, `gateway`, `policy`, `worker`, `audit`, `lifecycle`, `nats` or `postgres`.
    pub role: String,
    /// Which one of several, from 0.
    pub index: usize,
    /// The process that runs now.
    pub pid: u32,
    /// Its admin listener; 0 for NATS and Postgres.
    pub admin_port: u16,
    /// Where it serves clients; 0 where it does not.
    pub port: u16,
}
