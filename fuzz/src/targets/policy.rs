//! Policy documents: what compiles decides the same every time, by nothing but the condition keys
//! that it says it reads, and an explicit deny always wins.

use std::cell::RefCell;

use trent_policy::{
    ConditionContext, IdentityPolicy, Inputs, Outcome, Policy, PolicyKind, ResourceUnderDecision,
    Values, decide, keeps_control,
};
use trent_types::{Caller, CallerKind, Partition};

use crate::input::Input;
use crate::keys::key_arn;

const KINDS: [PolicyKind; 3] = [PolicyKind::KeyPolicy, PolicyKind::Identity, PolicyKind::Trust];
const ACTIONS: [&str; 4] = ["kms:Encrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "iam:GetUser"];

/// The request's condition keys, and which of them a decision has asked for.
struct Request<'a> {
    values: Vec<(String, Vec<String>)>,
    asked: RefCell<Vec<String>>,
    /// Only these keys have values; without it, all.
    only: Option<&'a [String]>,
}

impl ConditionContext for Request<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.asked.borrow_mut().push(key.to_ascii_lowercase());
        let wanted = |only: &[String]| only.iter().any(|known| known.eq_ignore_ascii_case(key));
        self.only.is_none_or(wanted).then(|| self.values.values(key)).flatten()
    }
}

/// Kind, caller and action, values of condition keys, then the document.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let kind = input.one_of(&KINDS);
    let caller = caller(&mut input);
    let action = input.one_of(&ACTIONS);
    let values: Vec<_> = (0..input.byte() % 4)
        .map(|_| (input.text().to_owned(), vec![input.text().to_owned()]))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    let Ok(text) = std::str::from_utf8(input.rest()) else { return false };
    let Ok(policy) = Policy::parse(text, kind) else { return false };
    policy.principals().for_each(|principal| assert!(!format!("{principal:?}").is_empty()));

    let request = Request { values, asked: RefCell::default(), only: None };
    let outcome = outcome(&policy, &caller, action, &request);
    let keys: Vec<String> = policy.condition_keys().map(str::to_ascii_lowercase).collect();
    for asked in request.asked.borrow().iter() {
        assert!(keys.contains(asked), "{asked} is read, but not said to be");
    }
    let only = Request { only: Some(&keys), asked: RefCell::default(), ..request };
    assert_eq!(self::outcome(&policy, &caller, action, &only), outcome);
    denies_too(text, kind, &caller, action, &only);
    true
}

fn caller(input: &mut Input<'_>) -> Caller {
    let kind = input.byte();
    let account = if kind & 1 == 0 { "111122223333" } else { "444455556666" };
    let user = || CallerKind::User {
        path: if kind & 4 == 0 { "/" } else { "/team/a*b/" }.to_owned(),
        name: if kind & 8 == 0 { "ann" } else { "${aws:username}" }.to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    };
    Caller {
        account: account.parse().expect("an account"),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        kind: if kind & 2 == 0 { user() } else { CallerKind::Root },
    }
}

/// Decides by the policy where it belongs, and by one of the other kind where it does not.
fn outcome(policy: &Policy, caller: &Caller, action: &str, context: &Request<'_>) -> Outcome {
    let allowing = r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#;
    let allowing = Policy::parse(allowing, PolicyKind::KeyPolicy).expect("a policy");
    let identity = [IdentityPolicy { policy, source: "inline" }];
    let (key_policy, identity_policies) = match policy.kind() {
        PolicyKind::KeyPolicy => (policy, &[][..]),
        PolicyKind::Identity | PolicyKind::Trust => (&allowing, &identity[..]),
    };
    let key = key_arn();
    let mut outcome = None;
    let owner = key.account;
    for resource in [
        ResourceUnderDecision::IdentityOnly { owner, arn: "*" },
        ResourceUnderDecision::Key { arn: key, policy: key_policy },
    ] {
        let partition = Partition::Aws;
        let inputs = Inputs { caller, partition, action, resource, identity_policies, context };
        let decision = decide(&inputs);
        assert_eq!(decide(&inputs), decision, "a decision is a function of its inputs");
        assert_eq!(decision.is_allowed(), decision.outcome == Outcome::Allowed);
        if decision.outcome == Outcome::ExplicitlyDenied {
            assert!(decision.statement.is_some(), "a statement denies");
        }
        if policy.kind() == PolicyKind::Trust {
            assert!(!decision.is_allowed(), "a trust policy is in no place here");
        }
        outcome = Some(decision.outcome);
    }
    let control = keeps_control(caller, key, key_policy, identity_policies, context);
    assert!(!control || policy.kind() != PolicyKind::Trust);
    outcome.expect("two decisions")
}

/// The same policy with a statement that denies everything to everybody allows nothing.
fn denies_too(text: &str, kind: PolicyKind, caller: &Caller, action: &str, context: &Request<'_>) {
    let deny = match kind {
        PolicyKind::KeyPolicy => r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
        PolicyKind::Identity => r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
        PolicyKind::Trust => return,
    };
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(text) else { return };
    let deny: serde_json::Value = serde_json::from_str(deny).expect("JSON");
    match document.get_mut("Statement") {
        Some(serde_json::Value::Array(statements)) => statements.push(deny),
        Some(one) => *one = serde_json::json!([one.clone(), deny]),
        None => return,
    }
    // serde_json writes some numbers in another form, and the document may now be too long.
    let Ok(policy) = Policy::parse(&document.to_string(), kind) else { return };
    assert_eq!(outcome(&policy, caller, action, context), Outcome::ExplicitlyDenied);
}

/// Documents with every kind of element.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let key = r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A","Effect":"Allow",
        "Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:root",
        "arn:aws:iam::111122223333:user/ann"]},"Action":["kms:*","kms:Encr?pt"],"Resource":"*",
        "Condition":{"StringLike":{"kms:ViaService":"s3.${aws:RequestedRegion}.*"},
        "NumericLessThanIfExists":{"kms:GrantOperations":["1","-2.5e3"]},
        "Bool":{"kms:MultiRegion":"true"},"IpAddress":{"aws:SourceIp":["10.0.0.0/8",
        "2001:db8::/32"]}}},{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"NotAction":"kms:Encrypt",
        "Resource":"*",
        "Condition":{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["a"]},
        "Null":{"aws:TokenIssueTime":"true"},
        "DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"},
        "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}}]}"#;
    let identity = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*",
        "Resource":["arn:aws:kms:*:111122223333:key/*","*"]},{"Effect":"Allow",
        "NotAction":"kms:Delete*",
        "NotResource":"arn:aws:kms:eu-central-1:111122223333:alias/${aws:username}",
        "Condition":{"StringEqualsIgnoreCase":{"kms:EncryptionContext:App":["${kms:KeySpec, 'x'}",
        "${*}"]},"BinaryEquals":{"a":"YQ=="}}}]}"#;
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
        "Action":"sts:AssumeRole"}]}"#;
    let small = r#"{"Statement":{"Effect":"Allow","Principal":"*"}}"#;
    let values = b"\x02\x0ekms:ViaService\x19s3.eu-central-1.amazonaws\x16aws:RequestedRegion\x03a";
    let mut seeds = Vec::new();
    for (kind, text) in [(0, key), (1, identity), (2, trust), (0, small)] {
        for caller in [0, 1, 2, 12] {
            seeds.push([&[kind, caller, 0, 0], text.as_bytes()].concat());
        }
        seeds.push([&[kind, 0, 1], &values[..], text.as_bytes()].concat());
    }
    seeds
}
