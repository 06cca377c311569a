//! The oracle: who may, said as plainly as the rules say it.
//!
//! It shares no code with the crate: it reads the JSON of the policies anew for every question and
//! compares texts character by character.

use serde_json::Value;
use trent_types::{CallerKind, Grant, GrantPrincipal};

use crate::conditions::all_conditions_hold;
use crate::scene::{ALLOWED, About, Answer, DENIED, NOT_ALLOWED, Scene};
use crate::texts::{Char, expand, expand_resource, like};

/// How a principal stands for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Account,
    Role,
    Itself,
}

const RESOURCE: &str = "resource-based policy";
const TRUST: &str = "role trust policy";
const IDENTITY: &str = "identity-based policy";
const BOUNDARY: &str = "permissions boundary";
const SESSION: &str = "session policy";
const GRANT: &str = "grant";

/// Actions that KMS serves on keys of other accounts.
const ACROSS: &str = "CreateGrant Decapsulate Decrypt DeriveSharedSecret DescribeKey Encapsulate \
    Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext \
    GenerateDataKeyWithoutPlaintext GenerateMac GetKeyRotationStatus GetPublicKey ListGrants \
    ReEncryptFrom ReEncryptTo RetireGrant RevokeGrant Sign Verify VerifyMac";

/// The answer to a scene.
pub(crate) fn answer(scene: &Scene) -> Answer {
    let resource_name = if matches!(scene.about, About::Role(_)) { TRUST } else { RESOURCE };
    let resource_policies = match scene.about {
        About::Key(_) | About::Role(_) => std::slice::from_ref(&scene.resource_policy),
        About::Other(..) => &[],
    };
    let boundary = scene.boundary.as_slice();
    let session = scene.session.as_deref().unwrap_or(&[]);
    let named = [
        (resource_name, resource_policies),
        (IDENTITY, &scene.identity),
        (BOUNDARY, boundary),
        (SESSION, session),
    ];
    // 1. A matching deny anywhere.
    for (name, policies) in named {
        if strongest(scene, policies, "Deny").is_some() {
            return Answer { outcome: DENIED, decided_by: Some(name) };
        }
    }
    // 2. to 6. and 8. What policies allow.
    let by_policies = match scene.about {
        About::Other(..) => without_resource_policy(scene),
        About::Key(_) | About::Role(_) => {
            let way = strongest(scene, resource_policies, "Allow");
            with_resource_policy(scene, resource_name, way)
        }
    };
    if by_policies.outcome == ALLOWED || !matches!(scene.about, About::Key(_)) {
        return by_policies;
    }
    // 7. Grants.
    let ways: Vec<Way> =
        scene.grants.iter().filter_map(|grant| grant_lets_in(scene, grant)).collect();
    if ways.iter().any(|way| missing(scene, *way).is_none()) {
        return yes(Some(GRANT));
    }
    match ways.first() {
        Some(way) => no(missing(scene, *way).unwrap_or(RESOURCE)),
        None => by_policies,
    }
}

const fn yes(by: Option<&'static str>) -> Answer {
    Answer { outcome: ALLOWED, decided_by: by }
}

const fn no(by: &'static str) -> Answer {
    Answer { outcome: NOT_ALLOWED, decided_by: Some(by) }
}

/// What an implicit deny of the boundary or of session policies stops.
fn limit(scene: &Scene) -> Option<&'static str> {
    let allows = |policies: &[Value]| strongest(scene, policies, "Allow").is_some();
    if scene.boundary.is_some() && !allows(scene.boundary.as_slice()) {
        return Some(BOUNDARY);
    }
    match &scene.session {
        Some(session) if !allows(session) => Some(SESSION),
        Some(_) | None => None,
    }
}

/// What is missing for a caller who is let in this way.
fn missing(scene: &Scene, way: Way) -> Option<&'static str> {
    match way {
        Way::Itself => None,
        Way::Role => limit(scene),
        Way::Account if strongest(scene, &scene.identity, "Allow").is_none() => Some(IDENTITY),
        Way::Account => limit(scene),
    }
}

fn is_own_account(scene: &Scene) -> bool {
    scene.owner() == scene.caller.account.as_str()
}

fn without_resource_policy(scene: &Scene) -> Answer {
    match (is_own_account(scene), scene.caller.kind == CallerKind::Root) {
        (false, _) => no(RESOURCE),
        (true, true) => limit(scene).map_or(yes(None), no),
        (true, false) => missing(scene, Way::Account).map_or(yes(Some(IDENTITY)), no),
    }
}

fn with_resource_policy(scene: &Scene, name: &'static str, way: Option<Way>) -> Answer {
    let root = scene.caller.kind == CallerKind::Root;
    let service = matches!(scene.caller.kind, CallerKind::Service { .. });
    let is_role = name == TRUST;
    let Some(way) = way.filter(|_| !(is_role && root)) else { return no(name) };
    if is_own_account(scene) || service {
        return match (missing(scene, way), way) {
            (Some(lacking), _) => no(lacking),
            (None, Way::Account) => yes(Some(IDENTITY)),
            (None, Way::Role | Way::Itself) => yes(Some(name)),
        };
    }
    let action = scene.action.strip_prefix("kms:").unwrap_or_default();
    if !is_role && !ACROSS.split_whitespace().any(|one| one == action) {
        no(name)
    } else if root {
        yes(Some(name))
    } else {
        missing(scene, Way::Account).map_or(yes(Some(name)), no)
    }
}

/// The strongest way in which a statement with this effect applies.
fn strongest(scene: &Scene, policies: &[Value], effect: &str) -> Option<Way> {
    let mut best = None;
    for policy in policies {
        let variables = policy["Version"] == "2012-10-17";
        for statement in one_or_more(&policy["Statement"]) {
            if statement["Effect"] == effect {
                best = best.max(applies(scene, statement, variables));
            }
        }
    }
    best
}

fn applies(scene: &Scene, statement: &Value, variables: bool) -> Option<Way> {
    let action = |pattern: &str| {
        let pattern = expand(&pattern.to_lowercase(), true, false, &[]).unwrap_or_default();
        like(&pattern, &scene.action.to_lowercase())
    };
    let resource = |pattern: &str| {
        expand_resource(pattern, variables, &scene.context)
            .is_some_and(|pattern| like(&pattern, scene.arn()))
    };
    if !listed(statement, "Action", action)? {
        return None;
    }
    let has_resource = ["Resource", "NotResource"].iter().any(|e| statement.get(e).is_some());
    let is_trust = matches!(scene.about, About::Role(_)) && has_principal(statement);
    if has_resource {
        if !listed(statement, "Resource", resource)? {
            return None;
        }
    } else if !is_trust {
        return None;
    }
    let way = if has_principal(statement) { principal(scene, statement)? } else { Way::Itself };
    all_conditions_hold(statement.get("Condition"), &scene.context, variables).then_some(way)
}

fn has_principal(statement: &Value) -> bool {
    statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some()
}

/// Whether `X` lists it, or `NotX` does not; `None` when the statement has neither.
fn listed(statement: &Value, element: &str, matches: impl Fn(&str) -> bool) -> Option<bool> {
    let any = |value: &Value| texts(value).iter().any(|text| matches(text));
    match (statement.get(element), statement.get(format!("Not{element}"))) {
        (Some(value), _) => Some(any(value)),
        (None, Some(value)) => Some(!any(value)),
        (None, None) => None,
    }
}

/// The way in which the statement's principals stand for the caller.
fn principal(scene: &Scene, statement: &Value) -> Option<Way> {
    let deny = statement["Effect"] == "Deny";
    let service = matches!(scene.caller.kind, CallerKind::Service { .. });
    let negated = statement.get("NotPrincipal").is_some();
    let value = if negated { &statement["NotPrincipal"] } else { &statement["Principal"] };
    let mut all: Vec<(String, String)> = Vec::new();
    if let Some(text) = value.as_str() {
        all.push(("AWS".into(), text.into()));
    }
    for (kind, value) in value.as_object().into_iter().flatten() {
        all.extend(texts(value).into_iter().map(|text| (kind.clone(), text)));
    }
    let everyone = all.iter().any(|(kind, text)| kind == "AWS" && text == "*");
    let ways: Vec<Way> = all.iter().filter_map(|(kind, text)| one(scene, kind, text)).collect();
    if !negated {
        let best = ways.iter().max().copied();
        return if everyone && (deny || !service) { Some(Way::Itself) } else { best };
    }
    let has = |way| ways.contains(&way);
    let spared = if deny {
        let listed = match scene.caller.kind {
            CallerKind::Root | CallerKind::Service { .. } => has(Way::Itself),
            CallerKind::User { .. } => has(Way::Itself) && has(Way::Account),
            CallerKind::Role { .. } => has(Way::Itself) && has(Way::Role) && has(Way::Account),
        };
        let listed = listed || everyone;
        listed && scene.boundary.is_none()
    } else {
        everyone || service || !ways.is_empty()
    };
    (!spared).then_some(Way::Itself)
}

/// How one principal stands for the caller.
fn one(scene: &Scene, kind: &str, text: &str) -> Option<Way> {
    let account = scene.caller.account.as_str();
    let region = scene.arn().split(':').nth(3).unwrap_or_default();
    let is_account = text == account || text == format!("arn:aws:iam::{account}:root");
    let exact = |wanted: String, way| (kind == "AWS" && text == wanted).then_some(way);
    match &scene.caller.kind {
        CallerKind::Root => (kind == "AWS" && (text == "*" || is_account)).then_some(Way::Itself),
        CallerKind::User { path, name, user_id } => {
            if kind == "AWS" && is_account {
                return Some(Way::Account);
            }
            exact("*".into(), Way::Itself)
                .or(exact(format!("arn:aws:iam::{account}:user{path}{name}"), Way::Itself))
                .or(exact(user_id.clone(), Way::Itself))
        }
        CallerKind::Role { path, name, role_id, session_name } => {
            if kind == "AWS" && is_account {
                return Some(Way::Account);
            }
            let session = format!("arn:aws:sts::{account}:assumed-role/{name}/{session_name}");
            exact("*".into(), Way::Itself)
                .or(exact(session, Way::Itself))
                .or(exact(format!("arn:aws:iam::{account}:role{path}{name}"), Way::Role))
                .or(exact(role_id.clone(), Way::Role))
        }
        CallerKind::Service { name, .. } => {
            let (service, rest) = name.split_once('.').expect("a service");
            let regional = format!("{service}.{region}.{rest}");
            let about_key = matches!(scene.about, About::Key(_));
            let named = text == name || (about_key && text == regional);
            (kind == "Service" && named).then_some(Way::Itself)
        }
    }
}

/// Whether a grant is about the question, and the way in which its grantee is the caller.
fn grant_lets_in(scene: &Scene, grant: &Grant) -> Option<Way> {
    let operation = scene.action.strip_prefix("kms:")?;
    let lists = grant.terms.operations.iter().any(|one| one.as_str() == operation);
    if grant.key.to_string() != scene.arn() || !lists {
        return None;
    }
    let constraints = &grant.terms.constraints;
    if constraints.source_arn.is_some() && constraints.source_arn != scene.source_arn {
        return None;
    }
    let of_request: Vec<(String, &str)> =
        scene.encryption_context.iter().map(|(k, v)| (k.to_lowercase(), v.as_str())).collect();
    let includes = |pairs: &std::collections::BTreeMap<String, String>| {
        pairs.iter().all(|(k, v)| of_request.contains(&(k.to_lowercase(), v.as_str())))
    };
    let has_context = !matches!(operation, "DescribeKey" | "GetPublicKey");
    if has_context {
        if let Some(pairs) = &constraints.context_equals
            && (!includes(pairs) || pairs.len() != of_request.len())
        {
            return None;
        }
        if let Some(pairs) = &constraints.context_subset
            && !includes(pairs)
        {
            return None;
        }
    }
    // No new grant is in question here, so that nothing can be as strict as its parent.
    if operation == "CreateGrant" {
        return None;
    }
    match &grant.terms.grantee {
        GrantPrincipal::Arn(text) => one(scene, "AWS", text),
        GrantPrincipal::Service(text) => one(scene, "Service", text),
    }
}

pub(crate) fn one_or_more(value: &Value) -> Vec<&Value> {
    value.as_array().map_or(vec![value], |list| list.iter().collect())
}

/// A text or a list of texts; numbers and booleans as JSON writes them.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    one_or_more(value).into_iter().map(text).collect()
}

/// A pattern without wildcards is equal to a text.
pub(crate) fn equal(pattern: &[Char], text: &str) -> bool {
    let own: Option<String> = pattern
        .iter()
        .map(|one| match one {
            Char::Written(c) | Char::FromValue(c) => Some(*c),
            Char::AnyRun | Char::AnyOne => None,
        })
        .collect();
    own.as_deref() == Some(text)
}
