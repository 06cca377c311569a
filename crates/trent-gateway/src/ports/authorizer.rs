//! The policy evaluator, bound to one request's signature.

use std::sync::Arc;

use bytes::Bytes;
use trent_bus::messages::{
    self, AuthorizeAnswer, AuthorizeRequest, authorize_answer, decision, question,
};
use trent_bus::{AuthorizeOrder, InvalidField, Subject, convert, in_time};
use trent_operations::ports::{
    Authorization, AuthorizeError, Authorizer, DenialKind, Denied, Granted, GrantedKey, PortFuture,
    Question, Resource, SignatureFault, Unavailable,
};
use trent_sigv4::SignedRequest;
use trent_types::{Evaluated, KeyArn, MaterialId, RequestId, SignatureRefused, Timestamp};

use super::{Line, QUICK, senseless};

/// Asks the evaluators about one signed request, as often as its operation has to.
pub struct BusAuthorizer<'a> {
    line: Line<'a>,
    request: RequestId,
    sign: &'a dyn Fn() -> Option<SignedRequest>,
    circumstances: Circumstances<'a>,
}

/// What policies can ask about a request besides what is signed.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// `aws:SourceIp`: the client's address, as audit records have it.
    pub source_ip: &'a str,
    /// `aws:SecureTransport`: it came over TLS.
    pub secure_transport: bool,
    /// `aws:UserAgent`, or empty.
    pub user_agent: &'a str,
    /// The body of a query-protocol request, else empty.
    pub form: &'a [u8],
}

impl<'a> BusAuthorizer<'a> {
    /// For the request that was signed as `sign` says each time, and came like this. Nearly every
    /// request is asked about once, so that what it says need not be kept.
    #[must_use]
    pub fn new(
        line: Line<'a>,
        request: RequestId,
        sign: &'a dyn Fn() -> Option<SignedRequest>,
        circumstances: Circumstances<'a>,
    ) -> Self {
        Self { line, request, sign, circumstances }
    }

    fn order(&self, questions: &[Question<'_>]) -> AuthorizeRequest {
        let Circumstances { source_ip, secure_transport, user_agent, form } = self.circumstances;
        AuthorizeRequest {
            request_id: convert::bytes(self.request.as_bytes()),
            signed: (self.sign)().map(wire_signed),
            questions: questions.iter().map(wire_question).collect(),
            form_body: convert::bytes(form),
            source_ip: source_ip.to_owned(),
            secure_transport,
            user_agent: user_agent.to_owned(),
        }
    }

    /// Asks an evaluator of this process without a message, once. `None` where there is none, or
    /// where it has decided nothing: then a message does, which is sent until it is answered. What
    /// is traced goes as a message, too.
    async fn by_value(&self, questions: &[Question<'_>]) -> Option<Evaluated> {
        if self.line.traceparent.is_some() {
            return None;
        }
        let evaluator = self.line.bus.local_evaluator()?;
        let Circumstances { source_ip, secure_transport, user_agent, form } = self.circumstances;
        let order = AuthorizeOrder {
            request: self.request,
            signed: (self.sign)()?,
            questions,
            form,
            source_ip,
            secure_transport,
            user_agent,
        };
        match in_time(QUICK, evaluator.authorize(order)).await? {
            Ok(Evaluated::Unavailable(_)) | Err(_) => None,
            Ok(evaluated) => Some(evaluated),
        }
    }

    /// Asks the evaluators on the bus.
    async fn by_message(&self, questions: &[Question<'_>]) -> Result<Evaluated, Unavailable> {
        let order = || self.order(questions);
        let answer: AuthorizeAnswer = self.line.ask(Subject::Authorize, QUICK, order).await?;
        match answer.outcome {
            Some(authorize_answer::Outcome::Authorized(authorized)) => {
                let authorization = read_authorized(authorized, questions);
                Ok(Evaluated::Authorized(authorization.map_err(|error| senseless(&error))?))
            }
            Some(authorize_answer::Outcome::SignatureRefused(refused)) => {
                let fault = read_fault(refused.fault());
                let message = refused.message;
                Ok(Evaluated::SignatureRefused(SignatureRefused { fault, message }))
            }
            Some(authorize_answer::Outcome::Unavailable(why)) => Ok(Evaluated::Unavailable(why)),
            None => Err(senseless(&"no outcome")),
        }
    }

    /// Why questions were refused is for operators, not for the caller.
    fn note_denials(&self, authorization: &Authorization) {
        for denied in authorization.decisions.iter().filter_map(|decision| decision.as_ref().err())
        {
            let (request_id, kind) = (self.request, denied.kind);
            tracing::debug!(%request_id, ?kind, denied.reason, "a question was refused");
        }
    }
}

impl Authorizer for BusAuthorizer<'_> {
    fn authorize<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> PortFuture<'a, Result<Authorization, AuthorizeError>> {
        Box::pin(async move {
            let evaluated = match self.by_value(questions).await {
                Some(evaluated) => evaluated,
                // On the heap, so that the futures of requests stay small.
                None => Box::pin(self.by_message(questions)).await?,
            };
            match evaluated {
                Evaluated::Authorized(authorization) => {
                    if authorization.decisions.len() != questions.len() {
                        return Err(senseless(&InvalidField("decisions")).into());
                    }
                    self.note_denials(&authorization);
                    Ok(authorization)
                }
                Evaluated::SignatureRefused(SignatureRefused { fault, message }) => {
                    Err(AuthorizeError::Signature { fault, message })
                }
                Evaluated::Unavailable(why) => Err(Unavailable::Away(why).into()),
            }
        })
    }
}

/// The authorizer of requests that are refused before they are asked about.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned;

impl Authorizer for Unsigned {
    fn authorize<'a>(
        &'a self,
        _: &'a [Question<'a>],
    ) -> PortFuture<'a, Result<Authorization, AuthorizeError>> {
        let why =
            Unavailable::Away("a request without a signature cannot be asked about".to_owned());
        Box::pin(std::future::ready(Err(why.into())))
    }
}

fn wire_signed(signed: SignedRequest) -> messages::SignedRequest {
    messages::SignedRequest {
        access_key_id: signed.access_key_id,
        scope_date: signed.scope_date,
        scope_region: signed.scope_region,
        scope_service: signed.scope_service,
        timestamp: signed.timestamp,
        expires_seconds: signed.expires_seconds,
        canonical_request: signed.canonical_request.into(),
        signature: convert::bytes(&signed.signature),
        session_token: signed.session_token.unwrap_or_default(),
    }
}

fn wire_question(question: &Question<'_>) -> messages::Question {
    let resource = match &question.resource {
        Resource::Key(reference) => question::Resource::KeyReference((*reference).to_owned()),
        Resource::Ciphertext(key) => question::Resource::Ciphertext(messages::CiphertextKey {
            key_id: convert::bytes(key.as_bytes()),
            multi_region: key.is_multi_region(),
        }),
        Resource::NewKey { multi_region } => {
            question::Resource::NewKey(messages::NewKey { multi_region: *multi_region })
        }
        Resource::Alias(name) => question::Resource::Alias(name.as_str().to_owned()),
        Resource::Related { key, region } => question::Resource::RelatedKey(messages::RelatedKey {
            key_reference: (*key).to_owned(),
            region: region.as_str().to_owned(),
        }),
        Resource::Grant { key, grant_id } => question::Resource::Grant(messages::GrantReference {
            key_reference: (*key).to_owned(),
            grant_id: convert::bytes(grant_id.as_bytes()),
        }),
        Resource::NewGrant { key, terms } => question::Resource::NewGrant(messages::NewGrant {
            key_reference: (*key).to_owned(),
            terms: Some((*terms).into()),
        }),
        Resource::Entity { kind, name, new_path } => {
            question::Resource::Entity(messages::NamedEntity {
                kind: messages::EntityKind::from(*kind).into(),
                name: name.unwrap_or_default().to_owned(),
                new_path: new_path.map(str::to_owned),
            })
        }
        Resource::Role(arn) => question::Resource::RoleArn((*arn).to_owned()),
        Resource::Arn(arn) => question::Resource::Arn((*arn).to_owned()),
    };
    let condition = |(key, values): &(String, Vec<String>)| messages::ConditionValue {
        key: key.clone(),
        values: values.clone(),
    };
    messages::Question {
        action: question.action.to_owned(),
        primitives: question.primitives.bits(),
        material_id: question.material.map_or_else(Bytes::new, material_bytes),
        encryption_context: question
            .encryption_context
            .map(convert::context_pairs)
            .unwrap_or_default(),
        conditions: question.conditions.iter().map(condition).collect(),
        all_materials: question.all_materials,
        resource: Some(resource),
    }
}

fn material_bytes(material: MaterialId) -> Bytes {
    convert::bytes(material.as_bytes())
}

fn read_authorized(
    authorized: messages::Authorized,
    questions: &[Question<'_>],
) -> Result<Authorization, InvalidField> {
    if authorized.decisions.len() != questions.len() {
        return Err(InvalidField("decisions"));
    }
    let decisions = authorized.decisions.into_iter().zip(questions);
    Ok(Authorization {
        caller: Arc::new(convert::required(authorized.caller, "caller")?.try_into()?),
        decisions: decisions
            .map(|(decision, question)| read_decision(decision, &question.resource))
            .collect::<Result<_, _>>()?,
        key_now: Timestamp::from_millis(authorized.key_now_ms),
        // One that only a newer evaluator knows is of no use here.
        quota_overrides: authorized
            .quota_overrides
            .into_iter()
            .filter_map(|set| set.try_into().ok())
            .collect(),
    })
}

fn read_decision(
    decision: messages::Decision,
    resource: &Resource<'_>,
) -> Result<Result<Granted, Denied>, InvalidField> {
    match convert::required(decision.outcome, "decision")? {
        decision::Outcome::Granted(granted) => read_granted(granted, resource).map(Ok),
        decision::Outcome::Denied(denied) => {
            let kind = match denied.kind() {
                messages::DenialKind::NotFound => DenialKind::NotFound,
                messages::DenialKind::InvalidArn => DenialKind::InvalidArn,
                messages::DenialKind::NotAskedByCaller => DenialKind::NotAskedByCaller,
                messages::DenialKind::AccessDenied | messages::DenialKind::Unspecified => {
                    DenialKind::AccessDenied
                }
            };
            let key: Option<KeyArn> = match denied.key_arn.as_str() {
                "" => None,
                arn => Some(convert::parse(arn, "key_arn")?),
            };
            Ok(Err(Denied { kind, message: denied.message, key, reason: denied.reason }))
        }
    }
}

fn read_granted(
    granted: messages::Granted,
    resource: &Resource<'_>,
) -> Result<Granted, InvalidField> {
    let key = match (granted.key, resource) {
        (None, _) => None,
        (Some(record), Resource::NewKey { .. }) => Some(GrantedKey::New((&record).try_into()?)),
        (
            Some(record),
            Resource::Key(_)
            | Resource::Ciphertext(_)
            | Resource::Alias(_)
            | Resource::Related { .. }
            | Resource::Grant { .. }
            | Resource::NewGrant { .. }
            | Resource::Entity { .. }
            | Resource::Role(_)
            | Resource::Arn(_),
        ) => Some(GrantedKey::Existing(Arc::new(record.try_into()?))),
    };
    Ok(Granted {
        permit: convert::permit(&granted.permit, "permit")?,
        key,
        material: granted.material.map(|m| m.try_into().map(Arc::new)).transpose()?,
        other_materials: granted
            .other_materials
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()?,
        alias: granted.alias.map(TryInto::try_into).transpose()?,
        grant: granted.grant.map(TryInto::try_into).transpose()?,
    })
}

const fn read_fault(fault: messages::SignatureFault) -> SignatureFault {
    match fault {
        messages::SignatureFault::UnknownAccessKey => SignatureFault::UnknownAccessKey,
        messages::SignatureFault::Mismatch | messages::SignatureFault::Unspecified => {
            SignatureFault::Mismatch
        }
        messages::SignatureFault::Expired => SignatureFault::Expired,
        messages::SignatureFault::NotYetCurrent => SignatureFault::NotYetCurrent,
        messages::SignatureFault::Scope => SignatureFault::Scope,
        messages::SignatureFault::SessionToken => SignatureFault::SessionToken,
        messages::SignatureFault::SessionExpired => SignatureFault::SessionExpired,
    }
}
