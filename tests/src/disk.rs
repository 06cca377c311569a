//! A small file system of a test's own, that is quickly full.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs, which is unmounted when this is dropped.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of so many MiB on a folder, which is made.
    ///
    /// # Panics
    /// Without root's rights.
    #[must_use]
    pub fn mount(folder: &Path, size_mb: u32) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size_mb}m"), "tmpfs"]).arg(folder);
        assert!(mount.status().expect("mount").success(), "a small tmpfs needs root");
        Self(folder.to_owned())
    }

    /// Leaves no room, until [`Self::make_room`].
    ///
    /// # Panics
    /// When there can be no file.
    pub fn fill(&self) {
        let mut file = fs::File::create(self.filler()).expect("a file");
        for size in [1 << 16, 1 << 10, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn make_room(&self) {
        fs::remove_file(self.filler()).expect("the filler");
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A new temporary folder, removed when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one.
    ///
    /// # Panics
    /// When there can be none.
    #[must_use]
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("trent-disk-{:x}", rand::random::<u64>()));
        fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
