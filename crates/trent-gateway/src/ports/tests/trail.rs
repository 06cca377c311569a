//! The trail: lookups, tails and figures from the audit loggers.

use std::time::Duration;

use trent_bus::messages::{TrailAnswer, TrailRequest, trail_answer::Outcome, trail_request::Query};
use trent_operations::ports::{Trail, TrailError};
use trent_runtime::Shutdown;
use trent_types::{
    CostLine, CostQuery, CostReport, CostUnit, Granularity, LookupQuery, TailPage, TailQuery,
    TailStart, TrailEvent, TrailPublicKey, UsageFilter, UsageQuery, UsageRow,
};

use super::*;
use crate::ports::BusTrail;

fn answer(outcome: Outcome) -> Option<Answer> {
    good(&TrailAnswer { outcome: Some(outcome) })
}

fn query(order: &[u8]) -> Query {
    let request = TrailRequest::decode(order).unwrap();
    assert_eq!(&request.permit[..], b"permit");
    assert_eq!(&request.request_id[..], REQUEST.as_bytes());
    request.query.unwrap()
}

fn event(number: u8, bytes: usize) -> TrailEvent {
    TrailEvent {
        record: AuditRecord {
            event_id: EventId::from_bytes([number; 16]),
            account: Some(account()),
            event_time: Timestamp::from_millis(1),
            cloudtrail_json: vec![b'x'; bytes],
            trace: None,
        },
        name: "Encrypt".into(),
        source: "kms.amazonaws.com".into(),
        read_only: true,
        username: None,
        access_key_id: None,
        resources: Vec::new(),
    }
}

fn permit() -> Permit {
    Permit::from_wire(b"permit")
}

async fn look_up(bus: &Bus) -> Result<(Vec<TrailEvent>, bool), TrailError> {
    let (_trigger, shutdown) = Shutdown::new();
    let query = LookupQuery {
        filter: None,
        from: Timestamp::from_millis(1),
        to: Timestamp::from_millis(2),
        before: None,
        limit: 2,
    };
    BusTrail::new(line(bus), &shutdown).lookup(REQUEST, &permit(), query).await
}

#[tokio::test]
async fn there_are_more_events_when_one_more_is_found_or_the_page_is_large() {
    for (found, shown, more) in [
        (vec![event(1, 1), event(2, 1)], 2, false),
        (vec![event(1, 1), event(2, 1), event(3, 1)], 2, true),
        (vec![event(1, 300_000)], 1, true),
        (vec![], 0, false),
    ] {
        let bus = bus(Subject::Trail, move |_, order| {
            let Query::Lookup(query) = query(order) else { panic!("another query") };
            assert_eq!(query.limit, 3);
            answer(Outcome::Events(found.clone().into()))
        });
        let (events, has_more) = look_up(&bus).await.unwrap();
        assert_eq!((events.len(), has_more), (shown, more));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_whose_permit_ran_out_meanwhile_is_to_be_authorized_anew() {
    let silent = bus(Subject::Trail, |number, _| match number {
        0 => None,
        _ => answer(Outcome::NotPermitted("the Permit has expired".into())),
    });
    assert_eq!(look_up(&silent).await, Err(TrailError::PermitExpired));
    let strict = bus(Subject::Trail, |_, _| answer(Outcome::NotPermitted("forged".into())));
    let away = |error| match error {
        Err(TrailError::Unavailable(Unavailable::Away(why))) => why,
        other => panic!("not away: {other:?}"),
    };
    assert!(away(look_up(&strict).await).contains("forged"));
    let broken = bus(Subject::Trail, |_, _| answer(Outcome::Unavailable("no store".into())));
    assert_eq!(away(look_up(&broken).await), "no store");
    let other = bus(Subject::Trail, |_, _| answer(Outcome::UnknownEvent(messages::Unit {})));
    assert!(away(look_up(&other).await).contains("makes no sense"));
}

fn tail(start: TailStart) -> TailQuery {
    let wait = Duration::from_secs(20);
    TailQuery { start, all_regions: false, filters: Vec::new(), limit: 9, wait }
}

#[tokio::test(start_paused = true)]
async fn a_tail_waits_as_long_as_it_was_asked_to_and_is_sent_once() {
    let (_trigger, shutdown) = Shutdown::new();
    let page = TailPage { events: vec![event(1, 1)], sequence: 7 };
    let told = page.clone();
    let role = bus(Subject::Trail, move |number, order| {
        assert_eq!(number, 0);
        let Query::Tail(query) = query(order) else { panic!("another query") };
        assert_eq!(query.wait_ms, 20_000);
        answer(Outcome::Tailed(told.clone().into()))
    });
    let trail = BusTrail::new(line(&role), &shutdown);
    assert_eq!(trail.tail(REQUEST, &permit(), tail(TailStart::Now)).await, Ok(Some(page)));
    let unknown = bus(Subject::Trail, |_, _| answer(Outcome::UnknownEvent(messages::Unit {})));
    let trail = BusTrail::new(line(&unknown), &shutdown);
    assert_eq!(trail.tail(REQUEST, &permit(), tail(TailStart::Now)).await, Ok(None));

    let started = Instant::now();
    let silent = bus(Subject::Trail, |number, _| {
        assert_eq!(number, 0, "it was sent again");
        None
    });
    let trail = BusTrail::new(line(&silent), &shutdown);
    assert!(trail.tail(REQUEST, &permit(), tail(TailStart::Now)).await.is_err());
    assert_eq!(started.elapsed().as_secs(), 23);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_finishes_lets_nobody_wait() {
    let silent = bus(Subject::Trail, |_, _| None);
    for (start, goes_on) in [(TailStart::After(5), true), (TailStart::Now, false)] {
        let (trigger, shutdown) = Shutdown::new();
        let trail = BusTrail::new(line(&silent), &shutdown);
        let permit = permit();
        let waiting = trail.tail(REQUEST, &permit, tail(start));
        let finishing = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            trigger.trigger();
        };
        let started = Instant::now();
        let (page, ()) = tokio::join!(waiting, finishing);
        assert_eq!(started.elapsed().as_secs(), 1);
        if goes_on {
            assert_eq!(page, Ok(Some(TailPage { events: Vec::new(), sequence: 5 })));
        } else {
            assert!(page.is_err());
        }
        // What comes after is asked not to wait at all.
        let role = bus(Subject::Trail, |_, order| {
            let Query::Tail(query) = query(order) else { panic!("another query") };
            assert_eq!(query.wait_ms, 0);
            answer(Outcome::Tailed(messages::TailedEvents::default()))
        });
        let trail = BusTrail::new(line(&role), &shutdown);
        let page = trail.tail(REQUEST, &permit, tail(start)).await.unwrap().unwrap();
        assert_eq!(page.sequence, 0);
    }
}

#[tokio::test]
async fn figures_and_keys_come_back() {
    let (_trigger, shutdown) = Shutdown::new();
    let at = Timestamp::from_millis;
    let row = UsageRow { from: at(1), to: at(2), group: vec![], requests: 3, errors: 1 };
    let report = CostReport { complete: true, lines: Vec::new() };
    let key = TrailPublicKey { der: vec![1], fingerprint: "ab".into(), from: at(1), to: at(2) };
    let (rows, cost, keys) = (vec![row], report.clone(), vec![key]);
    let told = (rows.clone(), cost.clone(), keys.clone());
    let role = bus(Subject::Trail, move |_, order| {
        let (rows, cost, keys) = told.clone();
        answer(match query(order) {
            Query::Usage(_) => Outcome::Usage(rows.into()),
            Query::Cost(query) if query.month == 11 => Outcome::Cost(cost.into()),
            Query::PublicKeys(times) if times.to_ms == 2 => Outcome::PublicKeys(keys.into()),
            other => panic!("{other:?}"),
        })
    });
    let (trail, permit) = (BusTrail::new(line(&role), &shutdown), permit());
    let usage = usage_query(0, 1);
    assert_eq!(trail.usage(REQUEST, &permit, usage).await, Ok(rows));
    let query = CostQuery { year: 2026, month: 11, daily: false, group_by: Vec::new() };
    assert_eq!(trail.cost(REQUEST, &permit, query).await, Ok(report));
    assert_eq!(trail.public_keys(REQUEST, &permit, at(1), at(2)).await, Ok(keys));
}

fn usage_query(skip: u32, limit: u32) -> UsageQuery {
    UsageQuery {
        from: Timestamp::from_millis(1),
        to: Timestamp::from_millis(2),
        granularity: Granularity::Total,
        group_by: Vec::new(),
        filter: UsageFilter::default(),
        skip,
        limit,
    }
}

fn cost_line(number: i64) -> CostLine {
    CostLine {
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(1),
        group: vec![format!("key {number}")],
        usage_type: "EU-KMS-Keys".into(),
        unit: CostUnit::KeyMonths,
        quantity_nano: number,
        amount_nano: number,
    }
}

#[tokio::test]
async fn figures_in_parts_are_put_together() {
    let (_trigger, shutdown) = Shutdown::new();
    let at = Timestamp::from_millis;
    let row = move |n| UsageRow { from: at(1), to: at(2), group: vec![], requests: n, errors: 0 };
    // Two in a message; and after the first part of the first report there is another report.
    let role = bus(Subject::Trail, move |number, order| {
        answer(match query(order) {
            Query::Usage(asked) => {
                let rows: Vec<_> = (asked.skip..asked.skip + asked.limit).take(2).collect();
                let more = asked.limit > 2;
                let rows = rows.into_iter().map(|n| row(n.into()).into()).collect();
                Outcome::Usage(messages::UsageRows { rows, more })
            }
            Query::Cost(asked) => {
                let lines: Vec<messages::CostLine> = (0..5).map(|n| cost_line(n).into()).collect();
                let skip = asked.skip as usize;
                let rest = lines[skip..].to_vec();
                let digest = if number == 0 { "first" } else { "second" }.into();
                let (more, lines) = (rest.len() > 2, rest.into_iter().take(2).collect());
                Outcome::Cost(messages::CostLines { complete: true, lines, more, digest })
            }
            other => panic!("{other:?}"),
        })
    });
    let (trail, permit) = (BusTrail::new(line(&role), &shutdown), permit());
    let query = CostQuery { year: 2026, month: 11, daily: false, group_by: Vec::new() };
    let lines = (0..5).map(cost_line).collect();
    let report = trail.cost(REQUEST, &permit, query).await;
    assert_eq!(report, Ok(CostReport { complete: true, lines }));
    let usage = usage_query(10, 5);
    let rows = (10..15).map(row).collect::<Vec<_>>();
    assert_eq!(trail.usage(REQUEST, &permit, usage).await, Ok(rows));
}
