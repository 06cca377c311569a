//! What an explanation says of each statement, and what it keeps to itself.

use trent_types::{Caller, CallerKind, Partition};

use super::*;
use crate::{IdentityPolicy, Policy, PolicyKind, ResourceUnderDecision, Verdict, decide};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn policy(statements: &str, kind: PolicyKind) -> Policy {
    Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#), kind).unwrap()
}

/// Explains `kms:Encrypt` by the user `ann` under these statements.
fn explain(key: &str, identity: &str, boundary: &str) -> Explanation {
    let (key, identity, boundary) = (
        policy(key, PolicyKind::KeyPolicy),
        policy(identity, PolicyKind::Identity),
        policy(boundary, PolicyKind::Identity),
    );
    let kind = CallerKind::User { path: "/".into(), name: "ann".into(), user_id: "AIDA".into() };
    let caller = Caller::new("111122223333".parse().unwrap(), "AKIA".into(), kind);
    let context = vec![("kms:ViaService".to_owned(), vec!["secret-of-the-request".to_owned()])];
    let inputs = Inputs {
        caller: &caller,
        partition: Partition::Aws,
        action: "kms:Encrypt",
        resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy: &key },
        identity_policies: &[IdentityPolicy { policy: &identity, source: "inline" }],
        boundary: Some(IdentityPolicy { policy: &boundary, source: "arn:aws:iam::aws:policy/B" }),
        session_policies: None,
        context: &context,
    };
    decide(&inputs).explain(&inputs)
}

const DELEGATE: &str = r#"{"Sid": "All of it", "Effect": "Allow", "Resource": "*",
    "Principal": {"AWS": "111122223333"}, "Action": "kms:*"}"#;
const ALLOW: &str = r#"{"Sid": "Mine", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;

#[test]
fn an_allow_through_the_account_rests_on_two_statements() {
    let found = explain(DELEGATE, ALLOW, ALLOW);
    assert_eq!(
        (found.outcome, found.decided_by),
        (Outcome::Allowed, Some(PolicyType::IdentityBased))
    );
    let entry = |policy_type, source: Option<&str>, sid: &str, decisive| Explained {
        policy_type,
        source: source.map(Into::into),
        sid: Some(sid.into()),
        index: 0,
        effect: Effect::Allow,
        outcome: StatementOutcome::Applied,
        decisive,
    };
    let expected = [
        entry(PolicyType::ResourceBased, None, "All of it", true),
        entry(PolicyType::IdentityBased, Some("inline"), "Mine", true),
        entry(PolicyType::PermissionsBoundary, Some("arn:aws:iam::aws:policy/B"), "Mine", false),
    ];
    assert_eq!(found.statements, expected);
    let expected = Verdicts {
        resource_based: Verdict::Allows,
        identity_based: Verdict::Allows,
        boundary: Verdict::Allows,
        session: Verdict::Absent,
    };
    assert_eq!(found.verdicts, expected);
}

#[test]
fn failed_conditions_of_allows_and_denies_are_named_without_values() {
    let conditional = |effect: &str| {
        format!(
            r#"{{"Effect": "{effect}", "Action": "kms:*", "Resource": "*", "Condition":
            {{"StringLike": {{"kms:ViaService": "secret-of-the-policy", "aws:x": "*"}}}}}}"#
        )
    };
    let both = [conditional("Allow"), conditional("Deny")].join(",");
    let other = r#"{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}"#;
    let found = explain(DELEGATE, &both, other);
    assert_eq!(found.outcome, Outcome::ImplicitlyDenied);
    let test = |key: &str| FailedTest { operator: "StringLike".into(), key: key.into() };
    let failed = StatementOutcome::ConditionsFailed(vec![test("kms:ViaService"), test("aws:x")]);
    let found_outcomes: Vec<_> = found.statements.iter().map(|s| (s.effect, &s.outcome)).collect();
    let expected = [
        (Effect::Allow, &StatementOutcome::Applied),
        (Effect::Allow, &failed),
        (Effect::Deny, &failed),
        (Effect::Deny, &StatementOutcome::NotCovering),
    ];
    assert_eq!(found_outcomes, expected);
    assert_eq!(found.verdicts.boundary, Verdict::Silent);
    assert!(!format!("{found:?}").contains("secret"));
}
