//! What was recorded, and what follows from it: the audit loggers' answers.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each method takes one kind of answer, and every other one alike"
)]

use std::time::Duration;

use trent_bus::messages::trail_answer::Outcome;
use trent_bus::messages::trail_request::Query;
use trent_bus::messages::{CostLines, ListTrailKeys, ReadCost, TrailAnswer, TrailRequest};
use trent_bus::{InvalidField, Subject, convert};
use trent_operations::ports::{PortFuture, Trail, TrailError, Unavailable};
use trent_runtime::Shutdown;
use trent_types::{
    CostQuery, CostReport, LookupQuery, Permit, RequestId, TailPage, TailQuery, TailStart,
    Timestamp, TrailEvent, TrailPublicKey, UsageQuery, UsageRow,
};

use super::{Line, PATIENT, THOROUGH, Told, senseless, wire_permit};

/// How much longer than it waits a tail may take.
const TAIL_GRACE: Duration = Duration::from_secs(3);
/// A page of events that is larger may have ended before its limit: the bus carries no messages of
/// any size.
const CUT_BYTES: usize = 256 * 1024;

/// In how many parts a report may come, those among them that were in vain.
const PARTS_MAX: usize = 1_000;

/// The trail, for one request.
#[derive(Debug, Clone, Copy)]
pub struct BusTrail<'a> {
    line: Line<'a>,
    finishing: &'a Shutdown,
}

impl<'a> BusTrail<'a> {
    /// The trail at the end of this line, for a gateway that finishes when this says so.
    #[must_use]
    pub const fn new(line: Line<'a>, finishing: &'a Shutdown) -> Self {
        Self { line, finishing }
    }

    async fn ask(
        &self,
        request: RequestId,
        permit: &Permit,
        silence: Duration,
        query: Query,
    ) -> Result<Outcome, TrailError> {
        let order = order(request, permit, query);
        let Told { answer, perhaps_before }: Told<TrailAnswer> =
            self.line.ask_and_count(Subject::Trail, silence, || order.clone()).await?;
        match outcome(answer) {
            // Its Permit was good when the order was sent first.
            Err(Refused::NotPermitted(_)) if perhaps_before => Err(TrailError::PermitExpired),
            outcome => Ok(outcome?),
        }
    }

    /// Sends a tail, once: whoever waits for events is silent, and asks again anyway.
    async fn wait_for(
        &self,
        request: RequestId,
        permit: &Permit,
        query: TailQuery,
    ) -> Result<Option<TailPage>, TrailError> {
        let deadline = query.wait + TAIL_GRACE;
        let order = order(request, permit, Query::Tail(query.into()));
        let answer: TrailAnswer = self.line.ask_once(Subject::Trail, deadline, order).await?;
        match outcome(answer)? {
            Outcome::Tailed(page) => Ok(Some(page.try_into().map_err(|e| damaged(&e))?)),
            Outcome::UnknownEvent(_) => Ok(None),
            other => Err(unexpected(&other)),
        }
    }
}

impl Trail for BusTrail<'_> {
    fn lookup<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: LookupQuery,
    ) -> PortFuture<'a, Result<(Vec<TrailEvent>, bool), TrailError>> {
        let shown = usize::try_from(query.limit).unwrap_or(usize::MAX);
        // One more than is shown tells whether there are more.
        let query = LookupQuery { limit: query.limit.saturating_add(1), ..query };
        Box::pin(async move {
            let query = Query::Lookup(query.into());
            match self.ask(request, permit, THOROUGH, query).await? {
                Outcome::Events(found) => {
                    let mut events: Vec<TrailEvent> = found.try_into().map_err(|e| damaged(&e))?;
                    let bytes: usize =
                        events.iter().map(|event| event.record.cloudtrail_json.len()).sum();
                    let more = events.len() > shown || bytes >= CUT_BYTES;
                    events.truncate(shown);
                    Ok((events, more))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn tail<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: TailQuery,
    ) -> PortFuture<'a, Result<Option<TailPage>, TrailError>> {
        Box::pin(async move {
            let start = query.start;
            if self.finishing.is_requested() {
                let query = TailQuery { wait: Duration::ZERO, ..query };
                return self.wait_for(request, permit, query).await;
            }
            let mut finishing = self.finishing.clone();
            tokio::select! {
                biased;
                page = self.wait_for(request, permit, query) => page,
                () = finishing.requested() => match start {
                    TailStart::After(sequence) => {
                        Ok(Some(TailPage { events: Vec::new(), sequence }))
                    }
                    TailStart::Now | TailStart::AfterEvent(_) => {
                        Err(Unavailable::Away("this gateway finishes".to_owned()).into())
                    }
                },
            }
        })
    }

    fn usage<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: UsageQuery,
    ) -> PortFuture<'a, Result<Vec<UsageRow>, TrailError>> {
        Box::pin(async move {
            let mut rows: Vec<UsageRow> = Vec::new();
            loop {
                let known = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                let rest = UsageQuery {
                    skip: query.skip.saturating_add(known),
                    limit: query.limit.saturating_sub(known),
                    ..query.clone()
                };
                match self.ask(request, permit, PATIENT, Query::Usage(rest.into())).await? {
                    Outcome::Usage(mut part) => {
                        let more = std::mem::take(&mut part.more) && !part.rows.is_empty();
                        rows.extend(Vec::<UsageRow>::from(part));
                        if !more {
                            return Ok(rows);
                        }
                    }
                    other => return Err(unexpected(&other)),
                }
            }
        })
    }

    fn cost<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        query: CostQuery,
    ) -> PortFuture<'a, Result<CostReport, TrailError>> {
        Box::pin(async move {
            let mut whole: Option<CostLines> = None;
            for _ in 0..PARTS_MAX {
                let known = whole.as_ref().map_or(0, |report| report.lines.len());
                let skip = u32::try_from(known).unwrap_or(u32::MAX);
                let rest = ReadCost { skip, ..(&query).into() };
                let part = match self.ask(request, permit, PATIENT, Query::Cost(rest)).await? {
                    Outcome::Cost(part) => part,
                    other => return Err(unexpected(&other)),
                };
                let more = part.more;
                match &mut whole {
                    None => whole = Some(part),
                    Some(report) if report.digest == part.digest => report.lines.extend(part.lines),
                    // Something was counted meanwhile: from the beginning.
                    Some(_) => {
                        whole = None;
                        continue;
                    }
                }
                if !more && let Some(report) = whole {
                    return report.try_into().map_err(|e| damaged(&e));
                }
            }
            let why = "the report changes faster than it can be told";
            Err(Unavailable::Away(why.to_owned()).into())
        })
    }

    fn public_keys<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        from: Timestamp,
        to: Timestamp,
    ) -> PortFuture<'a, Result<Vec<TrailPublicKey>, TrailError>> {
        let times = ListTrailKeys { from_ms: from.as_millis(), to_ms: to.as_millis() };
        Box::pin(async move {
            match self.ask(request, permit, THOROUGH, Query::PublicKeys(times)).await? {
                Outcome::PublicKeys(keys) => keys.try_into().map_err(|e| damaged(&e)),
                other => Err(unexpected(&other)),
            }
        })
    }
}

/// Why an audit logger gave no answer.
enum Refused {
    NotPermitted(String),
    Away(String),
    NoOutcome,
}

impl From<Refused> for TrailError {
    fn from(refused: Refused) -> Self {
        let cause = match refused {
            Refused::NotPermitted(why) => {
                Unavailable::Away(format!("the audit logger did not permit the query: {why}"))
            }
            Refused::Away(why) => Unavailable::Away(why),
            Refused::NoOutcome => senseless(&"no outcome"),
        };
        cause.into()
    }
}

fn outcome(answer: TrailAnswer) -> Result<Outcome, Refused> {
    match answer.outcome {
        Some(Outcome::NotPermitted(why)) => Err(Refused::NotPermitted(why)),
        Some(Outcome::Unavailable(why)) => Err(Refused::Away(why)),
        Some(outcome) => Ok(outcome),
        None => Err(Refused::NoOutcome),
    }
}

fn order(request: RequestId, permit: &Permit, query: Query) -> TrailRequest {
    let request_id = convert::bytes(request.as_bytes());
    TrailRequest { request_id, permit: wire_permit(permit), query: Some(query) }
}

fn damaged(field: &InvalidField) -> TrailError {
    senseless(field).into()
}

/// An answer to another question. Records are none of the log's business.
fn unexpected(outcome: &Outcome) -> TrailError {
    let kind = match outcome {
        Outcome::Events(_) => "events",
        Outcome::Tailed(_) => "a tail",
        Outcome::Usage(_) => "usage",
        Outcome::Cost(_) => "cost",
        Outcome::PublicKeys(_) => "public keys",
        Outcome::UnknownEvent(_) => "an unknown event",
        Outcome::NotPermitted(_) | Outcome::Unavailable(_) => "a refusal",
    };
    senseless(&format_args!("{kind} to another question")).into()
}
