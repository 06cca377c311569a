//! Key policy, identity policies, boundary, session policies and grants against each other, in one
//! account and across two.

use trent_policy::PolicyType::{
    Grant, IdentityBased as I, PermissionsBoundary as B, ResourceBased as K, Session as S,
};

use crate::case::{Case, Expected, KEY};
use crate::count;

const ROOT: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}"#;
const ANN: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}}"#;
const ANN_ID: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "AIDAEXAMPLEEXAMPLEANN"}}"#;
const APP: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/svc/app"}}"#;
const APP_ID: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "AROAEXAMPLEEXAMPLEAPP"}}"#;
const ONE: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/app/one"}}"#;
const ALL: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": "*"}"#;
const SHARE: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "444455556666"}}"#;
const EVE: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::444455556666:user/eve"}}"#;
const JOB: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:sts::444455556666:assumed-role/job/x"}}"#;
const KEY_DENY: &str =
    r#"{"Effect": "Deny", "Action": "kms:Enc*", "Resource": "*", "Principal": "*"}"#;
const YES: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
const OTHER: &str = r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#;

type Limit = Option<&'static [&'static str]>;
type Row = (&'static str, &'static [&'static str], &'static [&'static str], Limit, Limit, Expected);

/// Caller, key policy, identity policies, boundary, session policies.
#[rustfmt::skip]
const POLICIES: &[Row] = &[
    // The root user of the key's account.
    ("root", &[ROOT], &[], None, None, Expected::Yes(K)),
    ("root", &[ANN], &[], None, None, Expected::No(K)),
    ("root", &[ALL], &[], None, None, Expected::Yes(K)),
    ("root", &[ROOT, KEY_DENY], &[], None, None, Expected::Deny(K)),
    // A user of the key's account.
    ("ann", &[ROOT], &[], None, None, Expected::No(I)),
    ("ann", &[ROOT], &[OTHER], None, None, Expected::No(I)),
    ("ann", &[ROOT], &[YES], None, None, Expected::Yes(I)),
    ("ann", &[ROOT], &[OTHER, YES], None, None, Expected::Yes(I)),
    ("ann", &[SHARE], &[YES], None, None, Expected::No(K)),
    ("ann", &[ANN], &[], None, None, Expected::Yes(K)),
    ("ann", &[ANN_ID], &[], None, None, Expected::Yes(K)),
    ("ann", &[ALL], &[], None, None, Expected::Yes(K)),
    ("bob", &[ANN], &[YES], None, None, Expected::No(K)),
    ("ann", &[ANN], &[DENY], None, None, Expected::Deny(I)),
    ("ann", &[ROOT], &[YES, DENY], None, None, Expected::Deny(I)),
    ("ann", &[ANN, KEY_DENY], &[YES], None, None, Expected::Deny(K)),
    ("ann", &[KEY_DENY], &[DENY], None, None, Expected::Deny(K)),
    // A user with a boundary.
    ("ann", &[ROOT], &[YES], Some(&[YES]), None, Expected::Yes(I)),
    ("ann", &[ROOT], &[YES], Some(&[OTHER]), None, Expected::No(B)),
    ("ann", &[ROOT], &[], Some(&[YES]), None, Expected::No(I)),
    ("ann", &[ROOT], &[YES], Some(&[YES, DENY]), None, Expected::Deny(B)),
    ("ann", &[ANN], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("ann", &[ANN_ID], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("ann", &[ALL], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("ann", &[ANN], &[], Some(&[DENY]), None, Expected::Deny(B)),
    ("ann", &[SHARE], &[YES], Some(&[YES]), None, Expected::No(K)),
    // A session of a role.
    ("app/one", &[ROOT], &[], None, None, Expected::No(I)),
    ("app/one", &[ROOT], &[YES], None, None, Expected::Yes(I)),
    ("app/one", &[APP], &[], None, None, Expected::Yes(K)),
    ("app/one", &[APP_ID], &[], None, None, Expected::Yes(K)),
    ("app/one", &[ONE], &[], None, None, Expected::Yes(K)),
    ("app/two", &[ONE], &[YES], None, None, Expected::No(K)),
    ("app/one", &[ALL], &[], None, None, Expected::Yes(K)),
    ("app/one", &[APP, KEY_DENY], &[YES], None, None, Expected::Deny(K)),
    // Its boundary limits what the role is given, and not what the session is.
    ("app/one", &[ROOT], &[YES], Some(&[OTHER]), None, Expected::No(B)),
    ("app/one", &[APP], &[], Some(&[OTHER]), None, Expected::No(B)),
    ("app/one", &[APP_ID], &[], Some(&[OTHER]), None, Expected::No(B)),
    ("app/one", &[APP], &[], Some(&[YES]), None, Expected::Yes(K)),
    ("app/one", &[ONE], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("app/one", &[ALL], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("app/one", &[APP, ONE], &[], Some(&[OTHER]), None, Expected::Yes(K)),
    ("app/one", &[ONE], &[], Some(&[DENY]), None, Expected::Deny(B)),
    // So do session policies.
    ("app/one", &[ROOT], &[YES], None, Some(&[YES]), Expected::Yes(I)),
    ("app/one", &[ROOT], &[YES], None, Some(&[OTHER]), Expected::No(S)),
    ("app/one", &[ROOT], &[YES], None, Some(&[]), Expected::No(S)),
    ("app/one", &[ROOT], &[YES], None, Some(&[OTHER, YES]), Expected::Yes(I)),
    ("app/one", &[ROOT], &[OTHER], None, Some(&[YES]), Expected::No(I)),
    ("app/one", &[APP], &[], None, Some(&[OTHER]), Expected::No(S)),
    ("app/one", &[APP], &[], None, Some(&[YES]), Expected::Yes(K)),
    ("app/one", &[ONE], &[], None, Some(&[OTHER]), Expected::Yes(K)),
    ("app/one", &[ALL], &[], None, Some(&[OTHER]), Expected::Yes(K)),
    ("app/one", &[ONE], &[], None, Some(&[YES, DENY]), Expected::Deny(S)),
    ("app/one", &[APP], &[], Some(&[YES]), Some(&[OTHER]), Expected::No(S)),
    ("app/one", &[APP], &[], Some(&[OTHER]), Some(&[YES]), Expected::No(B)),
    ("app/one", &[APP], &[], Some(&[YES]), Some(&[YES]), Expected::Yes(K)),
    ("app/one", &[ROOT], &[YES], Some(&[YES]), Some(&[YES]), Expected::Yes(I)),
    ("app/one", &[ROOT], &[YES], Some(&[OTHER]), Some(&[OTHER]), Expected::No(B)),
    // Across accounts both sides must agree.
    ("root@other", &[SHARE], &[], None, None, Expected::Yes(K)),
    ("root@other", &[ROOT], &[], None, None, Expected::No(K)),
    ("eve@other", &[SHARE], &[], None, None, Expected::No(I)),
    ("eve@other", &[SHARE], &[YES], None, None, Expected::Yes(K)),
    ("eve@other", &[EVE], &[], None, None, Expected::No(I)),
    ("eve@other", &[EVE], &[YES], None, None, Expected::Yes(K)),
    ("eve@other", &[ALL], &[], None, None, Expected::No(I)),
    ("eve@other", &[ALL], &[YES], None, None, Expected::Yes(K)),
    ("eve@other", &[ROOT], &[YES], None, None, Expected::No(K)),
    ("eve@other", &[EVE], &[YES], Some(&[OTHER]), None, Expected::No(B)),
    ("eve@other", &[EVE], &[YES], Some(&[YES]), None, Expected::Yes(K)),
    ("eve@other", &[EVE], &[YES, DENY], None, None, Expected::Deny(I)),
    ("eve@other", &[EVE, KEY_DENY], &[YES], None, None, Expected::Deny(K)),
    ("job@other", &[JOB], &[YES], None, Some(&[OTHER]), Expected::No(S)),
    ("job@other", &[JOB], &[YES], None, Some(&[YES]), Expected::Yes(K)),
    ("job@other", &[JOB], &[], None, None, Expected::No(I)),
];

#[test]
fn policies_of_every_type_against_each_other() {
    for (caller, of_resource, identity, boundary, session, expected) in POLICIES {
        let (boundary, session) = (*boundary, *session);
        let case = Case { caller, of_resource, identity, boundary, session, ..Case::default() };
        let found = case.decide();
        assert_eq!(
            found.expected, *expected,
            "{caller} {of_resource:?} {identity:?} {boundary:?} {session:?}"
        );
        assert_eq!(found.message.is_none(), matches!(expected, Expected::Yes(_)));
    }
    count("policies of every type", POLICIES.len());
}

#[test]
fn only_some_actions_work_on_another_accounts_key() {
    let table = [
        ("kms:Encrypt", true),
        ("kms:Decrypt", true),
        ("kms:ReEncryptFrom", true),
        ("kms:ReEncryptTo", true),
        ("kms:GenerateDataKey", true),
        ("kms:GenerateDataKeyPair", true),
        ("kms:GenerateMac", true),
        ("kms:VerifyMac", true),
        ("kms:Sign", true),
        ("kms:Verify", true),
        ("kms:GetPublicKey", true),
        ("kms:DescribeKey", true),
        ("kms:CreateGrant", true),
        ("kms:ListGrants", true),
        ("kms:RevokeGrant", true),
        ("kms:GetKeyRotationStatus", true),
        ("kms:DeriveSharedSecret", true),
        ("kms:PutKeyPolicy", false),
        ("kms:GetKeyPolicy", false),
        ("kms:DisableKey", false),
        ("kms:EnableKeyRotation", false),
        ("kms:ScheduleKeyDeletion", false),
        ("kms:TagResource", false),
        ("kms:CreateAlias", false),
        ("kms:ReplicateKey", false),
        ("kms:ImportKeyMaterial", false),
    ];
    for (action, works) in table {
        let case = Case {
            caller: "eve@other",
            action,
            of_resource: &[EVE],
            identity: &[YES],
            ..Case::default()
        };
        let expected = if works { Expected::Yes(K) } else { Expected::No(K) };
        assert_eq!(case.decide().expected, expected, "{action}");
    }
    count("actions across accounts", table.len());
}

#[test]
fn grants_allow_beside_policies_and_are_limited_as_a_key_policy_is() {
    let ann = "arn:aws:iam::111122223333:user/ann";
    let app = "arn:aws:iam::111122223333:role/svc/app";
    let one = "arn:aws:sts::111122223333:assumed-role/app/one";
    let eve = "arn:aws:iam::444455556666:user/eve";
    let (account, other) = ("arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root");
    let ann_id = "AIDAEXAMPLEEXAMPLEANN";
    #[rustfmt::skip]
    let table: &[(&str, &str, &[&str], Limit, Limit, Expected)] = &[
        ("ann", ann, &[], None, None, Expected::Yes(Grant)),
        ("ann", ann_id, &[], None, None, Expected::Yes(Grant)),
        ("bob", ann, &[], None, None, Expected::No(I)),
        ("ann", ann, &[DENY], None, None, Expected::Deny(I)),
        ("ann", ann, &[], Some(&[OTHER]), None, Expected::Yes(Grant)),
        ("ann", ann, &[], Some(&[DENY]), None, Expected::Deny(B)),
        ("ann", account, &[], None, None, Expected::No(I)),
        ("root", account, &[], None, None, Expected::Yes(K)),
        ("app/one", app, &[], None, None, Expected::Yes(Grant)),
        ("app/two", app, &[], None, None, Expected::Yes(Grant)),
        ("app/one", app, &[], Some(&[OTHER]), None, Expected::No(B)),
        ("app/one", app, &[], None, Some(&[OTHER]), Expected::No(S)),
        ("app/one", app, &[], None, Some(&[YES]), Expected::Yes(Grant)),
        ("app/one", one, &[], None, None, Expected::Yes(Grant)),
        ("app/two", one, &[], None, None, Expected::No(I)),
        ("app/one", one, &[], Some(&[OTHER]), None, Expected::Yes(Grant)),
        ("app/one", one, &[], None, Some(&[OTHER]), Expected::Yes(Grant)),
        ("app/one", one, &[], None, Some(&[DENY]), Expected::Deny(S)),
        ("eve@other", eve, &[], None, None, Expected::Yes(Grant)),
        ("eve@other", eve, &[], Some(&[OTHER]), None, Expected::Yes(Grant)),
        ("eve@other", other, &[], None, None, Expected::No(I)),
        ("eve@other", other, &[YES], None, None, Expected::Yes(Grant)),
        ("eve@other", other, &[YES], Some(&[OTHER]), None, Expected::No(B)),
        ("root@other", other, &[], None, None, Expected::Yes(Grant)),
        ("job@other", other, &[YES], None, Some(&[OTHER]), Expected::No(S)),
        ("job@other", eve, &[YES], None, None, Expected::No(K)),
    ];
    for (caller, grantee, identity, boundary, session, expected) in table {
        let case = Case {
            caller,
            of_resource: &[ROOT],
            identity,
            boundary: *boundary,
            session: *session,
            grantees: std::slice::from_ref(grantee),
            ..Case::default()
        };
        let found = case.decide().expected;
        assert_eq!(found, *expected, "{caller} {grantee} {identity:?} {boundary:?} {session:?}");
    }
    count("grants", table.len());
}

#[test]
fn what_has_no_policy_is_decided_by_the_callers_own() {
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/app";
    #[rustfmt::skip]
    let table: &[(&str, &str, &[&str], Limit, Limit, Expected)] = &[
        ("root", alias, &[], None, None, Expected::YesToRoot),
        ("root", "*", &[], None, None, Expected::YesToRoot),
        ("ann", alias, &[], None, None, Expected::No(I)),
        ("ann", alias, &[YES], None, None, Expected::Yes(I)),
        ("ann", alias, &[YES, DENY], None, None, Expected::Deny(I)),
        ("ann", "*", &[YES], None, None, Expected::Yes(I)),
        ("ann", "*", &[OTHER], None, None, Expected::No(I)),
        ("ann", "*", &[YES], Some(&[YES]), None, Expected::Yes(I)),
        ("ann", "*", &[YES], Some(&[OTHER]), None, Expected::No(B)),
        ("ann", "*", &[YES], Some(&[DENY]), None, Expected::Deny(B)),
        ("app/one", "*", &[YES], None, None, Expected::Yes(I)),
        ("app/one", "*", &[YES], None, Some(&[OTHER]), Expected::No(S)),
        ("app/one", "*", &[YES], None, Some(&[]), Expected::No(S)),
        ("app/one", "*", &[YES], Some(&[YES]), Some(&[YES]), Expected::Yes(I)),
        ("app/one", "*", &[YES], None, Some(&[DENY]), Expected::Deny(S)),
        ("app/one", KEY, &[YES], None, None, Expected::Yes(I)),
        ("root@other", alias, &[], None, None, Expected::No(K)),
        ("eve@other", alias, &[YES], None, None, Expected::No(K)),
        ("eve@other", "*", &[YES], None, None, Expected::Yes(I)),
        ("s3.amazonaws.com", "*", &[], None, None, Expected::No(I)),
    ];
    for (caller, resource, identity, boundary, session, expected) in table {
        let (boundary, session) = (*boundary, *session);
        let case = Case { caller, resource, identity, boundary, session, ..Case::default() };
        let found = case.decide().expected;
        assert_eq!(found, *expected, "{caller} {resource} {identity:?} {boundary:?} {session:?}");
    }
    count("resources without a policy", table.len());
}

/// What follows `is not authorized to perform: kms:Encrypt`.
#[test]
fn each_denial_is_worded_by_the_type_that_decides() {
    let on_key = |tail: &str| format!(" on resource: {KEY}{tail}");
    let no = |what: &str| on_key(&format!(" because no {what} allows the kms:Encrypt action"));
    let deny = |what: &str| on_key(&format!(" with an explicit deny in {what}"));
    let hidden = " on this resource because the resource does not exist in this Region, no \
        resource-based policies allow access, or a resource-based policy explicitly denies access";
    #[rustfmt::skip]
    let table: &[(&str, &[&str], &[&str], Limit, Limit, String)] = &[
        ("ann", &[SHARE], &[], None, None, no("resource-based policy")),
        ("ann", &[ROOT], &[], None, None, no("identity-based policy")),
        ("ann", &[ROOT], &[YES], Some(&[OTHER]), None, no("permissions boundary")),
        ("app/one", &[APP], &[], None, Some(&[OTHER]), no("session policy")),
        ("ann", &[KEY_DENY], &[], None, None, deny("a resource-based policy")),
        ("ann", &[ANN], &[DENY], None, None, deny("an identity-based policy")),
        ("ann", &[ANN], &[], Some(&[DENY]), None, deny("a permissions boundary")),
        ("app/one", &[ONE], &[], None, Some(&[DENY]), deny("a session policy")),
        ("eve@other", &[ROOT], &[YES], None, None, hidden.into()),
        ("eve@other", &[EVE, KEY_DENY], &[YES], None, None, hidden.into()),
        ("eve@other", &[EVE], &[], None, None, no("identity-based policy")),
        ("eve@other", &[EVE], &[YES], Some(&[OTHER]), None, no("permissions boundary")),
        ("eve@other", &[EVE], &[YES], Some(&[DENY]), None, deny("a permissions boundary")),
    ];
    for (caller, of_resource, identity, boundary, session, expected) in table {
        let (boundary, session) = (*boundary, *session);
        let case = Case { caller, of_resource, identity, boundary, session, ..Case::default() };
        let message = case.decide().message.expect("a denial");
        let arn = crate::case::caller(caller).arn(trent_types::Partition::Aws);
        let opening = format!("User: {arn} is not authorized to perform: kms:Encrypt");
        assert_eq!(message, format!("{opening}{expected}"));
    }
    count("words of denials", table.len());
}
