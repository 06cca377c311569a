//! Decisions by common policies do not allocate.

#![allow(clippy::unwrap_used, reason = "tests")]

use trent_policy::{
    ConditionContext, IdentityPolicy, Inputs, NoConditions, Policy, PolicyKind,
    ResourceUnderDecision, Values, decide,
};
use trent_types::{Caller, CallerKind, Partition};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

struct Request;

impl ConditionContext for Request {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "kms:ViaService" => Some(Values::one("s3.us-east-1.amazonaws.com")),
            "kms:RotationPeriodInDays" => Some(Values::one("90")),
            "aws:SourceIp" => Some(Values::one("10.1.2.3")),
            "aws:CurrentTime" => Some(Values::one("2026-01-01T00:00:00Z")),
            "aws:username" => Some(Values::one("ann")),
            "aws:PrincipalArn" => Some(Values::one("arn:aws:iam::111122223333:user/ann")),
            _ => None,
        }
    }
}

/// How often a decision about the key by `ann` allocates.
fn allocations(key: &str, identity: &str, context: &dyn ConditionContext) -> u64 {
    let parse = |statements: &str, kind| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Policy::parse(&text, kind).unwrap()
    };
    let policy = parse(key, PolicyKind::KeyPolicy);
    let identity = parse(identity, PolicyKind::Identity);
    let kind = CallerKind::User { path: "/".into(), name: "ann".into(), user_id: "AIDA".into() };
    let caller = Caller::new("111122223333".parse().unwrap(), "AKIA".into(), kind);
    let inputs = Inputs {
        caller: &caller,
        partition: Partition::Aws,
        action: "kms:Encrypt",
        resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy: &policy },
        identity_policies: &[IdentityPolicy { policy: &identity, source: "inline" }],
        boundary: Some(IdentityPolicy { policy: &identity, source: "boundary" }),
        session_policies: None,
        context,
    };
    let mut allowed = false;
    let counted = allocation_counter::measure(|| allowed = decide(&inputs).is_allowed());
    assert!(allowed, "{key} {identity:?}");
    counted.count_total
}

const ROOT: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*", "Resource": "*"}"#;

#[test]
fn a_decision_without_conditions_does_not_allocate() {
    for resource in ["*", "arn:aws:kms:*:111122223333:key/*", KEY] {
        let identity = format!(
            r#"{{"Effect": "Allow", "Action": ["kms:Enc*", "kms:Decrypt"],
            "Resource": "{resource}"}}, {{"Effect": "Deny", "NotAction": "kms:*",
            "NotResource": "arn:aws:kms:*:*:alias/*"}}"#
        );
        assert_eq!(allocations(ROOT, &identity, &NoConditions), 0, "{resource}");
    }
}

#[test]
fn a_decision_with_common_conditions_does_not_allocate() {
    for condition in [
        r#"{"StringEquals": {"kms:ViaService": ["ec2.us-east-1.amazonaws.com",
            "s3.us-east-1.amazonaws.com"]}}"#,
        r#"{"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}"#,
        r#"{"NumericLessThanEquals": {"kms:RotationPeriodInDays": "365.0"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
        r#"{"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#,
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"}}"#,
        r#"{"StringEquals": {"aws:username": "${aws:username}"}}"#,
        r#"{"Null": {"kms:GrantIsForAWSResource": "true"}}"#,
        r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}"#,
    ] {
        let identity = format!(
            r#"{{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {condition}}}"#
        );
        assert_eq!(allocations(ROOT, &identity, &Request), 0, "{condition}");
    }
}
