//! Policy documents: what compiles decides the same every time, by nothing but the condition keys
//! that it says it reads, and an explicit deny always wins; and principals that are replaced leave
//! the rest of a policy's meaning as it is.

use std::cell::RefCell;

use trent_policy::{
    ConditionContext, IdentityPolicy, Inputs, NamedBy, Outcome, Policy, PolicyKind,
    ResourceUnderDecision, Values, decide, keeps_control, rewrite_principals, statement_spans,
};
use trent_types::{Caller, CallerKind, Partition};

use crate::input::Input;
use crate::keys::key_arn;

const KINDS: [PolicyKind; 4] =
    [PolicyKind::KeyPolicy, PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Session];
const ACTIONS: [&str; 5] =
    ["kms:Encrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "iam:GetUser", "sts:AssumeRole"];
/// A role to be assumed.
const ROLE: &str = "arn:aws:iam::111122223333:role/svc/target";

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
    rewritten(text, kind, &policy);

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

/// Writing every principal anew, or none, leaves the policy what it is; so does exchanging an ARN
/// for an id and back.
fn rewritten(text: &str, kind: PolicyKind, policy: &Policy) {
    assert_eq!(rewrite_principals(text, |_| None).expect("a policy"), text);
    let (arn, id) = ("arn:aws:iam::111122223333:user/ann", "AIDAAAAAAAAAAAAAAAAAA");
    let (mut principals, mut has_id) = (0, false);
    let anew = rewrite_principals(text, |value| {
        principals += 1;
        has_id |= value == id;
        Some(value.to_owned())
    });
    let anew = Policy::parse(&anew.expect("a policy"), kind).expect("the same policy");
    assert_eq!(format!("{anew:?}"), format!("{policy:?}"));
    assert!(principals <= policy.principals().count());
    let exchange = |text: &str, from: &str, to: &str| {
        let other = |value: &str| (value == from).then(|| to.to_owned());
        rewrite_principals(text, other).expect("a policy")
    };
    if !has_id {
        let back = exchange(&exchange(text, arn, id), id, arn);
        let back = Policy::parse(&back, kind).expect("the same policy");
        assert_eq!(format!("{back:?}"), format!("{policy:?}"));
    }
    assert!(!statement_spans(text).expect("a policy").is_empty());
}

fn caller(input: &mut Input<'_>) -> Caller {
    let kind = input.byte();
    let account = if kind & 1 == 0 { "111122223333" } else { "444455556666" };
    let path = if kind & 4 == 0 { "/" } else { "/team/a*b/" }.to_owned();
    let name = if kind & 8 == 0 { "ann" } else { "${aws:username}" }.to_owned();
    let kind = match (kind & 2 == 0, kind & 16 == 0) {
        (true, true) => {
            CallerKind::User { path, name, user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned() }
        }
        (false, true) => CallerKind::Root,
        (true, false) => CallerKind::Role {
            path,
            name,
            role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
            session_name: "one".to_owned(),
        },
        (false, false) => CallerKind::Service {
            name: "s3.amazonaws.com".to_owned(),
            source_arn: None,
            source_account: None,
        },
    };
    let access_key_id = "AKIAIOSFODNN7EXAMPLE".to_owned();
    Caller::new(account.parse().expect("an account"), access_key_id, kind)
}

/// Decides by the policy where it belongs: as the resource's, or as the caller's own, its boundary
/// and its session's at once.
fn outcome(policy: &Policy, caller: &Caller, action: &str, context: &Request<'_>) -> Outcome {
    let allowing = r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#;
    let allowing = Policy::parse(allowing, PolicyKind::KeyPolicy).expect("a policy");
    let own = [IdentityPolicy { policy, source: "inline" }];
    let none = (&[][..], None, None);
    let (key_policy, (identity_policies, boundary, session_policies)) = match policy.kind() {
        PolicyKind::KeyPolicy => (policy, none),
        PolicyKind::Identity => (&allowing, (&own[..], Some(own[0]), Some(&own[..]))),
        PolicyKind::Session => (&allowing, (&[][..], None, Some(&own[..]))),
        PolicyKind::Trust => (&allowing, none),
    };
    let (arn, partition) = (key_arn(), Partition::Aws);
    let owner = arn.account;
    let mut outcome = None;
    let resources = [
        ResourceUnderDecision::IdentityOnly { owner, arn: "*" },
        ResourceUnderDecision::Role { arn: ROLE, owner, trust_policy: policy },
        ResourceUnderDecision::Key { arn, policy: key_policy },
    ];
    for resource in resources {
        let inputs = Inputs {
            caller,
            partition,
            action,
            resource,
            identity_policies,
            boundary,
            session_policies,
            context,
        };
        let decision = decide(&inputs);
        assert_eq!(decide(&inputs), decision, "a decision is a function of its inputs");
        assert_eq!(decision.is_allowed(), decision.outcome == Outcome::Allowed);
        let message = decision.message(&inputs, NamedBy::Request);
        assert_eq!(message.is_none(), decision.is_allowed());
        assert_eq!(decision.explain(&inputs).outcome, decision.outcome);
        if decision.outcome == Outcome::ExplicitlyDenied {
            assert!(decision.statement.is_some(), "a statement denies");
        }
        let is_role = matches!(resource, ResourceUnderDecision::Role { .. });
        if is_role == (policy.kind() == PolicyKind::Trust) {
            outcome = Some(decision.outcome);
        } else if is_role {
            assert_eq!(decision.outcome, Outcome::ImplicitlyDenied, "in the wrong place");
        }
        let _ = keeps_control(&inputs);
    }
    outcome.expect("decisions")
}

/// The same policy with a statement that denies everything to everybody allows nothing.
fn denies_too(text: &str, kind: PolicyKind, caller: &Caller, action: &str, context: &Request<'_>) {
    let deny = match kind {
        PolicyKind::KeyPolicy => r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
        PolicyKind::Identity | PolicyKind::Session => {
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#
        }
        // Of STS actions only; and only they are asked of a role.
        PolicyKind::Trust if action.starts_with("sts:") => {
            r#"{"Effect":"Deny","Principal":"*","Action":"sts:*"}"#
        }
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
        "NumericLessThanIfExists":{"kms:GrantOperations":["1","-2.5"]},
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
        "${*}"]},"BinaryEquals":{"x:a":"YQ=="}}}]}"#;
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
        "Action":"sts:AssumeRole"}]}"#;
    let role = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[
        "arn:aws:iam::111122223333:user/ann","AROAAAAAAAAAAAAAAAAAA"]},"Action":["sts:AssumeRole",
        "sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"42"}}},{"Effect":"Deny",
        "NotPrincipal":{"AWS":["111122223333","\u0041IDAAAAAAAAAAAAAAAAAA"]},"Action":"sts:*"}]}"#;
    let small = r#"{"Statement":{"Effect":"Allow","Principal":"*"}}"#;
    let values = b"\x02\x0ekms:ViaService\x19s3.eu-central-1.amazonaws\x13aws:RequestedRegion\x01a";
    let mut seeds = Vec::new();
    for (kind, text) in [(0, key), (1, identity), (2, trust), (0, small), (2, role), (3, identity)]
    {
        for caller in [0, 1, 2, 12, 16, 18] {
            seeds.push([&[kind, caller, 0, 0], text.as_bytes()].concat());
        }
        seeds.push([&[kind, 0, 1], &values[..], text.as_bytes()].concat());
    }
    seeds
}
