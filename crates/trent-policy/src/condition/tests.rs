//! Every operator: with a value that fits, one that does not, and none; alone, `IfExists`, and for
//! sets.

use super::*;
use crate::json::parse;

type Request = Vec<(String, Vec<String>)>;

fn compile(conditions: &str, kind: PolicyKind) -> Result<Box<[Condition]>, PolicyError> {
    Condition::compile_all(&parse(conditions).unwrap(), Rules { kind, variables: true })
}

fn request(pairs: &[(&str, &[&str])]) -> Request {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    pairs.iter().map(|(key, values)| ((*key).to_owned(), owned(values))).collect()
}

/// Whether the conditions hold for a request whose key `x:k` has these values.
fn holds(conditions: &str, values: &[&str]) -> bool {
    let request =
        request(&[("x:k", values), ("aws:username", &["ann"]), ("aws:PrincipalTag/any", &["*"])]);
    let request: Request = request.into_iter().filter(|(_, values)| !values.is_empty()).collect();
    let compiled = compile(conditions, PolicyKind::Identity).unwrap();
    compiled.iter().all(|condition| condition.holds(&request))
}

type Row =
    (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Operator, its opposite, the policy's value, request values that fit, request values that do not.
/// Negated operators are tested with the same rows, turned around.
const ROWS: &[Row] = &[
    ("StringEquals", "StringNotEquals", r#""a*""#, &["a*"], &["ab", "A*", "a", ""]),
    ("StringEquals", "StringNotEquals", "5", &["5"], &["5.0"]),
    ("StringEquals", "StringNotEquals", "true", &["true"], &["TRUE"]),
    ("StringEquals", "StringNotEquals", r#""${aws:username}""#, &["ann"], &["bob"]),
    ("StringEquals", "StringNotEquals", r#""${aws:nothing}""#, &[], &["", "${aws:nothing}"]),
    ("StringEquals", "StringNotEquals", r#""${aws:nothing, 'd'}""#, &["d"], &["", "ann"]),
    (
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        r#""aB\u00c9""#,
        &["ab\u{e9}", "AB\u{c9}"],
        &["a", "ac\u{e9}"],
    ),
    ("StringLike", "StringNotLike", r#""a*b?""#, &["abc", "a/x:bc"], &["ab", "Abc", "abcd"]),
    ("StringLike", "StringNotLike", r#""*""#, &["", "x"], &[]),
    ("StringLike", "StringNotLike", r#""${aws:PrincipalTag/any}""#, &["*"], &["x"]),
    ("StringLike", "StringNotLike", r#""a${*}*""#, &["a*", "a*b"], &["ab"]),
    ("NumericEquals", "NumericNotEquals", r#""7""#, &["7", "7.0", "+07"], &["8", "x", ""]),
    ("NumericEquals", "NumericNotEquals", "0.5", &["0.50", ".5"], &["5", "0.05"]),
    ("DateEquals", "DateNotEquals", r#""2020-01-01""#, &["1577836800"], &["2020-01-02", "x"]),
    ("DateEquals", "DateNotEquals", "0", &["1970-01-01T00:00:00Z", "1970"], &["1"]),
    ("IpAddress", "NotIpAddress", r#""10.0.0.0/8""#, &["10.1.2.3"], &["11.0.0.1", "::1", "x"]),
    ("IpAddress", "NotIpAddress", r#""2001:db8::1""#, &["2001:DB8:0::1"], &["2001:db8::2"]),
    (
        "ArnEquals",
        "ArnNotEquals",
        r#""arn:aws:s3:::b*""#,
        &["arn:aws:s3:::b", "arn:aws:s3:::b/x:y"],
        &["arn:aws:s3:::c", "arn:aws:s3::1:b", "b"],
    ),
    (
        "ArnLike",
        "ArnNotLike",
        r#""arn:aws:iam::*:user/${aws:username}""#,
        &["arn:aws:iam::111122223333:user/ann"],
        &["arn:aws:iam::111122223333:user/bob", "arn:aws:iam::1:2:user/ann"],
    ),
];

#[test]
fn every_operator_with_an_opposite() {
    for (positive, negated, operand, fitting, others) in ROWS {
        let test = |operator: &str, values: &[&str]| {
            holds(&format!(r#"{{"{operator}": {{"x:k": {operand}}}}}"#), values)
        };
        for (values, fits) in [(*fitting, true), (*others, false)] {
            for value in values {
                let one = &[*value];
                assert_eq!(test(positive, one), fits, "{positive} {operand} {value:?}");
                assert_eq!(test(negated, one), !fits, "{negated} {operand} {value:?}");
                assert_eq!(test(&format!("{positive}IfExists"), one), fits, "{positive} {value:?}");
                assert_eq!(test(&format!("{negated}IfExists"), one), !fits, "{negated} {value:?}");
                for prefix in ["ForAllValues:", "ForAnyValue:"] {
                    assert_eq!(test(&format!("{prefix}{positive}"), one), fits, "{prefix}");
                    assert_eq!(test(&format!("{prefix}{negated}"), one), !fits, "{prefix}");
                }
            }
        }
        for (operator, absent) in [(positive, false), (negated, true)] {
            assert_eq!(test(operator, &[]), absent, "{operator} of an absent key");
            assert!(test(&format!("{operator}IfExists"), &[]));
            assert!(test(&format!("ForAllValues:{operator}"), &[]));
            assert!(!test(&format!("ForAnyValue:{operator}"), &[]));
            assert!(test(&format!("ForAnyValue:{operator}IfExists"), &[]));
        }
    }
}

#[test]
fn every_operator_without_an_opposite() {
    let rows: &[(&str, &str, &[&str], &[&str])] = &[
        ("NumericLessThan", "10", &["9.9", "-11"], &["10", "10.0", "11", "x"]),
        ("NumericLessThanEquals", "10", &["10.0", "2"], &["10.01", "x"]),
        ("NumericGreaterThan", "10", &["10.1", "100"], &["10", "9"]),
        ("NumericGreaterThanEquals", "\"1546257599.0\"", &["1546257599"], &["1546257598.9"]),
        ("DateLessThan", "\"2020-01-01T00:00:00Z\"", &["2019-12-31T23:59:59Z"], &["2020-01-01"]),
        ("DateLessThanEquals", "\"2020-01-01\"", &["2020-01-01"], &["2020-01-01T00:00:01Z"]),
        ("DateGreaterThan", "\"2020-01-01\"", &["1577836801"], &["1577836800", "soon"]),
        ("DateGreaterThanEquals", "\"2020\"", &["2020-01-01"], &["2019-12-31"]),
        ("Bool", "true", &["true", "TRUE"], &["false", "1", ""]),
        ("Bool", "\"False\"", &["false"], &["true"]),
        ("BinaryEquals", "\"QmluYXJ5\"", &["QmluYXJ5"], &["QmluYXJ6", "QmluYXJ5=", "x"]),
    ];
    for (operator, operand, fitting, others) in rows {
        let test = |operator: &str, values: &[&str]| {
            holds(&format!(r#"{{"{operator}": {{"x:k": {operand}}}}}"#), values)
        };
        for (values, fits) in [(*fitting, true), (*others, false)] {
            for value in values {
                assert_eq!(test(operator, &[value]), fits, "{operator} {operand} {value:?}");
                assert_eq!(test(&format!("{operator}IfExists"), &[value]), fits, "{value:?}");
            }
        }
        assert!(!test(operator, &[]), "{operator} of an absent key");
        assert!(test(&format!("{operator}IfExists"), &[]));
    }
}

#[test]
fn null_asks_for_presence() {
    for (operand, present, absent) in [
        ("true", false, true),
        ("\"true\"", false, true),
        ("false", true, false),
        ("[true, false]", true, true),
        ("[]", false, false),
    ] {
        let condition = format!(r#"{{"Null": {{"x:k": {operand}}}}}"#);
        assert_eq!(holds(&condition, &["v"]), present, "{operand}");
        assert_eq!(holds(&condition, &[]), absent, "{operand}");
    }
    let empty: Request = request(&[("x:k", &[])]);
    let compiled = compile(r#"{"Null": {"x:k": "true"}}"#, PolicyKind::Identity).unwrap();
    assert!(compiled[0].holds(&empty), "an empty set is absent");
}

#[test]
fn set_operators_ask_all_or_any_of_the_requests_values() {
    for (operator, values, expected) in [
        ("ForAllValues:StringEquals", &["a", "b"][..], true),
        ("ForAllValues:StringEquals", &["a", "c"], false),
        ("ForAnyValue:StringEquals", &["a", "c"], true),
        ("ForAnyValue:StringEquals", &["c", "d"], false),
        ("ForAllValues:StringNotEquals", &["c", "d"], true),
        ("ForAllValues:StringNotEquals", &["a", "d"], false),
        ("ForAnyValue:StringNotEquals", &["a", "d"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], false),
        ("StringEquals", &["a", "c"], true),
        ("StringNotEquals", &["a", "c"], false),
        ("StringNotEquals", &["c", "d"], true),
    ] {
        let condition = format!(r#"{{"{operator}": {{"x:k": ["a", "b"]}}}}"#);
        assert_eq!(holds(&condition, values), expected, "{operator} {values:?}");
    }
}

#[test]
fn values_of_a_key_are_alternatives_and_everything_else_must_hold_together() {
    let any = r#"{"StringEquals": {"x:k": ["a", "b"]}}"#;
    assert!(holds(any, &["b"]));
    let none = r#"{"StringNotEquals": {"x:k": ["a", "b"]}}"#;
    assert!(!holds(none, &["b"]));
    assert!(holds(none, &["c"]));
    let both = r#"{"StringLike": {"x:k": "a*", "aws:username": "ann"}, "Bool": {"x:k": "true"}}"#;
    assert!(!holds(both, &["ab"]));
    assert!(holds(r#"{"StringLike": {"x:k": "a*", "aws:username": "ann"}}"#, &["ab"]));
    assert!(!holds(r#"{"StringLike": {"x:k": "a*", "aws:username": "bob"}}"#, &["ab"]));
}

#[test]
fn an_empty_list_of_values_fits_nothing() {
    assert!(!holds(r#"{"StringEquals": {"x:k": []}}"#, &["a"]));
    assert!(holds(r#"{"StringNotEquals": {"x:k": []}}"#, &["a"]));
    assert!(holds("{}", &[]));
    assert!(holds(r#"{"StringEquals": {}}"#, &[]));
}

#[test]
fn key_names_compare_without_regard_to_case() {
    let request = request(&[("kms:EncryptionContext:App", &["x"])]);
    let text = r#"{"StringEquals": {"KMS:encryptioncontext:aPP": "x"}}"#;
    assert!(compile(text, PolicyKind::KeyPolicy).unwrap()[0].holds(&request));
}

#[test]
fn malformed_conditions_are_refused_with_a_reason() {
    for (conditions, expected) in [
        (r#"{"StringEqual": {"x:k": "a"}}"#, "Invalid Condition type : StringEqual"),
        (r#"{"stringEquals": {"x:k": "a"}}"#, "Invalid Condition type : stringEquals"),
        (r#"{"ForSomeValues:Bool": {"x:k": "a"}}"#, "Invalid Condition type : ForSomeValues:Bool"),
        (r#"{"NullIfExists": {"x:k": "true"}}"#, "Invalid Condition type : NullIfExists"),
        (r#"{"ForAllValues:Null": {"x:k": "true"}}"#, "Invalid Condition type : ForAllValues:Null"),
        (r#"{"NumericLike": {"x:k": "1"}}"#, "Invalid Condition type : NumericLike"),
        (
            r#"{"NumericEquals": {"x:k": "${aws:username}"}}"#,
            "Invalid value ${aws:username} for condition type NumericEquals",
        ),
        (r#"{"DateEquals": {"x:k": "x"}}"#, "Invalid value x for condition type DateEquals"),
        (r#"{"Bool": {"x:k": 1}}"#, "Invalid value 1 for condition type Bool"),
        (r#"{"Null": {"x:k": "no"}}"#, "Invalid value no for condition type Null"),
        (r#"{"BinaryEquals": {"x:k": "?"}}"#, "Invalid value ? for condition type BinaryEquals"),
        (r#"{"IpAddress": {"x:k": "10/8"}}"#, "Invalid value 10/8 for condition type IpAddress"),
        (
            r#"{"StringLike": {"x:k": "${aws:username"}}"#,
            "Policy contains an invalid policy variable.",
        ),
        (r#"{"ArnLike": {"x:k": "arn:aws:${"}}"#, "Policy contains an invalid policy variable."),
        (
            r#"{"Bool": {"username": "true"}}"#,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (r#"{"StringEquals": {"x:k": null}}"#, PolicyError::SYNTAX),
        (r#"{"StringEquals": {"x:k": {"a": "b"}}}"#, PolicyError::SYNTAX),
        (r#"{"StringEquals": {"x:k": [["a"]]}}"#, PolicyError::SYNTAX),
        (r#"{"StringEquals": "x"}"#, PolicyError::SYNTAX),
        (r#"[]"#, PolicyError::SYNTAX),
    ] {
        let error = compile(conditions, PolicyKind::Identity).unwrap_err();
        assert_eq!(error.to_string(), expected, "{conditions}");
    }
}

#[test]
fn for_all_values_on_a_single_valued_key_is_too_permissive_for_a_key_policy() {
    for (key, what) in
        [("kms:EncryptionContext:App", "encryption context"), ("aws:requesttag/Team", "tag")]
    {
        let text = format!(r#"{{"ForAllValues:StringEquals": {{"{key}": "x"}}}}"#);
        assert!(compile(&text, PolicyKind::Identity).is_ok());
        let error = compile(&text, PolicyKind::KeyPolicy).unwrap_err().to_string();
        assert!(error.starts_with("OverlyPermissiveCondition: Using the ForAllValues"), "{error}");
        assert!(error.contains(&format!("without the specified {what} or")), "{error}");
    }
    let many = r#"{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "x"}}"#;
    assert!(compile(many, PolicyKind::KeyPolicy).is_ok());
}
