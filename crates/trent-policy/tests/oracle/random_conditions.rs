//! Random conditions of statements.

use serde_json::{Map, Value, json};

use crate::random::{Rng, some};

/// A `Condition` element of one or two tests.
pub(crate) fn condition(rng: &mut Rng, of_resource: bool) -> Value {
    let mut found = Map::new();
    for _ in 0..=rng.below(2) {
        let (operator, key, values) = test(rng, of_resource);
        found.insert(operator, json!({ key: values }));
    }
    Value::Object(found)
}

/// Operators that go together, keys that they are for, and values for them.
type Kind = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const STRINGS: Kind = (
    &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase"],
    &["aws:username", "aws:PrincipalTag/team", "kms:ViaService", "kms:EncryptionContext:App",
        "kms:EncryptionContextKeys", "aws:TagKeys", "aws:none"],
    &["ann", "blue", "BLUE", "*", "a*", "b?ue", "${aws:username}", "${aws:PrincipalTag/team}",
        "${aws:missing}", "${aws:missing, 'blue'}", "${*}", "a", "App", "Stage",
        "s3.*.amazonaws.com", "s3.us-east-1.amazonaws.com", "${aws:TagKeys}"],
);

#[rustfmt::skip]
const OTHERS: [Kind; 5] = [
    (
        &["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
            "NumericGreaterThan", "NumericGreaterThanEquals"],
        &["kms:RotationPeriodInDays", "aws:none"],
        &["7", "30", "030.00", "365", "-1", "30.5"],
    ),
    (
        &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
            "DateGreaterThanEquals"],
        &["aws:CurrentTime", "aws:none"],
        &["2024-02-29T12:00:00Z", "1709208000", "2025-06-01T00:00:00Z"],
    ),
    (&["Bool"], &["kms:GrantIsForAWSResource", "aws:none"], &["true", "false", "True"]),
    (
        &["IpAddress", "NotIpAddress"],
        &["aws:SourceIp", "aws:none"],
        &["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "0.0.0.0/0"],
    ),
    (
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        &["aws:PrincipalArn", "aws:none"],
        &["*", "arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:role/svc/app", "arn:aws:*",
            "arn:aws:iam::111122223333:user/${aws:username}", "arn:*:iam::*:ro?t"],
    ),
];

/// One operator on one key.
fn test(rng: &mut Rng, of_resource: bool) -> (String, String, Value) {
    let (operators, keys, values) = match rng.below(9) {
        0..=2 => STRINGS,
        3 if rng.percent(50) => return ("BinaryEquals".into(), "x:data".into(), json!(["YW5u"])),
        3 => {
            let key = rng.pick(&["kms:ViaService", "aws:TagKeys", "aws:none", "aws:username"]);
            return ("Null".into(), key.into(), json!(rng.pick(&["true", "false"])));
        }
        other => OTHERS[other - 4],
    };
    let mut operator = rng.pick(operators).to_owned();
    let key = rng.pick(keys);
    // In a key policy ForAllValues may not stand on the keys of an encryption context.
    let may_quantify = !(of_resource && key.starts_with("kms:EncryptionContext:"));
    let chance = if key.ends_with("Keys") { 80 } else { 10 };
    if may_quantify && rng.percent(chance) {
        operator = format!("{}:{operator}", rng.pick(&["ForAllValues", "ForAnyValue"]));
    }
    if rng.percent(20) {
        operator.push_str("IfExists");
    }
    let key = if rng.percent(20) { key.to_lowercase() } else { key.to_owned() };
    let values = some(rng, |rng| rng.pick(values).to_owned());
    (operator, key, values)
}
