//! Configuration, logs, metrics, health and shutdown: what every role starts with.

mod admin;
mod config;
mod error;
mod logs;
mod patience;
mod shutdown;
mod start;

pub use admin::{AdminServer, Check, Readiness};
pub use config::{Options, PeerFiles, Settings, TlsFiles};
pub use error::StartError;
pub use patience::{Backoff, Working};
pub use shutdown::{Shutdown, ShutdownTrigger};
pub use start::{Process, start};
