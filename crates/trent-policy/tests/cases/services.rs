//! Services that call for themselves.

use trent_policy::PolicyType::{Grant, ResourceBased};

use crate::case::{Case, Expected};
use crate::count;

#[test]
fn services_are_let_in_by_their_own_name_alone() {
    let s3 = "s3.amazonaws.com";
    let named = r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action":
        "kms:*", "Resource": "*"}"#;
    let regional = named.replace("s3.amazonaws", "s3.us-east-1.amazonaws");
    let elsewhere = named.replace("s3.amazonaws", "s3.eu-west-1.amazonaws");
    let root = named.replace(r#""Service": "s3.amazonaws.com""#, r#""AWS": "111122223333""#);
    let everyone = named.replace(r#"{"Service": "s3.amazonaws.com"}"#, "\"*\"");
    let deny_all = everyone.replace("Allow", "Deny");
    let deny_root = root.replace("Allow", "Deny");
    let for_source = named.replace(
        r#""Effect""#,
        r#""Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::a*"},
            "StringEquals": {"aws:SourceAccount": "111122223333"}}, "Effect""#,
    );
    let (yes, no) = (Expected::Yes(ResourceBased), Expected::No(ResourceBased));
    let deny = Expected::Deny(ResourceBased);
    let source: &[(&str, &[&str])] =
        &[("aws:SourceArn", &["arn:aws:s3:::abc"]), ("aws:SourceAccount", &["111122223333"])];
    let wrong: &[(&str, &[&str])] =
        &[("aws:SourceArn", &["arn:aws:s3:::xyz"]), ("aws:SourceAccount", &["111122223333"])];
    type Context<'a> = &'a [(&'a str, &'a [&'a str])];
    #[rustfmt::skip]
    let table: &[(&str, &[&str], &[&str], Context<'_>, Expected)] = &[
        (s3, &[named], &[], &[], yes),
        (s3, &[&regional], &[], &[], yes),
        (s3, &[&elsewhere], &[], &[], no),
        (s3, &[&elsewhere, named], &[], &[], yes),
        (s3, &[&root], &[], &[], no),
        (s3, &[&everyone], &[], &[], no),
        (s3, &[named, &deny_all], &[], &[], deny),
        (s3, &[named, &deny_root], &[], &[], yes),
        (s3, &[&for_source], &[], source, yes),
        (s3, &[&for_source], &[], wrong, no),
        (s3, &[&for_source], &[], &[], no),
        (s3, &[&root], &[s3], &[], Expected::Yes(Grant)),
        (s3, &[&root], &["s3.us-east-1.amazonaws.com"], &[], Expected::Yes(Grant)),
        (s3, &[&root], &["s3.us-west-2.amazonaws.com"], &[], no),
        (s3, &[&root], &["ec2.amazonaws.com"], &[], no),
        (s3, &[&root], &["arn:aws:iam::111122223333:root"], &[], no),
        (s3, &[&deny_all], &[s3], &[], deny),
        ("s3.us-east-1.amazonaws.com", &[named], &[], &[], no),
        ("ec2.amazonaws.com", &[named], &[], &[], no),
        ("ann", &[named], &[], &[], no),
    ];
    for (caller, of_resource, grantees, context, expected) in table {
        let case = Case { caller, of_resource, grantees, context, ..Case::default() };
        let found = case.decide().expected;
        assert_eq!(found, *expected, "{caller} {of_resource:?} {grantees:?} {context:?}");
    }
    count("services", table.len());
}
