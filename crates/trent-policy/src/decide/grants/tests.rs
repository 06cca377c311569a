//! Grants beside policies, and retiring them.

use proptest::prelude::*;
use trent_types::{
    Caller, CallerKind, EncryptionContext, GrantConstraints, GrantId, GrantTerms, Partition,
    Timestamp,
};

use super::*;
use crate::message::NamedBy;
use crate::{IdentityPolicy, NoConditions, Policy, PolicyKind};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_KEY: &str =
    "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
const OWNER: &str = "111122223333";
const FOREIGNER: &str = "444455556666";

const DELEGATE: &str = r#"{"Effect": "Allow", "Action": "kms:*",
    "Principal": {"AWS": "111122223333"}, "Resource": "*"}"#;
const NAME_ANN: &str = r#"{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}}"#;
const DENY_ALL: &str = r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
    "Principal": "*"}"#;
const I_ALLOW: &str = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
const I_DENY: &str = r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#;

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
    let user_id = format!("AIDAEXAMPLE{}", name.to_uppercase());
    let kind = CallerKind::User { path: "/".into(), name: name.into(), user_id };
    Caller { kind, ..root_of(account) }
}

fn arn_of(caller: &Caller) -> String {
    caller.arn(Partition::Aws)
}

fn grant(id: u8, grantee: &str, operations: &[GrantOperation]) -> Grant {
    Grant {
        key: KEY.parse().unwrap(),
        grant_id: GrantId::from_bytes([id; 32]),
        name: None,
        created_at: Timestamp::default(),
        issuing_account: arn_of(&root_of(OWNER)),
        terms: GrantTerms {
            grantee: GrantPrincipal::Arn(grantee.into()),
            retiring: None,
            operations: operations.to_vec(),
            constraints: GrantConstraints::default(),
        },
    }
}

fn retirable_by(principal: &str) -> Grant {
    let mut grant = grant(1, &arn_of(&user_of(OWNER, "eve")), &[GrantOperation::Decrypt]);
    grant.terms.retiring = Some(GrantPrincipal::Arn(principal.into()));
    grant
}

/// What became of a question, and why.
#[derive(Debug)]
struct Answer {
    outcome: Outcome,
    decided_by: Option<PolicyType>,
    reason: String,
    message: Option<String>,
}

/// Whom, on a key with which statements, beside which identity policy.
struct Case<'a> {
    caller: &'a Caller,
    key_policy: &'a [&'a str],
    identity: &'a [&'a str],
}

impl Case<'_> {
    fn ask(&self, action: &str, work: impl Fn(&Inputs<'_>) -> Answer) -> Answer {
        let key_policy = policy(self.key_policy, PolicyKind::KeyPolicy);
        let identity: Vec<_> =
            self.identity.iter().map(|one| policy(&[one], PolicyKind::Identity)).collect();
        let sources: Vec<_> =
            identity.iter().map(|policy| IdentityPolicy { policy, source: "inline" }).collect();
        work(&Inputs {
            caller: self.caller,
            partition: Partition::Aws,
            action,
            resource: ResourceUnderDecision::Key { arn: KEY.parse().unwrap(), policy: &key_policy },
            identity_policies: &sources,
            boundary: None,
            session_policies: None,
            context: &NoConditions,
        })
    }

    fn with(&self, grants: &[Grant], action: &str) -> Answer {
        let context = EncryptionContext::default();
        let request =
            GrantRequest { encryption_context: &context, source_arn: None, new_grant: None };
        self.ask(action, |inputs| {
            let decision = decide_with_grants(inputs, grants, &request);
            answer(&decision, inputs)
        })
    }

    fn retire(&self, grant: &Grant) -> Answer {
        self.ask("kms:RetireGrant", |inputs| answer(&decide_retirement(inputs, grant), inputs))
    }
}

fn answer(decision: &Decision<'_>, inputs: &Inputs<'_>) -> Answer {
    Answer {
        outcome: decision.outcome,
        decided_by: decision.decided_by,
        reason: decision.to_string(),
        message: decision.message(inputs, NamedBy::Request),
    }
}

fn case<'a>(caller: &'a Caller, key_policy: &'a [&'a str], identity: &'a [&'a str]) -> Case<'a> {
    Case { caller, key_policy, identity }
}

#[test]
fn a_grant_needs_no_policy_beside_it_not_even_across_accounts() {
    for caller in [user_of(OWNER, "eve"), user_of(FOREIGNER, "bob"), root_of(FOREIGNER)] {
        let grants = [grant(9, &arn_of(&caller), &[GrantOperation::Encrypt])];
        let answer = case(&caller, &[DELEGATE], &[]).with(&grants, "kms:Encrypt");
        assert_eq!(answer.outcome, Outcome::Allowed);
        assert_eq!(answer.decided_by, Some(PolicyType::Grant));
        assert_eq!(answer.reason, format!("allowed by grant {}", "09".repeat(32)));
        assert_eq!(answer.message, None);
        let other = case(&caller, &[DELEGATE], &[]).with(&grants, "kms:Decrypt");
        assert_eq!(other.outcome, Outcome::ImplicitlyDenied);
        assert_eq!(case(&caller, &[DELEGATE], &[]).with(&[], "kms:Encrypt").outcome, other.outcome);
    }
}

#[test]
fn a_grant_to_somebody_else_or_of_another_key_is_no_grant() {
    let eve = user_of(OWNER, "eve");
    let mut elsewhere = grant(1, &arn_of(&eve), &[GrantOperation::Encrypt]);
    elsewhere.key = OTHER_KEY.parse().unwrap();
    let grants = [
        grant(2, &arn_of(&user_of(OWNER, "ann")), &[GrantOperation::Encrypt]),
        grant(3, &arn_of(&user_of(FOREIGNER, "eve")), &[GrantOperation::Encrypt]),
        elsewhere,
    ];
    let answer = case(&eve, &[DELEGATE], &[]).with(&grants, "kms:Encrypt");
    assert_eq!(answer.outcome, Outcome::ImplicitlyDenied);
}

#[test]
fn a_grant_to_an_account_is_for_whom_its_identity_policies_allow() {
    let grants = [grant(1, &arn_of(&root_of(FOREIGNER)), &[GrantOperation::Encrypt])];
    let bob = user_of(FOREIGNER, "bob");
    for (caller, identity, expected) in [
        (&root_of(FOREIGNER), &[][..], Outcome::Allowed),
        (&bob, &[I_ALLOW], Outcome::Allowed),
        (&bob, &[], Outcome::ImplicitlyDenied),
        (&bob, &[I_ALLOW, I_DENY], Outcome::ExplicitlyDenied),
    ] {
        let answer = case(caller, &[DELEGATE], identity).with(&grants, "kms:Encrypt");
        assert_eq!(answer.outcome, expected, "{identity:?}");
    }
}

#[test]
fn an_allow_by_policy_is_the_policys() {
    let ann = user_of(OWNER, "ann");
    let grants = [grant(1, &arn_of(&ann), &[GrantOperation::Encrypt])];
    let answer = case(&ann, &[NAME_ANN], &[]).with(&grants, "kms:Encrypt");
    assert_eq!(answer.decided_by, Some(PolicyType::ResourceBased));
}

#[test]
fn a_grant_is_retired_by_whom_it_names_and_by_the_keys_account() {
    let (eve, ann, bob) = (user_of(OWNER, "eve"), user_of(OWNER, "ann"), user_of(FOREIGNER, "bob"));
    let by_grantee =
        grant(1, &arn_of(&eve), &[GrantOperation::Decrypt, GrantOperation::RetireGrant]);
    let by_bob = retirable_by(&arn_of(&bob));
    let by_account = retirable_by(&arn_of(&root_of(FOREIGNER)));
    for (grant, caller, identity, expected) in [
        (&by_grantee, &eve, &[][..], Outcome::Allowed),
        (&by_grantee, &ann, &[], Outcome::ImplicitlyDenied),
        (&by_grantee, &ann, &[I_ALLOW], Outcome::Allowed),
        (&by_grantee, &eve, &[I_DENY], Outcome::ExplicitlyDenied),
        (&by_grantee, &root_of(OWNER), &[], Outcome::Allowed),
        (&by_grantee, &bob, &[I_ALLOW], Outcome::ImplicitlyDenied),
        (&by_bob, &bob, &[], Outcome::Allowed),
        (&by_bob, &bob, &[I_DENY], Outcome::ExplicitlyDenied),
        (&by_bob, &eve, &[], Outcome::ImplicitlyDenied),
        (&by_bob, &root_of(FOREIGNER), &[], Outcome::ImplicitlyDenied),
        (&by_account, &root_of(FOREIGNER), &[], Outcome::Allowed),
        (&by_account, &bob, &[], Outcome::ImplicitlyDenied),
        (&by_account, &bob, &[I_ALLOW], Outcome::Allowed),
    ] {
        let answer = case(caller, &[DELEGATE], identity).retire(grant);
        assert_eq!(answer.outcome, expected, "{} {identity:?}", arn_of(caller));
        assert_eq!(answer.message.is_none(), expected == Outcome::Allowed);
    }
}

#[test]
fn key_policies_have_no_say_in_retiring() {
    let (eve, ann) = (user_of(OWNER, "eve"), user_of(OWNER, "ann"));
    let retirable = retirable_by(&arn_of(&eve));
    assert_eq!(case(&eve, &[DENY_ALL], &[]).retire(&retirable).outcome, Outcome::Allowed);
    let allowing = NAME_ANN.replace("kms:Encrypt", "kms:RetireGrant");
    let answer = case(&ann, &[&allowing], &[]).retire(&retirable);
    assert_eq!(answer.outcome, Outcome::ImplicitlyDenied);
    let message = answer.message.unwrap();
    assert!(message.ends_with("no identity-based policy allows the kms:RetireGrant action"));
}

/// Operations, their grantee being `eve`, `ann` or the account.
fn some_grants() -> impl Strategy<Value = Vec<Grant>> {
    let one = (0_u8..3, prop::sample::subsequence(GrantOperation::ALL.to_vec(), 1..6)).prop_map(
        |(who, operations)| {
            let grantee = match who {
                0 => arn_of(&user_of(OWNER, "eve")),
                1 => arn_of(&user_of(OWNER, "ann")),
                _ => arn_of(&root_of(OWNER)),
            };
            grant(who, &grantee, &operations)
        },
    );
    prop::collection::vec(one, 0..5)
}

proptest! {
    #[test]
    fn a_grant_never_takes_away(
        grants in some_grants(),
        more in some_grants(),
        statements in prop::sample::subsequence(vec![DELEGATE, NAME_ANN], 1..=2),
        action in prop::sample::select(vec!["kms:Encrypt", "kms:DescribeKey", "kms:TagResource"]),
    ) {
        for caller in [user_of(OWNER, "eve"), user_of(OWNER, "ann"), root_of(OWNER)] {
            let case = case(&caller, &statements, &[]);
            let none = case.with(&[], action).outcome;
            let some = case.with(&grants, action).outcome;
            let all = case.with(&[grants.clone(), more.clone()].concat(), action).outcome;
            let allowed = |outcome| u8::from(outcome == Outcome::Allowed);
            prop_assert!(allowed(none) <= allowed(some) && allowed(some) <= allowed(all));
        }
    }

    #[test]
    fn a_deny_beats_every_grant(grants in some_grants(), in_identity: bool) {
        let (key_policy, identity): (&[&str], &[&str]) =
            if in_identity { (&[DELEGATE], &[I_DENY]) } else { (&[DELEGATE, DENY_ALL], &[]) };
        for caller in [user_of(OWNER, "eve"), user_of(OWNER, "ann"), root_of(OWNER)] {
            let answer = case(&caller, key_policy, identity).with(&grants, "kms:Encrypt");
            prop_assert_eq!(answer.outcome, Outcome::ExplicitlyDenied);
        }
    }
}
