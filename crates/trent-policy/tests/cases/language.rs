//! Actions, resources, several conditions, and what the elements' opposites cover.

use trent_policy::PolicyType::IdentityBased;

use crate::case::{Case, Expected, KEY};
use crate::count;

const ALIAS: &str = "arn:aws:kms:us-east-1:111122223333:alias/ann-x";

/// Whether a statement with these elements allows `kms:Encrypt` on what has no policy.
fn allows(elements: &str, resource: &str) -> bool {
    let statement = format!(r#"{{"Effect": "Allow", {elements}}}"#);
    let case = Case {
        resource,
        identity: &[&statement],
        context: &[("aws:username", &["ann"]), ("aws:PrincipalTag/t", &["*"]), ("aws:x", &["1"])],
        ..Case::default()
    };
    case.decide().expected == Expected::Yes(IdentityBased)
}

#[test]
fn actions_and_their_opposites() {
    let table = [
        (r#""Action": "kms:Encrypt""#, true),
        (r#""Action": "KMS:ENCRYPT""#, true),
        (r#""Action": "kms:encrypt""#, true),
        (r#""Action": "*""#, true),
        (r#""Action": "kms:*""#, true),
        (r#""Action": "*:*""#, true),
        (r#""Action": "kms:Enc*""#, true),
        (r#""Action": "kms:*crypt""#, true),
        (r#""Action": "kms:?ncrypt""#, true),
        (r#""Action": "kms:??crypt""#, true),
        (r#""Action": "kms:Encrypt?""#, false),
        (r#""Action": "kms:Encrypt*""#, true),
        (r#""Action": "kms:Enc""#, false),
        (r#""Action": "kms:Decrypt""#, false),
        (r#""Action": "iam:*""#, false),
        (r#""Action": ["iam:*", "kms:Encrypt"]"#, true),
        (r#""Action": ["iam:*", "kms:Decrypt"]"#, false),
        (r#""NotAction": "kms:Encrypt""#, false),
        (r#""NotAction": "kms:encrypt""#, false),
        (r#""NotAction": "kms:*""#, false),
        (r#""NotAction": "*""#, false),
        (r#""NotAction": "iam:*""#, true),
        (r#""NotAction": ["iam:*", "sts:*"]"#, true),
        (r#""NotAction": ["iam:*", "kms:E*"]"#, false),
    ];
    for (action, expected) in table {
        assert_eq!(allows(&format!(r#"{action}, "Resource": "*""#), "*"), expected, "{action}");
    }
    count("actions", table.len());
}

#[test]
fn resources_and_their_opposites() {
    let table = [
        (r#""Resource": "*""#, KEY, true),
        (r#""Resource": "*""#, "*", true),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:key/1234ABCD-*""#, KEY, false),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:key/*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:us-east-1:111122223333:*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:us-east-?:11112222????:key/*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:*:*:key/*""#, KEY, true),
        (r#""Resource": "arn:*:kms:*:*:key/*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:*""#, KEY, true),
        (r#""Resource": "arn:aws:kms""#, KEY, true),
        (r#""Resource": "arn:aws:s3""#, KEY, false),
        (r#""Resource": "arn:aws-cn:kms:*:*:key/*""#, KEY, false),
        (r#""Resource": "arn:aws:kms:us-west-2:111122223333:key/*""#, KEY, false),
        (r#""Resource": "arn:aws:kms:*:444455556666:key/*""#, KEY, false),
        (r#""Resource": "arn:aws:kms:*:*:key/*""#, ALIAS, false),
        (r#""Resource": "arn:aws:kms:*:*:alias/*""#, ALIAS, true),
        (r#""Resource": "arn:aws:kms:*:*:alias/*""#, KEY, false),
        (r#""Resource": "arn:aws:kms:*:*:alias/*""#, "*", false),
        (r#""Resource": ["arn:aws:s3:::x", "arn:aws:kms:*:*:alias/ann-?"]"#, ALIAS, true),
        (r#""NotResource": "*""#, KEY, false),
        (r#""NotResource": "*""#, "*", false),
        (r#""NotResource": "arn:aws:kms:*:*:alias/*""#, ALIAS, false),
        (r#""NotResource": "arn:aws:kms:*:*:alias/*""#, KEY, true),
        (r#""NotResource": "arn:aws:kms:*:*:alias/*""#, "*", true),
        (r#""NotResource": ["arn:aws:s3:::x", "arn:aws:kms:*:*:key/*"]"#, KEY, false),
        (r#""Resource": "arn:aws:kms:*:*:alias/${aws:username}-x""#, ALIAS, true),
        (r#""Resource": "arn:aws:kms:*:*:alias/${AWS:UserName}-*""#, ALIAS, true),
        (r#""Resource": "arn:aws:kms:*:*:alias/${aws:none}-x""#, ALIAS, false),
        (r#""Resource": "arn:aws:kms:*:*:alias/${aws:none, 'ann'}-x""#, ALIAS, true),
        (r#""Resource": "arn:aws:kms:*:*:alias/${aws:PrincipalTag/t}""#, ALIAS, false),
        (r#""Resource": "arn:aws:kms:*:*:alias/${*}""#, ALIAS, false),
        (r#""Resource": "arn:aws:kms:*:${aws:none}*:alias/ann-x""#, ALIAS, false),
        (r#""NotResource": "arn:aws:kms:*:*:alias/${aws:none}-x""#, ALIAS, true),
        (r#""NotResource": "arn:aws:kms:*:*:alias/${aws:username}-x""#, ALIAS, false),
    ];
    for (resource, subject, expected) in table {
        let found = allows(&format!(r#""Action": "*", {resource}"#), subject);
        assert_eq!(found, expected, "{resource} {subject}");
    }
    count("resources", table.len());
}

#[test]
fn conditions_join_by_and_and_their_values_by_or() {
    let table = [
        ("{}", true),
        (r#"{"StringEquals": {}}"#, true),
        (r#"{"StringEquals": {"aws:username": "ann", "aws:x": "1"}}"#, true),
        (r#"{"StringEquals": {"aws:username": "ann", "aws:x": "2"}}"#, false),
        (r#"{"StringEquals": {"aws:username": "ann"}, "NumericEquals": {"aws:x": 1}}"#, true),
        (r#"{"StringEquals": {"aws:username": "bob"}, "NumericEquals": {"aws:x": 1}}"#, false),
        (r#"{"StringEquals": {"aws:username": ["bob", "ann"]}}"#, true),
        (r#"{"StringNotEquals": {"aws:username": ["bob", "ann"]}}"#, false),
        (r#"{"StringEquals": {"AWS:USERNAME": "ann"}}"#, true),
        (r#"{"StringEquals": {"aws:principaltag/T": "*"}}"#, true),
        (r#"{"StringEquals": {"aws:PrincipalTag/other": "*"}}"#, false),
        (r#"{"Null": {"aws:none": true}, "StringLike": {"aws:username": "a*"}}"#, true),
    ];
    for (condition, expected) in table {
        let elements = format!(r#""Action": "*", "Resource": "*", "Condition": {condition}"#);
        assert_eq!(allows(&elements, "*"), expected, "{condition}");
    }
    count("conditions together", table.len());
}
