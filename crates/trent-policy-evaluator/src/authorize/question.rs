//! Answers one question: does it fit what was signed, what is it about, may they, and if so the
//! Permit.

use bytes::Bytes;
use trent_bus::messages::decision::Outcome;
use trent_bus::messages::{
    self, ConditionValue, ContextPair, Decision, DenialKind, Denied, Granted,
};
use trent_bus::{ClaimedResource, Claims, convert};
use trent_policy::{Inputs, NamedBy, ResourceUnderDecision};
use trent_types::{AccountId, EncryptionContext, MaterialId, Primitive, Primitives};

use super::Asker;
use super::conditions::{CallerConditions, Conditions};
use super::resolve::{Resolved, not_asked, resolve, unknown};
use crate::cache::CachedKey;
use crate::core::{Core, Unavailable};

/// What seals something under the domain key.
const SEALING: [Primitive; 5] = [
    Primitive::GenerateMaterial,
    Primitive::SealSecret,
    Primitive::MakeImportParameters,
    Primitive::ImportMaterial,
    Primitive::CopyMaterial,
];

/// What a question asks beyond its action and resource.
struct Asked {
    action: String,
    primitives: Primitives,
    material: Option<MaterialId>,
    all_materials: bool,
    encryption_context: Vec<ContextPair>,
    conditions: Vec<ConditionValue>,
}

/// Answers one question.
pub(crate) async fn answer(
    core: &Core,
    asker: &Asker<'_>,
    question: messages::Question,
) -> Result<Decision, Unavailable> {
    if !asker.signed.covers(&question) {
        let (request_id, action) = (asker.request_id, &question.action);
        tracing::warn!(%request_id, action, "a question does not fit the signed request");
        return Ok(denied(not_asked("the question does not fit the signed request")));
    }
    let messages::Question {
        action,
        primitives,
        material_id,
        all_materials,
        encryption_context,
        conditions,
        ..
    } = question;
    let material = match material_id.as_ref() {
        [] => None,
        id => match convert::material_id(id, "material_id") {
            Ok(id) => Some(id),
            Err(_) => return Ok(denied(not_asked("the material id is malformed"))),
        },
    };
    let Some(resource) = question.resource else {
        return Ok(denied(not_asked("the question is about nothing")));
    };
    let primitives = Primitives::from_bits(primitives);
    let asked =
        Asked { action, primitives, material, all_materials, encryption_context, conditions };
    Ok(match resolve(core, asker, &asked.action, resource).await? {
        Err(refusal) => denied(refusal),
        Ok(resolved) => match decide(core, asker, &asked, &resolved) {
            Some(refusal) => denied(refusal),
            None => {
                Decision { outcome: Some(Outcome::Granted(grant(core, asker, asked, resolved))) }
            }
        },
    })
}

/// Why they may not; `None` when they may.
fn decide(core: &Core, asker: &Asker<'_>, asked: &Asked, resolved: &Resolved) -> Option<Denied> {
    match resolved {
        Resolved::Key { key, .. } if core.cache.allowed(asker.access_key, key, &asked.action) => {
            None
        }
        Resolved::Key { key, alias, named_by } => {
            let Ok(policy) = &key.policy else {
                return Some(unknown(asker, &asked.action, *named_by));
            };
            let arn = key.stored.record.arn();
            let conditions = asked.conditions(asker).about(&key.stored, alias.as_deref());
            let resource = ResourceUnderDecision::Key { arn, policy };
            let refusal = judge(asker, asked, resource, &conditions, *named_by);
            match refusal {
                None if conditions.were_too_long() => {
                    let reason = "a condition value is too long for the key's policy".to_owned();
                    let refusal = unknown(asker, &asked.action, *named_by);
                    Some(Denied { key_arn: arn.to_string(), reason, ..refusal })
                }
                // Only what no condition had a part in holds for other requests too.
                None if !conditions.were_read() => {
                    core.cache.remember_allowed(asker.access_key, key, &asked.action);
                    None
                }
                None => None,
                Some(refusal) => Some(Denied { key_arn: arn.to_string(), ..refusal }),
            }
        }
        Resolved::NewKey(_) => on_name(asker, asked, asker.account(), "*"),
        Resolved::Alias { arn, .. } => on_name(asker, asked, arn.account, &arn.to_string()),
        Resolved::Other(arn) => match owner(asker, arn) {
            Some(owner) => on_name(asker, asked, owner, arn),
            None => Some(not_asked("the resource is not an ARN")),
        },
    }
}

/// Decides about what has no policy of its own.
fn on_name(asker: &Asker<'_>, asked: &Asked, owner: AccountId, arn: &str) -> Option<Denied> {
    let resource = ResourceUnderDecision::IdentityOnly { owner, arn };
    judge(asker, asked, resource, &asked.conditions(asker), NamedBy::Request)
}

fn judge(
    asker: &Asker<'_>,
    asked: &Asked,
    resource: ResourceUnderDecision<'_>,
    conditions: &Conditions<'_>,
    named_by: NamedBy,
) -> Option<Denied> {
    let inputs = Inputs {
        caller: &asker.access_key.caller,
        partition: asker.region.partition(),
        action: &asked.action,
        resource,
        identity_policies: &[],
        context: conditions,
    };
    let decision = trent_policy::decide(&inputs);
    decision.message(&inputs, named_by).map(|message| Denied {
        kind: DenialKind::AccessDenied.into(),
        message,
        key_arn: String::new(),
        reason: decision.to_string(),
    })
}

/// The account in an ARN, or the caller's for `*` and for an ARN without one.
fn owner(asker: &Asker<'_>, arn: &str) -> Option<AccountId> {
    if arn == "*" {
        return Some(asker.account());
    }
    let mut parts = arn.splitn(6, ':');
    let (scheme, account) = (parts.next()?, parts.nth(3)?);
    parts.next().filter(|_| scheme == "arn")?;
    if account.is_empty() { Some(asker.account()) } else { account.parse().ok() }
}

/// The answer to an allowed question, with its Permit.
fn grant(core: &Core, asker: &Asker<'_>, asked: Asked, resolved: Resolved) -> Granted {
    let mut primitives = asked.primitives;
    let (mut account, mut region, mut record_version) = (asker.account(), asker.region, 0);
    let (mut key, mut material_id, mut material, mut alias) = (None, None, None, None);
    let (mut other_materials, mut other_ids) = (Vec::new(), Vec::new());
    let resource = match resolved {
        Resolved::Key { key: found, alias: named, .. } => {
            let record = &found.stored.record;
            (account, region, record_version) = (record.account, record.region, record.version);
            let state = found.stored.state_at(asker.now);
            if !state.is_usable() {
                // The operation refuses too; a worker shall not depend on it.
                primitives = primitives.only_without_material();
            }
            (material_id, material) = wanted_material(&found, &asked).unzip();
            let mut shown = found.message.clone();
            if state != record.state {
                state.as_str().clone_into(&mut shown.state);
            }
            key = Some(shown);
            if asked.all_materials {
                let others = found.materials.iter().zip(&found.stored.materials);
                let others = others.filter(|(_, one)| Some(one.material_id) != material_id);
                (other_materials, other_ids) =
                    others.map(|(message, one)| (message.clone(), one.material_id)).unzip();
            }
            alias = named.map(|alias| alias.as_ref().into());
            ClaimedResource::Key(record.arn())
        }
        Resolved::NewKey(arn) => {
            key = Some(arn.into());
            ClaimedResource::Key(arn)
        }
        Resolved::Alias { arn, record } => {
            alias = record.map(|alias| alias.as_ref().into());
            ClaimedResource::Other(arn.to_string())
        }
        Resolved::Other(arn) => ClaimedResource::Other(arn),
    };
    let context: EncryptionContext = convert::encryption_context(asked.encryption_context);
    let seals = SEALING.iter().any(|primitive| primitives.contains(*primitive));
    let imports = primitives.contains(Primitive::ImportMaterial);
    let permit = core.mint(&Claims {
        request_id: asker.request_id,
        action: asked.action,
        account,
        region,
        resource,
        record_version,
        primitives,
        material_ids: material_id.into_iter().chain(other_ids).collect(),
        context_digest: context.digest(),
        expires_at: asker.until,
        caller: asker.access_key.caller.clone(),
        domain_key_check: if seals { core.worker.domain_key_check() } else { Bytes::new() },
        key_now: imports.then(|| core.key_now()),
    });
    let grant = None;
    Granted { permit, key, material, alias, grant, other_materials }
}

/// The material asked for by its id, or the current one where a primitive needs one.
fn wanted_material(
    key: &CachedKey,
    asked: &Asked,
) -> Option<(MaterialId, messages::SealedMaterial)> {
    let wanted = match asked.material {
        Some(id) => id,
        None if asked.primitives.is_empty() => return None,
        None => key.stored.record.current_material?,
    };
    let mut materials = key.stored.materials.iter().zip(&key.materials);
    let found = materials.find(|(stored, _)| stored.material_id == wanted);
    found.map(|(stored, message)| (stored.material_id, message.clone()))
}

impl Asked {
    fn conditions<'a>(&'a self, asker: &'a Asker<'_>) -> Conditions<'a> {
        let caller = CallerConditions {
            caller: &asker.access_key.caller,
            region: asker.region,
            now: asker.now,
        };
        Conditions::new(caller, &self.encryption_context, &self.conditions)
    }
}

const fn denied(refusal: Denied) -> Decision {
    Decision { outcome: Some(Outcome::Denied(refusal)) }
}
