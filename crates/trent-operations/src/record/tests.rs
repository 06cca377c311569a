//! Records of made-up stories: what is cut, left out and put in order.

use serde_json::{Value, json};
use trent_types::{CallerKind, ViaService};

use super::*;
use crate::error::ErrorCode;
use crate::testing::{ACCOUNT, KEY, NOW, OTHER_KEY, arn_of, request};

const STRANGER: &str = "444455556666";

fn caller(kind: CallerKind) -> Caller {
    Caller::new(ACCOUNT.parse().unwrap(), "AKIAIOSFODNN7EXAMPLE".to_owned(), kind)
}

fn event(byte: u8) -> EventId {
    EventId::new(Timestamp::from_millis(NOW), [byte; 16])
}

fn story<'a>(request: &'a Request<'a>, caller: &'a Caller) -> Story<'a> {
    Story {
        request,
        event_id: event(1),
        name: "DescribeKey",
        read_only: true,
        caller: Some(caller),
        error: None,
        alias: None,
        alias_last: false,
        keys: &[],
        with_resources: true,
        role: None,
        response: None,
        additional: Additional::None,
        invoked_by: None,
        recipient: None,
        shared: None,
    }
}

fn json_of(story: &Story<'_>, parameters: &dyn Fn(&mut Object<'_>)) -> Value {
    serde_json::from_slice(&story.record(parameters).cloudtrail_json).unwrap()
}

fn arns(record: &Value) -> Vec<&str> {
    let resources = record["resources"].as_array().unwrap();
    resources.iter().map(|resource| resource["ARN"].as_str().unwrap()).collect()
}

#[test]
fn what_is_too_large_is_left_out_and_what_just_fits_is_not() {
    let (request, caller) = (request(ServiceName::Kms, b""), caller(CallerKind::Root));
    for (size, kept) in [(ELEMENTS_MAX, true), (ELEMENTS_MAX + 1, false)] {
        let text = "x".repeat(size - r#"{"a":""}"#.len());
        let elements = format!(r#"{{"a":"{text}"}}"#);
        assert_eq!(elements.len(), size);
        let story = Story { response: Some(elements.as_bytes()), ..story(&request, &caller) };
        let record = json_of(&story, &|out| out.text("a", &text));
        for name in ["requestParameters", "responseElements"] {
            let note = json!({
                "omitted": true, "originalSize": size, "reason": format!("{name} too large"),
            });
            let expected = if kept { json!({"a": text}) } else { note };
            assert!(record[name] == expected, "{name} of {size} bytes");
        }
    }
}

#[test]
fn long_texts_are_cut_at_the_end_of_a_character() {
    let kilobyte = "x".repeat(TEXT_MAX);
    assert_eq!(cut(&kilobyte), kilobyte);
    assert_eq!(cut(&[&kilobyte, "x"].concat()), kilobyte);
    let wide = "x".to_owned() + &"é".repeat(TEXT_MAX);
    assert_eq!(cut(&wide).len(), TEXT_MAX - 1);
    let mut request = request(ServiceName::Kms, b"");
    request.user_agent = &wide;
    let error = AwsError::new(ErrorCode::Validation, wide.clone());
    let caller = caller(CallerKind::Root);
    let story = Story { error: Some(&error), ..story(&request, &caller) };
    let record = json_of(&story, &|_| {});
    for name in ["userAgent", "errorMessage"] {
        assert_eq!(record[name], cut(&wide), "{name}");
    }
}

#[test]
fn resources_have_an_order_and_each_account_and_region_sees_its_own() {
    let (request, caller) = (request(ServiceName::Kms, b""), caller(CallerKind::Root));
    let (own, other): (KeyArn, KeyArn) =
        (arn_of(KEY).parse().unwrap(), arn_of(OTHER_KEY).parse().unwrap());
    let theirs = KeyArn { account: STRANGER.parse().unwrap(), ..other };
    let abroad = KeyArn { region: "eu-west-1".parse().unwrap(), ..own };
    let alias =
        AliasArn { region: own.region, account: own.account, name: "alias/a".parse().unwrap() };
    let keys = [theirs, own, abroad];
    let (theirs, own, alias_arn) = (theirs.to_string(), own.to_string(), alias.to_string());
    let plain = Story { keys: &keys, alias: Some(&alias), ..story(&request, &caller) };
    assert_eq!(arns(&json_of(&plain, &|_| {})), [alias_arn.as_str(), &theirs, &own]);
    let last = Story { alias_last: true, ..plain };
    assert_eq!(arns(&json_of(&last, &|_| {})), [theirs.as_str(), &own, &alias_arn]);
    let recipient = Some(STRANGER.parse().unwrap());
    let copy = Story { recipient, alias: None, shared: Some(event(2)), ..plain };
    let record = json_of(&copy, &|_| {});
    assert_eq!(arns(&record), [theirs.as_str()]);
    assert_eq!(record["sharedEventID"], event(2).to_string());
    assert_eq!(record["recipientAccountId"], STRANGER);
    let without = Story { with_resources: false, ..plain };
    assert_eq!(json_of(&without, &|_| {}).get("resources"), None);
}

#[test]
fn who_calls_is_shown_to_owners_as_far_as_they_may_know() {
    let request = request(ServiceName::Kms, b"");
    let via = ViaService { service: "s3.amazonaws.com".to_owned(), source_arn: None };
    let through = Caller { via: Some(Box::new(via)), ..caller(CallerKind::Root) };
    let service = caller(CallerKind::Service {
        name: "s3.amazonaws.com".to_owned(),
        source_arn: None,
        source_account: None,
    });
    let recipient = Some(STRANGER.parse().unwrap());
    let identity = |story: &Story<'_>| json_of(story, &|_| {})["userIdentity"].clone();
    let itself = json!({"type": "AWSService", "invokedBy": "s3.amazonaws.com"});
    for copy in [None, recipient] {
        assert_eq!(identity(&Story { recipient: copy, ..story(&request, &service) }), itself);
    }
    let seen = json!({
        "type": "AWSAccount", "principalId": ACCOUNT, "accountId": ACCOUNT,
        "invokedBy": "s3.amazonaws.com",
    });
    assert_eq!(identity(&Story { recipient, ..story(&request, &through) }), seen);
    let root = caller(CallerKind::Root);
    let elsewhere = Story { invoked_by: Some("kms.amazonaws.com"), ..story(&request, &root) };
    assert_eq!(identity(&elsewhere)["invokedBy"], "kms.amazonaws.com");
    assert_eq!(identity(&elsewhere)["type"], "Root");
}

#[test]
fn moments_are_printed_as_java_prints_them() {
    for (at, text) in [
        ((2022, 8, 10, 22, 38, 27), "Aug 10, 2022, 10:38:27 PM"),
        ((2024, 2, 29, 0, 0, 5), "Feb 29, 2024, 12:00:05 AM"),
        ((2025, 12, 1, 12, 5, 0), "Dec 1, 2025, 12:05:00 PM"),
    ] {
        let (year, month, day, hour, minute, second) = at;
        let at = Timestamp::from_civil(year, month, day, hour, minute, second).unwrap();
        assert_eq!(java_date(at), text);
    }
}

#[test]
fn errors_are_recorded_by_their_exceptions() {
    let recorded = |code, service| AwsError::bare(code).recorded_code(service);
    for (code, kms, iam) in [
        (ErrorCode::AccessDenied, "AccessDenied", "AccessDenied"),
        (ErrorCode::Throttling, "ThrottlingException", "ThrottlingException"),
        (ErrorCode::Validation, "ValidationException", "ValidationException"),
        (ErrorCode::LimitExceeded, "LimitExceededException", "LimitExceededException"),
        (ErrorCode::NoSuchEntity, "NotFoundException", "NoSuchEntityException"),
        (ErrorCode::InvalidState, "KMSInvalidStateException", "ValidationException"),
        (ErrorCode::SignatureMismatch, "InvalidSignatureException", "SignatureDoesNotMatch"),
    ] {
        assert_eq!(recorded(code, ServiceName::Kms), kms);
        assert_eq!(recorded(code, ServiceName::Iam), iam);
        assert_eq!(recorded(code, ServiceName::Sts), iam);
    }
}
