//! One statement: whom, what and which resource it is about, and under which conditions.

use crate::condition::{Condition, ConditionContext};
use crate::json::Json;
use crate::principal::{Coverage, Principals, Who};
use crate::resource::Resource;
use crate::variable::{Piece, Syntax, TextPattern, pieces};
use crate::wildcard::Case;
use crate::{PolicyError, PolicyKind};

/// What a statement says of the requests it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// What the document around a statement decides about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) kind: PolicyKind,
    /// Whether `${…}` is a variable: Version 2012-10-17.
    pub(crate) variables: bool,
}

/// A question as statements see it.
pub(crate) struct Question<'a> {
    pub(crate) who: Who<'a>,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a Resource<'a>,
    pub(crate) context: &'a dyn ConditionContext,
}

/// A compiled statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// `None` in identity policies, which are about whom they are attached to.
    pub(crate) principals: Option<Principals>,
    actions: Patterns,
    /// `None` in trust policies, which are about the role.
    resources: Option<Patterns>,
    pub(crate) conditions: Box<[Condition]>,
}

/// The values of `Action` and so on. An element that a key policy lacks covers nothing.
#[derive(Debug, Clone, Default)]
struct Patterns {
    negated: bool,
    list: Box<[TextPattern]>,
}

/// The elements of a statement, before they are compiled; a negated one carries `true`.
#[derive(Default)]
struct Elements<'a> {
    sid: Option<&'a str>,
    effect: Option<Effect>,
    principal: Option<(&'a Json, bool)>,
    action: Option<(&'a Json, bool)>,
    resource: Option<(&'a Json, bool)>,
    condition: Option<&'a Json>,
}

impl<'a> Elements<'a> {
    fn read(value: &'a Json) -> Result<Self, PolicyError> {
        let Json::Object(members) = value else { return Err(PolicyError::syntax()) };
        let mut found = Self::default();
        for (name, value) in members {
            // X together with NotX: the second finds the place taken.
            let twice = match name.as_str() {
                "Sid" => found.sid.replace(text(value)?).is_some(),
                "Effect" => found.effect.replace(effect(value)?).is_some(),
                "Principal" => found.principal.replace((value, false)).is_some(),
                "NotPrincipal" => found.principal.replace((value, true)).is_some(),
                "Action" => found.action.replace((value, false)).is_some(),
                "NotAction" => found.action.replace((value, true)).is_some(),
                "Resource" => found.resource.replace((value, false)).is_some(),
                "NotResource" => found.resource.replace((value, true)).is_some(),
                "Condition" => found.condition.replace(value).is_some(),
                _ => true,
            };
            if twice {
                return Err(PolicyError::syntax());
            }
        }
        Ok(found)
    }

    /// What each kind of policy must and must not have.
    fn check(&self, kind: PolicyKind) -> Result<(), PolicyError> {
        let refused = match kind {
            PolicyKind::KeyPolicy if self.principal.is_none() => {
                Some(PolicyError::INVALID_PRINCIPALS)
            }
            PolicyKind::Identity | PolicyKind::Session if self.principal.is_some() => {
                Some("Policy document should not specify a principal.")
            }
            PolicyKind::Trust if self.principal.is_none() => {
                Some("Missing required field Principal")
            }
            PolicyKind::Trust if self.resource.is_some() => Some("Has prohibited field Resource."),
            PolicyKind::Identity | PolicyKind::Session if self.action.is_none() => {
                Some("Policy statement must contain actions.")
            }
            PolicyKind::Trust if self.action.is_none() => Some("Missing required field Action"),
            PolicyKind::Identity | PolicyKind::Session if self.resource.is_none() => {
                Some("Policy statement must contain resources.")
            }
            PolicyKind::KeyPolicy
            | PolicyKind::Identity
            | PolicyKind::Session
            | PolicyKind::Trust => None,
        };
        if let Some(reason) = refused {
            return Err(PolicyError::malformed(reason));
        }
        let plain = |sid: &str| sid.bytes().all(|b| b.is_ascii_alphanumeric());
        if kind != PolicyKind::KeyPolicy && !self.sid.is_none_or(plain) {
            return Err(PolicyError::malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ));
        }
        Ok(())
    }
}

impl Statement {
    pub(crate) fn compile(value: &Json, rules: Rules) -> Result<Self, PolicyError> {
        let elements = Elements::read(value)?;
        let effect = elements.effect.ok_or_else(PolicyError::syntax)?;
        elements.check(rules.kind)?;
        let principals = elements.principal.map(|(v, negated)| Principals::compile(v, negated));
        let actions = elements.action.map(|(v, negated)| Patterns::actions(v, negated, rules.kind));
        let resources =
            elements.resource.map(|(v, negated)| Patterns::resources(v, negated, rules));
        let resources = match rules.kind {
            PolicyKind::Trust => None,
            PolicyKind::KeyPolicy | PolicyKind::Identity | PolicyKind::Session => {
                Some(resources.transpose()?.unwrap_or_default())
            }
        };
        let conditions = elements.condition.map(|value| Condition::compile_all(value, rules));
        Ok(Self {
            sid: elements.sid.map(Into::into),
            effect,
            principals: principals.transpose()?,
            actions: actions.transpose()?.unwrap_or_default(),
            resources,
            conditions: conditions.transpose()?.unwrap_or_default(),
        })
    }

    /// How the statement covers the question, its conditions aside.
    pub(crate) fn coverage(&self, question: &Question<'_>) -> Coverage {
        let action = |pattern: &TextPattern| {
            pattern.matches(question.action, Case::Insensitive, question.context)
        };
        if !self.actions.cover(action) {
            return Coverage::None;
        }
        let coverage = match &self.principals {
            Some(principals) => principals.coverage(&question.who, self.effect),
            None => Coverage::Direct,
        };
        let resource = |pattern: &TextPattern| {
            pattern.is_everything()
                || pattern.matches(question.resource.as_str(), Case::Sensitive, question.context)
        };
        let about_it = self.resources.as_ref().is_none_or(|resources| resources.cover(resource));
        if coverage != Coverage::None && about_it { coverage } else { Coverage::None }
    }

    /// Whether every condition holds.
    pub(crate) fn conditions_hold(&self, context: &dyn ConditionContext) -> bool {
        self.conditions.iter().all(|condition| condition.holds(context))
    }

    /// The condition keys that the statement reads.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|resources| resources.list.iter());
        resources
            .flat_map(TextPattern::keys)
            .chain(self.conditions.iter().flat_map(|condition| condition.keys()))
    }
}

impl Patterns {
    fn cover(&self, matches: impl FnMut(&TextPattern) -> bool) -> bool {
        // An element without values is an absent one, `NotAction: []` too: it covers nothing.
        !self.list.is_empty() && self.list.iter().any(matches) != self.negated
    }

    fn actions(value: &Json, negated: bool, kind: PolicyKind) -> Result<Self, PolicyError> {
        let list = some_texts(value, "Policy statement must contain actions.")?
            .into_iter()
            .map(|text| {
                let vendor = vendor(text)?;
                if kind == PolicyKind::Trust && !vendor.eq_ignore_ascii_case("sts") {
                    return Err(PolicyError::malformed(
                        "AssumeRole policy may only specify STS AssumeRole actions.",
                    ));
                }
                TextPattern::compile(text, Syntax { wildcards: true, variables: false })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { negated, list })
    }

    fn resources(value: &Json, negated: bool, rules: Rules) -> Result<Self, PolicyError> {
        let list = some_texts(value, "Policy statement must contain resources.")?
            .into_iter()
            .map(|text| {
                check_resource(text)?;
                // Variables have a meaning only in the last of the six parts.
                let head_end = text.match_indices(':').nth(4).map_or(text.len(), |(at, _)| at + 1);
                let (head, tail) = text.split_at_checked(head_end).unwrap_or((text, ""));
                let plain = Syntax { wildcards: true, variables: false };
                let mut parts = pieces(head, plain)?;
                parts.extend(pieces(tail, Syntax { wildcards: true, variables: rules.variables })?);
                // An ARN that ends early is completed by wildcards (IAM User Guide, "IAM JSON
                // policy elements: Resource").
                let missing = if text == "*" { 0 } else { 5 - text.matches(':').count().min(5) };
                for _ in 0..missing {
                    parts.extend([Piece::Text(":".into()), Piece::AnyRun]);
                }
                Ok(TextPattern::from_pieces(parts))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { negated, list })
    }
}

/// A resource is `*` or an ARN, whose partition and service are said in full.
fn check_resource(text: &str) -> Result<(), PolicyError> {
    if text == "*" {
        return Ok(());
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        let reason = format!("Resource {text} must be in ARN format or \"*\".");
        return Err(PolicyError::malformed(reason));
    };
    let mut parts = rest.split(':');
    let partition = parts.next().unwrap_or_default();
    if !matches!(partition, "aws" | "aws-cn" | "aws-us-gov" | "*") {
        let reason = format!("Partition \"{partition}\" is not valid for resource \"{text}\".");
        return Err(PolicyError::malformed(reason));
    }
    match parts.next() {
        Some(service) if service.is_empty() || service.contains(['*', '?']) => {
            Err(PolicyError::malformed(
                "Resource vendor must be fully qualified and cannot contain regexes.",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// The vendor of an action: it is `*` or `vendor:action`. A condition key is like it, without the
/// `*`.
fn vendor(text: &str) -> Result<&str, PolicyError> {
    match text.split_once(':') {
        _ if text == "*" => Ok(text),
        Some((_, rest)) if rest.contains(':') => {
            Err(PolicyError::malformed("Actions/Condition can contain only one colon."))
        }
        Some((vendor, rest)) if !vendor.is_empty() && !rest.is_empty() => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            if vendor == "*" || vendor.bytes().all(plain) {
                Ok(vendor)
            } else {
                Err(PolicyError::malformed(format!("Vendor {vendor} is not valid")))
            }
        }
        _ => Err(without_vendor()),
    }
}

pub(crate) fn without_vendor() -> PolicyError {
    PolicyError::malformed(
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    )
}

fn effect(value: &Json) -> Result<Effect, PolicyError> {
    match text(value)? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(PolicyError::syntax()),
    }
}

fn text(value: &Json) -> Result<&str, PolicyError> {
    match value {
        Json::Text(text) => Ok(text),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
            Err(PolicyError::syntax())
        }
    }
}

/// One string or a list of strings; `None` for anything else.
pub(crate) fn texts(value: &Json) -> Option<Vec<&str>> {
    match value {
        Json::Text(text) => Some(vec![text]),
        Json::List(list) => list.iter().map(|value| text(value).ok()).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => None,
    }
}

fn some_texts<'a>(value: &'a Json, when_empty: &'static str) -> Result<Vec<&'a str>, PolicyError> {
    let found = texts(value).ok_or_else(PolicyError::syntax)?;
    if found.is_empty() { Err(PolicyError::malformed(when_empty)) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
