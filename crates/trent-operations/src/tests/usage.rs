//! The last use of a key.

use serde_json::json;
use trent_types::{EventId, KeyState, KeyUsed, LastUsage, RequestId, Timestamp, TrackedOperation};

use crate::testing::*;

fn key() -> String {
    format!(r#"{{"KeyId":"{KEY}"}}"#)
}

#[test]
fn the_last_use_is_told_in_every_state_and_the_read_is_recorded() {
    let used = KeyUsed {
        operation: TrackedOperation::ReEncrypt,
        at: Timestamp::from_millis(NOW + 999),
        event_id: EventId::from_bytes([3; 16]),
        request_id: RequestId::from_bytes([4; 16]),
    };
    let usage = LastUsage { tracking_start: Timestamp::from_millis(NOW), used: Some(used) };
    for state in KeyState::ALL {
        let world = World::in_state(*state);
        world.last_usage.set(Some(usage));
        let expected = json!({
            "KeyId": KEY,
            "KeyLastUsage": {
                "Operation": "ReEncrypt",
                "Timestamp": 1_672_628_646,
                "CloudTrailEventId": "03030303-0303-0303-0303-030303030303",
                "KmsRequestId": "04040404-0404-0404-0404-040404040404",
            },
            "TrackingStartDate": 1_672_628_645.678,
            "KeyCreationDate": 1_672_628_644.678,
        });
        assert_eq!(world.ok("GetKeyLastUsage", &key()), expected, "{state}");
        let record = world.only_record();
        assert_eq!(record["readOnly"], true);
        assert_eq!(record["requestParameters"], json!({"keyId": KEY}));
        assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    }
}

#[test]
fn a_key_that_was_not_used_has_an_empty_last_usage() {
    let world = World::new();
    let long_ago = Timestamp::from_millis(NOW - 86_400_000);
    world.last_usage.set(Some(LastUsage { tracking_start: long_ago, used: None }));
    let answer = world.ok("GetKeyLastUsage", &key());
    assert_eq!(answer["KeyLastUsage"], json!({}));
    assert_eq!(answer["TrackingStartDate"], answer["KeyCreationDate"], "the later of both");
}

#[test]
fn no_alias_names_the_key_and_no_other_key_is_told_of() {
    let world = World::new();
    let (code, _) = world.error("GetKeyLastUsage", r#"{"KeyId":"alias/a"}"#);
    assert_eq!(code, "NotFoundException");
    let (code, _) = world.error("GetKeyLastUsage", "{}");
    assert_eq!(code, "ValidationException");
    world.denied.set("kms:GetKeyLastUsage");
    let (code, _) = world.error("GetKeyLastUsage", &key());
    assert_eq!(code, "AccessDeniedException");
    world.denied.set("");
    let (code, message) = world.error("GetKeyLastUsage", &key());
    assert_eq!(code, "NotFoundException", "it is gone meanwhile: {message:?}");
}
