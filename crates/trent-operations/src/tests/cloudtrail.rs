//! CloudTrail's operations: the event history and the public keys.

use proptest::prelude::*;
use serde_json::{Value, json};
use trent_types::{RequestClass, Timestamp, TrailAttribute, TrailFilter, TrailPublicKey};

use crate::ports::{TrailError, Unavailable};
use crate::testing::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn of(attribute: &str, value: &str) -> String {
    json!({"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]}).to_string()
}

fn refused(body: &str) -> (String, String) {
    let world = World::new();
    let (code, message) = world.error("LookupEvents", body);
    let record = world.only_record();
    assert_eq!((&record["errorCode"], &record["eventSource"]), (&json!(code), &SOURCE.into()));
    assert!(world.trails.lookups.borrow().is_empty());
    (code, message.unwrap_or_default())
}

const SOURCE: &str = "cloudtrail.amazonaws.com";

#[test]
fn events_are_shown_as_cloudtrail_shows_them() {
    let world = World::new();
    let nobodys = trent_types::TrailEvent {
        username: None,
        access_key_id: None,
        resources: Vec::new(),
        ..event(2, 5_678)
    };
    world.trails.events.borrow_mut().extend([event(1, 0), nobodys]);
    let answer = world.ok("LookupEvents", "{}");
    let expected = json!({"Events": [
        {
            "EventId": "01010101-0101-0101-0101-010101010101",
            "EventName": "Encrypt",
            "ReadOnly": "true",
            "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "EventTime": 1_672_628_645,
            "EventSource": "kms.amazonaws.com",
            "Username": "ann",
            "Resources": [{"ResourceType": "AWS::KMS::Key", "ResourceName": arn_of(KEY)}],
            "CloudTrailEvent": r#"{"n":"1"}"#,
        },
        {
            "EventId": "02020202-0202-0202-0202-020202020202",
            "EventName": "Encrypt",
            "ReadOnly": "true",
            "EventTime": 1_672_628_640,
            "EventSource": "kms.amazonaws.com",
            "Resources": [],
            "CloudTrailEvent": r#"{"n":"2"}"#,
        },
    ]});
    assert_eq!(answer, expected);
    assert_eq!(*world.trails.permits.borrow(), ["cloudtrail:LookupEvents"]);
    assert_eq!(*world.asked_about.borrow(), [r#"Arn("*")"#]);
    let record = world.only_record();
    assert_eq!(record["eventSource"], SOURCE);
    assert_eq!((&record["eventName"], &record["readOnly"]), (&"LookupEvents".into(), &true.into()));
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record.get("resources"), None);
}

#[test]
fn what_is_asked_for_is_looked_up_and_recorded() {
    let world = World::new();
    let body = json!({
        "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "ann"}],
        "StartTime": 1_672_628_000.9,
        "EndTime": 1_672_628_600,
        "MaxResults": 7,
    });
    world.ok("LookupEvents", &body.to_string());
    let lookups = world.trails.lookups.borrow();
    let asked = &lookups[0];
    let filter = TrailFilter { attribute: TrailAttribute::Username, value: "ann".to_owned() };
    assert_eq!(asked.filter.as_ref(), Some(&filter));
    // Both seconds are in it to their ends.
    assert_eq!(asked.from, Timestamp::from_millis(1_672_628_000_000));
    assert_eq!(asked.to, Timestamp::from_millis(1_672_628_600_999));
    assert_eq!((asked.limit, asked.before), (7, None));
    let expected = json!({
        "lookupAttributes": [{"attributeKey": "Username", "attributeValue": "ann"}],
        "startTime": "Jan 2, 2023, 2:53:20 AM",
        "endTime": "Jan 2, 2023, 3:03:20 AM",
        "maxResults": 7,
    });
    assert_eq!(world.only_record()["requestParameters"], expected);
}

#[test]
fn the_history_ends_after_ninety_days() {
    let world = World::new();
    world.ok("LookupEvents", r#"{"StartTime":0}"#);
    world.ok("LookupEvents", "{}");
    for asked in world.trails.lookups.borrow().iter() {
        assert_eq!(asked.from, Timestamp::from_millis(NOW - 90 * DAY));
        assert!(asked.to > Timestamp::from_millis(NOW) && asked.limit == 50);
    }
    world.trails.lookups.borrow_mut().clear();
    assert_eq!(world.ok("LookupEvents", r#"{"EndTime":86400}"#), json!({"Events": []}));
    assert!(world.trails.lookups.borrow().is_empty(), "there is nothing to look for");
}

#[test]
fn pages_go_on_after_the_last_event_and_only_with_the_same_parameters() {
    let world = World::new();
    world.trails.events.borrow_mut().extend((1..=5).map(|n| event(n, i64::from(n) * 1000)));
    let mut body: Value = serde_json::from_str(&of("EventName", "Encrypt")).unwrap();
    body["MaxResults"] = 2.into();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = world.ok("LookupEvents", &body.to_string());
        let events = page["Events"].as_array().unwrap();
        seen.extend(events.iter().map(|event| event["CloudTrailEvent"].clone()));
        body["NextToken"] = page.get("NextToken").cloned().unwrap_or_default();
    }
    let expected: Vec<Value> = (1..=5).map(|n| json!(format!(r#"{{"n":"{n}"}}"#))).collect();
    assert_eq!((seen, &body["NextToken"]), (expected, &Value::Null));

    body["NextToken"] = world.ok("LookupEvents", &body.to_string())["NextToken"].clone();
    let changed = |name: &str, value: Value| {
        let mut other = body.clone();
        other[name] = value;
        world.error("LookupEvents", &other.to_string()).0
    };
    let attribute = json!([{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]);
    for (name, value) in [
        ("LookupAttributes", attribute),
        ("LookupAttributes", Value::Null),
        ("StartTime", 1.into()),
        ("EndTime", 1_672_628_645.into()),
        ("EventCategory", "insight".into()),
        ("NextToken", "x".into()),
        ("NextToken", "".into()),
    ] {
        assert_eq!(changed(name, value), "InvalidNextTokenException", "{name}");
    }
    // The token is of this account.
    world.caller.borrow_mut().account = "999988887777".parse().unwrap();
    assert_eq!(changed("MaxResults", 2.into()), "InvalidNextTokenException");
}

#[test]
fn wrong_requests_are_refused_by_the_code_for_what_is_wrong() {
    let attribute = "InvalidLookupAttributesException";
    let two = json!({"LookupAttributes": [
        {"AttributeKey": "EventName", "AttributeValue": "a"},
        {"AttributeKey": "Username", "AttributeValue": "b"},
    ]});
    for (body, code) in [
        (two.to_string(), attribute),
        (of("ErrorCode", "AccessDenied"), attribute),
        (of("eventName", "Encrypt"), attribute),
        (of("EventName", ""), attribute),
        (of("EventName", &"x".repeat(2001)), attribute),
        (of("ReadOnly", "True"), attribute),
        (r#"{"LookupAttributes":[{"AttributeKey":"EventName"}]}"#.to_owned(), attribute),
        (r#"{"LookupAttributes":[null]}"#.to_owned(), attribute),
        (r#"{"MaxResults":0}"#.to_owned(), "InvalidMaxResultsException"),
        (r#"{"MaxResults":51}"#.to_owned(), "InvalidMaxResultsException"),
        (r#"{"MaxResults":-1}"#.to_owned(), "InvalidMaxResultsException"),
        (r#"{"StartTime":2,"EndTime":1}"#.to_owned(), "InvalidTimeRangeException"),
        (r#"{"EventCategory":"management"}"#.to_owned(), "InvalidEventCategoryException"),
        (r#"{"NextToken":"e30="}"#.to_owned(), "InvalidNextTokenException"),
    ] {
        let (found, message) = refused(&body);
        assert_eq!((found.as_str(), message.is_empty()), (code, false), "{body}");
    }
    assert_eq!(refused(r#"{"MaxResults":"1"}"#).0, "SerializationException");
    let longest = of("EventName", &"x".repeat(2000));
    assert_eq!(World::new().ok("LookupEvents", &longest), json!({"Events": []}));
}

#[test]
fn there_are_no_insights_and_no_event_without_an_event_id() {
    let world = World::new();
    world.trails.events.borrow_mut().push(event(1, 0));
    let none = json!({"Events": []});
    assert_eq!(world.ok("LookupEvents", r#"{"EventCategory":"insight"}"#), none);
    assert_eq!(world.ok("LookupEvents", &of("EventId", "no id")), none);
    assert!(world.trails.lookups.borrow().is_empty());
    let id = "01010101-0101-0101-0101-010101010101";
    world.ok("LookupEvents", &of("EventId", id));
    assert_eq!(world.trails.lookups.borrow().len(), 1);
}

#[test]
fn who_may_not_look_up_events_gets_none() {
    let world = World::new();
    world.denied.set("cloudtrail:LookupEvents");
    let (code, _) = world.error("LookupEvents", "{}");
    assert_eq!(code, "AccessDeniedException");
    assert!(world.trails.lookups.borrow().is_empty());
    assert_eq!(world.only_record()["errorCode"], "AccessDenied");
}

#[test]
fn the_third_lookup_in_a_second_is_throttled() {
    let world = World::new();
    world.requests_left.set(0);
    let refused = world.error("LookupEvents", "{}");
    assert_eq!(refused, ("ThrottlingException".to_owned(), Some("Rate exceeded".to_owned())));
    let (class, _, count, limit) = world.counted.borrow()[0];
    assert_eq!((class, count, limit), (RequestClass::LookupEvents, 1, 2));
}

#[test]
fn an_expired_permit_is_made_anew_and_a_trail_that_is_away_is_a_failure() {
    let world = World::new();
    world.trails.errors.borrow_mut().push(TrailError::PermitExpired);
    world.ok("LookupEvents", "{}");
    assert_eq!(world.trails.permits.borrow().len(), 2);
    assert_eq!(world.counted.borrow().len(), 1, "it is one request");

    let away = TrailError::Unavailable(Unavailable::Away("no logger".to_owned()));
    world.trails.errors.borrow_mut().push(away);
    assert_eq!(world.error("LookupEvents", "{}"), ("InternalFailure".to_owned(), None));
}

#[test]
fn public_keys_are_those_of_the_time_that_is_asked_for() {
    let world = World::new();
    world.trails.keys.borrow_mut().push(TrailPublicKey {
        der: b"key".to_vec(),
        fingerprint: "ab".repeat(16),
        from: Timestamp::from_millis(1_000),
        to: Timestamp::from_millis(2_500),
    });
    let answer = world.ok("ListPublicKeys", r#"{"StartTime":1,"EndTime":2,"NextToken":"x"}"#);
    let expected = json!({"PublicKeyList": [{
        "Value": "a2V5",
        "ValidityStartTime": 1,
        "ValidityEndTime": 2.5,
        "Fingerprint": "ab".repeat(16),
    }]});
    assert_eq!(answer, expected);
    world.ok("ListPublicKeys", "{}");
    let at = Timestamp::from_millis;
    let asked = [(at(1_000), at(2_000)), (at(NOW), at(NOW))];
    assert_eq!(*world.trails.key_times.borrow(), asked);
    assert_eq!(*world.trails.permits.borrow(), ["cloudtrail:ListPublicKeys"; 2]);
    let (code, _) = world.error("ListPublicKeys", r#"{"StartTime":2,"EndTime":1}"#);
    assert_eq!(code, "InvalidTimeRangeException");
}

proptest! {
    #[test]
    fn no_token_of_whatever_bytes_gets_further_than_its_own_list(token: String) {
        let body = json!({"NextToken": token}).to_string();
        prop_assert_eq!(refused(&body).0, "InvalidNextTokenException");
    }
}
