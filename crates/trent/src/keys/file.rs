//! Changes of a key file: whole or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use trent_runtime::StartError;
use trent_types::{KeyRing, SecretBytes};

use crate::key_files;

/// How the new content takes the old one's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// A new file is renamed over the old one.
    Renamed,
    /// The old file is written over, for where the file itself and not its folder is mounted. The
    /// new content lies beside it meanwhile.
    InPlace,
}

/// Changes a ring in its file, as [`change_text`] does.
///
/// # Errors
/// As [`change_text`], and [`StartError::Configuration`] when it is no key file.
pub(super) fn change<T>(
    path: &Path,
    writing: Writing,
    change: impl FnOnce(&KeyRing) -> Result<(KeyRing, T), StartError>,
) -> Result<T, StartError> {
    change_text(path, writing, |path| {
        let (ring, done) = change(&key_files::read(path)?)?;
        Ok((ring.to_text(), done))
    })
}

/// Changes a key file. Nobody else changes it at the same time. The file keeps its owner.
///
/// # Errors
/// [`StartError::File`] when the file cannot be written, and whatever the change refuses with: the
/// file is as it was then.
pub(crate) fn change_text<T>(
    path: &Path,
    writing: Writing,
    change: impl FnOnce(&Path) -> Result<(SecretBytes, T), StartError>,
) -> Result<T, StartError> {
    // What a link points to is changed, not the link.
    let path = fs::canonicalize(path).map_err(|source| failed(path, source))?;
    let beside = Beside::make(&path)?;
    let (text, done) = change(&path)?;
    let write = || -> std::io::Result<()> {
        let old = fs::metadata(&path)?;
        (&beside.file).write_all(text.expose())?;
        // Readable for the group only where it was.
        beside.file.set_permissions(fs::Permissions::from_mode(0o600 | (old.mode() & 0o040)))?;
        let new = beside.file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(&beside.file, Some(old.uid()), Some(old.gid()))?;
        }
        beside.file.sync_all()?;
        match writing {
            Writing::Renamed => fs::rename(&beside.path, &path)?,
            Writing::InPlace => {
                let mut file = File::options().write(true).open(&path)?;
                file.write_all(text.expose())?;
                file.set_len(text.len() as u64)?;
                file.sync_all()?;
            }
        }
        File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
    };
    write().map_err(|source| failed(&path, source))?;
    Ok(done)
}

/// The new content's file. While it is there nobody else changes the key file. It is removed when
/// this is dropped, unless it was renamed.
struct Beside {
    path: PathBuf,
    file: File,
}

impl Beside {
    fn make(path: &Path) -> Result<Self, StartError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let beside = PathBuf::from(name);
        match File::options().write(true).create_new(true).mode(0o600).open(&beside) {
            Ok(file) => Ok(Self { path: beside, file }),
            Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(StartError::Environment(format!(
                    "{}: another command is changing the key file; if none is, one was broken off: \
                     if the key file is damaged put this one in its place, otherwise remove it",
                    beside.display()
                )))
            }
            Err(source) => Err(failed(&beside, source)),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Gone already when it was renamed.
        let _ = fs::remove_file(&self.path);
    }
}

fn failed(path: &Path, source: std::io::Error) -> StartError {
    StartError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with_key() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus.key");
        fs::write(&path, format!("# mine\n1 {}\n", "ab".repeat(32))).unwrap();
        (folder, path)
    }

    fn add(path: &Path, writing: Writing) -> Result<u8, StartError> {
        change(path, writing, |ring| Ok(ring.with_new(SecretBytes::new(vec![7; 32])).unwrap()))
    }

    #[test]
    fn both_ways_of_writing_leave_the_new_ring_and_nothing_beside_it() {
        for writing in [Writing::Renamed, Writing::InPlace] {
            let (folder, path) = folder_with_key();
            let inode = fs::metadata(&path).unwrap().ino();
            assert_eq!(add(&path, writing).unwrap(), 2);
            let ring = key_files::read(&path).unwrap();
            assert_eq!((ring.current().0, ring.newest()), (1, 2));
            let kept = fs::metadata(&path).unwrap().ino() == inode;
            assert_eq!(kept, writing == Writing::InPlace);
            change(&path, writing, |ring| Ok((ring.without(2).unwrap(), ()))).unwrap();
            assert_eq!(key_files::read(&path).unwrap().newest(), 1, "shorter again");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_link_stays_and_its_file_is_changed() {
        let (folder, path) = folder_with_key();
        let link = folder.path().join("link.key");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        add(&link, Writing::Renamed).unwrap();
        assert!(link.is_symlink());
        assert_eq!(key_files::read(&path).unwrap().newest(), 2);
    }

    #[test]
    fn a_refused_change_or_a_second_one_changes_nothing() {
        let (folder, path) = folder_with_key();
        let refused = change(&path, Writing::Renamed, |_| {
            assert!(add(&path, Writing::Renamed).is_err(), "one at a time");
            Err::<(KeyRing, ()), _>(StartError::Configuration("no".into()))
        });
        assert!(refused.is_err());
        assert_eq!(key_files::read(&path).unwrap().newest(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
