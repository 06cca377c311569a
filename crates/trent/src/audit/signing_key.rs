//! The key that signs the trail's checkpoints and archives.

use std::path::{Path, PathBuf};

use trent_audit_logger::signing::TrailKeyFile;
use trent_runtime::{Options, Settings, StartError};
use trent_types::{Clock, SystemClock};

use crate::key_files;
use crate::keys::file::{self, Writing};
use crate::roles::all::own_key_file;

/// Its file in the embedded form, under the data directory.
pub(crate) const FILE_NAME: &str = "audit-signing.key";

/// Where it is: in the file that is named for it, or under the data directory.
pub(crate) fn path(settings: &Settings) -> PathBuf {
    let given = settings.audit.signing_key_file.clone();
    given.unwrap_or_else(|| own_key_file(settings, FILE_NAME))
}

/// Prints the public keys.
pub(super) fn public_keys(options: Options) -> Result<(), StartError> {
    print!("{}", read(&path(&options.settings()?))?.to_public_text());
    Ok(())
}

/// Which file is changed, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct RotateKey {
    /// Write over the file instead of renaming a new one over it: for a file that is mounted by
    /// itself into containers
    #[arg(long)]
    in_place: bool,
    #[command(flatten)]
    options: Options,
}

/// Makes a new key, from now on.
pub(super) fn rotate(arguments: RotateKey) -> Result<(), StartError> {
    let RotateKey { in_place, options } = arguments;
    let writing = if in_place { Writing::InPlace } else { Writing::Renamed };
    let path = path(&options.settings()?);
    let rotated = file::change_text(&path, writing, |path| {
        let rotated = read(path)?.rotated(SystemClock.now());
        let rotated = rotated.map_err(|error| StartError::Environment(error.to_string()))?;
        Ok((rotated.to_text(), rotated))
    })?;
    for key in rotated.public_keys().as_slice() {
        println!("{}: from {} to {}", key.fingerprint, key.from.iso8601(), key.to.iso8601());
    }
    Ok(())
}

/// Reads the file.
pub(crate) fn read(path: &Path) -> Result<TrailKeyFile, StartError> {
    let wrong = |why: &dyn std::fmt::Display| {
        StartError::Configuration(format!("{}: {why}", path.display()))
    };
    let text = key_files::text(path).map_err(|source| wrong(&source))?;
    TrailKeyFile::parse(&text).map_err(|error| wrong(&error))
}
