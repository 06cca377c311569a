//! What a lookup wants, and whether a record is that.

use trent_types::{
    AccountId, AuditRecord, EventId, EventPlace, LookupQuery, Region, Timestamp, TrailAttribute,
    TrailFilter,
};

use crate::facts::Facts;

/// A lookup in the trail of an account and Region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) query: &'a LookupQuery,
}

impl Wanted<'_> {
    /// The one event that is looked for by its id; the inner `None` when what is given is no id.
    pub(crate) fn event(&self) -> Option<Option<EventId>> {
        match &self.query.filter {
            Some(TrailFilter { attribute: TrailAttribute::EventId, value }) => {
                Some(value.parse().ok())
            }
            Some(_) | None => None,
        }
    }

    /// No event later than this is wanted.
    pub(crate) fn latest(&self) -> Timestamp {
        self.query.before.map_or(self.query.to, |before| before.at.min(self.query.to))
    }

    /// Whether time and place of an event are wanted.
    pub(crate) fn at(&self, place: EventPlace) -> bool {
        self.query.from <= place.at
            && place.at <= self.query.to
            && self.query.before.is_none_or(|before| place < before)
    }

    /// Whether the record is wanted.
    pub(crate) fn fits(&self, record: &AuditRecord) -> bool {
        let place = EventPlace { at: record.event_time, event_id: record.event_id };
        record.account == Some(self.account) && self.at(place) && {
            Facts::of(&record.cloudtrail_json).is_some_and(|facts| {
                let named = |filter| facts.has(&record.event_id.to_string(), filter);
                facts.aws_region == self.region.as_str()
                    && self.query.filter.as_ref().is_none_or(named)
            })
        }
    }
}
