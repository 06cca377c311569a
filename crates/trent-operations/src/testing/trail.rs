//! The trail of the small world: what was asked of it, and what it answers.

use std::cell::RefCell;

use trent_types::{
    AuditRecord, CostQuery, CostReport, EventId, LookupQuery, Permit, RequestId, TailPage,
    TailQuery, Timestamp, TrailEvent, TrailPublicKey, UsageQuery, UsageRow,
};

use super::ports::ready;
use super::{ACCOUNT, NOW, World};
use crate::ports::*;

/// What the trail was asked, with the Permits, and what it holds.
#[derive(Default)]
pub(crate) struct Trails {
    pub(crate) permits: RefCell<Vec<String>>,
    pub(crate) lookups: RefCell<Vec<LookupQuery>>,
    pub(crate) tails: RefCell<Vec<TailQuery>>,
    pub(crate) usages: RefCell<Vec<UsageQuery>>,
    pub(crate) costs: RefCell<Vec<CostQuery>>,
    pub(crate) key_times: RefCell<Vec<(Timestamp, Timestamp)>>,
    /// Newest first.
    pub(crate) events: RefCell<Vec<TrailEvent>>,
    pub(crate) page: RefCell<Option<TailPage>>,
    pub(crate) rows: RefCell<Vec<UsageRow>>,
    pub(crate) report: RefCell<Option<CostReport>>,
    pub(crate) keys: RefCell<Vec<TrailPublicKey>>,
    /// Failures before it answers.
    pub(crate) errors: RefCell<Vec<TrailError>>,
}

/// An event with this number in its id, so many milliseconds ago.
pub(crate) fn event(number: u8, ago: i64) -> TrailEvent {
    TrailEvent {
        record: AuditRecord {
            event_id: EventId::from_bytes([number; 16]),
            account: Some(ACCOUNT.parse().unwrap()),
            event_time: Timestamp::from_millis(NOW - ago),
            cloudtrail_json: format!(r#"{{"n":"{number}"}}"#).into_bytes(),
            trace: None,
        },
        name: "Encrypt".to_owned(),
        source: "kms.amazonaws.com".to_owned(),
        read_only: true,
        username: Some("ann".to_owned()),
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
        resources: vec![("AWS::KMS::Key".to_owned(), super::arn_of(super::KEY))],
    }
}

impl World {
    fn trail_asked(&self, permit: &Permit) -> Result<(), TrailError> {
        let permit = String::from_utf8(permit.as_wire().to_vec()).unwrap();
        self.trails.permits.borrow_mut().push(permit);
        self.trails.errors.borrow_mut().pop().map_or(Ok(()), Err)
    }
}

impl Trail for World {
    fn lookup<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        query: LookupQuery,
    ) -> PortFuture<'a, Result<(Vec<TrailEvent>, bool), TrailError>> {
        let found = self.trail_asked(permit).map(|()| {
            let events = self.trails.events.borrow();
            let fits = |event: &&TrailEvent| {
                let at = event.record.event_time;
                query.from <= at
                    && at <= query.to
                    && query.before.is_none_or(|before| event.place() < before)
            };
            let all: Vec<TrailEvent> = events.iter().filter(fits).cloned().collect();
            let limit = query.limit as usize;
            (all.iter().take(limit).cloned().collect(), all.len() > limit)
        });
        self.trails.lookups.borrow_mut().push(query);
        ready(found)
    }

    fn tail<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        query: TailQuery,
    ) -> PortFuture<'a, Result<Option<TailPage>, TrailError>> {
        let asked = self.trail_asked(permit);
        self.trails.tails.borrow_mut().push(query);
        ready(asked.map(|()| self.trails.page.borrow().clone()))
    }

    fn usage<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        query: UsageQuery,
    ) -> PortFuture<'a, Result<Vec<UsageRow>, TrailError>> {
        let rows = self.trail_asked(permit).map(|()| {
            let rows = self.trails.rows.borrow();
            let page = rows.iter().skip(query.skip as usize).take(query.limit as usize);
            page.cloned().collect()
        });
        self.trails.usages.borrow_mut().push(query);
        ready(rows)
    }

    fn cost<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        query: CostQuery,
    ) -> PortFuture<'a, Result<CostReport, TrailError>> {
        let asked = self.trail_asked(permit);
        self.trails.costs.borrow_mut().push(query);
        ready(asked.map(|()| self.trails.report.borrow().clone().unwrap()))
    }

    fn public_keys<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        from: Timestamp,
        to: Timestamp,
    ) -> PortFuture<'a, Result<Vec<TrailPublicKey>, TrailError>> {
        let asked = self.trail_asked(permit);
        self.trails.key_times.borrow_mut().push((from, to));
        ready(asked.map(|()| self.trails.keys.borrow().clone()))
    }
}
