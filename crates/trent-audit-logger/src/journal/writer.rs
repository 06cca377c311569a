//! Appends batches to the last segment, and finds its way back after a failure. No threads here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use trent_store::JournalPlace;
use trent_types::{AuditRecord, Timestamp};

use super::JournalError;
use super::disk_buffer::DiskBuffer;
use super::fresh::{Fresh, LineEnd};
use super::line::{self, HeaderLine};
use super::mark::{check_mark, lines_gone, read_mark};
use super::segment::{self, Scanned};
use super::storage::{SegmentFile, Storage};
use crate::chain::{self, Chain, Head};
use crate::walk::Heads;

/// A buffer larger than this is given back after its batch.
const KEPT_BUFFER: usize = 1 << 20;

/// Whether the segment's file is what the writer believes it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// It ends at `length`, and everything up to there is durable.
    Good,
    /// Something that was not accepted may stand after `length`: cut it off before anything else is
    /// written.
    Uncertain,
    /// A sync failed, so memory and disk may differ: check what is on disk, and go on in a new
    /// segment.
    Distrusted,
}

/// How far a journal is durable.
pub(super) struct End {
    /// After the last whole batch.
    pub(super) place: JournalPlace,
    /// The chains there.
    pub(super) heads: Heads,
}

/// The one writer of a journal.
pub(super) struct Writer {
    storage: Box<dyn Storage>,
    directory: PathBuf,
    segment_bytes: u64,
    segment: u64,
    file: Box<dyn SegmentFile>,
    length: u64,
    condition: Condition,
    heads: Heads,
    latest: Timestamp,
    buffer: DiskBuffer,
    /// The lines in it.
    lines: Vec<LineEnd>,
    /// The heads that the present batch has moved, as they were.
    undo: Vec<(Chain, Head)>,
    /// For those who read behind: what is durable, as far as the last whole batch.
    end: Arc<Mutex<End>>,
    /// And the same records themselves, as far as nobody has read them.
    fresh: Arc<Fresh>,
}

impl Writer {
    /// Opens the journal in a directory that exists: reads the last segment and cuts a torn end
    /// off, or begins the first segment.
    pub(super) fn open(
        mut storage: Box<dyn Storage>,
        directory: &Path,
        segment_bytes: u64,
    ) -> Result<Self, JournalError> {
        let mark = read_mark(directory)?;
        let last = segment::list(directory)?.last().copied();
        let (segment, file, length, heads, latest) = match last {
            None => {
                check_mark(mark, 0, 0, directory)?;
                let (file, length) =
                    begin(storage.as_mut(), directory, 1, &Heads::default(), Timestamp::default())?;
                (1, file, length, Heads::default(), Timestamp::default())
            }
            Some(last) => {
                let mut file = storage.reopen(&directory.join(segment::file_name(last)))?;
                let scanned = segment::scan(directory, last, None, |_| ())?;
                check_mark(mark, last, scanned.good_length, directory)?;
                if scanned.torn {
                    tracing::warn!(
                        segment = last,
                        length = scanned.good_length,
                        "cutting off an unfinished line at the journal's end"
                    );
                    file.truncate(scanned.good_length)?;
                    file.sync()?;
                }
                let Scanned { heads, good_length, latest, .. } = scanned;
                (last, file, good_length, heads, latest)
            }
        };
        let place = JournalPlace { segment, offset: length };
        let end = Arc::new(Mutex::new(End { place, heads: heads.clone() }));
        Ok(Self {
            storage,
            directory: directory.to_owned(),
            segment_bytes,
            segment,
            file,
            length,
            condition: Condition::Good,
            heads,
            latest,
            buffer: DiskBuffer::default(),
            lines: Vec::new(),
            undo: Vec::new(),
            end,
            fresh: Arc::default(),
        })
    }

    /// Where the journal ends, now and after every batch.
    pub(super) fn end(&self) -> Arc<Mutex<End>> {
        Arc::clone(&self.end)
    }

    /// What was written last.
    pub(super) fn fresh(&self) -> Arc<Fresh> {
        Arc::clone(&self.fresh)
    }

    /// Where the chains stand; all of it is durable.
    pub(super) fn heads(&self) -> Vec<(Chain, Head)> {
        self.heads.iter().map(|(chain, head)| (*chain, *head)).collect()
    }

    /// Makes a batch durable, or nothing of it. After an error the next call tries to repair first.
    pub(super) fn commit<'a>(
        &mut self,
        records: impl Iterator<Item = &'a AuditRecord> + Clone,
    ) -> Result<(), JournalError> {
        self.repair()?;
        if self.length >= self.segment_bytes {
            self.rotate()?;
        }
        self.buffer
            .clear(records.clone().map(|record| record.cloudtrail_json.len() + line::AROUND).sum());
        self.lines.clear();
        self.undo.clear();
        let mut latest = self.latest;
        for record in records {
            let head = self.heads.entry(record.account).or_default();
            // Neighbours are mostly of one chain: the first of them knows where it was.
            if self.undo.last().is_none_or(|(chain, _)| *chain != record.account) {
                self.undo.push((record.account, *head));
            }
            let previous = head.hash;
            head.sequence += 1;
            head.hash = chain::hash(&previous, head.sequence, record);
            line::push_record(self.buffer.bytes(), record, &previous, head);
            self.lines.push(LineEnd::new(record, head.sequence, self.buffer.contents().len()));
            latest = latest.max(record.event_time);
        }
        self.fill_block();
        let written = self.write();
        match &written {
            Ok(()) => {
                let start = self.place();
                self.length += self.buffer.contents().len() as u64;
                self.latest = latest;
                self.mark();
                self.note_end();
                self.fresh.append(start, self.buffer.contents(), &self.lines);
            }
            Err(_) => self.undo(),
        }
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = DiskBuffer::default();
        }
        Ok(written?)
    }

    /// Whether a batch could be written now, as far as can be told without one.
    pub(super) fn try_disk(&mut self) -> Result<(), JournalError> {
        self.repair()?;
        Ok(self.storage.try_room()?)
    }

    /// Has the batch end where a block does.
    fn fill_block(&mut self) {
        let before = self.lines.len().checked_sub(2).and_then(|at| self.lines.get(at));
        let start = before.map_or(0, |line| line.end);
        let Some(last) = self.lines.last_mut() else { return };
        let start = self.buffer.start() + start;
        line::fill_block(self.buffer.bytes(), start, self.length + last.end as u64);
        last.end = self.buffer.contents().len();
    }

    fn write(&mut self) -> io::Result<()> {
        if let Err(error) = self.file.append(self.buffer.contents()) {
            if self.file.truncate(self.length).is_err() {
                self.condition = Condition::Uncertain;
            }
            return Err(error);
        }
        self.file.sync().inspect_err(|_| self.condition = Condition::Distrusted)
    }

    /// Puts the heads back to where they were before the batch.
    fn undo(&mut self) {
        for (chain, head) in self.undo.drain(..).rev() {
            if head.sequence == 0 {
                self.heads.remove(&chain);
            } else {
                self.heads.insert(chain, head);
            }
        }
    }

    /// Makes the file what the writer believes it to be, by what is on disk.
    fn repair(&mut self) -> Result<(), JournalError> {
        let distrusted = match self.condition {
            Condition::Good => return Ok(()),
            Condition::Uncertain => false,
            Condition::Distrusted => true,
        };
        let path = self.directory.join(segment::file_name(self.segment));
        self.file = self.storage.reopen(&path)?;
        self.file.truncate(self.length)?;
        self.file.sync().inspect_err(|_| self.condition = Condition::Distrusted)?;
        // Once more, because the sync may have been what made the pages droppable.
        self.file = self.storage.reopen(&path)?;
        let scanned = segment::scan(&self.directory, self.segment, None, |_| ())?;
        if scanned.torn || scanned.good_length != self.length || scanned.heads != self.heads {
            return Err(JournalError::Damaged(lines_gone(&self.directory, self.segment)));
        }
        if distrusted {
            self.rotate()?;
        }
        self.condition = Condition::Good;
        tracing::info!(segment = self.segment, "the journal is in order again");
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), JournalError> {
        let next = self.segment + 1;
        let storage = self.storage.as_mut();
        let (file, length) = begin(storage, &self.directory, next, &self.heads, self.latest)?;
        (self.segment, self.file, self.length) = (next, file, length);
        Ok(())
    }

    const fn place(&self) -> JournalPlace {
        JournalPlace { segment: self.segment, offset: self.length }
    }

    fn note_end(&self) {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.place = self.place();
        for (chain, _) in &self.undo {
            if let Some(head) = self.heads.get(chain) {
                end.heads.insert(*chain, *head);
            }
        }
    }

    fn mark(&mut self) {
        let mut line = Vec::with_capacity(line::MARK_LENGTH);
        line::push_mark(&mut line, self.segment, self.length);
        if let Err(error) = self.storage.mark(&line) {
            tracing::debug!(%error, "the journal's mark was not written");
        }
    }
}

/// Makes a segment that begins at these heads.
fn begin(
    storage: &mut dyn Storage,
    directory: &Path,
    segment: u64,
    heads: &Heads,
    latest: Timestamp,
) -> io::Result<(Box<dyn SegmentFile>, u64)> {
    let mut heads: Vec<_> = heads.iter().map(|(chain, head)| (*chain, *head)).collect();
    heads.sort_unstable_by_key(|(chain, _)| *chain);
    let mut first_line = Vec::new();
    line::push_header(&mut first_line, &HeaderLine { segment, latest, heads });
    let length = first_line.len() as u64;
    line::fill_block(&mut first_line, 0, length);
    let path = directory.join(segment::file_name(segment));
    Ok((storage.create(&path, &first_line)?, first_line.len() as u64))
}
