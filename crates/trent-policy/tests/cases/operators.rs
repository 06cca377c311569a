//! Condition operators: with a value that fits, one that does not, and none.

use crate::case::{Case, Expected};
use crate::count;
use trent_policy::PolicyType::IdentityBased;

/// Whether a statement with this condition on `aws:Test` applies to a request with these values.
fn holds(operator: &str, wanted: &str, values: &[&str], version: &str) -> bool {
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {{"{operator}": {{"aws:TEST": {wanted}}}}}}}"#
    );
    let (with, without): (&[(&str, &[&str])], &[(&str, &[&str])]) = (
        &[("aws:Test", values), ("aws:username", &["ann"]), ("aws:Several", &["a", "b"])],
        &[("aws:username", &["ann"])],
    );
    let context = if values.is_empty() { without } else { with };
    let case = Case { resource: "*", identity: &[&statement], context, version, ..Case::default() };
    match case.decide().expected {
        Expected::Yes(IdentityBased) => true,
        Expected::No(IdentityBased) => false,
        other @ (Expected::Yes(_) | Expected::YesToRoot | Expected::Deny(_) | Expected::No(_)) => {
            panic!("{operator} {wanted} {values:?}: {other:?}")
        }
    }
}

/// Operator, the policy's values, and for values of the request whether it holds: `-` is none.
const TABLE: &[(&str, &str, &[(&str, bool)])] = &[
    ("StringEquals", r#""ann""#, &[("ann", true), ("Ann", false), ("bob", false), ("-", false)]),
    ("StringEquals", r#"["ann", "bob"]"#, &[("bob", true), ("eve", false)]),
    ("StringEquals", r#""a*""#, &[("a*", true), ("ann", false)]),
    ("StringEquals", "[]", &[("ann", false), ("-", false)]),
    ("StringEquals", "true", &[("true", true), ("TRUE", false)]),
    ("StringEquals", "7", &[("7", true), ("7.0", false)]),
    ("StringNotEquals", r#""ann""#, &[("ann", false), ("bob", true), ("-", true)]),
    ("StringNotEquals", r#"["ann", "bob"]"#, &[("bob", false), ("eve", true)]),
    ("StringEqualsIgnoreCase", r#""Ann""#, &[("aNN", true), ("bob", false), ("-", false)]),
    ("StringNotEqualsIgnoreCase", r#""Ann""#, &[("aNN", false), ("bob", true), ("-", true)]),
    ("StringLike", r#""a*n""#, &[("an", true), ("a/:n", true), ("An", false), ("-", false)]),
    ("StringLike", r#""a?n""#, &[("ann", true), ("an", false), ("annn", false)]),
    ("StringLike", r#"["x*", "*y"]"#, &[("ay", true), ("xa", true), ("aya", false)]),
    ("StringNotLike", r#""a*""#, &[("ann", false), ("bob", true), ("-", true)]),
    ("NumericEquals", r#""30""#, &[("30", true), ("30.00", true), ("31", false), ("x", false)]),
    ("NumericEquals", "30", &[("30", true), ("-", false)]),
    ("NumericNotEquals", "30", &[("30", false), ("31", true), ("x", true), ("-", true)]),
    ("NumericLessThan", "30", &[("29.9", true), ("30", false), ("-5", true), ("-", false)]),
    ("NumericLessThanEquals", "30", &[("30", true), ("30.1", false)]),
    ("NumericGreaterThan", "30", &[("31", true), ("30", false), ("100", true), ("9", false)]),
    ("NumericGreaterThanEquals", "30.5", &[("30.5", true), ("30.4", false)]),
    ("DateEquals", r#""2024-02-29T12:00:00Z""#, &[("1709208000", true), ("1709208001", false)]),
    ("DateNotEquals", r#""2024-02-29""#, &[("2024-02-29T00:00Z", false), ("-", true)]),
    ("DateLessThan", r#""2025""#, &[("2024-12-31T23:59:59Z", true), ("2025-01-01", false)]),
    ("DateLessThanEquals", r#""2025-01-01""#, &[("2025", true), ("2025-01-02", false)]),
    (
        "DateGreaterThan",
        r#""2025-01-01T00:00:00+01:00""#,
        &[("2025-01-01T00:00:00Z", true), ("2024-12-31T23:00:00Z", false), ("-", false)],
    ),
    ("DateGreaterThanEquals", r#""0""#, &[("1970", true), ("1969", false), ("soon", false)]),
    ("Bool", r#""true""#, &[("true", true), ("True", true), ("false", false), ("-", false)]),
    ("Bool", "true", &[("true", true), ("yes", false)]),
    ("Bool", r#""False""#, &[("false", true), ("true", false)]),
    ("BinaryEquals", r#""YW5u""#, &[("YW5u", true), ("YW5v", false), ("?", false), ("-", false)]),
    ("IpAddress", r#""10.0.0.0/8""#, &[("10.9.9.9", true), ("11.0.0.1", false), ("-", false)]),
    ("IpAddress", r#""192.0.2.7""#, &[("192.0.2.7", true), ("192.0.2.8", false)]),
    ("IpAddress", r#""2001:db8::/32""#, &[("2001:db8::1", true), ("2001:db9::1", false)]),
    ("IpAddress", r#""2001:db8::1""#, &[("2001:DB8:0::1", true), ("10.0.0.1", false)]),
    ("IpAddress", r#""0.0.0.0/0""#, &[("255.1.1.1", true), ("::1", false), ("x", false)]),
    ("NotIpAddress", r#""10.0.0.0/8""#, &[("10.9.9.9", false), ("11.0.0.1", true), ("-", true)]),
    (
        "ArnEquals",
        r#""arn:aws:iam::111122223333:role/*""#,
        &[
            ("arn:aws:iam::111122223333:role/a/b", true),
            ("arn:aws:iam::111122223333:user/a", false),
            ("-", false),
        ],
    ),
    ("ArnLike", r#""arn:aws:s3:::*""#, &[("arn:aws:s3:::a:b", true), ("arn:aws:sns:::a", false)]),
    ("ArnLike", r#""arn:aws:*:x""#, &[("arn:aws:s3:::x", false), ("x", false)]),
    ("ArnLike", r#""*""#, &[("arn:aws:s3:::x", true), ("-", false)]),
    ("ArnNotEquals", r#""arn:aws:s3:::*""#, &[("arn:aws:s3:::a", false), ("-", true)]),
    ("ArnNotLike", r#""arn:aws:s3:::a*""#, &[("arn:aws:s3:::b", true), ("arn:aws:s3:::a", false)]),
    ("Null", r#""true""#, &[("-", true), ("ann", false)]),
    ("Null", r#""false""#, &[("-", false), ("ann", true)]),
    ("Null", "true", &[("-", true), ("ann", false)]),
    ("StringEqualsIfExists", r#""ann""#, &[("ann", true), ("bob", false), ("-", true)]),
    ("StringNotEqualsIfExists", r#""ann""#, &[("ann", false), ("-", true)]),
    ("StringLikeIfExists", r#""a*""#, &[("ann", true), ("bob", false), ("-", true)]),
    ("NumericLessThanIfExists", "30", &[("7", true), ("31", false), ("-", true)]),
    ("DateLessThanIfExists", r#""2025""#, &[("2024", true), ("2026", false), ("-", true)]),
    ("BoolIfExists", r#""true""#, &[("false", false), ("-", true)]),
    ("BinaryEqualsIfExists", r#""YW5u""#, &[("AAAA", false), ("-", true)]),
    ("IpAddressIfExists", r#""10.0.0.0/8""#, &[("11.0.0.1", false), ("-", true)]),
    ("ArnLikeIfExists", r#""arn:aws:s3:::*""#, &[("x", false), ("-", true)]),
    // Variables.
    ("StringEquals", r#""${aws:username}""#, &[("ann", true), ("${aws:username}", false)]),
    ("StringLike", r#""${aws:username}-*""#, &[("ann-1", true), ("bob-1", false)]),
    ("StringEquals", r#""${aws:missing}""#, &[("", false), ("${aws:missing}", false)]),
    ("StringNotEquals", r#""${aws:missing}""#, &[("", true), ("ann", true)]),
    ("StringEquals", r#""${aws:missing, 'none'}""#, &[("none", true), ("", false)]),
    ("StringEquals", r#""${aws:username, 'none'}""#, &[("ann", true), ("none", false)]),
    ("StringEquals", r#""${aws:Several}""#, &[("a", false), ("b", false)]),
    ("StringLike", r#""${*}${?}${$}*""#, &[("*?$x", true), ("abcx", false)]),
    (
        "ArnLike",
        r#""arn:aws:iam::111122223333:user/${aws:username}""#,
        &[
            ("arn:aws:iam::111122223333:user/ann", true),
            ("arn:aws:iam::111122223333:user/bob", false),
        ],
    ),
];

#[test]
fn each_operator_compares_as_its_row_says() {
    let mut cases = 0;
    for (operator, wanted, rows) in TABLE {
        for (value, expected) in *rows {
            let values = if *value == "-" { &[][..] } else { std::slice::from_ref(value) };
            let found = holds(operator, wanted, values, "2012-10-17");
            assert_eq!(found, *expected, "{operator} {wanted} {value}");
            cases += 1;
        }
    }
    count("condition operators", cases);
    assert!(cases >= 140);
}

#[test]
fn set_operators_look_at_every_value() {
    let table: &[(&str, &str, &[&str], bool)] = &[
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a"], true),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "b"], true),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "c"], false),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &[], true),
        ("ForAllValues:StringEquals", "[]", &["a"], false),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["c", "b"], true),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["c", "d"], false),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &[], false),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, &["c", "d"], true),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, &["c", "a"], false),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, &[], true),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, &["a", "b"], false),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, &[], false),
        ("ForAllValues:StringLike", r#""a*""#, &["ab", "ac"], true),
        ("ForAllValues:StringLike", r#""a*""#, &["ab", "b"], false),
        ("ForAnyValue:StringLike", r#""a*""#, &["b", "ab"], true),
        ("ForAllValues:NumericLessThan", "10", &["1", "9"], true),
        ("ForAllValues:NumericLessThan", "10", &["1", "11"], false),
        ("ForAnyValue:ArnLike", r#""arn:aws:s3:::*""#, &["x", "arn:aws:s3:::y"], true),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, &[], true),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, &["b"], false),
        ("ForAllValues:StringEqualsIfExists", r#""a""#, &["a"], true),
        ("ForAnyValue:Bool", r#""true""#, &["false", "true"], true),
        ("ForAllValues:IpAddress", r#""10.0.0.0/8""#, &["10.0.0.1", "11.0.0.1"], false),
        // Without a quantifier any value will do, and for a negated operator none may.
        ("StringEquals", r#""a""#, &["b", "a"], true),
        ("StringNotEquals", r#""a""#, &["b", "a"], false),
        ("StringNotEquals", r#""a""#, &["b", "c"], true),
        ("Null", r#""false""#, &["a", "b"], true),
    ];
    for (operator, wanted, values, expected) in table {
        let found = holds(operator, wanted, values, "2012-10-17");
        assert_eq!(found, *expected, "{operator} {wanted} {values:?}");
    }
    count("set operators", table.len());
}

#[test]
fn the_older_version_has_no_variables() {
    let table = [
        ("StringEquals", r#""${aws:username}""#, "ann", false),
        ("StringEquals", r#""${aws:username}""#, "${aws:username}", true),
        ("StringLike", r#""${*}""#, "${x}", true),
        ("StringLike", r#""${*}""#, "*", false),
        ("StringNotEquals", r#""${aws:missing}""#, "${aws:missing}", false),
    ];
    for (operator, wanted, value, expected) in table {
        let found = holds(operator, wanted, &[value], "2008-10-17");
        assert_eq!(found, expected, "{operator} {wanted} {value}");
    }
    count("version 2008-10-17", table.len());
}
