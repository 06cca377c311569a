//! Walks every chain, and names the first record that is broken, missing or out of order.
//!
//! What is walked is held against signed checkpoints, where there are any: they also find what a
//! chain alone cannot show, that its end was cut off or that its hashes were computed anew.
//!
//! A journal can be verified while a process writes it: an unfinished line at its end is then not a
//! fault.

mod journals;
mod stores;

use crate::archive::Archives;
use crate::chain::{Chain, Head};
use crate::checkpoints::{Contradiction, Expected, Mark};
use crate::walk::{FaultKind as Kind, Heads};

pub use crate::walk::{Fault, FaultKind, Place};
pub use journals::{verify_journal, verify_journal_against};
pub use stores::{verify_store, verify_store_against};

/// What a trail is held against.
#[derive(Debug, Default)]
pub struct Against {
    /// What checkpoints say.
    pub expected: Expected,
    /// What is no longer in the trail.
    pub archives: Archives,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The chains with their ends, as far as they are sound; the system's chain first.
    pub chains: Vec<(Chain, Head)>,
    /// The first fault; `None` when everything is sound.
    pub fault: Option<Fault>,
    /// The checkpoint that shows the fault, or covers the chain in which it is.
    pub checkpoint: Option<Mark>,
}

impl Report {
    fn new(heads: &Heads, found: Result<(), Contradiction>, expected: &Expected) -> Self {
        let mut chains: Vec<_> = heads.iter().map(|(chain, head)| (*chain, *head)).collect();
        chains.sort_unstable_by_key(|(chain, _)| *chain);
        let (fault, shown) = found.err().map(|found| *found).unzip();
        let covering = || expected.last(fault.as_ref()?.chain?);
        let checkpoint = shown.flatten().or_else(covering);
        Self { chains, fault, checkpoint }
    }

    /// How many records are sound, over all chains.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.chains.iter().map(|(_, head)| head.sequence).sum()
    }

    /// What is wrong, in one line; `None` when nothing is.
    #[must_use]
    pub fn finding(&self) -> Option<String> {
        let fault = self.fault.as_ref()?;
        let Some(Mark { time, file, line, sequence, sound }) = &self.checkpoint else {
            return Some(fault.to_string());
        };
        let named = format!("the checkpoint of {} ({}:{line})", time.iso8601(), file.display());
        Some(match (fault.kind, fault.sequence) {
            (Kind::Truncated, Some(first)) => format!(
                "{fault}; records {first} to {sequence} were there: they are covered by {named}"
            ),
            (Kind::Broken, Some(place)) if place == *sequence => {
                format!(
                    "{fault}; it is one of the records {} to {place}, covered by {named}",
                    sound + 1
                )
            }
            (Kind::Broken | Kind::Missing | Kind::Reordered | Kind::Truncated, _) => {
                format!("{fault}; {named} covers the chain up to {sequence}")
            }
        })
    }
}

#[cfg(test)]
mod tests;
