//! Why a process does not start.

use std::path::PathBuf;

/// Why a process does not start. Its text is one line for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong; exit status 64 (`EX_USAGE` of sysexits).
    #[error("{0}")]
    Configuration(String),
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something that the process needs is not there or does not fit.
    #[error("{0}")]
    Environment(String),
}

impl StartError {
    /// The exit status: 64 for a wrong configuration, 1 otherwise.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Configuration(_) => 64,
            Self::File { .. } | Self::Environment(_) => 1,
        }
    }
}
