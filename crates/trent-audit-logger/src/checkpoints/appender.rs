//! The file that one process appends its checkpoints to.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::line::{CheckpointLine, line_hash};

/// More processes of one host than this do not write into one folder at once.
const WRITERS_MAX: u32 = 256;

/// A file that this process has for itself.
#[derive(Debug)]
pub(super) struct Appender {
    path: PathBuf,
    file: File,
    /// Up to and with the last whole line; everything up to there is durable.
    length: u64,
    /// Of the next line.
    number: u64,
    previous: [u8; 32],
}

/// The last whole line of a file.
struct Last {
    length: u64,
    number: u64,
    hash: [u8; 32],
}

impl Appender {
    /// Takes the first file of this host that no other process has, and cuts off half a line at its
    /// end.
    pub(super) fn open(directory: &Path, host: &str) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        for slot in 1..=WRITERS_MAX {
            let path = directory.join(format!("{host}-{slot}.jsonl"));
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let Some(Last { length, number, hash }) = last(&file)? else {
                // Verification names it; here it must not keep the trail from being covered.
                let file = path.display();
                tracing::error!(%file, "a damaged file of checkpoints is left alone");
                continue;
            };
            file.set_len(length)?;
            file.sync_all()?;
            File::open(directory)?.sync_all()?;
            return Ok(Self { path, file, length, number: number + 1, previous: hash });
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "too many processes write checkpoints"))
    }

    /// Number and hash that the next line must name.
    pub(super) const fn next(&self) -> (u64, [u8; 32]) {
        (self.number, self.previous)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns once the line is durable. After an error the file is opened again before anything
    /// else is written to it.
    pub(super) fn append(&mut self, line: &str) -> io::Result<()> {
        // Somebody may have taken the file away: what is written must be found there.
        fs::metadata(&self.path)?;
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.length += bytes.len() as u64;
        self.number += 1;
        self.previous = line_hash(line);
        Ok(())
    }
}

/// Finds where a file ends; `None` when its last whole line is no checkpoint.
fn last(file: &File) -> io::Result<Option<Last>> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut length, mut line, mut whole) = (0, Vec::new(), Vec::new());
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)? as u64;
        if line.pop() != Some(b'\n') {
            break;
        }
        length += read;
        std::mem::swap(&mut line, &mut whole);
    }
    if length == 0 {
        return Ok(Some(Last { length, number: 0, hash: [0; 32] }));
    }
    let parsed = std::str::from_utf8(&whole).ok().and_then(|text| {
        let (checkpoint, _) = CheckpointLine::parse(text)?;
        Some(Last { length, number: checkpoint.number, hash: line_hash(text) })
    });
    Ok(parsed)
}
