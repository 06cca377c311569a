//! Old records leave the trail as files, and the chains stay whole over the gap.
//!
//! ```text
//! TO/
//!   2026-03/                     a month of the distributed form; 2026-03.2 if records came later
//!     manifest.json              one signed line: files with their sums, runs of sequences
//!     123456789012.jsonl.gz      a chain's records of the month, a line each as in the journal
//!     system.jsonl.gz
//!   journal-1-7/                 segments of the embedded form's journal
//!     manifest.json
//!     00000000000000000001.jsonl.gz
//! ```
//!
//! A manifest says for each chain which runs of sequences are in the files, the hash before each
//! run's first record and the hash of its last one. It stays with the trail: verification goes over
//! a gap only where a signed manifest says what was in it, and that on both sides of the gap the
//! hashes fit.
//!
//! # Killed at any point
//! Files are written under another name, synced, read back, verified, and renamed; only then are
//! the records removed, in the step that notes the manifest. So after whatever happens either the
//! records are in the trail, or whole files hold them. Run again it goes on: half-written files are
//! written anew, whole ones are used.

mod archives;
mod files;
mod manifest;
mod months;
mod segments;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use trent_store::StoreError;

pub use archives::Archives;
pub use manifest::{Manifest, Run};
pub use months::{archive_month, parse_month};
pub(crate) use segments::manifest_names;
pub use segments::{archive_segments, is_manifest, manifests};

use crate::signing::SignatureError;
use crate::walk::Fault;

/// Nothing more was archived.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database does not do what it is asked for.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The trail is damaged: it stays where it is, so that it can be looked at.
    #[error("the trail is broken: {0}")]
    Trail(Fault),
    /// An archive is not what was written.
    #[error("broken archive, {path}: {detail}", path = path.display())]
    Broken {
        /// The file or folder.
        path: PathBuf,
        /// In what way.
        detail: String,
    },
    /// A manifest cannot be signed, or its signature is wrong.
    #[error("{name}: {source}")]
    Signature {
        /// Which manifest.
        name: String,
        /// Why.
        source: SignatureError,
    },
    /// Records came into the month all the time.
    #[error("{0}: records come into it; try again later")]
    Busy(String),
}

impl ArchiveError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    fn broken(path: &Path, detail: impl Into<String>) -> Self {
        Self::Broken { path: path.to_owned(), detail: detail.into() }
    }
}
