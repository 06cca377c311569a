//! Assuming a role: its trust policy, and the caller's own policies.

use trent_policy::PolicyType::{
    IdentityBased as I, PermissionsBoundary as B, RoleTrust as T, Session as S,
};
use trent_types::Partition;

use crate::case::{Case, Expected, ROLE, caller};
use crate::count;

const ACCOUNT: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "111122223333"}}"#;
const OTHER_ACCOUNT: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}"#;
const ANN: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}}"#;
const EVE: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::444455556666:user/eve"}}"#;
const APP: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/svc/app"}}"#;
const SERVICE: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "ec2.amazonaws.com"}}"#;
const TAGS: &str = r#"{"Effect": "Allow", "Action": "sts:TagSession",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}}"#;
const EXTERNAL: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"},
    "Condition": {"StringEquals": {"sts:ExternalId": "42"}}}"#;
const TRUST_DENY: &str =
    r#"{"Effect": "Deny", "Action": "sts:*", "Principal": {"AWS": "111122223333"}}"#;
const YES: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Resource": "arn:aws:iam::111122223333:role/svc/*"}"#;
const ELSE: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Resource": "arn:aws:iam::111122223333:role/other"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}"#;

type Limit = Option<&'static [&'static str]>;
type Row = (&'static str, &'static [&'static str], &'static [&'static str], Limit, Limit, Expected);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // In the role's own account a trust policy that names the caller is enough.
    ("ann", &[ANN], &[], None, None, Expected::Yes(T)),
    ("ann", &[ACCOUNT], &[], None, None, Expected::No(I)),
    ("ann", &[ACCOUNT], &[YES], None, None, Expected::Yes(I)),
    ("ann", &[ACCOUNT], &[ELSE], None, None, Expected::No(I)),
    ("bob", &[ANN], &[YES], None, None, Expected::No(T)),
    ("ann", &[TAGS], &[YES], None, None, Expected::No(T)),
    ("ann", &[EXTERNAL], &[], None, None, Expected::No(T)),
    ("ann", &[ANN, TRUST_DENY], &[YES], None, None, Expected::Deny(T)),
    ("ann", &[ANN], &[DENY], None, None, Expected::Deny(I)),
    ("ann", &[ANN], &[], Some(&[ELSE]), None, Expected::Yes(T)),
    ("ann", &[ANN], &[], Some(&[DENY]), None, Expected::Deny(B)),
    ("ann", &[ACCOUNT], &[YES], Some(&[ELSE]), None, Expected::No(B)),
    ("app/one", &[APP], &[], None, None, Expected::Yes(T)),
    ("app/one", &[APP], &[], Some(&[ELSE]), None, Expected::No(B)),
    ("app/one", &[APP], &[], None, Some(&[ELSE]), Expected::No(S)),
    ("app/one", &[APP], &[], None, Some(&[YES]), Expected::Yes(T)),
    ("app/one", &[ACCOUNT], &[YES], None, Some(&[YES]), Expected::Yes(I)),
    // Across accounts both must agree.
    ("eve@other", &[EVE], &[], None, None, Expected::No(I)),
    ("eve@other", &[EVE], &[YES], None, None, Expected::Yes(T)),
    ("eve@other", &[OTHER_ACCOUNT], &[YES], None, None, Expected::Yes(T)),
    ("eve@other", &[OTHER_ACCOUNT], &[YES], Some(&[ELSE]), None, Expected::No(B)),
    ("eve@other", &[ACCOUNT], &[YES], None, None, Expected::No(T)),
    ("job@other", &[OTHER_ACCOUNT], &[YES], None, Some(&[ELSE]), Expected::No(S)),
    // Root users assume no roles.
    ("root", &[ACCOUNT], &[], None, None, Expected::No(T)),
    ("root@other", &[OTHER_ACCOUNT], &[YES], None, None, Expected::No(T)),
    // Services.
    ("ec2.amazonaws.com", &[SERVICE], &[], None, None, Expected::Yes(T)),
    ("s3.amazonaws.com", &[SERVICE], &[], None, None, Expected::No(T)),
    ("ann", &[SERVICE], &[YES], None, None, Expected::No(T)),
];

fn case(row: &Row) -> Case<'static> {
    let (caller, of_resource, identity, boundary, session, _) = *row;
    let action = "sts:AssumeRole";
    let resource = ROLE;
    Case { caller, action, resource, of_resource, identity, boundary, session, ..Case::default() }
}

#[test]
fn trust_policies_and_the_callers_own() {
    for row in TABLE {
        assert_eq!(case(row).decide().expected, row.5, "{row:?}");
    }
    count("trust policies", TABLE.len());
}

#[test]
fn an_external_id_is_a_condition() {
    let with = |id: &'static str| {
        let case = Case {
            action: "sts:AssumeRole",
            resource: ROLE,
            of_resource: &[EXTERNAL],
            context: &[("sts:ExternalId", &[id])],
            ..Case::default()
        };
        case.decide().expected
    };
    assert_eq!(with("42"), Expected::Yes(T));
    assert_eq!(with("43"), Expected::No(T));
}

#[test]
fn denials_name_the_trust_policy_to_its_own_account_only() {
    #[rustfmt::skip]
    let table: &[(Row, &str)] = &[
        (("bob", &[ANN], &[YES], None, None, Expected::No(T)),
            " because no role trust policy allows the sts:AssumeRole action"),
        (("ann", &[ACCOUNT], &[], None, None, Expected::No(I)),
            " because no identity-based policy allows the sts:AssumeRole action"),
        (("ann", &[ANN, TRUST_DENY], &[], None, None, Expected::Deny(T)),
            " with an explicit deny in the role trust policy"),
        (("app/one", &[APP], &[], None, Some(&[ELSE]), Expected::No(S)),
            " because no session policy allows the sts:AssumeRole action"),
        (("eve@other", &[ACCOUNT], &[YES], None, None, Expected::No(T)), ""),
        (("eve@other", &[EVE], &[], None, None, Expected::No(I)),
            " because no identity-based policy allows the sts:AssumeRole action"),
    ];
    for (row, tail) in table {
        let arn = caller(row.0).arn(Partition::Aws);
        let expected = format!(
            "User: {arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE}{tail}"
        );
        assert_eq!(case(row).decide().message, Some(expected), "{row:?}");
    }
    count("words about roles", table.len());
    let (eve, row) = (caller("eve@other"), &table[4].0);
    let unknown = trent_policy::unknown_role(&eve, Partition::Aws, "sts:AssumeRole", ROLE);
    assert_eq!(case(row).decide().message, Some(unknown));
}
