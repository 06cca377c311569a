//! The service over a trail in memory.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use trent_bus::ClaimedResource;
use trent_bus::messages::{ListTrailKeys, TailedEvents};
use trent_runtime::ShutdownTrigger;
use trent_types::{
    Caller, CallerKind, CostQuery, CostReport, EventId, KeyRing, ManualClock, Primitives,
    RequestId, TailQuery, TailStart, TrailAttribute, TrailFilter, TrailPublicKey, UsageQuery,
    UsageRow,
};

use super::*;

/// One chain, in its order.
#[derive(Default)]
struct InMemory {
    records: Mutex<Vec<AuditRecord>>,
    away: Mutex<bool>,
}

impl InMemory {
    fn put(&self, region: &str, name: &str, padding: usize) -> EventId {
        let mut records = self.records.lock().unwrap();
        let at = Timestamp::from_millis(records.len() as i64 + 1);
        let event_id = EventId::new(at, [records.len() as u8; 16]);
        let json = format!(
            r#"{{"eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"{region}",
            "eventType":"AwsApiCall","readOnly":true,"x":"{}"}}"#,
            "x".repeat(padding)
        );
        let cloudtrail_json = json.into_bytes();
        let record = AuditRecord {
            event_id,
            account: Some(account()),
            event_time: at,
            cloudtrail_json,
            trace: None,
        };
        records.push(record);
        event_id
    }

    fn read(&self) -> Result<Vec<AuditRecord>, TrailUnreadable> {
        if *self.away.lock().unwrap() {
            return Err(TrailUnreadable("away".to_owned()));
        }
        Ok(self.records.lock().unwrap().clone())
    }
}

#[async_trait]
impl TrailReader for InMemory {
    async fn lookup(
        &self,
        whose: AccountId,
        _: Region,
        query: &LookupQuery,
    ) -> Result<Vec<AuditRecord>, TrailUnreadable> {
        assert_eq!(whose, account());
        Ok(self.read()?.into_iter().rev().take(query.limit as usize).collect())
    }

    async fn head(&self, _: AccountId) -> Result<u64, TrailUnreadable> {
        Ok(self.read()?.len() as u64)
    }

    async fn place_of(&self, _: AccountId, event: EventId) -> Result<Option<u64>, TrailUnreadable> {
        let place = self.read()?.iter().position(|record| record.event_id == event);
        Ok(place.map(|place| place as u64 + 1))
    }

    async fn after(
        &self,
        _: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<(u64, AuditRecord)>, TrailUnreadable> {
        let records = (1..).zip(self.read()?).skip(sequence as usize);
        Ok(records.take(limit as usize).collect())
    }
}

/// Answers with what it was asked.
struct Usage;

#[async_trait]
impl UsageReader for Usage {
    async fn usage(
        &self,
        _: AccountId,
        query: &UsageQuery,
    ) -> Result<Vec<UsageRow>, TrailUnreadable> {
        let UsageQuery { from, to, .. } = *query;
        Ok(vec![UsageRow { from, to, group: Vec::new(), requests: 7, errors: 1 }])
    }

    async fn cost(
        &self,
        _: AccountId,
        query: &CostQuery,
        now: Timestamp,
    ) -> Result<CostReport, TrailUnreadable> {
        Ok(CostReport { complete: now.civil().0 > query.year, lines: Vec::new() })
    }
}

struct Keys;

impl TrailKeys for Keys {
    fn public_keys(&self, from: Timestamp, to: Timestamp) -> Vec<TrailPublicKey> {
        vec![TrailPublicKey { der: vec![1], fingerprint: "f".to_owned(), from, to }]
    }
}

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

fn ring(digits: &str) -> Arc<PermitKeys> {
    Arc::new(PermitKeys::new(KeyRing::parse(&format!("1 {}", digits.repeat(32))).unwrap()))
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct Rig {
    finish: ShutdownTrigger,
    service: Arc<TrailService>,
    trail: Arc<InMemory>,
    keys: Arc<PermitKeys>,
}

fn rig() -> Rig {
    let (trail, keys) = (Arc::new(InMemory::default()), ring("ab"));
    let (finish, finishing) = Shutdown::new();
    let service = TrailService::new(TrailServiceConfig {
        trail: trail.clone(),
        usage: Some(Arc::new(Usage)),
        keys: Some(Arc::new(Keys)),
        permit_keys: keys.clone(),
        clock: Arc::new(ManualClock::at(NOW)),
        readings_max: 2,
        finishing,
    });
    Rig { finish, service, trail, keys }
}

fn request_id() -> RequestId {
    RequestId::from_bytes([5; 16])
}

fn claims(action: &str) -> Claims {
    Claims {
        request_id: request_id(),
        action: action.to_owned(),
        account: account(),
        region: "eu-west-1".parse().unwrap(),
        resource: ClaimedResource::Other("*".to_owned()),
        record_version: 0,
        primitives: Primitives::default(),
        material_ids: Vec::new(),
        context_digest: [0; 32],
        expires_at: NOW.plus_millis(1_000),
        caller: Caller::new(account(), "AKIA1".to_owned(), CallerKind::Root).into(),
        domain_key_check: Vec::new().into(),
        key_now: None,
    }
}

impl Rig {
    async fn ask_with(&self, claims: &Claims, query: Query) -> Result<Outcome, Rejection> {
        let request = TrailRequest {
            request_id: request_id().as_bytes().to_vec().into(),
            permit: self.keys.mint_wire(claims).into(),
            query: Some(query),
        };
        let payload = request.encode_to_vec().into();
        let order = Order { deadline: Duration::from_secs(9), traceparent: None, payload };
        let answer = self.service.handle(order).await?;
        Ok(TrailAnswer::decode(answer).unwrap().outcome.unwrap())
    }

    async fn ask(&self, query: Query) -> Outcome {
        let action = needs(&query).1;
        self.ask_with(&claims(action), query).await.unwrap()
    }

    async fn tail(&self, query: TailQuery) -> TailedEvents {
        match self.ask(Query::Tail(query.into())).await {
            Outcome::Tailed(page) => page,
            other => panic!("{other:?}"),
        }
    }
}

fn lookup(limit: u32) -> Query {
    let (from, to) = (Timestamp::from_millis(0), NOW);
    Query::Lookup(LookupQuery { filter: None, from, to, before: None, limit }.into())
}

fn tail(start: TailStart) -> TailQuery {
    let wait = Duration::from_secs(10);
    TailQuery { start, all_regions: false, filters: Vec::new(), limit: 100, wait }
}

fn names(page: &TailedEvents) -> Vec<&str> {
    page.events.iter().map(|event| event.name.as_str()).collect()
}

fn usage() -> Query {
    let granularity = trent_types::Granularity::Total;
    let (group_by, filter) = (Vec::new(), trent_types::UsageFilter::default());
    let (from, to) = (Timestamp::from_millis(3), Timestamp::from_millis(4));
    Query::Usage(UsageQuery { from, to, granularity, group_by, filter, skip: 0, limit: 5 }.into())
}

fn cost() -> Query {
    Query::Cost(CostQuery { year: 2026, month: 1, daily: false, group_by: Vec::new() }.into())
}

fn every_question() -> [Query; 5] {
    let keys = Query::PublicKeys(ListTrailKeys { from_ms: 1, to_ms: 2 });
    [lookup(5), Query::Tail(tail(TailStart::After(0)).into()), usage(), cost(), keys]
}

#[tokio::test(start_paused = true)]
async fn each_question_is_answered_by_whom_it_belongs_to() {
    let rig = rig();
    rig.trail.put("eu-west-1", "Encrypt", 0);
    let [lookup, tail, usage, cost, keys] = every_question();
    let Outcome::Events(events) = rig.ask(lookup).await else { panic!() };
    assert_eq!((events.events.len(), events.events[0].name.as_str()), (1, "Encrypt"));
    assert!(matches!(rig.ask(tail).await, Outcome::Tailed(page) if page.sequence == 1));
    assert!(matches!(rig.ask(usage).await, Outcome::Usage(rows) if rows.rows[0].from_ms == 3));
    assert!(matches!(rig.ask(cost).await, Outcome::Cost(report) if report.complete));
    assert!(matches!(rig.ask(keys).await, Outcome::PublicKeys(keys) if keys.keys[0].to_ms == 2));
}

#[tokio::test(start_paused = true)]
async fn a_permit_serves_its_request_and_its_action_until_its_end() {
    let rig = rig();
    let actions = [
        "cloudtrail:LookupEvents",
        "trent:GetUsage",
        "trent:GetCostReport",
        "cloudtrail:ListPublicKeys",
    ];
    for query in every_question() {
        let needed = needs(&query).1;
        let mut wrong: Vec<Claims> = actions
            .iter()
            .filter(|action| **action != needed)
            .map(|action| claims(action))
            .collect();
        wrong.push(claims("kms:Encrypt"));
        wrong.push(Claims { expires_at: NOW, ..claims(needed) });
        wrong.push(Claims { request_id: RequestId::from_bytes([6; 16]), ..claims(needed) });
        for claims in wrong {
            let outcome = rig.ask_with(&claims, query.clone()).await.unwrap();
            assert!(matches!(outcome, Outcome::NotPermitted(_)), "{query:?} {claims:?}");
        }
        let foreign = Rig { keys: ring("cd"), service: rig.service.clone(), ..self::rig() };
        let outcome = foreign.ask(query.clone()).await;
        assert!(matches!(outcome, Outcome::NotPermitted(_)), "a Permit of another ring: {query:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_unavailable_and_what_makes_no_sense_is_refused() {
    let rig = rig();
    *rig.trail.away.lock().unwrap() = true;
    for query in [lookup(5), Query::Tail(tail(TailStart::Now).into())] {
        assert!(matches!(rig.ask(query).await, Outcome::Unavailable(_)));
    }
    let wild = Query::Tail(trent_bus::messages::TailEvents::default());
    let refused = rig.ask_with(&claims("cloudtrail:LookupEvents"), wild).await;
    assert_eq!(refused, Err(Rejection::Malformed));
    let order =
        Order { deadline: Duration::from_secs(9), traceparent: None, payload: vec![0xff].into() };
    assert_eq!(rig.service.handle(order).await, Err(Rejection::Malformed));
}

#[tokio::test(start_paused = true)]
async fn a_large_page_ends_where_the_bus_would_not_carry_it() {
    let rig = rig();
    for _ in 0..9 {
        rig.trail.put("eu-west-1", "Encrypt", 100_000);
    }
    let Outcome::Events(page) = rig.ask(lookup(51)).await else { panic!() };
    let bytes: usize =
        page.events.iter().map(|e| e.record.as_ref().unwrap().cloudtrail_json.len()).sum();
    assert_eq!(page.events.len(), 3);
    assert!(bytes >= CUT_BYTES, "whoever asked would think that there is no more");
    let page = rig.tail(tail(TailStart::After(0))).await;
    assert_eq!((page.events.len(), page.sequence), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_tail_waits_for_the_first_event_that_fits() {
    let rig = rig();
    rig.trail.put("eu-west-1", "Before", 0);
    let began = tokio::time::Instant::now();
    let come = async {
        for (after, region, name) in [
            (2_000, "us-east-1", "Elsewhere"),
            (1_000, "eu-west-1", "TailEvents"),
            (1_000, "eu-west-1", "Encrypt"),
        ] {
            tokio::time::sleep(Duration::from_millis(after)).await;
            rig.trail.put(region, name, 0);
        }
    };
    let (page, ()) = tokio::join!(rig.tail(tail(TailStart::Now)), come);
    assert_eq!((names(&page), page.sequence), (vec!["Encrypt"], 4));
    assert!(began.elapsed() <= Duration::from_millis(4_200), "{:?}", began.elapsed());
    // From there nothing more comes, and it is said how far it looked.
    let began = tokio::time::Instant::now();
    let page = rig.tail(tail(TailStart::After(page.sequence))).await;
    assert_eq!((page.events.len(), page.sequence), (0, 4));
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_tail_goes_on_after_an_event_without_a_gap_or_a_double() {
    let rig = rig();
    let ids: Vec<_> = (0..700)
        .map(|n| {
            rig.trail.put(["eu-west-1", "us-east-1"][n % 2], ["Encrypt", "Sign"][n % 3 % 2], 0)
        })
        .collect();
    let query = TailQuery { limit: 60, all_regions: true, ..tail(TailStart::AfterEvent(ids[9])) };
    let mut page = rig.tail(query.clone()).await;
    let mut seen = Vec::new();
    while !page.events.is_empty() {
        assert!(page.events.len() <= 60);
        seen.extend(page.events.iter().map(|e| e.record.as_ref().unwrap().event_id.to_vec()));
        page =
            rig.tail(TailQuery { start: TailStart::After(page.sequence), ..query.clone() }).await;
    }
    let expected: Vec<_> = ids[10..].iter().map(|id| id.as_bytes().to_vec()).collect();
    assert_eq!(seen, expected);
    let filters =
        vec![TrailFilter { attribute: TrailAttribute::EventName, value: "Sign".to_owned() }];
    let signed = TailQuery { filters, limit: 1_000, ..tail(TailStart::After(0)) };
    let page = rig.tail(signed).await;
    assert!(page.events.len() > 50 && names(&page).iter().all(|name| *name == "Sign"));
    let unknown = tail(TailStart::AfterEvent(EventId::from_bytes([9; 16])));
    let outcome = rig.ask(Query::Tail(unknown.into())).await;
    assert!(matches!(outcome, Outcome::UnknownEvent(_)));
}

#[tokio::test(start_paused = true)]
async fn more_tails_than_may_wait_are_refused_and_hold_up_no_lookup() {
    let rig = rig();
    let wait = || rig.ask_with_tail();
    let mut waiting: Vec<_> = (0..TAILS_MAX).map(|_| Box::pin(wait())).collect();
    for tail in &mut waiting {
        let soon = tokio::time::timeout(Duration::ZERO, tail).await;
        assert!(soon.is_err(), "it waits");
    }
    assert_eq!(wait().await, Err(Rejection::Overloaded));
    assert!(matches!(rig.ask(lookup(1)).await, Outcome::Events(_)));
    drop(waiting);
    assert!(wait().await.is_ok());
}

impl Rig {
    async fn ask_with_tail(&self) -> Result<Outcome, Rejection> {
        let query = Query::Tail(tail(TailStart::Now).into());
        self.ask_with(&claims("cloudtrail:LookupEvents"), query).await
    }
}

#[test]
fn a_long_report_is_told_in_parts_of_one_whole() {
    let line = |number: i64| messages::CostLine {
        group: vec!["x".repeat(1_000)],
        quantity_nano: number,
        ..messages::CostLine::default()
    };
    let whole = || messages::CostLines {
        complete: true,
        lines: (0..1_000).map(line).collect(),
        ..messages::CostLines::default()
    };
    let (mut told, mut digests) = (Vec::new(), Vec::new());
    loop {
        let told_already = u32::try_from(told.len()).unwrap();
        let part = part(whole(), told_already);
        assert!(part.encoded_len() <= CUT_BYTES + 1_024 && !part.lines.is_empty());
        told.extend(part.lines);
        digests.push(part.digest);
        if !part.more {
            break;
        }
    }
    assert_eq!(told, whole().lines);
    assert!(digests.len() > 3);
    digests.dedup();
    let [digest] = digests.as_slice() else { panic!("parts of several reports") };
    let other = messages::CostLines { complete: false, ..whole() };
    assert_ne!(part(other, 0).digest, *digest);
    // Whoever knows more than there is gets nothing, and an entry is never too long.
    assert!(part(whole(), 2_000).lines.is_empty());
    let mut long = vec![messages::CostLine { group: vec!["x".repeat(CUT_BYTES)], ..line(1) }; 2];
    assert!(cut(&mut long));
    assert_eq!(long.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_at_a_service_that_finishes() {
    let rig = rig();
    rig.trail.put("eu-west-1", "Encrypt", 0);
    let begun = tokio::time::Instant::now();
    let finish = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        rig.finish.trigger();
    };
    let (page, ()) = tokio::join!(rig.tail(tail(TailStart::Now)), finish);
    assert_eq!((page.events.len(), page.sequence), (0, 1));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
