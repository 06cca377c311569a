//! Configuration, tracing, metrics, health and shutdown.

mod shutdown;

pub use shutdown::{Shutdown, ShutdownTrigger};
