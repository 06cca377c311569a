//! Logs to standard error: text for people, JSON for machines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::{Settings, StartError};

/// Starts logging for the process.
pub(crate) fn start(settings: &Settings) -> Result<(), StartError> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| {
        StartError::Configuration(format!("TRENT_LOG: {}: {error}", settings.log))
    })?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // A log that cannot be written, on a full disk say, must not stop what it tells about: the
        // report of that would panic.
        .log_internal_errors(false);
    let started =
        if settings.log_json { logs.json().try_init() } else { logs.compact().try_init() };
    started.map_err(|error| StartError::Environment(format!("logging: {error}")))
}
