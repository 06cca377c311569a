//! Who may: the rules between key policy, identity policies and accounts, and the words of each
//! denial.

mod words;

use proptest::prelude::*;
use trent_types::CallerKind;

use super::rules::is_cross_account;
use super::*;
use crate::message::NamedBy;
use crate::{LOCKED_OUT, NoConditions, PolicyKind};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "arn:aws:kms:us-east-1:111122223333:alias/app";
const OWNER: &str = "111122223333";
const FOREIGNER: &str = "444455556666";

const DELEGATE: &str = r#"{"Sid": "Enable IAM", "Effect": "Allow", "Action": "kms:*",
    "Principal": {"AWS": "111122223333"}, "Resource": "*"}"#;
const NAME_ANN: &str = r#"{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}}"#;
const SHARE: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}"#;
const DENY_ALL: &str = r#"{"Sid": "No", "Effect": "Deny", "Action": "kms:*", "Resource": "*",
    "Principal": "*"}"#;
const I_ALLOW: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
const I_DENY: &str = r#"{"Sid": "Never", "Effect": "Deny", "Action": "*", "Resource": "*"}"#;

fn policy(statements: &[&str], kind: PolicyKind) -> Policy {
    let statements = statements.join(",");
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, kind).unwrap()
}

fn root_of(account: &str) -> Caller {
    let account = account.parse().unwrap();
    Caller::new(account, "AKIAEXAMPLE".into(), CallerKind::Root)
}

fn user_of(account: &str, name: &str) -> Caller {
    let kind = CallerKind::User {
        path: "/".into(),
        name: name.into(),
        user_id: format!("AIDAEXAMPLE{}", name.to_uppercase()),
    };
    Caller { kind, ..root_of(account) }
}

struct Answer {
    outcome: Outcome,
    decided_by: Option<PolicyType>,
    message: Option<String>,
    reason: String,
    statement: Option<usize>,
}

impl Answer {
    fn of(inputs: &Inputs<'_>, named_by: NamedBy) -> Self {
        let decision = decide(inputs);
        Self {
            outcome: decision.outcome,
            decided_by: decision.decided_by,
            message: decision.message(inputs, named_by),
            reason: decision.to_string(),
            statement: decision.statement.map(|statement| statement.index),
        }
    }
}

/// Asks about the key with these key-policy statements and, unless empty, one identity policy.
fn ask_with(
    caller: &Caller,
    action: &str,
    key_policy: &[&str],
    identity: &[&str],
    context: &dyn ConditionContext,
) -> Answer {
    let key_policy = policy(key_policy, PolicyKind::KeyPolicy);
    let identity: Vec<_> = match identity {
        [] => vec![],
        statements => vec![policy(statements, PolicyKind::Identity)],
    };
    let sources: Vec<_> =
        identity.iter().map(|policy| IdentityPolicy { policy, source: "inline" }).collect();
    let inputs = Inputs {
        caller,
        partition: Partition::Aws,
        action,
        resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy: &key_policy },
        identity_policies: &sources,
        boundary: None,
        session_policies: None,
        context,
    };
    Answer::of(&inputs, NamedBy::Request)
}

fn ask(caller: &Caller, action: &str, key_policy: &[&str], identity: &[&str]) -> Answer {
    ask_with(caller, action, key_policy, identity, &NoConditions)
}

#[test]
fn a_key_and_its_own_account() {
    use Outcome::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
    use PolicyType::{IdentityBased as Identity, ResourceBased as Key};
    let (root, ann) = (root_of(OWNER), user_of(OWNER, "ann"));
    for (caller, key_policy, identity, outcome, decided_by) in [
        (&root, &[DELEGATE][..], &[][..], Allowed, Key),
        (&root, &[NAME_ANN], &[], ImplicitlyDenied, Key),
        (&root, &[DELEGATE, DENY_ALL], &[], ExplicitlyDenied, Key),
        (&ann, &[NAME_ANN], &[], Allowed, Key),
        (&ann, &[NAME_ANN, DELEGATE], &[], Allowed, Key),
        (&ann, &[DELEGATE], &[], ImplicitlyDenied, Identity),
        (&ann, &[DELEGATE], &[I_ALLOW], Allowed, Identity),
        (&ann, &[SHARE], &[I_ALLOW], ImplicitlyDenied, Key),
        (&ann, &[NAME_ANN], &[I_DENY], ExplicitlyDenied, Identity),
        (&ann, &[DELEGATE], &[I_ALLOW, I_DENY], ExplicitlyDenied, Identity),
        (&ann, &[DENY_ALL, NAME_ANN], &[I_ALLOW], ExplicitlyDenied, Key),
        (&ann, &[DENY_ALL], &[I_DENY], ExplicitlyDenied, Key),
    ] {
        let answer = ask(caller, "kms:Encrypt", key_policy, identity);
        let expected = (outcome, Some(decided_by));
        assert_eq!((answer.outcome, answer.decided_by), expected, "{key_policy:?} {identity:?}");
        assert_eq!(answer.message.is_none(), outcome == Allowed);
    }
}

#[test]
fn a_deny_of_the_account_is_a_deny_of_its_users() {
    let deny = DENY_ALL.replace(r#""Principal": "*""#, r#""Principal": {"AWS": "111122223333"}"#);
    let answer = ask(&user_of(OWNER, "ann"), "kms:Encrypt", &[NAME_ANN, &deny], &[]);
    assert_eq!(answer.outcome, Outcome::ExplicitlyDenied);
}

#[test]
fn a_recreated_user_is_not_the_one_that_an_id_names() {
    let by_id = NAME_ANN.replace("arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEANNOLD");
    let answer = ask(&user_of(OWNER, "ann"), "kms:Encrypt", &[&by_id], &[]);
    assert_eq!(answer.outcome, Outcome::ImplicitlyDenied);
    let by_id = NAME_ANN.replace("arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEBARBARA");
    let answer = ask(&user_of(OWNER, "barbara"), "kms:Encrypt", &[&by_id], &[]);
    assert_eq!(answer.outcome, Outcome::Allowed);
}

#[test]
fn from_another_account_both_sides_must_allow() {
    use Outcome::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
    let (root, bob) = (root_of(FOREIGNER), user_of(FOREIGNER, "bob"));
    let everyone = SHARE.replace(r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, "\"*\"");
    for (caller, action, key_policy, identity, outcome) in [
        (&root, "kms:Encrypt", &[SHARE][..], &[][..], Allowed),
        (&root, "kms:Encrypt", &[DELEGATE], &[], ImplicitlyDenied),
        (&bob, "kms:Encrypt", &[SHARE], &[], ImplicitlyDenied),
        (&bob, "kms:Encrypt", &[SHARE], &[I_ALLOW], Allowed),
        (&bob, "kms:Encrypt", &[DELEGATE], &[I_ALLOW], ImplicitlyDenied),
        (&bob, "kms:Encrypt", &[&everyone], &[], ImplicitlyDenied),
        (&bob, "kms:Encrypt", &[&everyone], &[I_ALLOW], Allowed),
        (&bob, "kms:Encrypt", &[SHARE, DENY_ALL], &[I_ALLOW], ExplicitlyDenied),
        (&bob, "kms:Encrypt", &[SHARE], &[I_ALLOW, I_DENY], ExplicitlyDenied),
        // Not an operation on other accounts' keys, whatever the policies say.
        (&root, "kms:DisableKey", &[SHARE], &[], ImplicitlyDenied),
        (&bob, "kms:PutKeyPolicy", &[SHARE], &[I_ALLOW], ImplicitlyDenied),
        (&bob, "kms:VerifyMac", &[SHARE], &[I_ALLOW], Allowed),
    ] {
        let answer = ask(caller, action, key_policy, identity);
        assert_eq!(answer.outcome, outcome, "{action} {key_policy:?} {identity:?}");
    }
}

#[test]
fn the_actions_that_work_across_accounts_are_found_by_halving() {
    for action in ["kms:CreateGrant", "kms:GenerateDataKeyPairWithoutPlaintext", "kms:VerifyMac"] {
        assert!(is_cross_account(action), "{action}");
    }
    for action in ["kms:ReEncrypt", "kms:TagResource", "iam:Verify", "Verify"] {
        assert!(!is_cross_account(action), "{action}");
    }
}

fn ask_other(caller: &Caller, action: &str, arn: &str, identity: &[&str]) -> Answer {
    let identity: Vec<_> = identity.iter().map(|s| policy(&[s], PolicyKind::Identity)).collect();
    let sources: Vec<_> =
        identity.iter().map(|policy| IdentityPolicy { policy, source: "managed" }).collect();
    let inputs = Inputs {
        caller,
        partition: Partition::Aws,
        action,
        resource: ResourceUnderDecision::IdentityOnly { owner: OWNER.parse().unwrap(), arn },
        identity_policies: &sources,
        boundary: None,
        session_policies: None,
        context: &NoConditions,
    };
    Answer::of(&inputs, NamedBy::Request)
}

#[test]
fn what_has_no_policy_of_its_own_is_decided_by_identity_policies_alone() {
    let (root, ann) = (root_of(OWNER), user_of(OWNER, "ann"));
    let answer = ask_other(&root, "kms:CreateKey", "*", &[]);
    assert_eq!((answer.outcome, answer.decided_by), (Outcome::Allowed, None));
    assert_eq!(answer.reason, "allowed to the root user");
    assert_eq!(ask_other(&ann, "kms:CreateKey", "*", &[I_ALLOW]).outcome, Outcome::Allowed);
    assert_eq!(
        ask_other(&ann, "kms:CreateKey", "*", &[I_ALLOW, I_DENY]).outcome,
        Outcome::ExplicitlyDenied
    );
    let keys_only = I_ALLOW.replace(r#""*""#, r#""arn:aws:kms:*:*:key/*""#);
    let answer = ask_other(&ann, "kms:CreateAlias", ALIAS, &[&keys_only]);
    assert_eq!(answer.outcome, Outcome::ImplicitlyDenied);
    for stranger in [root_of(FOREIGNER), user_of(FOREIGNER, "bob")] {
        let answer = ask_other(&stranger, "kms:CreateAlias", ALIAS, &[I_ALLOW]);
        assert_eq!(answer.outcome, Outcome::ImplicitlyDenied);
    }
}

#[test]
fn a_policy_in_the_wrong_place_decides_nothing() {
    let ann = user_of(OWNER, "ann");
    let (identity, key) =
        (policy(&[I_ALLOW], PolicyKind::Identity), policy(&[DELEGATE], PolicyKind::KeyPolicy));
    for (key_policy, identity_policy) in [(&identity, &identity), (&key, &key)] {
        let inputs = Inputs {
            caller: &ann,
            partition: Partition::Aws,
            action: "kms:Encrypt",
            resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy: key_policy },
            identity_policies: &[IdentityPolicy { policy: identity_policy, source: "x" }],
            boundary: None,
            session_policies: None,
            context: &NoConditions,
        };
        assert_eq!(decide(&inputs).outcome, Outcome::ImplicitlyDenied);
    }
}

/// Whether the caller keeps control under this key policy.
fn keeps(caller: &Caller, policy: &Policy, identity_policies: &[IdentityPolicy<'_>]) -> bool {
    keeps_control(&Inputs {
        caller,
        partition: Partition::Aws,
        action: "kms:CreateKey",
        resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy },
        identity_policies,
        boundary: None,
        session_policies: None,
        context: &NoConditions,
    })
}

#[test]
fn the_lockout_check_asks_for_put_key_policy_of_the_default_policy() {
    let (root, ann) = (root_of(OWNER), user_of(OWNER, "ann"));
    let keeps_with = |caller: &Caller, statements: &[&str], identity: &[&Policy]| {
        let key_policy = policy(statements, PolicyKind::KeyPolicy);
        let sources: Vec<_> =
            identity.iter().map(|policy| IdentityPolicy { policy, source: "x" }).collect();
        keeps(caller, &key_policy, &sources)
    };
    let admin = NAME_ANN.replace("kms:Encrypt", "kms:PutKeyPolicy");
    let only = |name: &str| {
        let condition =
            format!(r#""Condition": {{"StringEquals": {{"kms:PolicyName": "{name}"}}}}, "Effect""#);
        admin.replace(r#""Effect""#, &condition)
    };
    let allow = policy(&[I_ALLOW], PolicyKind::Identity);
    for (caller, statements, identity, expected) in [
        (&root, &[DELEGATE][..], &[][..], true),
        (&root, &[&*admin], &[], false),
        (&ann, &[&*admin], &[], true),
        (&ann, &[NAME_ANN], &[], false),
        (&ann, &[DELEGATE], &[], false),
        (&ann, &[DELEGATE], &[&allow], true),
        (&ann, &[&*only("default")], &[], true),
        (&ann, &[&*only("other")], &[], false),
        (&root, &[DELEGATE, DENY_ALL], &[], false),
    ] {
        assert_eq!(keeps_with(caller, statements, identity), expected, "{statements:?}");
    }
    assert!(LOCKED_OUT.starts_with("The new key policy will not allow you"));
}

#[test]
fn the_default_policy_lets_the_account_decide() {
    let text = trent_types::default_key_policy(OWNER.parse().unwrap(), Partition::Aws);
    let policy = Policy::parse(&text, PolicyKind::KeyPolicy).unwrap();
    assert_eq!(policy.condition_keys().count(), 0);
    assert!(keeps(&root_of(OWNER), &policy, &[]));
    assert!(!keeps(&root_of(FOREIGNER), &policy, &[]));
}

proptest! {
    #[test]
    fn a_deny_wins_wherever_it_stands(
        mut statements in prop::collection::vec(
            prop::sample::select(vec![DELEGATE, NAME_ANN, SHARE]),
            0..5,
        ),
        place in 0_usize..6,
        allowed_by_identity: bool,
        deny_in_identity: bool,
    ) {
        let mut identity = if allowed_by_identity { vec![I_ALLOW] } else { vec![] };
        if deny_in_identity {
            identity.insert(place.min(identity.len()), I_DENY);
            statements.push(DELEGATE);
        } else {
            statements.insert(place.min(statements.len()), DENY_ALL);
        }
        for caller in [root_of(OWNER), user_of(OWNER, "ann"), user_of(FOREIGNER, "bob")] {
            let answer = ask(&caller, "kms:Encrypt", &statements, &identity);
            prop_assert_eq!(answer.outcome, Outcome::ExplicitlyDenied);
        }
    }

    #[test]
    fn the_order_of_statements_does_not_change_who_may(
        statements in Just(vec![DELEGATE, NAME_ANN, SHARE]).prop_shuffle(),
    ) {
        for (caller, expected) in [
            (root_of(OWNER), true),
            (user_of(OWNER, "ann"), true),
            (user_of(OWNER, "eve"), false),
            (root_of(FOREIGNER), true),
        ] {
            let answer = ask(&caller, "kms:Encrypt", &statements, &[]);
            prop_assert_eq!(answer.outcome == Outcome::Allowed, expected);
        }
    }
}
