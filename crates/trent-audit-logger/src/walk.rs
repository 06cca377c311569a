//! Walking chains record by record, and naming what is wrong.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use foldhash::fast::RandomState;
use trent_types::EventId;

use crate::chain::{self, Chain, Head};
use crate::journal::RecordLine;

/// What is wrong with a chain or with the file that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The record is not the one that was written: its checksum, its hash or the hash before it is
    /// another.
    Broken,
    /// The record is not there, but later ones are.
    Missing,
    /// The record is there, but not at its place, or twice.
    Reordered,
    /// The record is not there, nor is anything after it, though it was written.
    Truncated,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The chain; the outer `None` when it is not known.
    pub chain: Option<Chain>,
    /// The record's sequence, where it is known.
    pub sequence: Option<u64>,
    /// The record's event id, where it is known.
    pub event_id: Option<EventId>,
    /// Where it was met; `None` in a store that has no files.
    pub place: Option<Place>,
    /// In what way.
    pub detail: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FaultKind::Broken => "broken record",
            FaultKind::Missing => "missing record",
            FaultKind::Reordered => "reordered record",
            FaultKind::Truncated => "truncated end",
        })?;
        match &self.chain {
            Some(Some(account)) => write!(f, ", chain {account}")?,
            Some(None) => f.write_str(", system chain")?,
            None => {}
        }
        if let Some(sequence) = self.sequence {
            write!(f, ", sequence {sequence}")?;
        }
        if let Some(event_id) = self.event_id {
            write!(f, ", event {event_id}")?;
        }
        if let Some(place) = &self.place {
            write!(f, ", at {}:{}", place.file.display(), place.line)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// Whether a record, wherever it stands, is the one that was written after this head.
pub(crate) fn belongs_after(head: &Head, record: &RecordLine<'_>) -> bool {
    let RecordLine { chain, event_id, event_time, json, .. } = *record;
    let sequence = head.sequence.saturating_add(1);
    chain::hash_parts(&head.hash, sequence, event_id, chain, event_time, json) == record.hash
}

/// The ends of all chains, as far as they have been walked.
pub(crate) type Heads = HashMap<Chain, Head, RandomState>;

/// The next record of a chain must follow from its head, which then moves to it.
///
/// # Errors
/// The fault, without its place.
pub(crate) fn step(heads: &mut Heads, record: &RecordLine<'_>) -> Result<(), Fault> {
    let head = heads.entry(record.chain).or_default();
    let fault = |kind, sequence, event_id, detail| Fault {
        kind,
        chain: Some(record.chain),
        sequence: Some(sequence),
        event_id,
        place: None,
        detail,
    };
    let expected = head.sequence.saturating_add(1);
    let named = Some(record.event_id);
    if record.sequence < expected {
        let detail = "it stands after records that follow it, or a second time";
        return Err(fault(FaultKind::Reordered, record.sequence, named, detail));
    }
    if record.sequence > expected {
        return Err(fault(FaultKind::Missing, expected, None, "later records are there"));
    }
    let RecordLine { previous, chain, event_id, event_time, json, .. } = *record;
    let hash = chain::hash_parts(&previous, expected, event_id, chain, event_time, json);
    if previous != head.hash {
        let detail = if hash == record.hash {
            "it follows from another record than the one that stands before it"
        } else {
            "it does not follow from the record before it"
        };
        return Err(fault(FaultKind::Broken, expected, named, detail));
    }
    if hash != record.hash {
        return Err(fault(FaultKind::Broken, expected, named, "its hash is another"));
    }
    *head = Head { sequence: expected, hash };
    Ok(())
}
