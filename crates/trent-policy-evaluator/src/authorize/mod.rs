//! Answers Authorize: is this signature good, who is it, and may they?
//!
//! The lease is looked at before anything is read and again when everything is decided: an answer
//! whose decisions could rest on a state that a change has ended meanwhile is not given.

mod asked;
mod behalf;
mod caller_conditions;
mod conditions;
mod context_pairs;
mod entities;
mod grant_conditions;
mod grants;
mod on_key;
mod question;
mod resolve;
mod signature;
mod signed;
mod who;
mod wire;

use std::sync::Arc;

use prost::Message;
use trent_bus::messages::{AuthorizeRequest, Rejection};
use trent_bus::{AuthorizeOrder, Evaluation, LocalEvaluator, Order, Service, ServiceFuture};
use trent_types::{
    AccountId, Authorization, Evaluated, Question, QuotaOverride, Region, RequestId, Resource,
    Timestamp,
};

use crate::core::{Unavailable, traced};
use crate::lease::Held;
use crate::meters::DecisionMeters;
use crate::registry::Registry;

use behalf::{Calling, NobodyCalls, calling};
pub(crate) use caller_conditions::{CallerConditions, Network};
pub(crate) use conditions::Conditions;
pub(crate) use context_pairs::ContextPairs;
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
    pub(crate) fn account(&self) -> AccountId {
        self.who.account()
    }
}

impl Authorize {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self { registry, meters: DecisionMeters::new() }
    }

    /// Answers a request.
    async fn answer(&self, order: AuthorizeOrder<'_>) -> Result<Evaluated, Rejection> {
        if order.questions.len() > QUESTIONS_MAX {
            return Err(Rejection::Malformed);
        }
        let request_id = order.request;
        let decided = match self.registry.core.may_decide() {
            Ok(held) => match self.decide(order, held).await {
                // Whatever was found out, it is only worth something if the lease has held all the
                // time.
                Ok(evaluated) => self.registry.core.may_still(held).map(|()| evaluated),
                Err(unavailable) => Err(unavailable),
            },
            Err(unavailable) => Err(unavailable),
        };
        Ok(self.told(request_id, decided))
    }

    /// Answers a request of which no signature can be verified.
    fn refuse(&self, request_id: RequestId, refusal: Refusal) -> Evaluated {
        let decided = self.registry.core.may_decide().and_then(|_| self.refused(refusal));
        self.told(request_id, decided)
    }

    fn refused(&self, refusal: Refusal) -> Result<Evaluated, Unavailable> {
        match refusal {
            Refusal::Signature(refused) => {
                self.meters.refused.increment(1);
                Ok(Evaluated::SignatureRefused(refused))
            }
            Refusal::Unavailable(unavailable) => Err(unavailable),
        }
    }

    fn told(&self, request_id: RequestId, decided: Result<Evaluated, Unavailable>) -> Evaluated {
        decided.unwrap_or_else(|Unavailable(reason)| {
            self.meters.unavailable.increment(1);
            tracing::debug!(%request_id, %reason, "nothing was decided");
            Evaluated::Unavailable(reason)
        })
    }

    async fn decide(
        &self,
        order: AuthorizeOrder<'_>,
        held: Held,
    ) -> Result<Evaluated, Unavailable> {
        let core = &self.registry.core;
        let verified = match signature::verify(core, order.signed, held.until).await {
            Ok(verified) => verified,
            Err(refusal) => return self.refused(refusal),
        };
        let key = &*verified.access_key;
        let (calling, silenced) = match calling(core, &verified).await {
            Ok(calling) => (calling, None),
            Err(NobodyCalls::Denied(text)) => (Calling::NOBODY, Some(text)),
            Err(NobodyCalls::Gone) => {
                return self.refused(Refusal::Signature(signature::unknown_access_key()));
            }
            Err(NobodyCalls::Unavailable(unavailable)) => return Err(unavailable),
        };
        let caller = calling.other.as_ref().unwrap_or(&key.caller);
        // Whoever a service calls for did not sign.
        let session = key.session.as_ref().filter(|_| calling.other.is_none());
        let who = Who { caller, principal: calling.principal, session, serial: calling.serial };
        let makes_key = |asked: &Question<'_>| matches!(asked.resource, Resource::NewKey { .. });
        let mut asker = Asker {
            registry: &self.registry,
            who,
            silenced,
            same_key: None,
            network: network(order.source_ip, order.secure_transport, order.user_agent),
            region: verified.region,
            request_id: order.request,
            signed: Signed::read(&verified, order.form),
            until: held.until,
            now: core.clock.now(),
            new_key: if order.questions.iter().any(makes_key) { rand::random() } else { [0; 16] },
        };
        if asker.signed == Signed::Kms("ReEncrypt") {
            asker.same_key = Box::pin(same_key(core, &asker, order.questions)).await?;
        }
        let mut decisions = Vec::with_capacity(order.questions.len());
        for question in order.questions {
            let decision = question::answer(core, &asker, question).await?;
            match &decision {
                Ok(_) => self.meters.granted.increment(1),
                Err(_) => self.meters.denied.increment(1),
            }
            decisions.push(decision);
        }
        Ok(Evaluated::Authorized(Authorization {
            caller: Arc::clone(caller),
            decisions,
            key_now: core.key_now(),
            quota_overrides: self.quota_overrides(&asker),
        }))
    }
}

impl Authorize {
    /// The quotas of the caller's account that have another value: for the gateway, which keeps
    /// those of requests; all of them for who lists them.
    fn quota_overrides(&self, asker: &Asker<'_>) -> Vec<QuotaOverride> {
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
            Ok(wire::answer(self, request).await?.encode_to_vec().into())
        })
    }
}

impl LocalEvaluator for Authorize {
    fn authorize<'a>(&'a self, order: AuthorizeOrder<'a>) -> Evaluation<'a> {
        Box::pin(self.answer(order))
    }
}
