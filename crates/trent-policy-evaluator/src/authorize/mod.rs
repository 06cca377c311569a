//! Answers Authorize: is this signature good, who is it, and may they?
//!
//! The lease is looked at before anything is read and again when everything is decided: an answer
//! whose decisions could rest on a state that a change has ended meanwhile is not given.

mod asked;
mod behalf;
mod caller_conditions;
mod conditions;
mod entities;
mod grant_conditions;
mod grants;
mod on_key;
mod question;
mod resolve;
mod signature;
mod signed;
mod who;

use std::sync::Arc;

use prost::Message;
use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::{self, AuthorizeAnswer, AuthorizeRequest, Authorized, Rejection};
use trent_bus::{LocalFuture, Order, Service, ServiceFuture, Unencoded, convert};
use trent_types::{AccountId, Region, RequestId, Timestamp, TraceParent};

use crate::core::{Unavailable, traced};
use crate::lease::Held;
use crate::meters::DecisionMeters;
use crate::registry::Registry;

use behalf::{Calling, NobodyCalls, calling};
pub(crate) use caller_conditions::{CallerConditions, Network};
pub(crate) use conditions::Conditions;
use resolve::same_key;
use signature::Refusal;
use signed::Signed;
pub(crate) use who::Who;

/// No operation asks more: UpdateAlias asks about the alias and both keys.
const QUESTIONS_MAX: usize = 8;

/// The handler of Authorize.
pub(crate) struct Authorize {
    registry: Arc<Registry>,
    meters: DecisionMeters,
}

/// Whom and what the questions of one request are asked for.
pub(crate) struct Asker<'a> {
    pub(crate) registry: &'a Arc<Registry>,
    pub(crate) who: Who<'a>,
    /// Why the caller may do nothing with this request, in AWS's words.
    pub(crate) silenced: Option<String>,
    pub(crate) network: Network<'a>,
    /// Whether ReEncrypt goes from a key to itself, where both are known.
    pub(crate) same_key: Option<bool>,
    pub(crate) region: Region,
    pub(crate) request_id: RequestId,
    /// What the caller signed.
    pub(crate) signed: Signed<'a>,
    /// The end of the lease, and so of every Permit.
    pub(crate) until: Timestamp,
    pub(crate) now: Timestamp,
    /// The id for a key to be made: one for each request, however often it is asked about.
    pub(crate) new_key: [u8; 16],
}

impl Asker<'_> {
    pub(crate) const fn account(&self) -> AccountId {
        self.who.account()
    }
}

impl Authorize {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self { registry, meters: DecisionMeters::new() }
    }

    async fn answer(&self, request: AuthorizeRequest) -> Result<Outcome, Rejection> {
        let request_id = convert::request_id(&request.request_id, "request_id")
            .map_err(|_| Rejection::Malformed)?;
        if request.questions.len() > QUESTIONS_MAX {
            return Err(Rejection::Malformed);
        }
        let outcome = match self.registry.core.may_decide() {
            Ok(held) => match self.decide(request_id, request, held).await {
                // Whatever was found out, it is only worth something if the lease has held all the
                // time.
                Ok(outcome) => self.registry.core.may_still(held).map(|()| outcome),
                Err(unavailable) => Err(unavailable),
            },
            Err(unavailable) => Err(unavailable),
        };
        Ok(outcome.unwrap_or_else(|Unavailable(reason)| {
            self.meters.unavailable.increment(1);
            tracing::debug!(%request_id, %reason, "nothing was decided");
            Outcome::Unavailable(reason)
        }))
    }

    async fn decide(
        &self,
        request_id: RequestId,
        request: AuthorizeRequest,
        held: Held,
    ) -> Result<Outcome, Unavailable> {
        let Some(signed) = request.signed else {
            return Err(Unavailable("the order carries no signed request".to_owned()));
        };
        let verified = match signature::verify(&self.registry.core, signed, held.until).await {
            Ok(verified) => verified,
            Err(Refusal::Signature(refused)) => {
                self.meters.refused.increment(1);
                return Ok(Outcome::SignatureRefused(refused));
            }
            Err(Refusal::Unavailable(unavailable)) => return Err(unavailable),
        };
        let key = &*verified.access_key;
        let (calling, silenced) = match calling(&self.registry.core, &verified).await {
            Ok(calling) => (calling, None),
            Err(NobodyCalls::Denied(text)) => (Calling::NOBODY, Some(text)),
            Err(NobodyCalls::Gone) => {
                self.meters.refused.increment(1);
                return Ok(Outcome::SignatureRefused(signature::unknown_access_key()));
            }
            Err(NobodyCalls::Unavailable(unavailable)) => return Err(unavailable),
        };
        let caller = calling.other.as_ref().unwrap_or(&key.caller);
        // Whoever a service calls for did not sign.
        let session = key.session.as_ref().filter(|_| calling.other.is_none());
        let who = Who { caller, principal: calling.principal, session, serial: calling.serial };
        let mut asker = Asker {
            registry: &self.registry,
            who,
            silenced,
            same_key: None,
            network: network(&request.source_ip, request.secure_transport, &request.user_agent),
            region: verified.region,
            request_id,
            signed: Signed::read(&verified, &request.form_body),
            until: held.until,
            now: self.registry.core.clock.now(),
            new_key: if request.questions.is_empty() { [0; 16] } else { rand::random() },
        };
        if asker.signed == Signed::Kms("ReEncrypt") {
            asker.same_key = same_key(&self.registry.core, &asker, &request.questions).await?;
        }
        let mut decisions = Vec::with_capacity(request.questions.len());
        for question in request.questions {
            let decision = question::answer(&self.registry.core, &asker, question).await?;
            match &decision.outcome {
                Some(trent_bus::messages::decision::Outcome::Granted(_)) => {
                    self.meters.granted.increment(1);
                }
                Some(trent_bus::messages::decision::Outcome::Denied(_)) | None => {
                    self.meters.denied.increment(1);
                }
            }
            decisions.push(decision);
        }
        Ok(Outcome::Authorized(Authorized {
            caller: Some(match &calling.other {
                Some(other) => other.into(),
                None => key.message.clone(),
            }),
            decisions,
            key_now_ms: self.registry.core.key_now().as_millis(),
            quota_overrides: self.quota_overrides(&asker),
        }))
    }
}

impl Authorize {
    /// The quotas of the caller's account that have another value: for the gateway, which keeps
    /// those of requests; all of them for who lists them.
    fn quota_overrides(&self, asker: &Asker<'_>) -> Vec<messages::QuotaOverride> {
        let standing = &self.registry.core.standing;
        if asker.signed == Signed::Own("ListQuotas") {
            standing.overrides_of(asker.account())
        } else {
            standing.request_overrides(asker.account())
        }
    }
}

/// What a gateway says of the connection; an old one says nothing.
fn network<'a>(source_ip: &'a str, secure: bool, user_agent: &'a str) -> Network<'a> {
    let given = |text: &'a str| Some(text).filter(|text| !text.is_empty());
    let source_ip = given(source_ip);
    let secure_transport = source_ip.map(|_| secure);
    Network { source_ip, secure_transport, user_agent: given(user_agent) }
}

impl Service for Authorize {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        traced("authorize", order.traceparent, async move {
            let request =
                AuthorizeRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let outcome = self.answer(request).await?;
            Ok(AuthorizeAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }

    fn handle_local<'a>(
        &'a self,
        trace: Option<TraceParent>,
        request: Unencoded,
    ) -> Result<LocalFuture<'a>, Unencoded> {
        let request = request.downcast::<AuthorizeRequest>()?;
        Ok(traced("authorize", trace, async move {
            let outcome = self.answer(*request).await?;
            let answer: Unencoded = Box::new(AuthorizeAnswer { outcome: Some(outcome) });
            Ok(answer)
        }))
    }
}
