//! Verifying the embedded form's journal.

use std::io;
use std::path::Path;

use super::{Against, Report};
use crate::chain::Head;
use crate::checkpoints::{Comparison, Contradiction};
use crate::journal::{self, RecordLine, ScanError};
use crate::walk::{Fault, FaultKind, Heads, belongs_after};

/// Verifies the journal in a directory, from its first segment to its last. Blocks; memory is
/// bounded.
///
/// # Errors
/// When a file cannot be read. What is wrong with the records is in the report.
pub fn verify_journal(directory: &Path) -> io::Result<Report> {
    verify_journal_against(directory, &Against::default())
}

/// As [`verify_journal`], and holds the journal against checkpoints. It begins after what was
/// archived.
///
/// # Errors
/// When a file cannot be read.
pub fn verify_journal_against(directory: &Path, against: &Against) -> io::Result<Report> {
    let Against { expected, archives } = against;
    let mut heads = archives.heads();
    let mut comparison = Comparison::new(expected);
    let archived = archives.last_segment();
    let found = match walk_journal(directory, archived, &mut heads, &mut comparison) {
        Ok(Ok(())) => comparison.end(&heads),
        Ok(Err(contradiction)) => Err(contradiction),
        Err(ScanError::Io(error)) => return Err(error),
        Err(ScanError::Fault(fault)) => Err(named(directory, fault, &heads, &comparison)?),
    };
    Ok(Report::new(&heads, found, expected))
}

/// The outer error is what the journal itself shows, the inner one what only checkpoints show.
fn walk_journal(
    directory: &Path,
    archived: u64,
    heads: &mut Heads,
    comparison: &mut Comparison<'_>,
) -> Result<Result<(), Contradiction>, ScanError> {
    for (chain, head) in &*heads {
        if let Err(contradiction) = comparison.meet(*chain, head, None) {
            return Ok(Err(contradiction));
        }
    }
    // The mark first: a journal that is being written only moves away from it.
    let mark = journal::read_mark(directory)?;
    let mut segments = journal::list(directory)?;
    // One that was archived can be there still, if its removal was broken off.
    segments.retain(|segment| *segment > archived);
    let last = segments.last().copied().unwrap_or_default();
    for (number, segment) in (archived + 1..).zip(segments) {
        if number != segment {
            return Err(ScanError::Fault(journal::segment_gone(directory, number)));
        }
        let mut walked = heads.clone();
        let mut met = Ok(());
        let scanned = journal::scan(directory, segment, Some(&*heads), |record| {
            if met.is_ok() {
                let head = Head { sequence: record.sequence, hash: record.hash };
                met = comparison.meet(record.chain, &head, Some(record.event_id));
                walked.insert(record.chain, head);
            }
        });
        *heads = walked;
        if met.is_err() {
            return Ok(met);
        }
        let scanned = scanned?;
        if segment == last {
            journal::check_mark(mark, segment, scanned.good_length, directory)?;
        } else if scanned.torn {
            return Err(ScanError::Fault(journal::lines_gone(directory, segment)));
        }
    }
    journal::check_mark(mark, last, u64::MAX, directory)?;
    Ok(Ok(()))
}

/// Says of a fault what can be known: a record that is missing at its place may stand at another,
/// and of lines that are gone checkpoints may know which they were.
fn named(
    directory: &Path,
    fault: Fault,
    heads: &Heads,
    comparison: &Comparison<'_>,
) -> io::Result<Contradiction> {
    match fault {
        Fault { kind: FaultKind::Truncated, chain: None, .. } => {
            let place = fault.place.clone();
            Ok(match comparison.end(heads) {
                Err(mut shown) => {
                    shown.0.place = place;
                    shown
                }
                Ok(()) => Box::new((fault, None)),
            })
        }
        Fault {
            kind: FaultKind::Missing, chain: Some(chain), sequence: Some(sequence), ..
        } => moved(directory, fault, |record| record.chain == chain && record.sequence == sequence),
        Fault { kind: FaultKind::Broken, chain: Some(chain), sequence: Some(sequence), .. } => {
            let head = heads.get(&chain).copied().unwrap_or_default();
            if sequence != head.sequence.saturating_add(1) {
                return Ok(Box::new((fault, None)));
            }
            moved(directory, fault, |record| {
                record.chain == chain && record.sequence != sequence && belongs_after(&head, record)
            })
        }
        fault => Ok(Box::new((fault, None))),
    }
}

/// Looks for a record that does not stand at its place.
fn moved(
    directory: &Path,
    fault: Fault,
    is_it: impl Fn(&RecordLine<'_>) -> bool,
) -> io::Result<Contradiction> {
    let mut found = None;
    for segment in journal::list(directory)? {
        let read = journal::read_anyway(directory, segment, |record| {
            if found.is_none() && is_it(record) {
                found = Some(record.event_id);
            }
        });
        match read {
            Err(ScanError::Io(error)) => return Err(error),
            // One fault is named, and it is another.
            Err(ScanError::Fault(_)) | Ok(()) => {}
        }
    }
    let fault = match found {
        None => fault,
        event_id => Fault {
            kind: FaultKind::Reordered,
            event_id,
            detail: "it stands at another place, after records that follow it",
            ..fault
        },
    };
    Ok(Box::new((fault, None)))
}
