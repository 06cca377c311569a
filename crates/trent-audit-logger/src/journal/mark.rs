//! The mark: how far the journal has come at least, so that a truncated end is noticed.

use std::fs;
use std::io;
use std::path::Path;

use super::line;
use super::segment::{self, ScanError};
use super::storage::MARK;
use crate::walk::{Fault, FaultKind, Place};

/// The marked segment and length; `None` when nothing usable says so.
pub(crate) fn read_mark(directory: &Path) -> io::Result<Option<(u64, u64)>> {
    match fs::read(directory.join(MARK)) {
        Ok(line) => Ok(line::parse_mark(&line)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The last segment, so long, must reach the mark.
pub(crate) fn check_mark(
    mark: Option<(u64, u64)>,
    last: u64,
    length: u64,
    directory: &Path,
) -> Result<(), ScanError> {
    match mark {
        Some((segment, bytes)) if (last, length) < (segment, bytes) => {
            Err(ScanError::Fault(lines_gone(directory, segment)))
        }
        Some(_) | None => Ok(()),
    }
}

/// A segment is shorter than it was.
pub(crate) fn lines_gone(directory: &Path, segment: u64) -> Fault {
    let detail = "the file has lost lines that had been accepted";
    fault(FaultKind::Truncated, directory, segment, detail)
}

/// A segment is not there, though later ones are.
pub(crate) fn segment_gone(directory: &Path, segment: u64) -> Fault {
    fault(FaultKind::Missing, directory, segment, "the whole segment is not there")
}

fn fault(kind: FaultKind, directory: &Path, segment: u64, detail: &'static str) -> Fault {
    let file = directory.join(segment::file_name(segment));
    let place = Some(Place { file, line: 1 });
    Fault { kind, chain: None, sequence: None, event_id: None, place, detail }
}
