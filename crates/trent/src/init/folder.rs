//! Files of a deployment: each is there whole or not at all, and only its owner reads secrets.

use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustix::fs::{FlockOperation, OFlags, flock};
use trent_runtime::StartError;
use trent_types::SecretBytes;

use crate::key_files;

/// Whom files belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Owner {
    /// Who runs this process.
    pub(super) fn present() -> Self {
        let user = rustix::process::geteuid().as_raw();
        Self { user, group: rustix::process::getegid().as_raw() }
    }
}

impl FromStr for Owner {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (user, group) = text.split_once(':').ok_or("not UID:GID")?;
        let number = |digits: &str| digits.parse().map_err(|_| "not UID:GID");
        Ok(Self { user: number(user)?, group: number(group)? })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.user, self.group)
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Readers {
    /// Its owner.
    Owner(Owner),
    /// Everybody.
    All,
}

/// The folder of secrets. Nobody else makes anything in it as long as this is held.
pub(super) struct Secrets {
    path: PathBuf,
    owner: Owner,
    _lock: File,
}

impl Secrets {
    /// Opens the folder, or makes it.
    pub(super) fn open(path: PathBuf, owner: Owner) -> Result<Self, StartError> {
        key_files::private_folder(&path)?;
        let opened = || -> io::Result<File> {
            let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
            let folder = open_with(&path, flags)?;
            restrict(&folder, owner, 0o700)?;
            Ok(folder)
        };
        let lock = opened().map_err(|source| file(&path, source))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let text = format!("{}: another `trent init` is at work", path.display());
            return Err(StartError::Environment(text));
        }
        remove_unfinished(&path).map_err(|source| file(&path, source))?;
        Ok(Self { path, owner, _lock: lock })
    }

    /// What a file holds, if it is there. Its mode and owner are set right.
    pub(super) fn read(&self, name: &str) -> Result<Option<SecretBytes>, StartError> {
        let path = self.path.join(name);
        let opened = match open_with(&path, OFlags::NOFOLLOW) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(file(&path, source)),
        };
        let read = || -> io::Result<SecretBytes> {
            restrict(&opened, self.owner, 0o600)?;
            let mut bytes = Vec::new();
            (&opened).read_to_end(&mut bytes)?;
            Ok(SecretBytes::new(bytes))
        };
        read().map(Some).map_err(|source| file(&path, source))
    }

    /// Writes a file whole, in the place of the one that may be there.
    pub(super) fn write(&self, name: &str, content: &SecretBytes) -> Result<(), StartError> {
        write(&self.path.join(name), content.expose(), Readers::Owner(self.owner))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes a file beside its place, syncs it and renames it, so that a crash never leaves half of
/// it.
pub(super) fn write(path: &Path, content: &[u8], readers: Readers) -> Result<(), StartError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(UNFINISHED);
    let beside = PathBuf::from(beside);
    let write = || -> io::Result<()> {
        let _ = fs::remove_file(&beside);
        let mut out = File::options().write(true).create_new(true).mode(0o600).open(&beside)?;
        match readers {
            Readers::Owner(owner) => restrict(&out, owner, 0o600)?,
            Readers::All => out.set_permissions(Permissions::from_mode(0o644))?,
        }
        out.write_all(content)?;
        out.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|source| file(path, source))
}

/// What a file is called until it is whole.
const UNFINISHED: &str = ".new";

/// Removes what a run that was broken off has left: keys that nobody uses.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().ends_with(UNFINISHED.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens what is there for reading; never through a link, which could lead anywhere.
fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

/// Gives a file to its owner, where this process may, and keeps everybody else out.
fn restrict(file: &File, owner: Owner, mode: u32) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        fchown(file, Some(owner.user), Some(owner.group))?;
    }
    file.set_permissions(Permissions::from_mode(mode))
}

fn file(path: &Path, source: io::Error) -> StartError {
    StartError::File { path: path.to_owned(), source }
}
