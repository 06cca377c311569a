//! Authorize as messages: what they ask, as the values that are decided on, and what was decided,
//! as messages.

use bytes::Bytes;
use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource as Named;
use trent_bus::messages::{self, AuthorizeAnswer, AuthorizeRequest, Rejection, decision};
use trent_bus::{AuthorizeOrder, convert};
use trent_sigv4::SignedRequest;
use trent_types::{
    AliasName, Authorization, DenialKind, Denied, EncryptionContext, Evaluated, GrantTerms,
    Granted, GrantedKey, MaterialId, Primitives, Question, Resource, SignatureFault,
};

use super::resolve::not_asked;
use super::signature::{self, Refusal};
use super::{Authorize, QUESTIONS_MAX};
use crate::core::Unavailable;

/// Answers a message. A question that cannot be read is refused by itself: the others of its
/// request are decided.
pub(super) async fn answer(
    authorize: &Authorize,
    mut request: AuthorizeRequest,
) -> Result<AuthorizeAnswer, Rejection> {
    let id =
        convert::request_id(&request.request_id, "request_id").map_err(|_| Rejection::Malformed)?;
    if request.questions.len() > QUESTIONS_MAX {
        return Err(Rejection::Malformed);
    }
    let signed = match signed_request(request.signed.take()) {
        Ok(signed) => signed,
        Err(refusal) => return Ok(to_message(authorize.refuse(id, refusal))),
    };
    let mut parts: Vec<_> = request.questions.iter_mut().map(Parts::take).collect();
    let mut questions = Vec::with_capacity(parts.len());
    let mut unread = Vec::with_capacity(parts.len());
    for (message, parts) in request.questions.iter().zip(&mut parts) {
        let read = match parts {
            Ok(parts) => question(message, parts),
            Err(refusal) => Err(refusal.clone()),
        };
        match read {
            Ok(question) => {
                questions.push(question);
                unread.push(None);
            }
            Err(refusal) => unread.push(Some(refusal)),
        }
    }
    let order = AuthorizeOrder {
        request: id,
        signed,
        questions: &questions,
        form: &request.form_body,
        source_ip: &request.source_ip,
        secure_transport: request.secure_transport,
        user_agent: &request.user_agent,
    };
    let evaluated = match authorize.answer(order).await? {
        Evaluated::Authorized(authorization) => {
            Evaluated::Authorized(with_unread(authorize, authorization, unread))
        }
        other @ (Evaluated::SignatureRefused(_) | Evaluated::Unavailable(_)) => other,
    };
    Ok(to_message(evaluated))
}

/// Puts the refusals of questions that could not be read between the decisions on the others.
fn with_unread(
    authorize: &Authorize,
    authorization: Authorization,
    unread: Vec<Option<Denied>>,
) -> Authorization {
    let refused = unread.iter().flatten().count();
    if refused == 0 {
        return authorization;
    }
    authorize.meters.denied.increment(refused as u64);
    let mut decided = authorization.decisions.into_iter();
    let next = |refusal: Option<Denied>| match refusal {
        Some(refusal) => Some(Err(refusal)),
        None => decided.next(),
    };
    let decisions = unread.into_iter().filter_map(next).collect();
    Authorization { decisions, ..authorization }
}

/// The request as the SigV4 crate takes it.
fn signed_request(message: Option<messages::SignedRequest>) -> Result<SignedRequest, Refusal> {
    let Some(message) = message else {
        let reason = "the order carries no signed request".to_owned();
        return Err(Refusal::Unavailable(Unavailable(reason)));
    };
    Ok(SignedRequest {
        signature: message.signature.as_ref().try_into().map_err(|_| signature::mismatch())?,
        access_key_id: message.access_key_id,
        scope_date: message.scope_date,
        scope_region: message.scope_region,
        scope_service: message.scope_service,
        timestamp: message.timestamp,
        expires_seconds: message.expires_seconds,
        canonical_request: message.canonical_request.into(),
        session_token: Some(message.session_token).filter(|token| !token.is_empty()),
    })
}

/// What a question's values borrow that its message does not have as they do.
struct Parts {
    encryption_context: EncryptionContext,
    conditions: Vec<(String, Vec<String>)>,
    alias: Option<AliasName>,
    terms: Option<GrantTerms>,
}

impl Parts {
    /// Takes them out of a message.
    fn take(question: &mut messages::Question) -> Result<Self, Denied> {
        let pairs = std::mem::take(&mut question.encryption_context);
        // Sorted, as every gateway sends them, none can come twice: conditions would see one value
        // and the Permit be bound to another.
        if !pairs.is_sorted_by(|one, next| one.key < next.key) {
            return Err(not_asked("the encryption context is not sorted"));
        }
        let (mut alias, mut terms) = (None, None);
        match &mut question.resource {
            Some(Named::Alias(name)) => {
                let name = name.parse().map_err(|_| not_asked("the alias name is malformed"))?;
                alias = Some(name);
            }
            Some(Named::NewGrant(new)) => {
                let read = convert::required(new.terms.take(), "terms").and_then(TryInto::try_into);
                let read = read.map_err(|_| not_asked("the terms of the grant are malformed"))?;
                terms = Some(read);
            }
            Some(
                Named::KeyReference(_)
                | Named::Ciphertext(_)
                | Named::NewKey(_)
                | Named::Arn(_)
                | Named::RelatedKey(_)
                | Named::Grant(_)
                | Named::Entity(_)
                | Named::RoleArn(_),
            )
            | None => {}
        }
        let conditions = std::mem::take(&mut question.conditions).into_iter();
        Ok(Self {
            encryption_context: convert::encryption_context(pairs),
            conditions: conditions.map(|one| (one.key, one.values)).collect(),
            alias,
            terms,
        })
    }
}

/// The question that a message asks.
fn question<'a>(
    message: &'a messages::Question,
    parts: &'a mut Parts,
) -> Result<Question<'a>, Denied> {
    let conditions = std::mem::take(&mut parts.conditions);
    Ok(Question {
        action: &message.action,
        resource: resource(message, parts)?,
        primitives: Primitives::from_bits(message.primitives),
        material: material(&message.material_id)?,
        all_materials: message.all_materials,
        encryption_context: Some(&parts.encryption_context),
        conditions,
    })
}

fn material(id: &Bytes) -> Result<Option<MaterialId>, Denied> {
    if id.is_empty() {
        return Ok(None);
    }
    let id = convert::material_id(id, "material_id");
    id.map(Some).map_err(|_| not_asked("the material id is malformed"))
}

fn resource<'a>(message: &'a messages::Question, parts: &'a Parts) -> Result<Resource<'a>, Denied> {
    let nothing = || not_asked("the question is about nothing");
    Ok(match message.resource.as_ref().ok_or_else(nothing)? {
        Named::KeyReference(key) => Resource::Key(key),
        Named::Ciphertext(named) => {
            let id = convert::key_id(&named.key_id, named.multi_region, "key_id");
            let malformed = |_| not_asked("the ciphertext's key id is malformed");
            Resource::Ciphertext(id.map_err(malformed)?)
        }
        Named::NewKey(new) => Resource::NewKey { multi_region: new.multi_region },
        Named::Alias(_) => Resource::Alias(parts.alias.as_ref().ok_or_else(nothing)?),
        Named::Arn(arn) => Resource::Arn(arn),
        Named::RelatedKey(named) => {
            let region = named.region.parse();
            let region = region.map_err(|_| not_asked("the Region is malformed"))?;
            Resource::Related { key: &named.key_reference, region }
        }
        Named::Grant(named) => {
            let id = convert::grant_id(&named.grant_id, "grant_id");
            let grant_id = id.map_err(|_| not_asked("the grant id is malformed"))?;
            Resource::Grant { key: &named.key_reference, grant_id }
        }
        Named::NewGrant(new) => {
            let terms = parts.terms.as_ref().ok_or_else(nothing)?;
            Resource::NewGrant { key: &new.key_reference, terms }
        }
        Named::Entity(named) => {
            let kind = convert::entity_kind(named.kind, "kind");
            let kind = kind.map_err(|_| not_asked("this version does not know the kind"))?;
            let name = Some(named.name.as_str()).filter(|name| !name.is_empty());
            Resource::Entity { kind, name, new_path: named.new_path.as_deref() }
        }
        Named::RoleArn(arn) => Resource::Role(arn),
    })
}

fn to_message(evaluated: Evaluated) -> AuthorizeAnswer {
    let outcome = match evaluated {
        Evaluated::Authorized(authorization) => Outcome::Authorized(authorized(authorization)),
        Evaluated::SignatureRefused(refused) => {
            let fault = fault(refused.fault).into();
            let message = refused.message;
            Outcome::SignatureRefused(messages::SignatureRefused { fault, message })
        }
        Evaluated::Unavailable(why) => Outcome::Unavailable(why),
    };
    AuthorizeAnswer { outcome: Some(outcome) }
}

const fn fault(fault: SignatureFault) -> messages::SignatureFault {
    match fault {
        SignatureFault::UnknownAccessKey => messages::SignatureFault::UnknownAccessKey,
        // The first two are found where the request is parsed.
        SignatureFault::Missing | SignatureFault::Incomplete | SignatureFault::Mismatch => {
            messages::SignatureFault::Mismatch
        }
        SignatureFault::Expired => messages::SignatureFault::Expired,
        SignatureFault::NotYetCurrent => messages::SignatureFault::NotYetCurrent,
        SignatureFault::Scope => messages::SignatureFault::Scope,
        SignatureFault::SessionToken => messages::SignatureFault::SessionToken,
        SignatureFault::SessionExpired => messages::SignatureFault::SessionExpired,
    }
}

fn authorized(authorization: Authorization) -> messages::Authorized {
    messages::Authorized {
        caller: Some((&*authorization.caller).into()),
        decisions: authorization.decisions.into_iter().map(decision).collect(),
        key_now_ms: authorization.key_now.as_millis(),
        quota_overrides: authorization.quota_overrides.iter().map(Into::into).collect(),
    }
}

fn decision(decided: Result<Granted, Denied>) -> messages::Decision {
    let outcome = match decided {
        Ok(granted) => decision::Outcome::Granted(messages::Granted {
            permit: convert::bytes(granted.permit.as_wire()),
            key: granted.key.map(|key| match key {
                GrantedKey::Existing(record) => (&*record).into(),
                GrantedKey::New(arn) => arn.into(),
            }),
            material: granted.material.map(|material| (&*material).into()),
            alias: granted.alias.map(Into::into),
            grant: granted.grant.map(Into::into),
            other_materials: granted.other_materials.into_iter().map(Into::into).collect(),
        }),
        Err(denied) => decision::Outcome::Denied(messages::Denied {
            kind: denial_kind(denied.kind).into(),
            message: denied.message,
            key_arn: denied.key.map(|arn| arn.to_string()).unwrap_or_default(),
            reason: denied.reason,
        }),
    };
    messages::Decision { outcome: Some(outcome) }
}

const fn denial_kind(kind: DenialKind) -> messages::DenialKind {
    match kind {
        DenialKind::AccessDenied => messages::DenialKind::AccessDenied,
        DenialKind::NotFound => messages::DenialKind::NotFound,
        DenialKind::InvalidArn => messages::DenialKind::InvalidArn,
        DenialKind::NotAskedByCaller => messages::DenialKind::NotAskedByCaller,
    }
}
