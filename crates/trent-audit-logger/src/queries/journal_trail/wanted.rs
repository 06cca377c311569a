//! Which records of a journal a lookup wants, told from their lines with as little work as can be.

use std::collections::BTreeMap;

use memchr::memmem::Finder;
use trent_types::{
    AccountId, AuditRecord, EventId, EventPlace, LookupQuery, Region, Timestamp, TrailAttribute,
    TrailFilter,
};

use crate::blocks::mark;
use crate::derive::postings::posted;
use crate::facts::Facts;
use crate::journal::{self, RecordLine};

/// What is looked for, and the newest records that have been found.
#[derive(Debug)]
pub(super) struct Wanted {
    account: AccountId,
    region: Region,
    filter: Option<TrailFilter>,
    /// Both inclusive.
    times: (Timestamp, Timestamp),
    before: Option<EventPlace>,
    limit: usize,
    /// Stands in the JSON of whatever fits; empty when nothing can be told.
    text: Finder<'static>,
    found: BTreeMap<EventPlace, AuditRecord>,
}

impl Wanted {
    /// Nothing has been found yet. `None` when nothing can be.
    pub(super) fn new(account: AccountId, region: Region, query: &LookupQuery) -> Option<Self> {
        let LookupQuery { filter, mut from, mut to, before, limit } = query.clone();
        if let Some(TrailFilter { attribute: TrailAttribute::EventId, value }) = &filter {
            let event: EventId = value.parse().ok()?;
            if let Some(at) = event.time() {
                (from, to) = (from.max(at), to.min(at));
            }
        }
        to = before.map_or(to, |before| to.min(before.at));
        let text = filter.as_ref().and_then(text_of).unwrap_or_default();
        let text = Finder::new(text.as_bytes()).into_owned();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = BTreeMap::new();
        let times = (from, to);
        (limit > 0 && from <= to).then_some(Self {
            account,
            region,
            filter,
            times,
            before,
            limit,
            text,
            found,
        })
    }

    /// The earliest and the latest moment that anything can be of.
    pub(super) const fn times(&self) -> (Timestamp, Timestamp) {
        self.times
    }

    /// The mark of the blocks that can have something.
    pub(super) fn mark(&self) -> u32 {
        let (attribute, value) = posted(self.filter.as_ref()).unwrap_or((None, "".into()));
        mark(self.account, self.region.as_str(), attribute, &value)
    }

    /// Takes a line in, if it is one of the newest that fit.
    pub(super) fn look_at(&mut self, line: &[u8]) {
        if journal::chain_of(line) != Some(self.account.as_str().as_bytes())
            || self.text.find(line).is_none()
        {
            return;
        }
        let Some(record) = journal::parse_record(line) else { return };
        let place = EventPlace { at: record.event_time, event_id: record.event_id };
        let (from, to) = self.times;
        let in_time = from <= place.at && place.at <= to;
        if in_time
            && self.before.is_none_or(|before| place < before)
            && !self.is_full_above(place)
            && self.fits(&record)
        {
            self.found.insert(place, record.to_record());
            if self.found.len() > self.limit {
                self.found.pop_first();
            }
        }
    }

    /// Whether records up to this moment cannot be among the newest.
    pub(super) fn has_enough_after(&self, latest: Timestamp) -> bool {
        self.found.len() >= self.limit
            && self.found.first_key_value().is_some_and(|(oldest, _)| oldest.at > latest)
    }

    fn is_full_above(&self, place: EventPlace) -> bool {
        self.found.len() >= self.limit
            && self.found.first_key_value().is_some_and(|(oldest, _)| *oldest >= place)
    }

    fn fits(&self, record: &RecordLine<'_>) -> bool {
        let Some(facts) = Facts::of(record.json) else { return false };
        let filter = self.filter.as_ref();
        facts.aws_region == self.region.as_str()
            && filter.is_none_or(|filter| facts.has(&record.event_id.to_string(), filter))
    }

    /// The newest first.
    pub(super) fn finish(self) -> Vec<AuditRecord> {
        self.found.into_values().rev().collect()
    }
}

/// What must stand in the JSON of a record that fits, whatever escapes there are in it.
fn text_of(filter: &TrailFilter) -> Option<&str> {
    match filter.attribute {
        // It is not spelled `root` that somebody is.
        TrailAttribute::Username if filter.value == "root" => None,
        TrailAttribute::EventId
        | TrailAttribute::EventName
        | TrailAttribute::ReadOnly
        | TrailAttribute::Username
        | TrailAttribute::ResourceType
        | TrailAttribute::ResourceName
        | TrailAttribute::EventSource
        | TrailAttribute::AccessKeyId
        | TrailAttribute::ErrorCode => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/_-.@+=,".contains(&byte);
            filter.value.bytes().all(plain).then_some(filter.value.as_str())
        }
    }
}
