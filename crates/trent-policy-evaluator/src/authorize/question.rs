//! Answers one question: does it fit what was signed, what is it about, may they, and if so the
//! Permit.

use bytes::Bytes;
use trent_bus::messages::decision::Outcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{
    self, ConditionValue, ContextPair, Decision, DenialKind, Denied, Granted,
};
use trent_bus::{ClaimedResource, Claims, convert};
use trent_policy::Outcome::{
    Allowed, ExplicitlyDenied as Explicitly, ImplicitlyDenied as Implicitly,
};
use trent_policy::{GrantRequest, Inputs, NamedBy, ResourceUnderDecision};
use trent_types::{
    AccountId, AliasRecord, EncryptionContext, Grant, KeyArn, MaterialId, Primitive, Primitives,
};

use super::Asker;
use super::conditions::{CallerConditions, Conditions};
use super::grant_conditions::GrantInQuestion;
use super::grants::{self, About};
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
    /// What conditions on the encryption context see.
    context_pairs: Vec<ContextPair>,
    encryption_context: EncryptionContext,
    conditions: Vec<ConditionValue>,
    about: About,
}

/// Why they may not; when they may, the grant that the question is about.
type Verdict = Result<Option<Grant>, Denied>;

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

impl Asked {
    /// Takes a question apart.
    fn read(question: messages::Question) -> Result<(Self, Resource), Denied> {
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
                Err(_) => return Err(not_asked("the material id is malformed")),
            },
        };
        let Some(resource) = question.resource else {
            return Err(not_asked("the question is about nothing"));
        };
        // Sorted, as every gateway sends them, none can come twice: conditions would see one value
        // and the Permit be bound to another.
        if !encryption_context.is_sorted_by(|one, next| one.key < next.key) {
            return Err(not_asked("the encryption context is not sorted"));
        }
        let (resource, about) = About::read(resource)?;
        let context_pairs = match about.new_grant() {
            Some(_) if !encryption_context.is_empty() => {
                return Err(not_asked("a grant is not made under an encryption context"));
            }
            Some(terms) => grants::constraint_pairs(terms),
            None => encryption_context.clone(),
        };
        let encryption_context = convert::encryption_context(encryption_context);
        let primitives = Primitives::from_bits(primitives);
        let asked = Self {
            action,
            primitives,
            material,
            all_materials,
            context_pairs,
            encryption_context,
            conditions,
            about,
        };
        Ok((asked, resource))
    }
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

/// Decides about a key, and a grant of it.
async fn on_key(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked,
    key: &KeyInQuestion<'_>,
) -> Result<Verdict, Unavailable> {
    let arn = key.arn();
    match &asked.about {
        About::Grant(id) if asked.action == "kms:RetireGrant" => {
            let Some(grant) = core.store.grant(&arn, *id).await? else {
                return Ok(Err(grants::missing_to(asker, &asked.action, &arn, *id)));
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
            Ok(grant.map(Some).ok_or_else(|| grants::missing(&arn, *id)))
        }
        About::NewGrant(terms) => {
            if let Some(refusal) = by_policies_and_grants(core, asker, asked, key).await? {
                return Ok(Err(refusal));
            }
            let unfit = grants::unfit_principal(core, asker, &arn, terms).await?;
            Ok(unfit.map_or(Ok(None), Err))
        }
        About::KeyAlone => {
            let refusal = by_policies_and_grants(core, asker, asked, key).await?;
            Ok(refusal.map_or(Ok(None), Err))
        }
    }
}

/// A key that is decided about, with how it was named.
struct KeyInQuestion<'a> {
    key: &'a CachedKey,
    alias: Option<&'a AliasRecord>,
    named_by: NamedBy,
}

impl KeyInQuestion<'_> {
    const fn arn(&self) -> KeyArn {
        self.key.stored.record.arn()
    }

    fn refusal(&self, refusal: Denied) -> Denied {
        Denied { key_arn: self.arn().to_string(), ..refusal }
    }
}

/// What was decided with the grants that were at hand.
enum Judgement {
    Allowed,
    /// Nothing allows it so far; a grant could.
    NotAllowed(Denied),
    /// No grant changes that.
    Refused(Denied),
}

/// Why policies and grants do not allow it. Grants are searched for only when it comes to that:
/// where policies allow nobody needs them, and nobody has any against a deny.
async fn by_policies_and_grants(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked,
    key: &KeyInQuestion<'_>,
) -> Result<Option<Denied>, Unavailable> {
    if core.cache.allowed(asker.access_key, key.key, &asked.action) {
        return Ok(None);
    }
    let could_be_granted = grants::could_allow(&asked.action);
    let known = could_be_granted.then(|| core.cache.grants(asker.access_key, &key.arn())).flatten();
    let at_hand = known.as_deref().unwrap_or_default();
    let refusal = match judge_key(core, asker, asked, key, at_hand) {
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
    Ok(match judge_key(core, asker, asked, key, &found) {
        Judgement::Allowed => None,
        Judgement::NotAllowed(refusal) | Judgement::Refused(refusal) => Some(refusal),
    })
}

/// Decides about a key by its policy and these grants.
fn judge_key(
    core: &Core,
    asker: &Asker<'_>,
    asked: &Asked,
    key: &KeyInQuestion<'_>,
    grants: &[Grant],
) -> Judgement {
    let Ok(policy) = &key.key.policy else {
        return Judgement::Refused(unknown(asker, &asked.action, key.named_by));
    };
    let new_grant = asked.about.new_grant();
    let conditions = asked
        .conditions(asker, &asked.context_pairs)
        .about(&key.key.stored, key.alias)
        .about_grant(new_grant.map(GrantInQuestion::New));
    let resource = ResourceUnderDecision::Key { arn: key.arn(), policy };
    let inputs = inputs(asker, asked, resource, &conditions);
    let request = GrantRequest {
        encryption_context: &asked.encryption_context,
        // No service calls for others yet.
        source_arn: None,
        new_grant,
    };
    let decision = trent_policy::decide_with_grants(&inputs, grants, &request);
    if let Some(refusal) = refusal(&decision, &inputs, key.named_by) {
        let refusal = key.refusal(refusal);
        return match decision.outcome {
            // A condition that was not looked at could have been a deny's.
            Implicitly if conditions.were_too_long() => Judgement::Refused(refusal),
            Implicitly => Judgement::NotAllowed(refusal),
            Explicitly | Allowed => Judgement::Refused(refusal),
        };
    }
    if conditions.were_too_long() {
        let reason = "a condition value is too long for the key's policy".to_owned();
        let refusal = unknown(asker, &asked.action, key.named_by);
        return Judgement::Refused(key.refusal(Denied { reason, ..refusal }));
    }
    // Only what no condition and no grant had a part in holds for other requests too.
    if !conditions.were_read() && decision.grant.is_none() {
        core.cache.remember_allowed(asker.access_key, key.key, &asked.action);
    }
    Judgement::Allowed
}

/// Why they may not retire a grant.
fn retirement(
    asker: &Asker<'_>,
    asked: &Asked,
    key: &KeyInQuestion<'_>,
    grant: &Grant,
) -> Option<Denied> {
    let Ok(policy) = &key.key.policy else {
        return Some(unknown(asker, &asked.action, key.named_by));
    };
    let pairs = grants::constraint_pairs(&grant.terms);
    let conditions = asked
        .conditions(asker, &pairs)
        .about(&key.key.stored, key.alias)
        .about_grant(Some(GrantInQuestion::Retiring(&grant.terms)));
    let resource = ResourceUnderDecision::Key { arn: key.arn(), policy };
    let inputs = inputs(asker, asked, resource, &conditions);
    let decision = trent_policy::decide_retirement(&inputs, grant);
    let refusal = refusal(&decision, &inputs, key.named_by);
    let refusal = match refusal {
        None if conditions.were_too_long() => Some(unknown(asker, &asked.action, key.named_by)),
        refusal => refusal,
    };
    refusal.map(|refusal| key.refusal(refusal))
}

/// Decides about what has no policy of its own.
fn on_name(asker: &Asker<'_>, asked: &Asked, owner: AccountId, arn: &str) -> Option<Denied> {
    let conditions = asked.conditions(asker, &asked.context_pairs);
    let resource = ResourceUnderDecision::IdentityOnly { owner, arn };
    let inputs = inputs(asker, asked, resource, &conditions);
    refusal(&trent_policy::decide(&inputs), &inputs, NamedBy::Request)
}

fn inputs<'a>(
    asker: &'a Asker<'_>,
    asked: &'a Asked,
    resource: ResourceUnderDecision<'a>,
    conditions: &'a Conditions<'_>,
) -> Inputs<'a> {
    Inputs {
        caller: &asker.access_key.caller,
        partition: asker.region.partition(),
        action: &asked.action,
        resource,
        identity_policies: &[],
        context: conditions,
    }
}

fn refusal(
    decision: &trent_policy::Decision<'_>,
    inputs: &Inputs<'_>,
    named_by: NamedBy,
) -> Option<Denied> {
    decision.message(inputs, named_by).map(|message| Denied {
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

impl Asked {
    fn conditions<'a>(
        &'a self,
        asker: &'a Asker<'_>,
        context_pairs: &'a [ContextPair],
    ) -> Conditions<'a> {
        let caller = CallerConditions {
            caller: &asker.access_key.caller,
            region: asker.region,
            now: asker.now,
        };
        Conditions::new(caller, context_pairs, &self.conditions)
    }
}

const fn denied(refusal: Denied) -> Decision {
    Decision { outcome: Some(Outcome::Denied(refusal)) }
}
