//! What follows from the records of a batch, kept with them.

use trent_store::{Derive, Derived};
use trent_types::AuditRecord;

use crate::meters::DeriveMeters;
use crate::usage::Rollup;

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
        let uses = Rollup::of(records.iter().map(|(_, record)| *record));
        self.meters.uses.increment(uses.len() as u64);
        Derived { uses, ..Derived::default() }
    }
}
