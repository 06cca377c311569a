//! Answers one question: does it fit what was signed, what is it about, may they, and if so the
//! Permit.

use bytes::Bytes;
use trent_bus::messages::decision::Outcome;
use trent_bus::messages::{self, Decision, Denied, Granted};
use trent_bus::{ClaimedResource, Claims};
use trent_policy::{NamedBy, ResourceUnderDecision};
use trent_types::{AccountId, Grant, MaterialId, Primitive};

use super::Asker;
use super::asked::Asked;
use super::on_key::{KeyInQuestion, Verdict, inputs, on_key, refusal};
use super::resolve::{Resolved, not_asked, resolve};
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
    let (asked, resource) = match Asked::read(question) {
        Ok(read) => read,
        Err(refusal) => return Ok(denied(refusal)),
    };
    let resolved = match resolve(core, asker, &asked.action, resource).await? {
        Ok(resolved) => resolved,
        Err(refusal) => return Ok(denied(refusal)),
    };
    Ok(match decide(core, asker, &asked, &resolved).await? {
        Ok(about) => {
            let granted = grant(core, asker, asked, resolved, about);
            Decision { outcome: Some(Outcome::Granted(granted)) }
        }
        Err(refusal) => denied(refusal),
    })
}

/// Whether they may.
async fn decide(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked,
    resolved: &Resolved,
) -> Result<Verdict, Unavailable> {
    let refusal = match resolved {
        Resolved::Key { key, alias, named_by } => {
            let key = KeyInQuestion { key, alias: alias.as_deref(), named_by: *named_by };
            return on_key(core, asker, asked, &key).await;
        }
        Resolved::NewKey(_) => on_name(asker, asked, asker.account(), "*"),
        Resolved::Alias { arn, .. } => on_name(asker, asked, arn.account, &arn.to_string()),
        Resolved::Other(arn) => match owner(asker, arn) {
            Some(owner) => on_name(asker, asked, owner, arn),
            None => Some(not_asked("the resource is not an ARN")),
        },
    };
    Ok(refusal.map_or(Ok(None), Err))
}

/// Decides about what has no policy of its own.
fn on_name(asker: &Asker<'_>, asked: &Asked, owner: AccountId, arn: &str) -> Option<Denied> {
    let conditions = asked.conditions(asker, &asked.context_pairs);
    let resource = ResourceUnderDecision::IdentityOnly { owner, arn };
    let inputs = inputs(asker, asked, resource, &conditions);
    refusal(&trent_policy::decide(&inputs), &inputs, NamedBy::Request)
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
fn grant(
    core: &Core,
    asker: &Asker<'_>,
    asked: Asked,
    resolved: Resolved,
    about: Option<Grant>,
) -> Granted {
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
        context_digest: asked.about.digest(&asked.encryption_context),
        expires_at: asker.until,
        caller: asker.access_key.caller.clone(),
        domain_key_check: if seals { core.worker.domain_key_check() } else { Bytes::new() },
        key_now: imports.then(|| core.key_now()),
    });
    let grant = about.map(Into::into);
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

const fn denied(refusal: Denied) -> Decision {
    Decision { outcome: Some(Outcome::Denied(refusal)) }
}
