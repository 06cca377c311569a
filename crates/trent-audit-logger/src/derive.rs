//! What follows from the records of a batch, kept with them.

pub(crate) mod key_events;
mod likeness;
pub(crate) mod postings;
#[cfg(test)]
mod tests;
mod told;
mod unposted;
pub(crate) mod usage;

use trent_store::{Derive, Derived};
use trent_types::AuditRecord;

use crate::facts::Facts;
use crate::meters::DeriveMeters;
use crate::usage::Rollup;
use key_events::key_event;
use postings::Postings;
use told::Told;
use usage::Requests;

pub(crate) use told::{Batch, Kind};
pub use unposted::post_what_was_kept_before;

/// The most records of one posting. They are read together, and a page of `LookupEvents` has 50.
const POSTING_RECORDS_MAX: usize = 64;

/// Derives everything that is kept beside the records.
#[derive(Clone)]
pub struct Deriver {
    meters: DeriveMeters,
}

impl Deriver {
    /// A deriver; the metrics recorder must be installed before, or nothing is counted.
    #[must_use]
    pub fn new() -> Self {
        Self { meters: DeriveMeters::new() }
    }

    /// What follows from these records, which are new, but for postings.
    pub(crate) fn derive_told(&self, batch: &Batch<'_>) -> Derived {
        let mut key_events = Vec::new();
        let mut tallies: Vec<Tally<'_, '_>> = Vec::new();
        tallies.resize_with(batch.kinds().len(), Tally::default);
        for record in batch.records().iter().rev() {
            let Some(kind) = batch.kind_of(record) else { continue };
            if kind.is_of_life {
                key_events.extend(key_event(kind.account, record, &kind.facts));
            }
            if let Some(tally) = record.kind.and_then(|kind| tallies.get_mut(kind)) {
                tally.take(record);
            }
        }
        let (mut uses, mut requests) = (Rollup::default(), Requests::default());
        for (kind, tally) in batch.kinds().iter().zip(tallies) {
            let Some(newest) = tally.newest else { continue };
            // Which request used the key is its own to tell.
            let its_own = if kind.is_of(newest) { None } else { Facts::of(newest.json) };
            let facts = its_own.as_ref().unwrap_or(&kind.facts);
            uses.add_facts(kind.account, newest.event_id, newest.at, facts);
            for (hour, count) in tally.hours {
                requests.add(kind.account, (hour, count), newest.json, &kind.facts);
            }
        }
        self.meters.uses.increment(uses.len() as u64);
        let (uses, usage) = (uses.finish(), requests.finish());
        Derived { uses, usage, key_events, ..Derived::default() }
    }
}

/// How often something was told.
#[derive(Default)]
struct Tally<'b, 'a> {
    /// By the hour; nearly always one.
    hours: Vec<(i64, u64)>,
    newest: Option<&'b Told<'a>>,
}

impl<'b, 'a> Tally<'b, 'a> {
    fn take(&mut self, record: &'b Told<'a>) {
        let hour = usage::hour_of(record.at);
        match self.hours.iter_mut().find(|(of, _)| *of == hour) {
            Some((_, count)) => *count += 1,
            None => self.hours.push((hour, 1)),
        }
        let age = |told: &Told<'_>| (told.at, told.event_id);
        if self.newest.is_none_or(|newest| age(record) > age(newest)) {
            self.newest = Some(record);
        }
    }
}

impl Default for Deriver {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Deriver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deriver").finish_non_exhaustive()
    }
}

impl Derive for Deriver {
    fn derive(&self, records: &[(u64, &AuditRecord)]) -> Derived {
        let mut batch = Batch::new();
        for (sequence, record) in records {
            batch.push_record(*sequence, record);
        }
        let mut postings = Postings::new(POSTING_RECORDS_MAX);
        for record in batch.records() {
            let Some(kind) = batch.kind_of(record) else { continue };
            postings.add(kind.account, record.sequence, record.at, &kind.facts);
        }
        Derived { postings: postings.finish(), ..self.derive_told(&batch) }
    }
}
