//! The newest records of a journal that a lookup wants, told from their lines with as little work
//! as can be.

use std::collections::BTreeMap;

use memchr::memmem::Finder;
use trent_types::{
    AccountId, AuditRecord, EventPlace, LookupQuery, Region, Timestamp, TrailAttribute, TrailFilter,
};

use crate::blocks::mark;
use crate::derive::postings::posted;
use crate::journal;
use crate::queries::wanted::Wanted;

/// What is looked for, and the newest records that have been found.
#[derive(Debug)]
pub(super) struct Newest {
    account: AccountId,
    region: Region,
    query: LookupQuery,
    limit: usize,
    /// Stands in the JSON of whatever fits; empty when nothing can be told.
    text: Finder<'static>,
    found: BTreeMap<EventPlace, AuditRecord>,
}

impl Newest {
    /// Nothing has been found yet. `None` when nothing can be.
    pub(super) fn new(account: AccountId, region: Region, query: &LookupQuery) -> Option<Self> {
        let mut query = query.clone();
        let wanted = Wanted { account, region, query: &query };
        let (event, latest) = (wanted.event(), wanted.latest());
        query.to = latest;
        if let Some(event) = event
            && let Some(at) = event?.time()
        {
            (query.from, query.to) = (query.from.max(at), query.to.min(at));
        }
        let text = query.filter.as_ref().and_then(text_of).unwrap_or_default();
        let text = Finder::new(text.as_bytes()).into_owned();
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let found = BTreeMap::new();
        (limit > 0 && query.from <= query.to).then_some(Self {
            account,
            region,
            query,
            limit,
            text,
            found,
        })
    }

    /// The mark of the blocks that can have something.
    pub(super) fn mark(&self) -> u32 {
        let (attribute, value) = posted(self.query.filter.as_ref()).unwrap_or((None, "".into()));
        mark(self.account, self.region.as_str(), attribute, &value)
    }

    /// The earliest and the latest moment that anything can be of.
    pub(super) const fn times(&self) -> (Timestamp, Timestamp) {
        (self.query.from, self.query.to)
    }

    /// Takes a line in, if it is one of the newest that fit.
    pub(super) fn look_at(&mut self, line: &[u8]) {
        if journal::chain_of(line) != Some(self.account.as_str().as_bytes())
            || self.text.find(line).is_none()
        {
            return;
        }
        let Some(line) = journal::parse_record(line) else { return };
        let place = EventPlace { at: line.event_time, event_id: line.event_id };
        let wanted = Wanted { account: self.account, region: self.region, query: &self.query };
        if !wanted.at(place) || self.is_full_above(place) {
            return;
        }
        let record = line.to_record();
        if wanted.fits(&record) {
            self.found.insert(place, record);
            if self.found.len() > self.limit {
                self.found.pop_first();
            }
        }
    }

    /// Whether records up to this moment cannot be among the newest.
    pub(super) fn has_enough_after(&self, latest: Timestamp) -> bool {
        self.is_full() && self.oldest().is_some_and(|oldest| oldest.at > latest)
    }

    fn is_full_above(&self, place: EventPlace) -> bool {
        self.is_full() && self.oldest().is_some_and(|oldest| *oldest >= place)
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn oldest(&self) -> Option<&EventPlace> {
        self.found.first_key_value().map(|(place, _)| place)
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
