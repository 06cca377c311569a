//! An event as lists show it (CloudTrail API Reference, "Event").

use trent_types::{Timestamp, TrailEvent};

use crate::error::AwsError;
use crate::json::Object;

/// Writes the list of events.
pub(crate) fn list(out: &mut Object<'_>, events: &[TrailEvent]) -> Result<(), AwsError> {
    let mut records = Vec::with_capacity(events.len());
    for event in events {
        let record = std::str::from_utf8(&event.record.cloudtrail_json);
        records.push((event, record.map_err(|error| AwsError::internal(&error))?));
    }
    out.list("Events", records, |out, (event, record)| {
        let mut shown = Object::begin(out);
        shown.id("EventId", &event.record.event_id);
        shown.text("EventName", &event.name);
        shown.text("ReadOnly", if event.read_only { "true" } else { "false" });
        shown.text_if("AccessKeyId", event.access_key_id.as_deref());
        shown.epoch_seconds("EventTime", whole_seconds(event.record.event_time));
        shown.text("EventSource", &event.source);
        shown.text_if("Username", event.username.as_deref());
        shown.list("Resources", &event.resources, |out, (kind, arn)| {
            let mut resource = Object::begin(out);
            resource.text("ResourceType", kind);
            resource.text("ResourceName", arn);
            resource.end();
        });
        shown.text("CloudTrailEvent", record);
        shown.end();
    });
    Ok(())
}

/// How much room the answer needs, about.
pub(crate) fn room(events: &[TrailEvent]) -> usize {
    events.iter().map(|event| event.record.cloudtrail_json.len() * 5 / 4 + 512).sum::<usize>() + 512
}

/// CloudTrail tells and compares moments in whole seconds.
pub(crate) const fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_millis() - moment.as_millis().rem_euclid(1000))
}
