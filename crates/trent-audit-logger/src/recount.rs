//! Usage and key events once more from all records, against what a store keeps of them.
//!
//! What is kept is read at one moment, with how far the trail had come by then; the records up to
//! there never change, so the service may go on meanwhile. Where the oldest records are not there
//! any more, only what is later than all of those is compared.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use trent_store::{
    AuditStore, JournalPlace, KeyEvent, StoreError, UsageCorrection, UsageCount, UsageGroup,
};
use trent_types::{AccountId, EventId, KeyArn, Timestamp};

use crate::cost::month_hours;
use crate::derive::usage::HOUR_MS;
use crate::derive::{Batch, Deriver};
use crate::journal::{self, PIECE_MAX, ScanError};

/// Records that are read from a store at a time.
const PAGE: u32 = 1_000;

/// What the records say.
#[derive(Debug, Default)]
pub struct Recount {
    counts: BTreeMap<(AccountId, UsageGroup), u64>,
    events: BTreeMap<(AccountId, String, Timestamp, EventId), KeyEvent>,
    /// Nothing is known of hours before this one.
    since: Option<i64>,
    /// How many records there were.
    pub records: u64,
}

/// A difference between what the records say and what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another number of requests.
    Requests {
        /// Of which kind.
        group: UsageGroup,
        /// What is kept.
        kept: u64,
        /// What the records say.
        told: u64,
    },
    /// An event that is not kept.
    Missing(KeyEvent),
    /// An event that no record tells of.
    Extra(KeyEvent),
}

impl Recount {
    /// Recounts the journal in a directory up to a place. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of_journal(directory: &Path, until: JournalPlace) -> io::Result<Self> {
        let (mut recount, deriver) = (Self::default(), Deriver::new());
        let first = journal::first_segment(directory)?;
        if first > 1 {
            let latest = journal::latest_before(directory, first).map_err(|error| match error {
                ScanError::Io(error) => error,
                ScanError::Fault(fault) => io::Error::other(fault.to_string()),
            })?;
            recount.since = Some(hour_of(latest) + 1);
        }
        let mut from = JournalPlace { segment: first, offset: 0 };
        while from < until {
            let piece = journal::piece(directory, from, until, PIECE_MAX)?;
            let mut batch = Batch::new();
            let lines = piece.lines().filter_map(journal::parse_record);
            lines.for_each(|line| batch.push(line.placed()));
            recount.take(&deriver, &batch);
            from = piece.next;
        }
        Ok(recount)
    }

    /// Recounts an account's chain in a store, up to this sequence.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of_chain(
        store: &dyn AuditStore,
        account: AccountId,
        until: u64,
    ) -> Result<Self, StoreError> {
        let (mut recount, deriver) = (Self::default(), Deriver::new());
        let (mut after, mut earliest) = (0, None::<Timestamp>);
        let mut gaps = false;
        loop {
            let mut page = store.records(Some(account), after, PAGE).await?;
            page.retain(|link| link.sequence <= until);
            let Some(last) = page.last().map(|link| link.sequence) else { break };
            // The oldest partitions go as wholes; what was late stands between what is kept.
            gaps |= last - after != page.len() as u64;
            let oldest = page.iter().map(|link| link.record.event_time).min();
            earliest = earliest.map_or(oldest, |known| oldest.map(|time| time.min(known)));
            let mut batch = Batch::new();
            page.iter().for_each(|link| batch.push_record(link.sequence, &link.record));
            recount.take(&deriver, &batch);
            after = last;
        }
        gaps |= after < until;
        if gaps {
            // A partition is a month. Where nothing is left, nothing can be said.
            let month = earliest.and_then(|at| {
                let (year, month, ..) = at.civil();
                month_hours(year, month)
            });
            recount.since = Some(month.map_or(i64::MAX, |(first, _)| first));
        }
        Ok(recount)
    }

    fn take(&mut self, deriver: &Deriver, batch: &Batch<'_>) {
        self.records += batch.records().len() as u64;
        let derived = deriver.derive_told(batch);
        for count in derived.usage {
            *self.counts.entry((count.account, count.group)).or_default() += count.requests;
        }
        for event in derived.key_events {
            self.events.insert(place_of(&event), event);
        }
    }

    /// The accounts that the records tell of.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let counted = self.counts.keys().map(|(account, _)| *account);
        let told = self.events.keys().map(|(account, ..)| *account);
        let mut all: Vec<_> = counted.chain(told).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The hour since the epoch before which nothing can be compared; `None` when every record is
    /// there.
    #[must_use]
    pub const fn since(&self) -> Option<i64> {
        self.since
    }

    /// In what an account's records differ from what is kept of it.
    #[must_use]
    pub fn differences(
        &self,
        account: AccountId,
        counts: &[UsageCount],
        events: &[KeyEvent],
    ) -> Vec<Difference> {
        let since = self.since.unwrap_or(i64::MIN);
        let mut groups: BTreeMap<&UsageGroup, (u64, u64)> = BTreeMap::new();
        for count in counts.iter().filter(|count| count.account == account) {
            groups.entry(&count.group).or_default().0 = count.requests;
        }
        for ((_, group), told) in self.counts.iter().filter(|((whose, _), _)| *whose == account) {
            groups.entry(group).or_default().1 = *told;
        }
        let differs = |(group, (kept, told)): (&UsageGroup, (u64, u64))| {
            let group = (kept != told && group.hour >= since).then(|| group.clone())?;
            Some(Difference::Requests { group, kept, told })
        };
        let mut all: Vec<_> = groups.into_iter().filter_map(differs).collect();
        let later = |event: &&KeyEvent| event.key.account == account && hour_of(event.at) >= since;
        let kept: BTreeMap<_, _> =
            events.iter().filter(later).map(|event| (place_of(event), event)).collect();
        for (place, event) in self.events.iter().filter(|(_, event)| later(event)) {
            match kept.get(place) {
                Some(known) if *known == event => {}
                Some(known) => {
                    all.push(Difference::Extra((*known).clone()));
                    all.push(Difference::Missing(event.clone()));
                }
                None => all.push(Difference::Missing(event.clone())),
            }
        }
        let unknown = kept.into_iter().filter(|(place, _)| !self.events.contains_key(place));
        all.extend(unknown.map(|(_, event)| Difference::Extra(event.clone())));
        all
    }
}

/// What must be changed so that nothing differs any more.
#[must_use]
pub fn correction(differences: &[Difference]) -> UsageCorrection {
    let mut correction = UsageCorrection::default();
    for difference in differences {
        match difference {
            Difference::Requests { group, kept, told } => {
                let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
                correction.counts.push((group.clone(), number(*told) - number(*kept)));
            }
            Difference::Missing(event) => correction.missing.push(event.clone()),
            Difference::Extra(event) => correction.extra.push(event.clone()),
        }
    }
    correction
}

fn place_of(event: &KeyEvent) -> (AccountId, String, Timestamp, EventId) {
    let key: &KeyArn = &event.key;
    (key.account, key.to_string(), event.at, event.event_id)
}

const fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR_MS)
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let event = |f: &mut std::fmt::Formatter<'_>, event: &KeyEvent, what: &str| {
            let (at, KeyEvent { event_id, name, key, .. }) = (event.at.iso8601(), event);
            write!(f, "{at} {name} {key} (event {event_id}): {what}")
        };
        match self {
            Self::Requests { group, kept, told } => {
                let hour = Timestamp::from_millis(group.hour.saturating_mul(HOUR_MS)).iso8601();
                let UsageGroup { region, service, operation, error, principal, key, .. } = group;
                let error = if error.is_empty() { "success" } else { error };
                write!(f, "{hour} {region} {service}:{operation} {error} by {principal}")?;
                if !key.is_empty() {
                    write!(f, " on {key}")?;
                }
                write!(f, ": {kept} counted, {told} in the records")
            }
            Self::Missing(missing) => event(f, missing, "not kept"),
            Self::Extra(extra) => event(f, extra, "no record tells of it"),
        }
    }
}
