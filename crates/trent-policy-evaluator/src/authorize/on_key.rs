//! May they do this with a key, or a grant of it?

use trent_policy::Outcome::{
    Allowed, ExplicitlyDenied as Explicitly, ImplicitlyDenied as Implicitly,
};
use trent_policy::{Decision, GrantRequest, Inputs, NamedBy, ResourceUnderDecision};
use trent_types::{AliasRecord, CallerKind, DenialKind, Denied, EncryptionContext, Grant, KeyArn};

use super::Asker;
use super::asked::Asked;
use super::conditions::Conditions;
use super::context_pairs::ContextPairs;
use super::grant_conditions::GrantInQuestion;
use super::grants::{self, About};
use super::resolve::unknown;
use super::who::Policies;
use crate::cache::CachedKey;
use crate::core::{Core, Unavailable};
use crate::explain;

/// Why they may not; when they may, the grant that the question is about.
pub(super) type Verdict = Result<Option<Grant>, Refused>;

/// A refusal, with what explains it.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) denied: Denied,
    /// See [`explain::json`]; `None` where there is nothing to explain.
    pub(super) explanation: Option<String>,
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self { denied, explanation: None }
    }
}

/// Decides about a key, and a grant of it.
pub(super) async fn on_key(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    key: &KeyInQuestion<'_>,
) -> Result<Verdict, Unavailable> {
    let arn = key.arn();
    match &asked.about {
        About::Grant(id) if asked.action == "kms:RetireGrant" => {
            let Some(grant) = core.store.grant(&arn, *id).await? else {
                return Ok(Err(grants::missing_to(asker, asked.action, &arn, *id).into()));
            };
            Ok(match retirement(asker, asked, key, &grant) {
                Some(refusal) => Err(refusal),
                None => Ok(Some(grant)),
            })
        }
        About::Grant(id) => {
            if let Some(refusal) = by_policies_and_grants(core, asker, asked, key).await? {
                return Ok(Err(refusal));
            }
            let grant = core.store.grant(&arn, *id).await?;
            Ok(grant.map(Some).ok_or_else(|| grants::missing(&arn, *id).into()))
        }
        About::NewGrant(terms) => {
            if let Some(refusal) = by_policies_and_grants(core, asker, asked, key).await? {
                return Ok(Err(refusal));
            }
            let unfit = grants::unfit_principal(core, asker, &arn, terms).await?;
            Ok(unfit.map_or(Ok(None), |unfit| Err(unfit.into())))
        }
        About::KeyAlone => {
            let refusal = by_policies_and_grants(core, asker, asked, key).await?;
            Ok(refusal.map_or(Ok(None), Err))
        }
    }
}

/// A key that is decided about, with how it was named.
pub(super) struct KeyInQuestion<'a> {
    pub(super) key: &'a CachedKey,
    pub(super) alias: Option<&'a AliasRecord>,
    pub(super) named_by: NamedBy,
}

impl KeyInQuestion<'_> {
    const fn arn(&self) -> KeyArn {
        self.key.stored.record.arn()
    }

    fn refusal(&self, refusal: Denied) -> Denied {
        Denied { key: Some(self.arn()), ..refusal }
    }
}

/// What was decided with the grants that were at hand.
enum Judgement {
    Allowed,
    /// Nothing allows it so far; a grant could.
    NotAllowed(Refused),
    /// No grant changes that.
    Refused(Refused),
}

/// Why policies and grants do not allow it. Grants are searched for only when it comes to that:
/// where policies allow nobody needs them, and nobody has any against a deny.
async fn by_policies_and_grants(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    key: &KeyInQuestion<'_>,
) -> Result<Option<Refused>, Unavailable> {
    if let Some(caller) = asker.who.serial
        && core.cache.allowed(caller, key.key, asked.action)
    {
        return Ok(None);
    }
    let unused_for = days_without_use(core, asker, asked, key).await?;
    let could_be_granted = grants::could_allow(asked.action);
    let remembered = asker.who.serial.filter(|_| could_be_granted);
    let known = remembered.and_then(|caller| core.cache.grants(caller, &key.arn()));
    let at_hand = known.as_deref().unwrap_or_default();
    let refusal = match judge_key(core, asker, asked, key, unused_for, at_hand) {
        Judgement::Allowed => return Ok(None),
        Judgement::Refused(refusal) => return Ok(Some(refusal)),
        Judgement::NotAllowed(refusal) => refusal,
    };
    if known.is_some() || !could_be_granted {
        return Ok(Some(refusal));
    }
    let found = grants::of_caller(core, asker, key.key).await?;
    if found.is_empty() {
        return Ok(Some(refusal));
    }
    Ok(match judge_key(core, asker, asked, key, unused_for, &found) {
        Judgement::Allowed => None,
        Judgement::NotAllowed(refusal) | Judgement::Refused(refusal) => Some(refusal),
    })
}

/// The permissions that `kms:TrailingDaysWithoutKeyUsage` is for.
const END_USE: [&str; 2] = ["kms:DisableKey", "kms:ScheduleKeyDeletion"];

/// For how many days the key has not been used, where that can play a part.
async fn days_without_use(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    key: &KeyInQuestion<'_>,
) -> Result<Option<i64>, Unavailable> {
    if !END_USE.contains(&asked.action) {
        return Ok(None);
    }
    let usage = core.last_usage(&key.arn()).await?;
    Ok(Some(usage.trailing_days(key.key.stored.record.created_at, asker.now)))
}

/// Decides about a key by its policy and these grants.
fn judge_key(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    key: &KeyInQuestion<'_>,
    unused_for: Option<i64>,
    grants: &[Grant],
) -> Judgement {
    let Ok(policy) = &key.key.policy else {
        return Judgement::Refused(unknown(asker, asked.action, key.named_by).into());
    };
    let new_grant = asked.about.new_grant();
    let conditions = asked
        .conditions(asker, asked.context_pairs())
        .about(&key.key.stored, key.alias)
        .unused_for(unused_for)
        .about_grant(new_grant.map(GrantInQuestion::New));
    let resource = ResourceUnderDecision::Key { arn: key.arn(), policy };
    let policies = asker.who.policies();
    let inputs = inputs(asker, asked, resource, &policies, &conditions);
    let no_context = EncryptionContext::default();
    let request = GrantRequest {
        encryption_context: asked.encryption_context.unwrap_or(&no_context),
        source_arn: source_arn(asker),
        new_grant,
    };
    let decision = trent_policy::decide_with_grants(&inputs, grants, &request);
    // What explaining looks at plays no part.
    let looked = conditions.were_read();
    let about = explain::Asked { action: asked.action, key: Some(key.arn()), grants };
    if let Some(refusal) = refusal(&decision, &inputs, key.named_by, &about) {
        let refusal = Refused { denied: key.refusal(refusal.denied), ..refusal };
        return match decision.outcome {
            // A condition that was not looked at could have been a deny's.
            Implicitly if conditions.were_too_long() => Judgement::Refused(refusal),
            Implicitly => Judgement::NotAllowed(refusal),
            Explicitly | Allowed => Judgement::Refused(refusal),
        };
    }
    if conditions.were_too_long() {
        let reason = "a condition value is too long for the policies".to_owned();
        let refusal = unknown(asker, asked.action, key.named_by);
        return Judgement::Refused(key.refusal(Denied { reason, ..refusal }).into());
    }
    // Only what no condition and no grant had a part in holds for other requests too.
    if let Some(caller) = asker.who.serial
        && !looked
        && decision.grant.is_none()
    {
        core.cache.remember_allowed(caller, key.key, asked.action);
    }
    Judgement::Allowed
}

/// `aws:SourceArn`, as constraints of grants see it.
fn source_arn<'a>(asker: &Asker<'a>) -> Option<&'a str> {
    let caller = asker.who.caller;
    match &caller.kind {
        CallerKind::Service { source_arn, .. } => source_arn.as_deref(),
        CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => {
            caller.via.as_ref().and_then(|via| via.source_arn.as_deref())
        }
    }
}

/// Why they may not retire a grant.
fn retirement(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    key: &KeyInQuestion<'_>,
    grant: &Grant,
) -> Option<Refused> {
    let Ok(policy) = &key.key.policy else {
        return Some(unknown(asker, asked.action, key.named_by).into());
    };
    let conditions = asked
        .conditions(asker, ContextPairs::of_grant(&grant.terms))
        .about(&key.key.stored, key.alias)
        .about_grant(Some(GrantInQuestion::Retiring(&grant.terms)));
    let resource = ResourceUnderDecision::Key { arn: key.arn(), policy };
    let policies = asker.who.policies();
    let inputs = inputs(asker, asked, resource, &policies, &conditions);
    let decision = trent_policy::decide_retirement(&inputs, grant);
    let grants = std::slice::from_ref(grant);
    let about = explain::Asked { action: asked.action, key: Some(key.arn()), grants };
    let refusal = match refusal(&decision, &inputs, key.named_by, &about) {
        None if conditions.were_too_long() => {
            Some(unknown(asker, asked.action, key.named_by).into())
        }
        refusal => refusal,
    };
    refusal.map(|refusal: Refused| Refused { denied: key.refusal(refusal.denied), ..refusal })
}

/// What a decision depends on.
pub(super) fn inputs<'a>(
    asker: &'a Asker<'_>,
    asked: &'a Asked<'_>,
    resource: ResourceUnderDecision<'a>,
    policies: &'a Policies<'a>,
    conditions: &'a Conditions<'_>,
) -> Inputs<'a> {
    Inputs {
        caller: asker.who.caller,
        partition: asker.region.partition(),
        action: asked.action,
        resource,
        identity_policies: &policies.identity,
        boundary: policies.boundary,
        session_policies: policies.session(),
        context: conditions,
    }
}

/// The refusal that a decision comes to.
pub(super) fn refusal(
    decision: &Decision<'_>,
    inputs: &Inputs<'_>,
    named_by: NamedBy,
    about: &explain::Asked<'_>,
) -> Option<Refused> {
    let message = decision.message(inputs, named_by)?;
    let denied =
        Denied { kind: DenialKind::AccessDenied, message, key: None, reason: decision.to_string() };
    Some(Refused { denied, explanation: Some(explain::json(decision, inputs, about)) })
}
