//! Serves `trent.v1.audit.query`: holds each order against its Permit, and asks whoever knows.

use std::sync::Arc;

use prost::Message;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use trent_bus::messages::trail_answer::Outcome;
use trent_bus::messages::trail_request::Query;
use trent_bus::messages::{self, Rejection, TrailAnswer, TrailRequest, Unit};
use trent_bus::{
    Claims, InvalidField, LocalFuture, Order, PermitKeys, Service, ServiceFuture, Unencoded,
    convert,
};
use trent_runtime::Shutdown;
use trent_types::{
    AccountId, AuditRecord, Clock, LookupQuery, Region, Timestamp, TraceParent, TrailEvent,
};

use super::tail::{Tail, Tailed};
use super::{TrailReader, TrailUnreadable, UsageReader};
use crate::facts::Facts;
use crate::meters::QueryMeters;
use crate::signing::TrailKeys;

/// The bus carries no messages of any size: an answer with more bytes of records ends. Whoever gets
/// so many asks on (`trent-gateway`, `ports/trail_queries.rs`).
pub(super) const CUT_BYTES: usize = 256 * 1024;

/// Orders that are worked on or wait for their turn; more are refused as overloaded.
const ORDERS_MAX: usize = 256;

/// Tails that wait for records; more are refused as overloaded.
const TAILS_MAX: usize = 1_024;

/// What answers are made of.
pub struct TrailServiceConfig {
    /// The records.
    pub trail: Arc<dyn TrailReader>,
    /// Usage and cost; without it they are unavailable.
    pub usage: Option<Arc<dyn UsageReader>>,
    /// The keys that the trail is signed with; without it none is.
    pub keys: Option<Arc<dyn TrailKeys>>,
    /// Verifies Permits of the trail; a keeper makes none.
    pub permit_keys: Arc<PermitKeys>,
    /// Tells whether a Permit is fresh and a month is over.
    pub clock: Arc<dyn Clock>,
    /// Readings at the same time. The store has as many connections to spare.
    pub readings_max: usize,
    /// Says when this process finishes: nobody waits for new events any longer.
    pub finishing: Shutdown,
}

/// Answers what the trail is asked. Account and Region are always the Permit's.
pub struct TrailService {
    config: TrailServiceConfig,
    orders: Semaphore,
    tails: Semaphore,
    readings: Semaphore,
    meters: QueryMeters,
}

/// Why an order has no answer of its own.
enum Refused {
    NotPermitted(String),
    Unreadable(TrailUnreadable),
    Rejected(Rejection),
}

impl From<TrailUnreadable> for Refused {
    fn from(error: TrailUnreadable) -> Self {
        Self::Unreadable(error)
    }
}

impl From<InvalidField> for Refused {
    fn from(_: InvalidField) -> Self {
        Self::Rejected(Rejection::Malformed)
    }
}

impl TrailService {
    /// A service. The metrics recorder must be installed before, or nothing is counted.
    #[must_use]
    pub fn new(config: TrailServiceConfig) -> Arc<Self> {
        let readings = Semaphore::new(config.readings_max.max(1));
        let (orders, tails) = (Semaphore::new(ORDERS_MAX), Semaphore::new(TAILS_MAX));
        Arc::new(Self { config, orders, tails, readings, meters: QueryMeters::new() })
    }

    /// `None`: a request that could not be decoded.
    async fn answer(&self, request: Option<TrailRequest>) -> Result<TrailAnswer, Rejection> {
        let request = request.ok_or(Rejection::Malformed)?;
        let outcome = match self.outcome(request).await {
            Ok(outcome) => outcome,
            Err(Refused::NotPermitted(why)) => Outcome::NotPermitted(why),
            Err(Refused::Unreadable(error)) => {
                tracing::warn!(%error, "a question to the trail has no answer");
                Outcome::Unavailable(error.to_string())
            }
            Err(Refused::Rejected(rejection)) => return Err(rejection),
        };
        Ok(TrailAnswer { outcome: Some(outcome) })
    }

    async fn outcome(&self, request: TrailRequest) -> Result<Outcome, Refused> {
        let TrailRequest { request_id, permit, query } = request;
        let query = query.ok_or(Refused::Rejected(Rejection::Malformed))?;
        let now = self.config.clock.now();
        let claims = self.config.permit_keys.verify_wire(&permit, now);
        let claims = claims.map_err(|error| Refused::NotPermitted(error.to_string()))?;
        let (kind, action) = needs(&query);
        if claims.request_id != convert::request_id(&request_id, "request_id")? {
            return Err(Refused::NotPermitted("the Permit is another request's".to_owned()));
        }
        if claims.action != action {
            return Err(Refused::NotPermitted(format!("the Permit is not for {action}")));
        }
        let overloaded = |_| Refused::Rejected(Rejection::Overloaded);
        if let Query::Tail(tail) = query {
            let _waiting = self.tails.try_acquire().map_err(overloaded)?;
            return self.meters.time(kind, self.tail(&claims, tail.try_into()?)).await;
        }
        let _order = self.orders.try_acquire().map_err(overloaded)?;
        self.meters.time(kind, self.read(&claims, query, now)).await
    }

    /// What one reading answers.
    async fn read(
        &self,
        claims: &Claims,
        query: Query,
        now: Timestamp,
    ) -> Result<Outcome, Refused> {
        let closed = |_| Refused::Rejected(Rejection::Unavailable);
        let _turn = self.readings.acquire().await.map_err(closed)?;
        let Claims { account, region, .. } = *claims;
        match query {
            Query::Lookup(lookup) => self.lookup(account, region, &lookup.try_into()?).await,
            Query::Usage(usage) => {
                let rows = self.usage()?.usage(account, &usage.try_into()?).await?;
                let mut rows = messages::UsageRows::from(rows);
                rows.more = cut(&mut rows.rows);
                Ok(Outcome::Usage(rows))
            }
            Query::Cost(cost) => {
                let skip = cost.skip;
                let report = self.usage()?.cost(account, &cost.try_into()?, now).await?;
                Ok(Outcome::Cost(part(report.into(), skip)))
            }
            Query::PublicKeys(times) => {
                let moment = Timestamp::from_millis;
                let (from, to) = (moment(times.from_ms), moment(times.to_ms));
                let keys = match &self.config.keys {
                    Some(keys) => keys.public_keys(from, to),
                    None => Vec::new(),
                };
                Ok(Outcome::PublicKeys(keys.into()))
            }
            Query::Tail(_) => Err(Refused::Rejected(Rejection::Malformed)),
        }
    }

    fn usage(&self) -> Result<&dyn UsageReader, Refused> {
        let none = || TrailUnreadable("usage is not kept here".to_owned());
        Ok(self.config.usage.as_deref().ok_or_else(none)?)
    }

    async fn lookup(
        &self,
        account: AccountId,
        region: Region,
        query: &LookupQuery,
    ) -> Result<Outcome, Refused> {
        let found = self.config.trail.lookup(account, region, query).await?;
        let mut bytes = 0;
        let mut events = Vec::with_capacity(found.len());
        for record in found {
            if bytes >= CUT_BYTES {
                break;
            }
            bytes += record.cloudtrail_json.len();
            events.extend(event(record));
        }
        Ok(Outcome::Events(events.into()))
    }

    async fn tail(
        &self,
        claims: &Claims,
        query: trent_types::TailQuery,
    ) -> Result<Outcome, Refused> {
        let tail = Tail {
            trail: &*self.config.trail,
            readings: &self.readings,
            finishing: self.config.finishing.clone(),
            account: claims.account,
            region: claims.region,
            query: &query,
        };
        match tail.follow().await? {
            Tailed::Page(page) => Ok(Outcome::Tailed(page.into())),
            Tailed::UnknownEvent => Ok(Outcome::UnknownEvent(Unit {})),
        }
    }
}

/// What metrics call a question, and the permission that it needs.
const fn needs(query: &Query) -> (&'static str, &'static str) {
    match query {
        Query::Lookup(_) => ("lookup", "cloudtrail:LookupEvents"),
        Query::Tail(_) => ("tail", "cloudtrail:LookupEvents"),
        Query::Usage(_) => ("usage", "trent:GetUsage"),
        Query::Cost(_) => ("cost", "trent:GetCostReport"),
        Query::PublicKeys(_) => ("public_keys", "cloudtrail:ListPublicKeys"),
    }
}

/// Cuts a list off before it is too long for a message, and says so. One entry is never too long.
fn cut<M: Message>(list: &mut Vec<M>) -> bool {
    let mut bytes = 0;
    let fitting = list.iter().take_while(|entry| {
        bytes += entry.encoded_len();
        bytes <= CUT_BYTES
    });
    let fitting = fitting.count().max(1);
    let more = fitting < list.len();
    list.truncate(fitting);
    more
}

/// As much of a report as a message takes, without the lines that are known already.
fn part(mut report: messages::CostLines, skip: u32) -> messages::CostLines {
    report.digest = Sha256::digest(report.encode_to_vec()).to_vec().into();
    let known = usize::try_from(skip).unwrap_or(usize::MAX).min(report.lines.len());
    report.lines.drain(..known);
    report.more = cut(&mut report.lines);
    report
}

/// A record with what it can be found by; a reader gives none that cannot be read.
fn event(record: AuditRecord) -> Option<TrailEvent> {
    let json = record.cloudtrail_json.clone();
    Facts::of(&json).map(|facts| facts.event(record))
}

impl Service for TrailService {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let answer = self.answer(TrailRequest::decode(order.payload).ok()).await?;
            Ok(answer.encode_to_vec().into())
        })
    }

    fn handle_local<'a>(
        &'a self,
        _: Option<TraceParent>,
        request: Unencoded,
    ) -> Result<LocalFuture<'a>, Unencoded> {
        let request = request.downcast::<TrailRequest>()?;
        Ok(Box::pin(async move {
            let answer: Unencoded = Box::new(self.answer(Some(*request)).await?);
            Ok(answer)
        }))
    }
}

impl std::fmt::Debug for TrailService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrailService").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever a test does not expect fails it")]
mod tests;
