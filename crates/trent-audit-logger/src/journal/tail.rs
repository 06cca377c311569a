//! Reading on behind the writer, piece by piece, without walking the chains.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use trent_store::JournalPlace;
use trent_types::Timestamp;

use super::line::{self, RecordLine};
use super::segment;

/// How much is read at a time; several of the longest lines.
const PIECE: u64 = 4 << 20;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Where to go on; never after the end, unless nothing is left before it.
    pub(crate) next: JournalPlace,
    /// Lines that are no records, and records that are not what was written.
    pub(crate) unread: u64,
}

/// Shows the records of one piece after `from` to `visit`, the last one first. Nothing at or after
/// `end` is read. A segment that is not there any more is passed over. Blocks.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn tail(
    directory: &Path,
    from: JournalPlace,
    end: JournalPlace,
    mut visit: impl FnMut(&RecordLine<'_>),
) -> io::Result<Tail> {
    // Only the last segment is ever written.
    let finished = from.segment < end.segment;
    let after = JournalPlace { segment: from.segment.saturating_add(1), offset: 0 };
    let mut file = match File::open(directory.join(segment::file_name(from.segment))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && finished => {
            return Ok(Tail { next: after, unread: 0 });
        }
        opened => opened?,
    };
    let limit = if finished { file.metadata()?.len() } else { end.offset };
    let left = limit.saturating_sub(from.offset);
    if left == 0 {
        return Ok(Tail { next: if finished { after } else { end }, unread: 0 });
    }
    if from.offset == 0 {
        let header = BufReader::new(file.take(limit)).skip_until(b'\n')? as u64;
        return Ok(Tail { next: JournalPlace { offset: header, ..from }, unread: 0 });
    }
    file.seek(SeekFrom::Start(from.offset))?;
    let mut piece = Vec::new();
    file.take(left.min(PIECE)).read_to_end(&mut piece)?;
    if piece.is_empty() {
        return Ok(Tail { next: JournalPlace { offset: limit, ..from }, unread: 0 });
    }
    // What follows the last whole line is read with the next piece. There is always a whole one,
    // unless the file is damaged: then nothing in this piece can be.
    let whole = memchr::memrchr(b'\n', &piece).unwrap_or(piece.len());
    let lines = piece.get(..whole).unwrap_or_default();
    let mut unread = 0;
    for line in lines.rsplit(|byte| *byte == b'\n') {
        match line::parse_record(line) {
            Some(record) => visit(&record),
            None => unread += 1,
        }
    }
    let offset = from.offset.saturating_add(whole as u64 + 1).min(limit);
    Ok(Tail { next: JournalPlace { offset, ..from }, unread })
}

/// The moment of the first record; `None` while there is none.
///
/// # Errors
/// When the journal cannot be read.
pub(crate) fn first_event_time(directory: &Path) -> io::Result<Option<Timestamp>> {
    for number in segment::list(directory)? {
        let mut lines = BufReader::new(File::open(directory.join(segment::file_name(number)))?);
        lines.skip_until(b'\n')?;
        let mut first = Vec::new();
        lines.take(line::MAX_LINE).read_until(b'\n', &mut first)?;
        let record = first.strip_suffix(b"\n").and_then(line::parse_record);
        if let Some(record) = record {
            return Ok(Some(record.event_time));
        }
    }
    Ok(None)
}
