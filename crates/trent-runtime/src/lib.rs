//! Configuration, logs, metrics, health and shutdown: what every role starts with.

mod admin;
mod config;
mod error;
mod logs;
mod patience;
mod process_metrics;
mod shutdown;
mod start;
mod telemetry;
mod traces;

pub use admin::{AdminServer, Check, Readiness, Refresh, Scrapes};
pub use config::{AuditSettings, LogSettings, Options, PeerFiles, Settings, TlsFiles};
pub use error::StartError;
pub use patience::{Backoff, Working};
pub use shutdown::{Shutdown, ShutdownTrigger};
pub use start::{Process, start};
pub use telemetry::Telemetry;
