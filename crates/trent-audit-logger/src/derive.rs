//! What follows from the records of a batch, kept with them.

pub(crate) mod key_events;
pub(crate) mod postings;
pub(crate) mod usage;

use trent_store::{Derive, Derived};
use trent_types::AuditRecord;

use crate::facts::Facts;
use crate::meters::DeriveMeters;
use crate::usage::Rollup;
use key_events::key_event;
use postings::Postings;
use usage::Requests;

/// Derives everything that is kept beside the records.
pub(crate) struct Deriver {
    meters: DeriveMeters,
}

impl Deriver {
    pub(crate) fn new() -> Self {
        Self { meters: DeriveMeters::new() }
    }
}

impl Derive for Deriver {
    fn derive(&self, records: &[(u64, &AuditRecord)]) -> Derived {
        // Each record is taken apart once, for whatever is derived from it.
        let facts: Vec<_> =
            records.iter().map(|(_, record)| Facts::of(&record.cloudtrail_json)).collect();
        let (mut postings, mut uses) = (Postings::default(), Rollup::default());
        let (mut requests, mut key_events) = (Requests::default(), Vec::new());
        for ((sequence, record), facts) in records.iter().zip(&facts) {
            // What is about no account is found by nobody and used no key.
            let Some(account) = record.account else { continue };
            let Some(facts) = facts else {
                tracing::error!(event = %record.event_id, "a record cannot be read: kept unindexed");
                continue;
            };
            postings.add(account, *sequence, record.event_time, facts);
            uses.add_facts(account, record.event_id, record.event_time, facts);
            requests.add(account, record.event_time, &record.cloudtrail_json, facts);
            key_events.extend(key_event(account, record, facts));
        }
        self.meters.uses.increment(uses.len() as u64);
        Derived {
            uses: uses.finish(),
            postings: postings.finish(),
            usage: requests.finish(),
            key_events,
        }
    }
}
