//! Explaining denials.

use serde_json::json;
use trent_types::{RequestId, Timestamp};

use crate::ports::Explanation;
use crate::testing::*;

const DENIED: [u8; 16] = [9; 16];

fn body() -> String {
    format!(r#"{{"KeyId":"{KEY}","RequestId":"{}"}}"#, RequestId::from_bytes(DENIED))
}

#[test]
fn whoever_may_read_the_policy_is_told_why() {
    let world = World::new();
    let explanation = |json: &str| Explanation {
        at: Timestamp::from_millis(NOW),
        account: "444455556666".parse().unwrap(),
        json: json.to_owned(),
    };
    let of = |id, json: &str| (RequestId::from_bytes(id), explanation(json));
    let all = [of(DENIED, r#"{"a":1}"#), of([8; 16], "{}"), of(DENIED, r#"{"a":2}"#)];
    world.explained.borrow_mut().extend(all);
    let told = |a: u8| {
        let (account, moment) = ("444455556666", 1_672_628_645.678);
        json!({"Account": account, "Timestamp": moment, "Decision": {"a": a}})
    };
    let expected = json!({
        "KeyId": arn_of(KEY),
        "RequestId": "09090909-0909-0909-0909-090909090909",
        "Explanations": [told(1), told(2)],
    });
    assert_eq!(world.ok("Explain", &body()), expected);
    let record = world.only_record();
    assert_eq!(record["eventName"], "Explain");
    assert_eq!(record["readOnly"], true);
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
}

#[test]
fn whoever_may_not_read_the_policy_is_told_nothing() {
    let world = World::new();
    world.denied.set("kms:GetKeyPolicy");
    let (code, _) = world.error("Explain", &body());
    assert_eq!(code, "AccessDeniedException");
}

#[test]
fn what_names_no_request_is_refused() {
    let world = World::new();
    for body in ["{}", r#"{"KeyId":"x"}"#, r#"{"KeyId":"x","RequestId":"nothing"}"#] {
        assert_eq!(world.error("Explain", body).0, "ValidationException", "{body}");
    }
}
