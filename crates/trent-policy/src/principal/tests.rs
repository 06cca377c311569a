//! Whom each form of principal covers, and what is no principal.

use trent_types::{Caller, CallerKind};

use super::*;
use crate::Effect;
use crate::json::parse;

fn caller(kind: CallerKind) -> Caller {
    let account = "111122223333".parse().unwrap();
    Caller::new(account, "AKIA".into(), kind)
}

fn who(caller: &Caller) -> Who<'_> {
    let region = Some("us-east-1".parse().unwrap());
    Who { caller, partition: Partition::Aws, region, bounded: false }
}

fn ann() -> Caller {
    caller(CallerKind::User {
        path: "/team/".into(),
        name: "ann".into(),
        user_id: "AIDAEXAMPLEEXAMPLEANN".into(),
    })
}

fn coverage(principals: &str, negated: bool, effect: Effect, caller: &Caller) -> Coverage {
    let principals = Principals::compile(&parse(principals).unwrap(), negated).unwrap();
    principals.coverage(&who(caller), effect)
}

#[test]
fn each_form_covers_whom_it_names() {
    let root = caller(CallerKind::Root);
    for (principals, for_ann, for_root) in [
        (r#""*""#, Coverage::Direct, Coverage::Direct),
        (r#"{"AWS": "*"}"#, Coverage::Direct, Coverage::Direct),
        (r#"{"AWS": "111122223333"}"#, Coverage::Account, Coverage::Direct),
        (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, Coverage::Account, Coverage::Direct),
        (r#"{"AWS": "arn:aws-cn:iam::111122223333:root"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "444455556666"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "arn:aws:iam::111122223333:user/team/ann"}"#, Coverage::Direct, Coverage::None),
        (r#"{"AWS": "arn:aws:iam::111122223333:user/ann"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "arn:aws:iam::111122223333:user/team/Ann"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "arn:aws:iam::444455556666:user/team/ann"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "arn:aws:iam::111122223333:role/team/ann"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, Coverage::Direct, Coverage::None),
        (r#"{"AWS": "AIDAEXAMPLEEXAMPLEBOB"}"#, Coverage::None, Coverage::None),
        (r#"{"AWS": ["AIDAEXAMPLEEXAMPLEBOB", "*"]}"#, Coverage::Direct, Coverage::Direct),
        (
            r#"{"AWS": ["111122223333", "AIDAEXAMPLEEXAMPLEANN"]}"#,
            Coverage::Direct,
            Coverage::Direct,
        ),
        (r#"{"Service": "logs.us-east-1.amazonaws.com"}"#, Coverage::None, Coverage::None),
        (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, Coverage::None, Coverage::None),
        (r#"{"CanonicalUser": "79a59df900b949e5"}"#, Coverage::None, Coverage::None),
    ] {
        let found = |caller| coverage(principals, false, Effect::Allow, caller);
        assert_eq!((found(&ann()), found(&root)), (for_ann, for_root), "{principals}");
    }
}

#[test]
fn not_principal_spares_fewer_from_a_deny_than_it_keeps_from_an_allow() {
    let root = caller(CallerKind::Root);
    let account = r#"{"AWS": "111122223333"}"#;
    let user = r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#;
    let both = r#"{"AWS": ["AIDAEXAMPLEEXAMPLEANN", "111122223333"]}"#;
    for (principals, effect, caller, covered) in [
        (account, Effect::Deny, &root, false),
        (account, Effect::Deny, &ann(), true),
        (user, Effect::Deny, &ann(), true),
        (user, Effect::Deny, &root, true),
        (both, Effect::Deny, &ann(), false),
        (r#""*""#, Effect::Deny, &ann(), false),
        (account, Effect::Allow, &ann(), false),
        (user, Effect::Allow, &ann(), false),
        (user, Effect::Allow, &root, true),
    ] {
        let found = coverage(principals, true, effect, caller);
        assert_eq!(found == Coverage::Direct, covered, "{principals} {effect:?}");
    }
}

#[test]
fn what_is_no_principal_is_refused() {
    for principals in [
        r#""111122223333""#,
        r#"{"AWS": "arn:aws:iam::111122223333:group/g"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:user/"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:user//ann"}"#,
        r#"{"AWS": "arn:aws:iam::111122223333:user"}"#,
        r#"{"AWS": "arn:aws:iam::*:root"}"#,
        r#"{"AWS": "arn:aws:iam:us-east-1:111122223333:root"}"#,
        r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/r"}"#,
        r#"{"AWS": "arn:moon:iam::111122223333:root"}"#,
        r#"{"AWS": "arn:aws:kms::111122223333:root"}"#,
        r#"{"AWS": ""}"#,
        r#"{"AWS": "ann"}"#,
        r#"{"AWS": []}"#,
        r#"{"Service": "*"}"#,
        r#"{}"#,
    ] {
        let found = Principals::compile(&parse(principals).unwrap(), false);
        assert_eq!(found.unwrap_err(), PolicyError::invalid_principals(), "{principals}");
    }
    for principals in [r#"{"aws": "*"}"#, r#"{"AWS": 5}"#, r#"["*"]"#, "null"] {
        let found = Principals::compile(&parse(principals).unwrap(), false);
        assert_eq!(found.unwrap_err(), PolicyError::syntax(), "{principals}");
    }
}

#[test]
fn path_and_name_come_apart() {
    let Principal::User(arn) = Principal::aws("arn:aws:iam::111122223333:user/a/b/ann").unwrap()
    else {
        panic!("a user");
    };
    assert_eq!(arn.split(), ("/a/b/", "ann"));
}
