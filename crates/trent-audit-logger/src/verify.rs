//! Walks every chain, and names the first record that is broken, missing or out of order.
//!
//! A journal can be verified while a process writes it: an unfinished line at its end is then not a
//! fault.

use std::io;
use std::path::Path;

use trent_store::{AuditStore, ChainedRecord, StoreError};

use crate::chain::{Chain, Head};
use crate::journal::{self, RecordLine, ScanError};
use crate::walk::{Heads, step};

pub use crate::walk::{Fault, FaultKind, Place};

/// How many records are read from a store at a time.
const PAGE: u32 = 1_000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The chains with their ends, as far as they are sound; the system's chain first.
    pub chains: Vec<(Chain, Head)>,
    /// The first fault; `None` when everything is sound.
    pub fault: Option<Fault>,
}

impl Report {
    fn new(heads: &Heads, fault: Option<Fault>) -> Self {
        let mut chains: Vec<_> = heads.iter().map(|(chain, head)| (*chain, *head)).collect();
        chains.sort_unstable_by_key(|(chain, _)| *chain);
        Self { chains, fault }
    }

    /// How many records are sound, over all chains.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.chains.iter().map(|(_, head)| head.sequence).sum()
    }
}

/// Verifies the journal in a directory, from its first segment to its last. Blocks; memory is
/// bounded.
///
/// # Errors
/// When a file cannot be read. What is wrong with the records is in the report.
pub fn verify_journal(directory: &Path) -> io::Result<Report> {
    let mut heads = Heads::new();
    match walk_journal(directory, &mut heads) {
        Ok(()) => Ok(Report::new(&heads, None)),
        Err(ScanError::Io(error)) => Err(error),
        Err(ScanError::Fault(fault)) => {
            let fault = missing_or_moved(directory, fault)?;
            Ok(Report::new(&heads, Some(fault)))
        }
    }
}

fn walk_journal(directory: &Path, heads: &mut Heads) -> Result<(), ScanError> {
    // The mark first: a journal that is being written only moves away from it.
    let mark = journal::read_mark(directory)?;
    let segments = journal::list(directory)?;
    let last = segments.last().copied().unwrap_or_default();
    for (number, segment) in (1..).zip(segments) {
        if number != segment {
            return Err(ScanError::Fault(journal::segment_gone(directory, number)));
        }
        let mut walked = heads.clone();
        let scanned = journal::scan(directory, segment, Some(&*heads), |record| {
            walked.insert(record.chain, Head { sequence: record.sequence, hash: record.hash });
        });
        *heads = walked;
        let scanned = scanned?;
        if segment == last {
            journal::check_mark(mark, segment, scanned.good_length, directory)?;
        } else if scanned.torn {
            return Err(ScanError::Fault(journal::lines_gone(directory, segment)));
        }
    }
    journal::check_mark(mark, last, u64::MAX, directory)
}

/// A record that is missing at its place may stand at another.
fn missing_or_moved(directory: &Path, fault: Fault) -> io::Result<Fault> {
    let Fault { kind: FaultKind::Missing, chain: Some(chain), sequence: Some(sequence), .. } =
        fault
    else {
        return Ok(fault);
    };
    let mut moved = None;
    for segment in journal::list(directory)? {
        let read = journal::read_anyway(directory, segment, |record| {
            if record.chain == chain && record.sequence == sequence {
                moved = Some(record.event_id);
            }
        });
        match read {
            Err(ScanError::Io(error)) => return Err(error),
            // One fault is named, and it is another.
            Err(ScanError::Fault(_)) | Ok(()) => {}
        }
    }
    Ok(match moved {
        None => fault,
        event_id => Fault {
            kind: FaultKind::Reordered,
            event_id,
            detail: "it stands at another place, after records that follow it",
            ..fault
        },
    })
}

/// Verifies every chain of a store, which may be in use: a chain is verified at least up to where
/// its head row said it ended when its turn came.
///
/// # Errors
/// When the store cannot be read. What is wrong with the records is in the report.
pub async fn verify_store(store: &dyn AuditStore) -> Result<Report, StoreError> {
    let mut heads = Heads::new();
    let mut chains = store.chains().await?;
    chains.sort_unstable();
    for chain in chains {
        let fault = walk_chain(store, chain, &mut heads).await?;
        if fault.is_some() {
            return Ok(Report::new(&heads, fault));
        }
    }
    Ok(Report::new(&heads, None))
}

async fn walk_chain(
    store: &dyn AuditStore,
    chain: Chain,
    heads: &mut Heads,
) -> Result<Option<Fault>, StoreError> {
    let (last, hash) = store.head(chain).await?;
    let fault = |kind, sequence, event_id, detail| {
        let chain = Some(chain);
        Some(Fault { kind, chain, sequence: Some(sequence), event_id, place: None, detail })
    };
    heads.insert(chain, Head::default());
    let mut walked = 0;
    loop {
        let page = store.records(chain, walked, PAGE).await?;
        for stored in &page {
            if stored.record.account != chain {
                let event_id = Some(stored.record.event_id);
                let detail = "it is another chain's record";
                return Ok(fault(FaultKind::Broken, stored.sequence, event_id, detail));
            }
            if let Err(fault) = step(heads, &line_of(stored)) {
                return Ok(Some(fault));
            }
            if stored.sequence == last && stored.hash != hash {
                let event_id = Some(stored.record.event_id);
                let detail = "its hash is not the one in the chain's head";
                return Ok(fault(FaultKind::Broken, last, event_id, detail));
            }
            walked = stored.sequence;
        }
        if page.is_empty() {
            break;
        }
    }
    if walked < last {
        let detail = "the chain's head says that it was written";
        return Ok(fault(FaultKind::Truncated, walked + 1, None, detail));
    }
    Ok(None)
}

fn line_of(stored: &ChainedRecord) -> RecordLine<'_> {
    RecordLine {
        chain: stored.record.account,
        sequence: stored.sequence,
        previous: stored.previous_hash,
        hash: stored.hash,
        event_id: stored.record.event_id,
        event_time: stored.record.event_time,
        json: &stored.record.cloudtrail_json,
    }
}

#[cfg(test)]
mod tests;
