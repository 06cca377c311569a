//! Answers one question: does it fit what was signed, what is it about, may they, and if so the
//! Permit.

use std::sync::Arc;

use bytes::Bytes;
use trent_bus::{ClaimedResource, Claims};
use trent_policy::{NamedBy, Outcome, ResourceUnderDecision};
use trent_store::StoredExplanation;
use trent_types::{
    AccountId, CallerKind, DenialKind, Denied, Grant, Granted, GrantedKey, KeyRecord, KeyState,
    Primitive, Question, SealedMaterial,
};

use super::Asker;
use super::asked::Asked;
use super::entities::{on_role, on_thing, too_long};
use super::on_key::{KeyInQuestion, Refused, Verdict, inputs, on_key, refusal};
use super::resolve::{Resolved, access_denied, not_asked, resolve};
use super::signed;
use crate::cache::CachedKey;
use crate::core::{Core, Unavailable};
use crate::explain;

/// What seals something under the domain key.
const SEALING: [Primitive; 5] = [
    Primitive::GenerateMaterial,
    Primitive::SealSecret,
    Primitive::MakeImportParameters,
    Primitive::ImportMaterial,
    Primitive::CopyMaterial,
];

/// What was decided.
pub(crate) type Decision = Result<Granted, Denied>;

/// Answers one question.
pub(crate) async fn answer(
    core: &Core,
    asker: &Asker<'_>,
    question: &Question<'_>,
) -> Result<Decision, Unavailable> {
    if !asker.signed.covers(question) {
        let (request_id, action) = (asker.request_id, question.action);
        tracing::warn!(%request_id, action, "a question does not fit the signed request");
        return Ok(Err(not_asked("the question does not fit the signed request")));
    }
    let asked = match Asked::read(question) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(text) = &asker.silenced {
        return Ok(Err(explained(core, asker, &asked, access_denied(text.clone()).into())));
    }
    if !is_for_session_tokens(asker, asked.action) {
        let text = format!("Cannot call {} with session credentials", asked.action);
        return Ok(Err(explained(core, asker, &asked, access_denied(text).into())));
    }
    let resolved = match resolve(core, asker, asked.action, &question.resource).await? {
        Ok(resolved) => resolved,
        Err(refusal) => return Ok(Err(explained(core, asker, &asked, refusal.into()))),
    };
    if let Some(why) = asker.who.broken() {
        let refusal = broken(asker, &asked, why);
        return Ok(Err(explained(core, asker, &asked, refusal)));
    }
    let decided = decide(core, asker, &asked, &resolved).await?;
    Ok(decided
        .map(|about| grant(core, asker, &asked, resolved, about))
        .map_err(|refusal| explained(core, asker, &asked, refusal)))
}

/// Whether the caller's kind of credentials are good for a permission: those of GetSessionToken are
/// for AssumeRole and GetCallerIdentity alone of STS (STS API Reference, "GetSessionToken"). That
/// AWS lets them call IAM only with multi-factor authentication, which there is none of here, is a
/// difference: a console signs with them.
fn is_for_session_tokens(asker: &Asker<'_>, action: &str) -> bool {
    let caller = asker.who.caller;
    let is_session_token = match &caller.kind {
        CallerKind::Root | CallerKind::User { .. } => caller.session.is_some(),
        CallerKind::Role { .. } | CallerKind::Service { .. } => false,
    };
    let for_assume_role = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    !is_session_token
        || !action.starts_with("sts:")
        || for_assume_role.contains(&action)
        // Which says so itself, in AWS's words.
        || action == OWN_SESSION
}

/// A denial, whose explanation is kept for whoever may know.
fn explained(core: &Core, asker: &Asker<'_>, asked: &Asked<'_>, refused: Refused) -> Denied {
    let Refused { denied: refusal, explanation } = refused;
    if refusal.kind == DenialKind::AccessDenied {
        let key = refusal.key;
        let json =
            explanation.unwrap_or_else(|| explain::plain(asked.action, key, &refusal.reason));
        core.explanations.keep(StoredExplanation {
            request_id: asker.request_id,
            at: asker.now,
            account: asker.who.account(),
            key,
            json,
        });
    }
    refusal
}

/// The refusal of everything to whom a policy was stored that cannot be read any more.
fn broken(asker: &Asker<'_>, asked: &Asked<'_>, why: &str) -> Refused {
    let caller = asker.who.caller.arn_parts(asker.region.partition());
    let action = asked.action;
    let text = format!(
        "User: {caller} is not authorized to perform: {action} with an explicit deny in an \
         identity-based policy"
    );
    let reason = why.to_owned();
    Denied { reason, ..access_denied(text) }.into()
}

/// Whether they may.
async fn decide(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    resolved: &Resolved<'_>,
) -> Result<Verdict, Unavailable> {
    let refusal = match resolved {
        Resolved::Key { key, alias, named_by } => {
            let key = KeyInQuestion { key, alias: alias.as_deref(), named_by: *named_by };
            return on_key(core, asker, asked, &key).await;
        }
        Resolved::NewKey(_) => on_name(asker, asked, asker.account(), "*"),
        Resolved::Alias { arn, .. } => on_name(asker, asked, arn.account, &arn.to_string()),
        Resolved::Entity(thing) => on_thing(asker, asked, thing),
        Resolved::Role { arn, role } => on_role(asker, asked, arn, role),
        Resolved::Other(arn) if arn == "*" && asked.action == "kms:TagResource" => {
            on_new_tags(asker, asked)
        }
        Resolved::Other(arn) if signed::is_on_trail(asked.action) => {
            on_name(asker, asked, asker.account(), arn).map(without_resource)
        }
        Resolved::Other(arn) => match owner(asker, arn) {
            Some(owner) => on_name(asker, asked, owner, arn),
            None => Some(not_asked("the resource is not an ARN").into()),
        },
    };
    Ok(refusal.map_or(Ok(None), Err))
}

/// Decides about what has no policy of its own.
fn on_name(asker: &Asker<'_>, asked: &Asked<'_>, owner: AccountId, arn: &str) -> Option<Refused> {
    let mut conditions = asked.conditions(asker, asked.context_pairs());
    if arn != "*" {
        conditions = conditions.owned_by(owner);
    }
    let resource = ResourceUnderDecision::IdentityOnly { owner, arn };
    let policies = asker.who.policies();
    let inputs = inputs(asker, asked, resource, &policies, &conditions);
    let decision = trent_policy::decide(&inputs);
    let about = explain::Asked { action: asked.action, key: None, grants: &[] };
    let refused = match asked.action {
        OWN_SESSION => own_session(asker, &decision, &inputs, &about),
        _ => refusal(&decision, &inputs, NamedBy::Request, &about),
    };
    refused.or_else(|| conditions.were_too_long().then(|| too_long(asker, asked, arn)))
}

/// Decides about the tags of a key that is to be made. It is one of the account's keys in the
/// Region, so that policies about keys by pattern hold for it; but it has no ARN to be told.
fn on_new_tags(asker: &Asker<'_>, asked: &Asked<'_>) -> Option<Refused> {
    let (region, account) = (asker.region, asker.account());
    let partition = region.partition().as_str();
    let key = ["arn:", partition, ":kms:", region.as_str(), ":", account.as_str(), ":key/*"];
    let key = key.concat();
    let refused = on_name(asker, asked, account, &key)?;
    let message = refused.denied.message.replace(&[" on resource: ", &key].concat(), "");
    Some(Refused { denied: Denied { message, ..refused.denied }, ..refused })
}

/// CloudTrail names no resource where there is only one to be had.
fn without_resource(refused: Refused) -> Refused {
    let message = refused.denied.message.replace(" on resource: *", "");
    Refused { denied: Denied { message, ..refused.denied }, ..refused }
}

/// What every user and root user may, unless it is explicitly denied (STS API Reference,
/// "GetSessionToken").
const OWN_SESSION: &str = "sts:GetSessionToken";

fn own_session(
    asker: &Asker<'_>,
    decision: &trent_policy::Decision<'_>,
    inputs: &trent_policy::Inputs<'_>,
    about: &explain::Asked<'_>,
) -> Option<Refused> {
    let caller = asker.who.caller;
    let has_own_credentials = match &caller.kind {
        CallerKind::Root | CallerKind::User { .. } => {
            caller.session.is_none() && caller.via.is_none()
        }
        CallerKind::Role { .. } | CallerKind::Service { .. } => false,
    };
    if !has_own_credentials {
        let text = "Cannot call GetSessionToken with session credentials".to_owned();
        return Some(access_denied(text).into());
    }
    match decision.outcome {
        Outcome::ExplicitlyDenied => refusal(decision, inputs, NamedBy::Request, about),
        Outcome::Allowed | Outcome::ImplicitlyDenied => None,
    }
}

/// The account in an ARN, or the caller's for `*` and for an ARN without one.
fn owner(asker: &Asker<'_>, arn: &str) -> Option<AccountId> {
    if arn == "*" {
        return Some(asker.account());
    }
    let mut parts = arn.splitn(6, ':');
    let (scheme, account) = (parts.next()?, parts.nth(3)?);
    parts.next().filter(|_| scheme == "arn")?;
    // AWS's own managed policies are everybody's.
    if matches!(account, "" | "aws") { Some(asker.account()) } else { account.parse().ok() }
}

/// The answer to an allowed question, with its Permit.
fn grant(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    resolved: Resolved<'_>,
    grant: Option<Grant>,
) -> Granted {
    let mut primitives = asked.primitives;
    let (mut account, mut region, mut record_version) = (asker.account(), asker.region, 0);
    let (mut key, mut material, mut alias) = (None, None, None);
    let mut other_materials = Vec::new();
    let resource = match resolved {
        Resolved::Key { key: found, alias: named, .. } => {
            let record = &found.record;
            (account, region, record_version) = (record.account, record.region, record.version);
            let state = found.stored.state_at(asker.now);
            if !state.is_usable() {
                // The operation refuses too; a worker shall not depend on it.
                primitives = primitives.only_without_material();
            }
            material = wanted_material(&found, asked);
            if asked.all_materials {
                let wanted = material.as_ref().map(|one| one.material_id);
                let others = found.materials.iter();
                let others = others.filter(|one| Some(one.material_id) != wanted);
                other_materials = others.map(|one| SealedMaterial::clone(one)).collect();
            }
            key = Some(GrantedKey::Existing(shown(record, state)));
            alias = named.map(Arc::unwrap_or_clone);
            ClaimedResource::Key(record.arn())
        }
        Resolved::NewKey(arn) => {
            key = Some(GrantedKey::New(arn));
            ClaimedResource::Key(arn)
        }
        Resolved::Alias { arn, record } => {
            alias = record.map(Arc::unwrap_or_clone);
            ClaimedResource::Other(arn.to_string())
        }
        Resolved::Entity(thing) => {
            account = thing.account;
            ClaimedResource::Other(thing.arn)
        }
        Resolved::Role { arn, role } => {
            account = role.record.entity().account;
            ClaimedResource::Other(arn.to_owned())
        }
        Resolved::Other(arn) => ClaimedResource::Other(arn.into_owned()),
    };
    let seals = SEALING.iter().any(|primitive| primitives.contains(*primitive));
    let imports = primitives.contains(Primitive::ImportMaterial);
    let materials = material.as_deref().into_iter().chain(&other_materials);
    let permit = core.mint_asked(Claims {
        request_id: asker.request_id,
        action: asked.action.to_owned(),
        account,
        region,
        resource,
        record_version,
        primitives,
        material_ids: materials.map(|one| one.material_id).collect(),
        context_digest: asked.about.digest(asked.encryption_context),
        expires_at: asker.until,
        caller: Arc::clone(asker.who.caller),
        domain_key_check: if seals { core.worker.domain_key_check() } else { Bytes::new() },
        key_now: imports.then(|| core.key_now()),
    });
    Granted { permit, key, material, other_materials, alias, grant }
}

/// The record of a key in the state that it has now: nearly always the one that is stored.
fn shown(record: &Arc<KeyRecord>, state: KeyState) -> Arc<KeyRecord> {
    if record.state == state {
        Arc::clone(record)
    } else {
        Arc::new(KeyRecord { state, ..KeyRecord::clone(record) })
    }
}

/// The material asked for by its id, or the current one where a primitive needs one.
fn wanted_material(key: &CachedKey, asked: &Asked<'_>) -> Option<Arc<SealedMaterial>> {
    let wanted = match asked.material {
        Some(id) => id,
        None if asked.primitives.is_empty() => return None,
        None => key.record.current_material?,
    };
    key.materials.iter().find(|one| one.material_id == wanted).map(Arc::clone)
}
