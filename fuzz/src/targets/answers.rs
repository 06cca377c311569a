//! What every answer of an operation is, whatever the request was.

use serde_json::Value;
use trent_operations::{Response, ServiceName};

use crate::world::World;

/// Holds an answer and what was written down about it against each other; whether it is a success.
pub(super) fn check(world: &World, response: &Response, service: ServiceName, name: &str) -> bool {
    let shown = || String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.content_type, service.content_type());
    let error = match (&response.error, response.status) {
        (None, 200) => None,
        (Some(refusal), 400..=499) => Some(refusal),
        (_, status) => panic!("{name}: {status} {:?}: {}", response.error, shown()),
    };
    if let Some(refusal) = error {
        // Nothing is broken in this world: a request that cannot be served is the caller's fault.
        assert_eq!(refusal.cause, None, "{name}: {}", shown());
        assert!(world.changes.borrow().is_empty(), "{name}: refused after a change");
    }
    match service {
        ServiceName::Kms if response.body.is_empty() => assert!(error.is_none()),
        ServiceName::Kms | ServiceName::CloudTrail => {
            let body: Value = serde_json::from_slice(&response.body).expect("an answer is JSON");
            let code = body.get("__type").and_then(Value::as_str);
            assert_eq!(code, error.map(|refusal| refusal.code));
        }
        ServiceName::Iam | ServiceName::Sts => {
            let body = std::str::from_utf8(&response.body).expect("an answer is text");
            assert!(is_balanced(body), "{body}");
        }
    }
    let records = world.records.borrow();
    let main = records.first().expect("no answer without its record");
    for record in records.iter() {
        assert!(!record.cloudtrail_json.contains(&b'\n'), "a record is one line");
        let json: Value = serde_json::from_slice(&record.cloudtrail_json).expect("JSON");
        assert_eq!(json["eventID"], record.event_id.to_string());
    }
    let main: Value = serde_json::from_slice(&main.cloudtrail_json).expect("JSON");
    assert_eq!(main["eventName"], name);
    assert_eq!(main.get("errorCode").is_some(), error.is_some(), "{main}");
    error.is_none()
}

/// Whether each element ends where it should, and nothing else looks like markup.
fn is_balanced(xml: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = xml.trim();
    while let Some((text, tail)) = rest.split_once('<') {
        let Some((tag, tail)) = tail.split_once('>') else { return false };
        rest = tail;
        let outside = open.is_empty() && !text.trim().is_empty();
        if outside || text.contains('>') || !text.split('&').skip(1).all(is_entity) {
            return false;
        }
        match tag.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None if tag.starts_with('?') || tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap_or_default()),
        }
    }
    open.is_empty() && rest.is_empty() && !xml.is_empty()
}

/// Whether what follows an `&` is an entity of XML's own or a character by its number.
fn is_entity(text: &str) -> bool {
    let Some((name, _)) = text.split_once(';') else { return false };
    matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || name.starts_with('#')
}
