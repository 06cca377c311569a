//! What the audit trail is asked, and what it answers.

use std::time::Duration;

use trent_types::{
    EventPlace, LookupQuery, TailPage, TailQuery, TailStart, Timestamp, TrailEvent, TrailFilter,
    TrailPublicKey,
};

use super::{InvalidField, by_reference, bytes, event_id, given, parse, required};
use crate::messages::tail_events::Start;
use crate::messages::{self, Unit};

by_reference! {
    LookupQuery => messages::LookupEvents,
    TailQuery => messages::TailEvents,
    TrailEvent => messages::TrailEvent,
}

impl From<TrailFilter> for messages::TrailFilter {
    fn from(filter: TrailFilter) -> Self {
        Self { attribute: filter.attribute.as_str().to_owned(), value: filter.value }
    }
}

impl TryFrom<messages::TrailFilter> for TrailFilter {
    type Error = InvalidField;

    fn try_from(filter: messages::TrailFilter) -> Result<Self, InvalidField> {
        Ok(Self { attribute: parse(&filter.attribute, "attribute")?, value: filter.value })
    }
}

impl From<EventPlace> for messages::EventPlace {
    fn from(place: EventPlace) -> Self {
        Self { at_ms: place.at.as_millis(), event_id: bytes(place.event_id.as_bytes()) }
    }
}

impl TryFrom<messages::EventPlace> for EventPlace {
    type Error = InvalidField;

    fn try_from(place: messages::EventPlace) -> Result<Self, InvalidField> {
        Ok(Self {
            at: Timestamp::from_millis(place.at_ms),
            event_id: event_id(&place.event_id, "event_id")?,
        })
    }
}

impl From<LookupQuery> for messages::LookupEvents {
    fn from(query: LookupQuery) -> Self {
        Self {
            filter: query.filter.map(Into::into),
            from_ms: query.from.as_millis(),
            to_ms: query.to.as_millis(),
            before: query.before.map(Into::into),
            limit: query.limit,
        }
    }
}

impl TryFrom<messages::LookupEvents> for LookupQuery {
    type Error = InvalidField;

    fn try_from(query: messages::LookupEvents) -> Result<Self, InvalidField> {
        Ok(Self {
            filter: query.filter.map(TryInto::try_into).transpose()?,
            from: Timestamp::from_millis(query.from_ms),
            to: Timestamp::from_millis(query.to_ms),
            before: query.before.map(TryInto::try_into).transpose()?,
            limit: query.limit,
        })
    }
}

impl From<TailQuery> for messages::TailEvents {
    fn from(query: TailQuery) -> Self {
        let start = match query.start {
            TailStart::Now => Start::Now(Unit {}),
            TailStart::AfterEvent(id) => Start::AfterEvent(bytes(id.as_bytes())),
            TailStart::After(sequence) => Start::After(sequence),
        };
        Self {
            start: Some(start),
            all_regions: query.all_regions,
            filters: query.filters.into_iter().map(Into::into).collect(),
            limit: query.limit,
            wait_ms: u32::try_from(query.wait.as_millis()).unwrap_or(u32::MAX),
        }
    }
}

impl TryFrom<messages::TailEvents> for TailQuery {
    type Error = InvalidField;

    fn try_from(query: messages::TailEvents) -> Result<Self, InvalidField> {
        let start = match required(query.start, "start")? {
            Start::Now(Unit {}) => TailStart::Now,
            Start::AfterEvent(id) => TailStart::AfterEvent(event_id(&id, "after_event")?),
            Start::After(sequence) => TailStart::After(sequence),
        };
        let filters = query.filters.into_iter().map(TryInto::try_into);
        Ok(Self {
            start,
            all_regions: query.all_regions,
            filters: filters.collect::<Result<_, _>>()?,
            limit: query.limit,
            wait: Duration::from_millis(query.wait_ms.into()),
        })
    }
}

impl From<TrailEvent> for messages::TrailEvent {
    fn from(event: TrailEvent) -> Self {
        let resource = |(r#type, arn)| messages::TrailResource { r#type, arn };
        Self {
            record: Some(event.record.into()),
            name: event.name,
            source: event.source,
            read_only: event.read_only,
            username: event.username.unwrap_or_default(),
            access_key_id: event.access_key_id.unwrap_or_default(),
            resources: event.resources.into_iter().map(resource).collect(),
        }
    }
}

impl TryFrom<messages::TrailEvent> for TrailEvent {
    type Error = InvalidField;

    fn try_from(event: messages::TrailEvent) -> Result<Self, InvalidField> {
        let resource = |one: messages::TrailResource| (one.r#type, one.arn);
        Ok(Self {
            record: required(event.record, "record")?.try_into()?,
            name: event.name,
            source: event.source,
            read_only: event.read_only,
            username: given(event.username),
            access_key_id: given(event.access_key_id),
            resources: event.resources.into_iter().map(resource).collect(),
        })
    }
}

impl From<Vec<TrailEvent>> for messages::TrailEvents {
    fn from(events: Vec<TrailEvent>) -> Self {
        Self { events: events.into_iter().map(Into::into).collect() }
    }
}

impl TryFrom<messages::TrailEvents> for Vec<TrailEvent> {
    type Error = InvalidField;

    fn try_from(found: messages::TrailEvents) -> Result<Self, InvalidField> {
        found.events.into_iter().map(TryInto::try_into).collect()
    }
}

impl From<TailPage> for messages::TailedEvents {
    fn from(page: TailPage) -> Self {
        let events = page.events.into_iter().map(Into::into).collect();
        Self { events, sequence: page.sequence }
    }
}

impl TryFrom<messages::TailedEvents> for TailPage {
    type Error = InvalidField;

    fn try_from(page: messages::TailedEvents) -> Result<Self, InvalidField> {
        let events = page.events.into_iter().map(TryInto::try_into);
        Ok(Self { events: events.collect::<Result<_, _>>()?, sequence: page.sequence })
    }
}

impl From<TrailPublicKey> for messages::TrailKey {
    fn from(key: TrailPublicKey) -> Self {
        Self {
            der: key.der.into(),
            fingerprint: key.fingerprint,
            from_ms: key.from.as_millis(),
            to_ms: key.to.as_millis(),
        }
    }
}

impl TryFrom<messages::TrailKey> for TrailPublicKey {
    type Error = InvalidField;

    fn try_from(key: messages::TrailKey) -> Result<Self, InvalidField> {
        if key.der.is_empty() {
            return Err(InvalidField("der"));
        }
        if key.fingerprint.is_empty() {
            return Err(InvalidField("fingerprint"));
        }
        Ok(Self {
            der: key.der.into(),
            fingerprint: key.fingerprint,
            from: Timestamp::from_millis(key.from_ms),
            to: Timestamp::from_millis(key.to_ms),
        })
    }
}

impl From<Vec<TrailPublicKey>> for messages::TrailKeys {
    fn from(keys: Vec<TrailPublicKey>) -> Self {
        Self { keys: keys.into_iter().map(Into::into).collect() }
    }
}

impl TryFrom<messages::TrailKeys> for Vec<TrailPublicKey> {
    type Error = InvalidField;

    fn try_from(found: messages::TrailKeys) -> Result<Self, InvalidField> {
        found.keys.into_iter().map(TryInto::try_into).collect()
    }
}

#[cfg(test)]
mod tests {
    use trent_types::{AuditRecord, EventId, TrailAttribute};

    use super::*;

    fn filter(attribute: TrailAttribute) -> TrailFilter {
        TrailFilter { attribute, value: "Encrypt".into() }
    }

    fn event() -> TrailEvent {
        TrailEvent {
            record: AuditRecord {
                event_id: EventId::from_bytes([1; 16]),
                account: Some("123456789012".parse().unwrap()),
                event_time: Timestamp::from_millis(5),
                cloudtrail_json: b"{}".to_vec(),
                trace: None,
            },
            name: "Encrypt".into(),
            source: "kms.amazonaws.com".into(),
            read_only: true,
            username: Some("alice".into()),
            access_key_id: None,
            resources: vec![("AWS::KMS::Key".into(), "arn:x".into())],
        }
    }

    #[test]
    fn a_lookup_comes_back_with_and_without_filter_and_place() {
        for attribute in TrailAttribute::ALL.iter().copied().map(Some).chain([None]) {
            let place = EventPlace {
                at: Timestamp::from_millis(-9),
                event_id: EventId::from_bytes([7; 16]),
            };
            let query = LookupQuery {
                filter: attribute.map(filter),
                from: Timestamp::from_millis(1),
                to: Timestamp::from_millis(2),
                before: attribute.map(|_| place),
                limit: 50,
            };
            assert_eq!(messages::LookupEvents::from(&query).try_into(), Ok(query));
        }
        let unknown = messages::TrailFilter { attribute: "Color".into(), value: "red".into() };
        assert_eq!(TrailFilter::try_from(unknown), Err(InvalidField("attribute")));
        let short = messages::EventPlace { at_ms: 1, event_id: bytes(&[1; 15]) };
        assert_eq!(EventPlace::try_from(short), Err(InvalidField("event_id")));
    }

    #[test]
    fn a_tail_comes_back_from_each_start() {
        let id = EventId::from_bytes([3; 16]);
        for start in [TailStart::Now, TailStart::AfterEvent(id), TailStart::After(u64::MAX)] {
            let query = TailQuery {
                start,
                all_regions: true,
                filters: vec![filter(TrailAttribute::EventName), filter(TrailAttribute::ErrorCode)],
                limit: 1000,
                wait: Duration::from_secs(20),
            };
            assert_eq!(messages::TailEvents::from(&query).try_into(), Ok(query));
        }
        let nowhere = messages::TailEvents::default();
        assert_eq!(TailQuery::try_from(nowhere), Err(InvalidField("start")));
    }

    #[test]
    fn what_was_found_comes_back_and_events_without_records_do_not() {
        let anonymous = TrailEvent { username: None, resources: Vec::new(), ..event() };
        let events = vec![event(), anonymous];
        assert_eq!(messages::TrailEvents::from(events.clone()).try_into(), Ok(events.clone()));
        let page = TailPage { events, sequence: 9 };
        assert_eq!(messages::TailedEvents::from(page.clone()).try_into(), Ok(page));
        let bare = messages::TrailEvent { record: None, ..event().into() };
        assert_eq!(TrailEvent::try_from(bare), Err(InvalidField("record")));
    }

    #[test]
    fn public_keys_come_back_and_empty_ones_do_not() {
        let key = TrailPublicKey {
            der: vec![0x30, 0],
            fingerprint: "ab".repeat(16),
            from: Timestamp::from_millis(1),
            to: Timestamp::from_millis(2),
        };
        let keys = vec![key.clone()];
        assert_eq!(messages::TrailKeys::from(keys.clone()).try_into(), Ok(keys));
        let empty = messages::TrailKey { der: bytes(&[]), ..key.into() };
        assert_eq!(TrailPublicKey::try_from(empty), Err(InvalidField("der")));
    }
}
