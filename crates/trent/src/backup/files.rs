//! Folders that appear whole or not at all, and sums of files.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use trent_runtime::StartError;

use crate::key_files;

/// In the name of every folder that is not finished, and of no other.
const UNFINISHED: &str = ".unfinished-";

/// How much is read at once.
const PIECE: usize = 1 << 16;

/// A folder (mode 0700) that is filled beside its place. If it is dropped unfinished it is removed;
/// if the process is killed it stays, under a name that says what it is.
pub(super) struct Unfinished {
    target: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Begins a folder, whose place must be free or an empty folder.
    pub(super) fn beside(target: &Path) -> Result<Self, StartError> {
        let target = std::path::absolute(target).map_err(|source| failed(target, source))?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            let text = format!("{}: not a folder that can be made", target.display());
            return Err(StartError::Configuration(text));
        };
        match fs::read_dir(&target) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let text = format!("{}: the folder is not empty", target.display());
                    return Err(StartError::Configuration(text));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(&target, source)),
        }
        key_files::private_folder(parent)?;
        let name = name.to_string_lossy();
        let path = parent.join(format!(".{name}{UNFINISHED}{:08x}", rand::random::<u32>()));
        DirBuilder::new().mode(0o700).create(&path).map_err(|source| failed(&path, source))?;
        Ok(Self { target, path, finished: false })
    }

    /// Where it is meanwhile.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place. What is in it must be synced.
    pub(super) fn finish(mut self) -> Result<(), StartError> {
        sync(&self.path)?;
        fs::rename(&self.path, &self.target).map_err(|source| {
            let mounted = [io::ErrorKind::ResourceBusy, io::ErrorKind::CrossesDevices];
            if !mounted.contains(&source.kind()) {
                return failed(&self.target, source);
            }
            let place = self.target.display();
            StartError::Environment(format!(
                "{place}: a mount point cannot be replaced in one step; name a folder in it"
            ))
        })?;
        self.finished = true;
        sync(self.target.parent().unwrap_or(Path::new("/")))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // What stays is not taken for a whole folder.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Whether a folder has the name of one that was never finished.
pub(super) fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(UNFINISHED))
}

/// Makes a file or folder durable.
pub(super) fn sync(path: &Path) -> Result<(), StartError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|source| failed(path, source))
}

/// Writes a new file (mode 0600), durably.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StartError> {
    let mut options = File::options();
    let written = options.write(true).create_new(true).mode(0o600).open(path);
    let written = written.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|source| failed(path, source))
}

/// Length and SHA-256 (FIPS 180-4, in hexadecimal digits) of a file.
pub(super) fn sum(path: &Path) -> Result<(u64, String), StartError> {
    copy_to(path, &mut io::sink()).map_err(|source| failed(path, source))
}

/// Copies a file to a new one (mode 0600), durably; returns what [`sum`] does.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(u64, String), StartError> {
    let mut options = File::options();
    let target = options.write(true).create_new(true).mode(0o600).open(to);
    let mut target = target.map_err(|source| failed(to, source))?;
    let copied = copy_to(from, &mut target).map_err(|source| failed(from, source))?;
    target.sync_all().map_err(|source| failed(to, source))?;
    Ok(copied)
}

fn copy_to(from: &Path, to: &mut impl Write) -> io::Result<(u64, String)> {
    let mut source = File::open(from)?;
    let (mut sha, mut length, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => return Ok((length, hex::encode(sha.finalize()))),
            Ok(read) => piece.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sha.update(read);
        to.write_all(read)?;
        length += read.len() as u64;
    }
}

pub(super) fn failed(path: &Path, source: io::Error) -> StartError {
    StartError::File { path: path.to_owned(), source }
}
