//! Whom the principals of a key policy cover, and whom their opposites do.

use trent_policy::PolicyType::{IdentityBased, ResourceBased};

use crate::case::{Case, Expected};
use crate::count;

/// How each of these callers is covered by an allow: `d`irectly, by its `a`ccount, or not (`-`).
const CALLERS: [&str; 6] = ["root", "ann", "bob", "app/one", "app/two", "s3.amazonaws.com"];

const TABLE: &[(&str, &str)] = &[
    (r#""*""#, "ddddd-"),
    (r#"{"AWS": "*"}"#, "ddddd-"),
    (r#"{"AWS": "111122223333"}"#, "daaaa-"),
    (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, "daaaa-"),
    (r#"{"AWS": "arn:aws-us-gov:iam::111122223333:root"}"#, "------"),
    (r#"{"AWS": "444455556666"}"#, "------"),
    (r#"{"AWS": "arn:aws:iam::111122223333:user/ann"}"#, "-d----"),
    (r#"{"AWS": "arn:aws:iam::111122223333:user/Ann"}"#, "------"),
    (r#"{"AWS": "arn:aws:iam::444455556666:user/ann"}"#, "------"),
    (r#"{"AWS": "arn:aws:iam::111122223333:user/team/bob"}"#, "--d---"),
    (r#"{"AWS": "arn:aws:iam::111122223333:user/bob"}"#, "------"),
    (r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, "-d----"),
    (r#"{"AWS": "AROAEXAMPLEEXAMPLEANN"}"#, "------"),
    (r#"{"AWS": "arn:aws:iam::111122223333:role/svc/app"}"#, "---dd-"),
    (r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#, "------"),
    (r#"{"AWS": "AROAEXAMPLEEXAMPLEAPP"}"#, "---dd-"),
    (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"}"#, "---d--"),
    (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/svc/one"}"#, "------"),
    (r#"{"AWS": "arn:aws:sts::111122223333:federated-user/ann"}"#, "------"),
    (r#"{"Service": "s3.amazonaws.com"}"#, "-----d"),
    (r#"{"Service": "s3.us-east-1.amazonaws.com"}"#, "-----d"),
    (r#"{"Service": "s3.us-west-2.amazonaws.com"}"#, "------"),
    (r#"{"Service": "ec2.amazonaws.com"}"#, "------"),
    (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, "------"),
    (r#"{"CanonicalUser": "79a59df900b949e5"}"#, "------"),
    (r#"{"AWS": ["AIDAEXAMPLEEXAMPLEANN", "111122223333"]}"#, "ddaaa-"),
    (r#"{"AWS": "111122223333", "Service": ["s3.amazonaws.com"]}"#, "daaaad"),
];

fn decide(caller: &str, statements: &[&str], boundary: Option<&[&str]>) -> Expected {
    Case { caller, of_resource: statements, boundary, ..Case::default() }.decide().expected
}

#[test]
fn each_principal_covers_whom_it_names() {
    let mut cases = 0;
    for (principal, expected) in TABLE {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Resource": "*"}}"#
        );
        for (caller, expected) in CALLERS.into_iter().zip(expected.chars()) {
            let expected = match expected {
                'd' => Expected::Yes(ResourceBased),
                'a' => Expected::No(IdentityBased),
                _ => Expected::No(ResourceBased),
            };
            let found = decide(caller, &[&statement], None);
            assert_eq!(found, expected, "{principal} {caller}");
            cases += 1;
        }
    }
    count("principals", cases);
}

#[test]
fn a_deny_covers_everyone_behind_its_principals() {
    // Denied are those who are marked; all are allowed by name otherwise.
    let table = [
        (r#""Principal": "*""#, "xxxxxx"),
        (r#""Principal": {"AWS": "111122223333"}"#, "xxxxx-"),
        (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/svc/app"}"#, "---xx-"),
        (r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"}"#, "---x--"),
        (r#""Principal": {"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, "-x----"),
        (r#""Principal": {"Service": "s3.amazonaws.com"}"#, "-----x"),
        (r#""NotPrincipal": {"AWS": "111122223333"}"#, "-xxxxx"),
        (r#""NotPrincipal": {"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, "xxxxxx"),
        (r#""NotPrincipal": {"AWS": ["AIDAEXAMPLEEXAMPLEANN", "111122223333"]}"#, "--xxxx"),
        (
            r#""NotPrincipal": {"AWS": ["arn:aws:sts::111122223333:assumed-role/app/one",
                "arn:aws:iam::111122223333:role/svc/app", "111122223333"]}"#,
            "-xx-xx",
        ),
        (
            r#""NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:role/svc/app",
                "111122223333"]}"#,
            "-xxxxx",
        ),
        (r#""NotPrincipal": {"Service": "s3.amazonaws.com"}"#, "xxxxx-"),
        (r#""NotPrincipal": "*""#, "------"),
    ];
    let allow = r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal":
        {"AWS": "*", "Service": "s3.amazonaws.com"}}"#;
    for (principal, expected) in table {
        let deny = format!(r#"{{"Effect": "Deny", {principal}, "Action": "*", "Resource": "*"}}"#);
        for (caller, expected) in CALLERS.into_iter().zip(expected.chars()) {
            let expected = match expected {
                'x' => Expected::Deny(ResourceBased),
                _ => Expected::Yes(ResourceBased),
            };
            assert_eq!(decide(caller, &[allow, &deny], None), expected, "{principal} {caller}");
        }
    }
    count("principals of denies", table.len() * CALLERS.len());
}

#[test]
fn not_principal_spares_nobody_who_has_a_boundary() {
    let all = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let allow = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal":
        {"AWS": ["AIDAEXAMPLEEXAMPLEANN", "111122223333"]}}"#;
    assert_eq!(decide("ann", &[allow, deny], None), Expected::Yes(ResourceBased));
    assert_eq!(decide("ann", &[allow, deny], Some(&[all])), Expected::Deny(ResourceBased));
}

#[test]
fn an_allow_with_not_principal_covers_those_that_it_does_not_list() {
    let table = [
        (r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, "d-ddd-"),
        (r#"{"AWS": "111122223333"}"#, "------"),
        (r#"{"AWS": "444455556666"}"#, "ddddd-"),
        (r#"{"AWS": "arn:aws:iam::111122223333:role/svc/app"}"#, "ddd---"),
        (r#""*""#, "------"),
    ];
    for (principal, expected) in table {
        let statement = format!(
            r#"{{"Effect": "Allow", "NotPrincipal": {principal}, "Action": "*", "Resource": "*"}}"#
        );
        for (caller, expected) in CALLERS.into_iter().zip(expected.chars()) {
            let expected = match expected {
                'd' => Expected::Yes(ResourceBased),
                _ => Expected::No(ResourceBased),
            };
            assert_eq!(decide(caller, &[&statement], None), expected, "{principal} {caller}");
        }
    }
    count("allows with NotPrincipal", table.len() * CALLERS.len());
}
