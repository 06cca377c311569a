//! The files under the journal; a trait, so that tests can let them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, OFlags, fadvise};

use super::line::BLOCK;

/// The segment that is being written.
pub(super) trait SegmentFile: Send {
    /// Writes at the end. After an error the file is to be truncated or opened again.
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
        Ok(Box::new(DiskFile::new(file, path)?))
    }

    fn reopen(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().append(true).open(path)?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        Ok(Box::new(DiskFile::new(file, path)?))
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

/// Whole blocks go to the disk directly: that takes less than half of the processor time of a copy
/// in the kernel's memory that is then written from there.
struct DiskFile {
    file: File,
    /// The same file; `None` where its file system or disk does not take blocks directly.
    direct: Option<File>,
    length: u64,
}

impl DiskFile {
    fn new(file: File, path: &Path) -> io::Result<Self> {
        let direct = OpenOptions::new()
            .write(true)
            .custom_flags(i32::try_from(OFlags::DIRECT.bits()).unwrap_or_default())
            .open(path);
        let length = file.metadata()?.len();
        Ok(Self { file, direct: direct.ok(), length })
    }

    /// Says false when the disk does not take these bytes so; then nothing was written.
    fn append_directly(&self, bytes: &[u8]) -> io::Result<bool> {
        let Some(direct) = self.direct.as_ref().filter(|_| is_blocks(bytes, self.length)) else {
            return Ok(false);
        };
        let mut written = 0;
        while let Some(rest) = bytes.get(written..)
            && !rest.is_empty()
        {
            match direct.write_at(rest, self.length.saturating_add(written as u64)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It wants larger blocks.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput && written == 0 => {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Whether bytes at this place of a file are whole blocks, also in memory.
fn is_blocks(bytes: &[u8], place: u64) -> bool {
    place.is_multiple_of(BLOCK as u64)
        && bytes.len().is_multiple_of(BLOCK)
        && bytes.as_ptr().addr().is_multiple_of(BLOCK)
}

impl SegmentFile for DiskFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.append_directly(bytes)? {
            if is_blocks(bytes, self.length) {
                self.direct = None;
            }
            self.file.write_all(bytes)?;
        }
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::super::disk_buffer::DiskBuffer;
    use super::*;

    #[test]
    fn what_is_appended_directly_and_otherwise_follows_each_other() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("segment");
        let mut file = Disk::new(temporary.path()).create(&path, &[b'h'; BLOCK]).unwrap();
        let (mut expected, mut buffer) = (vec![b'h'; BLOCK], DiskBuffer::default());
        for (byte, length) in
            [(b'a', 3 * BLOCK), (b'b', 100), (b'c', BLOCK), (b'd', BLOCK - 100), (b'e', 9 * BLOCK)]
        {
            buffer.clear(length);
            let end = buffer.start() + length;
            buffer.bytes().resize(end, byte);
            file.append(buffer.contents()).unwrap();
            file.sync().unwrap();
            expected.resize(expected.len() + length, byte);
            assert_eq!(fs::read(&path).unwrap(), expected);
        }
        file.truncate(BLOCK as u64 * 2).unwrap();
        file.append(buffer.contents()).unwrap();
        expected.truncate(BLOCK * 2);
        expected.extend(buffer.contents());
        assert_eq!(fs::read(&path).unwrap(), expected);
    }
}
