//! What a statement may be made of, and what its patterns cover.

use crate::condition::NoConditions;
use crate::{
    IdentityPolicy, Inputs, Policy, PolicyError, PolicyKind, ResourceUnderDecision, decide,
};
use trent_types::{Caller, CallerKind, Partition};

fn reason(statement: &str, kind: PolicyKind) -> String {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{{statement}}}}}"#);
    match Policy::parse(&text, kind) {
        Ok(_) => "accepted".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn key_policy_statements() {
    let start = r#""Effect": "Allow", "Principal": "*""#;
    for (rest, expected) in [
        ("", "accepted"),
        (r#", "Sid": "with spaces, and more""#, "accepted"),
        (r#", "Action": "kms:*""#, "accepted"),
        (r#", "Resource": "*""#, "accepted"),
        (r#", "Action": ["kms:Encrypt", "kms:De*"], "NotResource": ["*"]"#, "accepted"),
        (r#", "NotAction": "kms:Encrypt", "Resource": "*", "Condition": {}"#, "accepted"),
        (r#", "Action": "*", "NotAction": "*""#, PolicyError::SYNTAX),
        (r#", "Resource": "*", "NotResource": "*""#, PolicyError::SYNTAX),
        (r#", "NotPrincipal": "*""#, PolicyError::SYNTAX),
        (r#", "action": "*""#, PolicyError::SYNTAX),
        (r#", "Effect": "Allow""#, PolicyError::SYNTAX),
        (r#", "Sid": 1"#, PolicyError::SYNTAX),
        (r#", "Action": {"a": "kms:*"}"#, PolicyError::SYNTAX),
        (r#", "Action": [1]"#, PolicyError::SYNTAX),
        (r#", "Action": [["kms:*"]]"#, PolicyError::SYNTAX),
        (r#", "Action": null"#, PolicyError::SYNTAX),
        (r#", "Condition": []"#, PolicyError::SYNTAX),
        (r#", "Action": []"#, "Policy statement must contain actions."),
        (r#", "Resource": []"#, "Policy statement must contain resources."),
        (r#", "Resource": "key/x""#, "Resource key/x must be in ARN format or \"*\"."),
        (r#", "Action": "kms""#, VENDOR),
        (r#", "Action": ":Encrypt""#, VENDOR),
        (r#", "Action": "k?s:Encrypt""#, "Vendor k?s is not valid"),
    ] {
        assert_eq!(reason(&format!("{start}{rest}"), PolicyKind::KeyPolicy), expected, "{rest}");
    }
    for (whole, expected) in [
        (r#""Effect": "Allow""#, PolicyError::INVALID_PRINCIPALS),
        (r#""Effect": "allow", "Principal": "*""#, PolicyError::SYNTAX),
        (r#""Principal": "*""#, PolicyError::SYNTAX),
    ] {
        assert_eq!(reason(whole, PolicyKind::KeyPolicy), expected, "{whole}");
    }
}

const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

#[test]
fn identity_and_trust_policy_statements() {
    use PolicyKind::{Identity, Trust};
    for (statement, kind, expected) in [
        (r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#, Identity, "accepted"),
        (r#""Sid": "", "Effect": "Deny", "NotAction": "*", "Resource": "*""#, Identity, "accepted"),
        (
            r#""Effect": "Allow", "Resource": "*""#,
            Identity,
            "Policy statement must contain actions.",
        ),
        (
            r#""Effect": "Allow", "Action": "*""#,
            Identity,
            "Policy statement must contain resources.",
        ),
        (
            r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#,
            Identity,
            "Policy document should not specify a principal.",
        ),
        (
            r#""Sid": "a b", "Effect": "Allow", "Action": "*", "Resource": "*""#,
            Identity,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
             regular expression [0-9A-Za-z]*",
        ),
        (r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole""#, Trust, "accepted"),
        (
            r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#,
            Trust,
            "Has prohibited field Resource.",
        ),
        (
            r#""Effect": "Allow", "Action": "sts:AssumeRole""#,
            Trust,
            "Missing required field Principal",
        ),
        (r#""Effect": "Allow", "Principal": "*""#, Trust, "Missing required field Action"),
    ] {
        assert_eq!(reason(statement, kind), expected, "{statement}");
    }
}

#[test]
fn the_broken_example_of_aws_own_text_is_refused() {
    let statement = r#""Sid": "AllowTag", "Effect": "Allow", "Action": { "kms:TagResource" },
        "Resource": "arn:aws:kms:*:111122223333:key/*""#;
    assert_eq!(reason(statement, PolicyKind::Identity), PolicyError::SYNTAX);
}

/// Whether an identity statement with these elements allows `kms:Encrypt` on this resource to the
/// user `ann`.
fn allows(version: &str, elements: &str, resource: &str) -> bool {
    let text =
        format!(r#"{{"Version": "{version}", "Statement": {{"Effect": "Allow", {elements}}}}}"#);
    let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
    let account = "111122223333".parse().unwrap();
    let kind = CallerKind::User { path: "/".into(), name: "ann".into(), user_id: "AIDA".into() };
    decide(&Inputs {
        caller: &Caller::new(account, "AKIA".into(), kind),
        partition: Partition::Aws,
        action: "kms:Encrypt",
        resource: ResourceUnderDecision::IdentityOnly { owner: account, arn: resource },
        identity_policies: &[IdentityPolicy { policy: &policy, source: "test" }],
        boundary: None,
        session_policies: None,
        context: &vec![("aws:username".to_owned(), vec!["ann".to_owned()])],
    })
    .is_allowed()
}

#[test]
fn actions_compare_without_regard_to_case_and_with_wildcards() {
    for (action, expected) in [
        (r#""Action": "kms:Encrypt""#, true),
        (r#""Action": "KMS:encrypt""#, true),
        (r#""Action": "kms:*""#, true),
        (r#""Action": "*""#, true),
        (r#""Action": "*:*""#, true),
        (r#""Action": "kms:E*t""#, true),
        (r#""Action": "kms:Encryp?""#, true),
        (r#""Action": "kms:Encrypt?""#, false),
        (r#""Action": "kms:Decrypt""#, false),
        (r#""Action": ["kms:Decrypt", "kms:Encrypt"]"#, true),
        (r#""NotAction": "kms:Encrypt""#, false),
        (r#""NotAction": ["kms:Decrypt", "iam:*"]"#, true),
        (r#""NotAction": ["kms:Decrypt", "kms:*"]"#, false),
    ] {
        let elements = format!(r#"{action}, "Resource": "*""#);
        assert_eq!(allows("2012-10-17", &elements, "*"), expected, "{action}");
    }
}

#[test]
fn resources_compare_with_regard_to_case() {
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/ann-x";
    for (resource, subject, expected) in [
        (r#""Resource": "*""#, key, true),
        (r#""Resource": "*""#, "*", true),
        // An ARN that ends early is completed.
        (r#""Resource": "arn:aws:kms""#, key, true),
        (r#""Resource": "arn:aws:kms:us-east-1""#, key, true),
        (r#""Resource": "arn:aws:kms:us-west-1""#, key, false),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333""#, alias, true),
        (r#""Resource": "arn:aws:km""#, key, false),
        (r#""Resource": "arn:*""#, key, true),
        (r#""Resource": "arn:aws:kms:*:111122223333:key/*""#, key, true),
        (r#""Resource": "arn:aws:kms:*:111122223333:key/*""#, alias, false),
        (r#""Resource": "arn:aws:kms:*:111122223333:key/*""#, "*", false),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:alias/Ann-x""#, alias, false),
        (r#""NotResource": "arn:aws:kms:*:*:alias/*""#, alias, false),
        (r#""NotResource": "arn:aws:kms:*:*:alias/*""#, key, true),
        (
            r#""Resource": "arn:aws:kms:us-east-1:111122223333:alias/${aws:username}-*""#,
            alias,
            true,
        ),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:alias/${aws:userid}-*""#, alias, false),
        // A variable before the fifth colon is text.
        (r#""Resource": "arn:aws:kms:us-east-1:${aws:username}:alias/ann-x""#, alias, false),
    ] {
        let elements = format!(r#""Action": "kms:Encrypt", {resource}"#);
        assert_eq!(allows("2012-10-17", &elements, subject), expected, "{resource} {subject}");
    }
}

#[test]
fn the_old_version_of_the_language_has_no_variables() {
    let elements = r#""Action": "*", "Resource": "arn:aws:kms:::alias/${aws:username}""#;
    assert!(allows("2012-10-17", elements, "arn:aws:kms:::alias/ann"));
    assert!(!allows("2008-10-17", elements, "arn:aws:kms:::alias/ann"));
    assert!(allows("2008-10-17", elements, "arn:aws:kms:::alias/${aws:username}"));
}

#[test]
fn a_key_policy_statement_without_action_or_resource_has_no_effect() {
    let account = "111122223333".parse().unwrap();
    let root = Caller::new(account, "AKIA".into(), CallerKind::Root);
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for (elements, expected) in [
        (r#""Action": "kms:*", "Resource": "*""#, true),
        (r#""Action": "kms:*""#, false),
        (r#""Resource": "*""#, false),
        (r#""NotResource": "arn:aws:kms:::alias/x""#, false),
    ] {
        let text =
            format!(r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", {elements}}}}}"#);
        let policy = Policy::parse(&text, PolicyKind::KeyPolicy).unwrap();
        let decision = decide(&Inputs {
            caller: &root,
            partition: Partition::Aws,
            action: "kms:Encrypt",
            resource: ResourceUnderDecision::Key { arn: arn.parse().unwrap(), policy: &policy },
            identity_policies: &[],
            boundary: None,
            session_policies: None,
            context: &NoConditions,
        });
        assert_eq!(decision.is_allowed(), expected, "{elements}");
    }
}
