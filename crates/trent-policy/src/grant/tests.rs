//! Operations and constraints of grants.

use proptest::prelude::*;
use trent_types::{GrantId, KeyArn, Timestamp};

use super::*;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const SOURCE: &str = "arn:aws:dynamodb:us-east-1:111122223333:table/a";

type Pairs = Vec<(String, String)>;

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn equals(wanted: &[(&str, &str)]) -> GrantConstraints {
    GrantConstraints { context_equals: Some(pairs(wanted)), ..GrantConstraints::default() }
}

fn subset(wanted: &[(&str, &str)]) -> GrantConstraints {
    GrantConstraints { context_subset: Some(pairs(wanted)), ..GrantConstraints::default() }
}

fn for_source(arn: &str) -> GrantConstraints {
    GrantConstraints { source_arn: Some(arn.into()), ..GrantConstraints::default() }
}

fn terms(operations: &[GrantOperation], constraints: GrantConstraints) -> GrantTerms {
    let grantee = GrantPrincipal::Arn(ANN.into());
    GrantTerms { grantee, retiring: None, operations: operations.to_vec(), constraints }
}

fn grant(terms: GrantTerms) -> Grant {
    Grant {
        key: KEY.parse::<KeyArn>().unwrap(),
        grant_id: GrantId::from_bytes([1; 32]),
        name: None,
        created_at: Timestamp::default(),
        issuing_account: "arn:aws:iam::111122223333:root".into(),
        terms,
    }
}

/// Whether a grant of everything under these constraints allows the action with this context.
fn allowed(constraints: &GrantConstraints, action: &str, context: &[(&str, &str)]) -> bool {
    let grant = grant(terms(GrantOperation::ALL, constraints.clone()));
    let context = EncryptionContext::from(pairs(context));
    let request = GrantRequest { encryption_context: &context, source_arn: None, new_grant: None };
    allows(&grant, action, &request)
}

#[test]
fn a_grant_allows_its_own_operations_only() {
    let context = EncryptionContext::default();
    let request = GrantRequest { encryption_context: &context, source_arn: None, new_grant: None };
    for operation in GrantOperation::ALL {
        let only = grant(terms(&[*operation], GrantConstraints::default()));
        for other in GrantOperation::ALL {
            let expected = operation == other
                && !matches!(operation, GrantOperation::CreateGrant | GrantOperation::RetireGrant);
            assert_eq!(allows(&only, &format!("kms:{other}"), &request), expected, "{other}");
        }
        for action in ["kms:DisableKey", "kms:ReEncrypt", "Encrypt", "iam:Encrypt", "kms:encrypt"] {
            assert!(!allows(&only, action, &request), "{action}");
        }
    }
}

#[test]
fn equals_wants_the_whole_context() {
    let wanted = equals(&[("Department", "Finance"), ("Tier", "1")]);
    for (context, expected) in [
        (&[("Department", "Finance"), ("Tier", "1")][..], true),
        (&[("tier", "1"), ("DEPARTMENT", "Finance")], true),
        (&[("Department", "finance"), ("Tier", "1")], false),
        (&[("Department", "Finance")], false),
        (&[("Department", "Finance"), ("Tier", "1"), ("x", "y")], false),
        (&[("Department", "Finance"), ("department", "Other"), ("Tier", "1")], false),
        (&[], false),
    ] {
        assert_eq!(allowed(&wanted, "kms:Decrypt", context), expected, "{context:?}");
    }
    assert!(allowed(&equals(&[]), "kms:Encrypt", &[]));
    assert!(!allowed(&equals(&[]), "kms:Encrypt", &[("a", "b")]));
}

#[test]
fn subset_wants_its_pairs_and_lets_others_be() {
    let wanted = subset(&[("Department", "Finance")]);
    for (context, expected) in [
        (&[("Department", "Finance")][..], true),
        (&[("department", "Finance"), ("x", "y")], true),
        (&[("Department", "finance")], false),
        (&[("x", "y")], false),
        (&[], false),
    ] {
        assert_eq!(allowed(&wanted, "kms:GenerateDataKey", context), expected, "{context:?}");
    }
    assert!(allowed(&subset(&[]), "kms:Encrypt", &[]));
}

#[test]
fn both_constraints_must_hold() {
    let both = GrantConstraints {
        context_equals: Some(pairs(&[("a", "b")])),
        context_subset: Some(pairs(&[("c", "d")])),
        source_arn: None,
    };
    assert!(!allowed(&both, "kms:Encrypt", &[("a", "b")]));
    assert!(!allowed(&both, "kms:Encrypt", &[("a", "b"), ("c", "d")]));
}

#[test]
fn a_context_constraint_does_not_bear_on_what_has_no_context() {
    for constraints in [equals(&[("a", "b")]), subset(&[("a", "b")])] {
        for action in ["kms:DescribeKey", "kms:GetPublicKey"] {
            assert!(allowed(&constraints, action, &[]), "{action}");
        }
        for action in ["kms:Sign", "kms:GenerateMac", "kms:ReEncryptFrom", "kms:ReEncryptTo"] {
            assert!(!allowed(&constraints, action, &[]), "{action}");
        }
    }
}

#[test]
fn a_source_is_the_requests_own_or_none_fits() {
    let of_table = grant(terms(GrantOperation::ALL, for_source(SOURCE)));
    let context = EncryptionContext::default();
    for action in ["kms:Encrypt", "kms:DescribeKey", "kms:Sign"] {
        for (source_arn, expected) in
            [(Some(SOURCE), true), (Some("arn:aws:dynamodb:us-east-1:111122223333:*"), false)]
                .into_iter()
                .chain([(None, false)])
        {
            let request =
                GrantRequest { encryption_context: &context, source_arn, new_grant: None };
            assert_eq!(allows(&of_table, action, &request), expected, "{action} {source_arn:?}");
        }
    }
}

#[test]
fn a_grant_by_a_grant_is_within_it() {
    use GrantOperation::{CreateGrant, Decrypt, Encrypt};
    let open = GrantConstraints::default;
    let may = |parent: &GrantConstraints, operations: &[GrantOperation], child| {
        let parent = grant(terms(&[CreateGrant, Decrypt], parent.clone()));
        let child = terms(operations, child);
        let context = EncryptionContext::default();
        let new_grant = Some(&child);
        let request = GrantRequest { encryption_context: &context, source_arn: None, new_grant };
        allows(&parent, "kms:CreateGrant", &request)
    };
    assert!(may(&open(), &[Decrypt], open()));
    assert!(may(&open(), &[Decrypt, CreateGrant], equals(&[("a", "b")])));
    assert!(may(&open(), &[Decrypt], for_source(SOURCE)));
    assert!(!may(&open(), &[Decrypt, Encrypt], open()));
    let of_subset = subset(&[("a", "b")]);
    for (child, expected) in [
        (subset(&[("a", "b")]), true),
        (subset(&[("A", "b"), ("c", "d")]), true),
        (equals(&[("a", "b"), ("c", "d")]), true),
        (subset(&[("a", "x")]), false),
        (subset(&[]), false),
        (equals(&[("c", "d")]), false),
        (open(), false),
    ] {
        assert_eq!(may(&of_subset, &[Decrypt], child.clone()), expected, "{child:?}");
    }
    let of_equals = equals(&[("a", "b")]);
    for (child, expected) in [
        (equals(&[("a", "b")]), true),
        (equals(&[("a", "b"), ("c", "d")]), false),
        (equals(&[]), false),
        (subset(&[("a", "b")]), false),
        (open(), false),
    ] {
        assert_eq!(may(&of_equals, &[Decrypt], child.clone()), expected, "{child:?}");
    }
    // The parent is for calls on behalf of one source, and this is none.
    assert!(!may(&for_source(SOURCE), &[Decrypt], for_source(SOURCE)));
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn covers(principal: &GrantPrincipal, caller: &Caller) -> Coverage {
    let (partition, region) = (region().partition(), Some(region()));
    coverage(principal, &Who { caller, partition, region, bounded: false })
}

fn caller(kind: CallerKind) -> Caller {
    Caller::new("111122223333".parse().unwrap(), "AKIA".into(), kind)
}

#[test]
fn a_caller_is_covered_by_itself_and_its_account() {
    let root = caller(CallerKind::Root);
    let user_id = "AIDAEXAMPLEEXAMPLEANN".to_owned();
    let ann = caller(CallerKind::User { path: "/team/".into(), name: "ann".into(), user_id });
    let (root_arn, ann_arn) =
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/team/ann");
    assert_eq!(grantees_of(&root, region()), [root_arn]);
    assert_eq!(grantees_of(&ann, region()), [ann_arn, "AIDAEXAMPLEEXAMPLEANN", root_arn]);
    let of = |text: &str, caller: &Caller| covers(&GrantPrincipal::Arn(text.into()), caller);
    assert_eq!(of(ann_arn, &ann), Coverage::Direct);
    assert_eq!(of("AIDAEXAMPLEEXAMPLEANN", &ann), Coverage::Direct);
    assert_eq!(of(root_arn, &ann), Coverage::Account);
    assert_eq!(of(root_arn, &root), Coverage::Direct);
    for other in [ANN, "arn:aws-cn:iam::111122223333:user/team/ann", "111122223333", "", "*"] {
        assert_eq!(of(other, &ann), Coverage::None, "{other}");
    }
    let service = GrantPrincipal::Service("dynamodb.amazonaws.com".into());
    assert_eq!(covers(&service, &root), Coverage::None);
}

#[test]
fn a_session_is_covered_by_itself_its_role_and_its_account() {
    let kind = CallerKind::Role {
        path: "/team/".into(),
        name: "app".into(),
        role_id: "AROAEXAMPLEEXAMPLEAPP".into(),
        session_name: "one".into(),
    };
    let app = caller(kind);
    let expected = [
        ("arn:aws:sts::111122223333:assumed-role/app/one", Coverage::Direct),
        ("arn:aws:iam::111122223333:role/team/app", Coverage::Role),
        ("AROAEXAMPLEEXAMPLEAPP", Coverage::Role),
        ("arn:aws:iam::111122223333:root", Coverage::Account),
    ];
    assert_eq!(grantees_of(&app, region()), expected.map(|(text, _)| text));
    for (text, coverage) in expected {
        assert_eq!(covers(&GrantPrincipal::Arn(text.into()), &app), coverage, "{text}");
    }
    for other in [
        "arn:aws:sts::111122223333:assumed-role/app/two",
        "arn:aws:sts::444455556666:assumed-role/app/one",
        "arn:aws:iam::111122223333:role/app",
    ] {
        assert_eq!(covers(&GrantPrincipal::Arn(other.into()), &app), Coverage::None, "{other}");
    }
}

#[test]
fn a_service_is_covered_by_its_name_and_its_regional_name() {
    let service = caller(CallerKind::Service {
        name: "dynamodb.amazonaws.com".into(),
        source_arn: None,
        source_account: None,
    });
    let expected = ["dynamodb.amazonaws.com", "dynamodb.us-east-1.amazonaws.com"];
    assert_eq!(grantees_of(&service, region()), expected);
    for (text, covered) in [
        (expected[0], true),
        (expected[1], true),
        ("dynamodb.us-east-2.amazonaws.com", false),
        ("s3.amazonaws.com", false),
    ] {
        let found = covers(&GrantPrincipal::Service(text.into()), &service);
        assert_eq!(found == Coverage::Direct, covered, "{text}");
        assert_eq!(covers(&GrantPrincipal::Arn(text.into()), &service), Coverage::None);
    }
    let root = GrantPrincipal::Arn("arn:aws:iam::111122223333:root".into());
    assert_eq!(covers(&root, &service), Coverage::None);
}

fn some_pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec(("[aAb]", "[xy]"), 0..4)
}

fn some_constraints() -> impl Strategy<Value = GrantConstraints> {
    let pairs = || prop::option::of(some_pairs().prop_map(|pairs| pairs.into_iter().collect()));
    (pairs(), pairs()).prop_map(|(context_equals, context_subset)| GrantConstraints {
        context_equals,
        context_subset,
        source_arn: None,
    })
}

proptest! {
    /// What a grant made through another allows, the other allows too.
    #[test]
    fn nothing_is_gained_by_a_grant_through_a_grant(
        parent in some_constraints(),
        child in some_constraints(),
        context in some_pairs(),
    ) {
        let operations = [GrantOperation::CreateGrant, GrantOperation::Decrypt];
        let (parent, child) = (terms(&operations, parent), terms(&operations, child));
        let context: EncryptionContext = context.into_iter().collect();
        let request =
            GrantRequest { encryption_context: &context, source_arn: None, new_grant: None };
        if is_within(&child, &parent) && allows(&grant(child), "kms:Decrypt", &request) {
            prop_assert!(allows(&grant(parent), "kms:Decrypt", &request));
        }
    }
}
