//! Segments on disk: which there are, and reading one line by line in bounded memory.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use trent_types::Timestamp;

use super::line::{self, HeaderLine, MAX_LINE, RecordLine};
use crate::walk::{Fault, FaultKind, Heads, Place, step};

/// The longest first line: the heads of half a million chains.
pub(crate) const MAX_HEADER: u64 = 64 << 20;

/// The name of a segment's file.
pub(crate) fn file_name(segment: u64) -> String {
    format!("{segment:020}.jsonl")
}

/// The numbers of the segments in a directory, ascending.
pub(crate) fn list(directory: &Path) -> io::Result<Vec<u64>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let Some(digits) = name.to_str().and_then(|name| name.strip_suffix(".jsonl")) else {
            continue;
        };
        if digits.len() == 20
            && let Ok(segment) = digits.parse()
        {
            segments.push(segment);
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

/// What stops a scan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    #[error("the segment cannot be read")]
    Io(#[from] io::Error),
    #[error("the segment is damaged: {0}")]
    Fault(Fault),
}

/// What a scanned segment holds.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// The chains at its end.
    pub(crate) heads: Heads,
    /// The length up to and with the last whole line, in bytes.
    pub(crate) good_length: u64,
    /// Whether the beginning of another line follows.
    pub(crate) torn: bool,
    /// The latest event time of this segment and all before it.
    pub(crate) latest: Timestamp,
}

/// One piece of a segment.
enum Piece {
    /// A whole line, in [`Lines::bytes`] without its end.
    Line,
    /// The beginning of a line.
    Torn,
    End,
}

/// The lines of a segment.
struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    bytes: Vec<u8>,
    number: u64,
    offset: u64,
}

impl Lines {
    fn open(path: PathBuf) -> io::Result<Self> {
        let reader = BufReader::with_capacity(1 << 16, File::open(&path)?);
        Ok(Self { path, reader, bytes: Vec::new(), number: 0, offset: 0 })
    }

    fn next(&mut self) -> Result<Piece, ScanError> {
        let limit = if self.number == 0 { MAX_HEADER } else { MAX_LINE };
        self.bytes.clear();
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.bytes)? as u64;
        if read == 0 {
            return Ok(Piece::End);
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
            self.offset += read;
            return Ok(Piece::Line);
        }
        if read == limit {
            return Err(self.damage("the line is too long"));
        }
        // A write that was cut off leaves the beginning of a line, perhaps with zeros after it
        // where the file system had not come. A whole line with another end is damage.
        let whole = self
            .bytes
            .split_last()
            .is_some_and(|(end, whole)| *end != 0 && line::parse_record(whole).is_some());
        if whole { Err(self.damage("the line's end was overwritten")) } else { Ok(Piece::Torn) }
    }

    fn place(&self) -> Option<Place> {
        Some(Place { file: self.path.clone(), line: self.number })
    }

    /// The present line is not what was written.
    fn damage(&self, detail: &'static str) -> ScanError {
        let guess = line::guess_record(&self.bytes);
        ScanError::Fault(Fault {
            kind: FaultKind::Broken,
            chain: guess.as_ref().map(|record| record.chain),
            sequence: guess.as_ref().map(|record| record.sequence),
            event_id: guess.as_ref().map(|record| record.event_id),
            place: self.place(),
            detail,
        })
    }

    fn header(&mut self, segment: u64) -> Result<HeaderLine, ScanError> {
        match self.next()? {
            Piece::Line => {}
            Piece::Torn | Piece::End => return Err(self.damage("the segment has no first line")),
        }
        match line::parse_header(&self.bytes) {
            Some(header) if header.segment == segment => Ok(header),
            Some(_) => Err(self.damage("the first line is another segment's")),
            None => Err(self.damage("the first line's checksum or layout is wrong")),
        }
    }
}

/// Reads a segment, walks its chains on, and shows each record to `visit`. `before`: the chains at
/// the end of the segment before, where that was read.
pub(crate) fn scan(
    directory: &Path,
    segment: u64,
    before: Option<&Heads>,
    mut visit: impl FnMut(&RecordLine<'_>),
) -> Result<Scanned, ScanError> {
    let mut lines = Lines::open(directory.join(file_name(segment)))?;
    let header = lines.header(segment)?;
    let mut heads: Heads = header.heads.iter().copied().collect();
    if let Some(before) = before
        && *before != heads
    {
        return Err(ScanError::Fault(unlike(before, &heads, &lines)));
    }
    let mut latest = header.latest;
    loop {
        match lines.next()? {
            Piece::Line => {}
            piece @ (Piece::Torn | Piece::End) => {
                let torn = matches!(piece, Piece::Torn);
                return Ok(Scanned { heads, good_length: lines.offset, torn, latest });
            }
        }
        let Some(record) = line::parse_record(&lines.bytes) else {
            return Err(lines.damage("the line's checksum or layout is wrong"));
        };
        step(&mut heads, &record)
            .map_err(|fault| ScanError::Fault(Fault { place: lines.place(), ..fault }))?;
        latest = latest.max(record.event_time);
        visit(&record);
    }
}

/// Shows every readable record of a segment to `visit`, whatever its chain says.
pub(crate) fn read_anyway(
    directory: &Path,
    segment: u64,
    mut visit: impl FnMut(&RecordLine<'_>),
) -> Result<(), ScanError> {
    let mut lines = Lines::open(directory.join(file_name(segment)))?;
    while let Piece::Line = lines.next()? {
        if let Some(record) = line::parse_record(&lines.bytes) {
            visit(&record);
        }
    }
    Ok(())
}

/// The latest event time of all segments before this one.
pub(crate) fn latest_before(directory: &Path, segment: u64) -> Result<Timestamp, ScanError> {
    Ok(Lines::open(directory.join(file_name(segment)))?.header(segment)?.latest)
}

/// A segment does not begin where the one before it ended: names the first chain in which they
/// differ.
fn unlike(before: &Heads, begun: &Heads, lines: &Lines) -> Fault {
    let mut chains: Vec<_> = before.keys().chain(begun.keys()).copied().collect();
    chains.sort_unstable();
    let chain = chains.into_iter().find(|chain| before.get(chain) != begun.get(chain));
    let head =
        |heads: &Heads| chain.and_then(|chain| heads.get(&chain).copied()).unwrap_or_default();
    let (ended, begins) = (head(before), head(begun));
    let missing = begins.sequence > ended.sequence;
    Fault {
        kind: if missing { FaultKind::Missing } else { FaultKind::Broken },
        chain,
        sequence: Some(if missing { ended.sequence + 1 } else { begins.sequence }),
        event_id: None,
        place: lines.place(),
        detail: "the segment does not begin where the one before it ended",
    }
}
