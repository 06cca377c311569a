//! A question with everything that bears on it, as text and JSON.

use std::collections::BTreeMap;

use serde_json::Value;
use trent_policy::{
    ConditionContext, GrantRequest, IdentityPolicy, Inputs, NamedBy, Outcome, Policy, PolicyKind,
    PolicyType, ResourceUnderDecision, decide_with_grants,
};
use trent_types::{AccountId, Caller, EncryptionContext, Grant, KeyArn, Partition};

/// What the question is about.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// A key, by its ARN.
    Key(String),
    /// A role that is to be assumed.
    Role(String),
    /// Something without a policy, of this account.
    Other(String, String),
}

/// The whole of it.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) about: About,
    /// The key policy or trust policy.
    pub(crate) resource_policy: Value,
    pub(crate) identity: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Option<Vec<Value>>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) encryption_context: Vec<(String, String)>,
    pub(crate) source_arn: Option<String>,
    pub(crate) context: Vec<(String, Vec<String>)>,
}

/// How it ends, and the type of policy that decides, as the messages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) outcome: &'static str,
    pub(crate) decided_by: Option<&'static str>,
}

pub(crate) const ALLOWED: &str = "allowed";
pub(crate) const DENIED: &str = "explicitly denied";
pub(crate) const NOT_ALLOWED: &str = "implicitly denied";

impl Scene {
    pub(crate) fn arn(&self) -> &str {
        match &self.about {
            About::Key(arn) | About::Role(arn) | About::Other(_, arn) => arn,
        }
    }

    /// The account that owns the resource.
    pub(crate) fn owner(&self) -> &str {
        match &self.about {
            About::Key(arn) | About::Role(arn) => arn.split(':').nth(4).expect("an account"),
            About::Other(owner, _) => owner,
        }
    }
}

fn sourced(list: &[Policy]) -> Vec<IdentityPolicy<'_>> {
    list.iter().map(|policy| IdentityPolicy { policy, source: "one" }).collect()
}

/// What the crate answers.
pub(crate) fn by_the_crate(scene: &Scene) -> Answer {
    by_the_crate_with(scene, &scene.context, true)
}

/// What the crate answers to a request with these values, and, if wanted, whether it says the same
/// in its messages and explanations.
pub(crate) fn by_the_crate_with(
    scene: &Scene,
    context: &dyn ConditionContext,
    explain: bool,
) -> Answer {
    let compile = |document: &Value, kind| {
        let text = document.to_string();
        Policy::parse(&text, kind).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let resource_kind = match scene.about {
        About::Key(_) | About::Other(..) => PolicyKind::KeyPolicy,
        About::Role(_) => PolicyKind::Trust,
    };
    let resource_policy = compile(&scene.resource_policy, resource_kind);
    let all = |documents: &[Value], kind| -> Vec<Policy> {
        documents.iter().map(|document| compile(document, kind)).collect()
    };
    let identity = all(&scene.identity, PolicyKind::Identity);
    let boundary = scene.boundary.as_ref().map(|one| compile(one, PolicyKind::Identity));
    let session = scene.session.as_ref().map(|list| all(list, PolicyKind::Session));
    let identity = sourced(&identity);
    let session = session.as_deref().map(sourced);
    let account = |text: &str| text.parse::<AccountId>().expect("an account");
    let inputs = Inputs {
        caller: &scene.caller,
        partition: Partition::Aws,
        action: &scene.action,
        resource: match &scene.about {
            About::Key(arn) => ResourceUnderDecision::Key {
                arn: arn.parse::<KeyArn>().expect("a key"),
                policy: &resource_policy,
            },
            About::Role(arn) => ResourceUnderDecision::Role {
                arn,
                owner: account(scene.owner()),
                trust_policy: &resource_policy,
            },
            About::Other(owner, arn) => {
                ResourceUnderDecision::IdentityOnly { owner: account(owner), arn }
            }
        },
        identity_policies: &identity,
        boundary: boundary.as_ref().map(|policy| IdentityPolicy { policy, source: "boundary" }),
        session_policies: session.as_deref(),
        context,
    };
    let pairs: BTreeMap<_, _> = scene.encryption_context.iter().cloned().collect();
    let encryption_context = EncryptionContext::from(pairs);
    let request = GrantRequest {
        encryption_context: &encryption_context,
        source_arn: scene.source_arn.as_deref(),
        new_grant: None,
    };
    let decision = decide_with_grants(&inputs, &scene.grants, &request);
    if explain {
        assert_eq!(decision.is_allowed(), decision.message(&inputs, NamedBy::Request).is_none());
        let explanation = decision.explain(&inputs);
        assert_eq!(explanation.outcome, decision.outcome);
    }
    Answer {
        outcome: match decision.outcome {
            Outcome::Allowed => ALLOWED,
            Outcome::ExplicitlyDenied => DENIED,
            Outcome::ImplicitlyDenied => NOT_ALLOWED,
        },
        decided_by: decision.decided_by.map(PolicyType::as_str),
    }
}
