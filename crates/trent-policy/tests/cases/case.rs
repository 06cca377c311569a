//! One case: who asks what under which policies, and what is to come of it.

use trent_policy::{
    GrantRequest, IdentityPolicy, Inputs, NamedBy, Outcome, Policy, PolicyKind, PolicyType,
    ResourceUnderDecision, decide_with_grants,
};
use trent_types::{
    Caller, CallerKind, EncryptionContext, Grant, GrantConstraints, GrantId, GrantOperation,
    GrantPrincipal, GrantTerms, Partition, Timestamp,
};

pub(crate) const OWNER: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";
pub(crate) const KEY: &str =
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/svc/target";

/// What decides, and how. `Yes` and `Deny` name the type that did, `No` the one that lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Yes(PolicyType),
    /// The root user, without any policy.
    YesToRoot,
    Deny(PolicyType),
    No(PolicyType),
}

/// Who asks: `root`, `root@other`, `ann`, `bob` (path `/team/`), `eve@other`, `app/one` and
/// `app/two` (sessions of the role `/svc/app`), `job@other` (a session of a role), or a service.
pub(crate) fn caller(name: &str) -> Caller {
    let account = if name.ends_with("@other") { OTHER } else { OWNER };
    let user = |path: &str, name: &str| CallerKind::User {
        path: path.into(),
        name: name.into(),
        user_id: format!("AIDAEXAMPLEEXAMPLE{}", name.to_uppercase()),
    };
    let role = |path: &str, name: &str, session: &str| CallerKind::Role {
        path: path.into(),
        name: name.into(),
        role_id: format!("AROAEXAMPLEEXAMPLE{}", name.to_uppercase()),
        session_name: session.into(),
    };
    let kind = match name {
        "root" | "root@other" => CallerKind::Root,
        "ann" => user("/", "ann"),
        "bob" => user("/team/", "bob"),
        "eve@other" => user("/", "eve"),
        "app/one" => role("/svc/", "app", "one"),
        "app/two" => role("/svc/", "app", "two"),
        "job@other" => role("/", "job", "x"),
        service => {
            assert!(service.ends_with(".amazonaws.com"), "{service} is nobody");
            CallerKind::Service { name: service.into(), source_arn: None, source_account: None }
        }
    };
    Caller::new(account.parse().expect("an account"), "AKIAEXAMPLE".into(), kind)
}

/// A case, with statements as JSON objects.
pub(crate) struct Case<'a> {
    pub(crate) caller: &'a str,
    pub(crate) action: &'a str,
    /// [`KEY`], [`ROLE`], or what has no policy.
    pub(crate) resource: &'a str,
    pub(crate) version: &'a str,
    /// Statements of the key policy or trust policy.
    pub(crate) of_resource: &'a [&'a str],
    pub(crate) identity: &'a [&'a str],
    pub(crate) boundary: Option<&'a [&'a str]>,
    pub(crate) session: Option<&'a [&'a str]>,
    /// Grantees of grants of the action.
    pub(crate) grantees: &'a [&'a str],
    pub(crate) context: &'a [(&'a str, &'a [&'a str])],
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            caller: "ann",
            action: "kms:Encrypt",
            resource: KEY,
            version: "2012-10-17",
            of_resource: &[],
            identity: &[],
            boundary: None,
            session: None,
            grantees: &[],
            context: &[],
        }
    }
}

/// What a case comes to.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) expected: Expected,
    pub(crate) message: Option<String>,
}

impl Case<'_> {
    fn policy(&self, statements: &[&str], kind: PolicyKind) -> Policy {
        let list = statements.join(",");
        let text = format!(r#"{{"Version": "{}", "Statement": [{list}]}}"#, self.version);
        Policy::parse(&text, kind).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn grants(&self) -> Vec<Grant> {
        let operation = self.action.strip_prefix("kms:").and_then(|name| name.parse().ok());
        let grant = |grantee: &&str| Grant {
            key: KEY.parse().expect("a key"),
            grant_id: GrantId::from_bytes([1; 32]),
            name: None,
            created_at: Timestamp::default(),
            issuing_account: format!("arn:aws:iam::{OWNER}:root"),
            terms: GrantTerms {
                grantee: if grantee.ends_with(".amazonaws.com") {
                    GrantPrincipal::Service((*grantee).into())
                } else {
                    GrantPrincipal::Arn((*grantee).into())
                },
                retiring: None,
                operations: vec![operation.unwrap_or(GrantOperation::Encrypt)],
                constraints: GrantConstraints::default(),
            },
        };
        self.grantees.iter().map(grant).collect()
    }

    /// Decides it.
    pub(crate) fn decide(&self) -> Found {
        let of_resource = (!self.of_resource.is_empty()).then(|| {
            let is_role = self.resource == ROLE;
            let kind = if is_role { PolicyKind::Trust } else { PolicyKind::KeyPolicy };
            self.policy(self.of_resource, kind)
        });
        let each = |statements: &[&str], kind| -> Vec<Policy> {
            statements.iter().map(|statement| self.policy(&[statement], kind)).collect()
        };
        let identity = each(self.identity, PolicyKind::Identity);
        let boundary = self.boundary.map(|list| self.policy(list, PolicyKind::Identity));
        let session = self.session.map(|list| each(list, PolicyKind::Session));
        let identity = sourced(&identity);
        let session = session.as_deref().map(sourced);
        let owner = OWNER.parse().expect("an account");
        let caller = caller(self.caller);
        let context: Vec<(String, Vec<String>)> = self
            .context
            .iter()
            .map(|(key, values)| {
                ((*key).to_owned(), values.iter().map(|v| (*v).to_owned()).collect())
            })
            .collect();
        let inputs = Inputs {
            caller: &caller,
            partition: Partition::Aws,
            action: self.action,
            resource: match (&of_resource, self.resource) {
                (Some(trust_policy), ROLE) => {
                    ResourceUnderDecision::Role { arn: ROLE, owner, trust_policy }
                }
                (Some(policy), arn) => {
                    ResourceUnderDecision::Key { arn: arn.parse().expect("a key"), policy }
                }
                (None, "*") => {
                    ResourceUnderDecision::IdentityOnly { owner: caller.account, arn: "*" }
                }
                (None, arn) => ResourceUnderDecision::IdentityOnly { owner, arn },
            },
            identity_policies: &identity,
            boundary: boundary.as_ref().map(|policy| IdentityPolicy { policy, source: "boundary" }),
            session_policies: session.as_deref(),
            context: &context,
        };
        let encryption_context = EncryptionContext::default();
        let request = GrantRequest {
            encryption_context: &encryption_context,
            source_arn: None,
            new_grant: None,
        };
        let decision = decide_with_grants(&inputs, &self.grants(), &request);
        let message = decision.message(&inputs, NamedBy::Request);
        let expected = match (decision.outcome, decision.decided_by) {
            (Outcome::Allowed, Some(by)) => Expected::Yes(by),
            (Outcome::Allowed, None) => Expected::YesToRoot,
            (Outcome::ExplicitlyDenied, Some(by)) => Expected::Deny(by),
            (Outcome::ImplicitlyDenied, Some(by)) => Expected::No(by),
            (Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied, None) => {
                panic!("a denial without its type: {decision:?}")
            }
        };
        Found { expected, message }
    }
}

fn sourced(list: &[Policy]) -> Vec<IdentityPolicy<'_>> {
    list.iter().map(|policy| IdentityPolicy { policy, source: "one" }).collect()
}
