//! What follows from the records of a batch, kept with them.

pub(crate) mod key_events;
pub(crate) mod postings;
#[cfg(test)]
mod tests;
mod unposted;
pub(crate) mod usage;

use trent_store::{Derive, Derived};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

use crate::facts::Facts;
use crate::journal::RecordLine;
use crate::meters::DeriveMeters;
use crate::usage::Rollup;
use key_events::key_event;
use postings::Postings;
use usage::Requests;

pub use unposted::post_what_was_kept_before;

/// The most records of one posting. They are read together, and a page of `LookupEvents` has 50.
const POSTING_RECORDS_MAX: usize = 64;

/// A record in its place, taken apart once for whatever is derived from it.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) chain: Option<AccountId>,
    pub(crate) sequence: u64,
    pub(crate) event_id: EventId,
    pub(crate) at: Timestamp,
    pub(crate) json: &'a [u8],
    /// `None` where nobody asks: what is about no account is found by nobody and used no key.
    pub(crate) facts: Option<Facts<'a>>,
}

impl<'a> Told<'a> {
    /// What a line of the journal tells.
    pub(crate) fn of(line: &RecordLine<'a>) -> Self {
        let RecordLine { chain, sequence, event_id, event_time: at, json, .. } = *line;
        let facts = chain.and_then(|_| facts_of(event_id, json));
        Self { chain, sequence, event_id, at, json, facts }
    }

    /// What a record tells.
    pub(crate) fn of_record(sequence: u64, record: &'a AuditRecord) -> Self {
        let AuditRecord { event_id, account: chain, event_time: at, .. } = *record;
        let json = record.cloudtrail_json.as_slice();
        let facts = chain.and_then(|_| facts_of(event_id, json));
        Self { chain, sequence, event_id, at, json, facts }
    }
}

fn facts_of(event_id: EventId, json: &[u8]) -> Option<Facts<'_>> {
    let facts = Facts::of(json);
    if facts.is_none() {
        tracing::error!(event = %event_id, "a record cannot be read: kept unindexed");
    }
    facts
}

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
    pub(crate) fn derive_told(&self, told: &[Told<'_>]) -> Derived {
        let mut uses = Rollup::default();
        let (mut requests, mut key_events) = (Requests::default(), Vec::new());
        // Newest first, so that most uses are known to be old.
        for record in told.iter().rev() {
            let Some((account, facts)) = record.chain.zip(record.facts.as_ref()) else { continue };
            uses.add_facts(account, record.event_id, record.at, facts);
            requests.add(account, record.at, record.json, facts);
            key_events.extend(key_event(account, record, facts));
        }
        self.meters.uses.increment(uses.len() as u64);
        let (uses, usage) = (uses.finish(), requests.finish());
        Derived { uses, usage, key_events, ..Derived::default() }
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
        let told: Vec<_> =
            records.iter().map(|(sequence, record)| Told::of_record(*sequence, record)).collect();
        let mut postings = Postings::new(POSTING_RECORDS_MAX);
        for record in &told {
            let Some((account, facts)) = record.chain.zip(record.facts.as_ref()) else { continue };
            postings.add(account, record.sequence, record.at, facts);
        }
        Derived { postings: postings.finish(), ..self.derive_told(&told) }
    }
}
