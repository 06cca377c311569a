//! The files under the journal; a trait, so that tests can let them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};

/// The segment that is being written.
pub(super) trait SegmentFile: Send {
    /// Writes at the end.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns once everything written is durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file off.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// Makes and opens segments.
pub(super) trait Storage: Send {
    /// Makes a segment with this first line, all of it durable or nothing.
    fn create(&mut self, path: &Path, first_line: &[u8]) -> io::Result<Box<dyn SegmentFile>>;

    /// Opens a segment again. What is read afterwards comes from the disk, not from memory.
    fn reopen(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Notes how far the journal has come. Not synced: it is a lower bound, to notice a truncated
    /// end by.
    fn mark(&mut self, line: &[u8]) -> io::Result<()>;

    /// Whether there is room for a batch, which is written to another file and removed again.
    fn try_room(&mut self) -> io::Result<()>;
}

/// The real disk.
pub(super) struct Disk {
    directory: PathBuf,
    mark: Option<File>,
}

impl Disk {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), mark: None }
    }
}

/// The name of the file that [`Storage::try_room`] writes, and its length.
const ROOM: &str = "room";
const ROOM_BYTES: usize = 256 * 1024;

/// The name of the file that [`Storage::mark`] writes.
pub(super) const MARK: &str = "mark";

impl Storage for Disk {
    fn create(&mut self, path: &Path, first_line: &[u8]) -> io::Result<Box<dyn SegmentFile>> {
        // Under another name until it is durable, so that no segment is ever without its first
        // line.
        let unfinished = path.with_extension("new");
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file =
            OpenOptions::new().append(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(first_line)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(&self.directory)?.sync_all()?;
        Ok(Box::new(DiskFile(file)))
    }

    fn reopen(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().append(true).open(path)?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        Ok(Box::new(DiskFile(file)))
    }

    fn mark(&mut self, line: &[u8]) -> io::Result<()> {
        let file = match &mut self.mark {
            Some(file) => file,
            none => {
                let path = self.directory.join(MARK);
                let file = OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .mode(0o600)
                    .open(path)?;
                none.insert(file)
            }
        };
        file.write_all_at(line, 0)
    }

    fn try_room(&mut self) -> io::Result<()> {
        let path = self.directory.join(ROOM);
        let attempt = File::create(&path).and_then(|mut file| {
            file.write_all(&vec![0; ROOM_BYTES])?;
            file.sync_all()
        });
        fs::remove_file(&path)?;
        attempt
    }
}

struct DiskFile(File);

impl SegmentFile for DiskFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}

/// Makes the directory, for its owner only, and takes it for this process until the answer is
/// dropped.
pub(super) fn take_directory(directory: &Path) -> io::Result<File> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join("lock"))?;
    lock.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => {
            io::Error::new(io::ErrorKind::ResourceBusy, "another process has the journal open")
        }
        fs::TryLockError::Error(error) => error,
    })?;
    Ok(lock)
}
