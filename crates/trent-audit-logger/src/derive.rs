//! What follows from the records of a batch, kept with them.

pub(crate) mod postings;
mod unposted;

use trent_store::{Derive, Derived};
use trent_types::AuditRecord;

use crate::facts::Facts;
use crate::meters::DeriveMeters;
use crate::usage::Rollup;
use postings::Postings;

pub use unposted::post_what_was_kept_before;

/// The most records of one posting. They are read together, and a page of `LookupEvents` has 50.
const POSTING_RECORDS_MAX: usize = 64;

/// Derives everything that is kept beside the records.
pub struct Deriver {
    meters: DeriveMeters,
}

impl Deriver {
    /// A deriver; the metrics recorder must be installed before, or nothing is counted.
    #[must_use]
    pub fn new() -> Self {
        Self { meters: DeriveMeters::new() }
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
        // Each record is taken apart once, for whatever is derived from it.
        let facts: Vec<_> =
            records.iter().map(|(_, record)| Facts::of(&record.cloudtrail_json)).collect();
        let (mut postings, mut uses) = (Postings::new(POSTING_RECORDS_MAX), Rollup::default());
        for ((sequence, record), facts) in records.iter().zip(&facts) {
            // What is about no account is found by nobody and used no key.
            let Some(account) = record.account else { continue };
            let Some(facts) = facts else {
                tracing::error!(event = %record.event_id, "a record cannot be read: kept unindexed");
                continue;
            };
            postings.add(account, *sequence, record.event_time, facts);
            uses.add_facts(account, record.event_id, record.event_time, facts);
        }
        self.meters.uses.increment(uses.len() as u64);
        Derived { uses: uses.finish(), postings: postings.finish(), ..Derived::default() }
    }
}
