//! What only the transport over NATS can do: frames, bounds, draining, and sealed payloads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::{join_all, select_all};
use prost::Message;
use tokio::sync::mpsc;
use trent_bus::messages::{self, AnswerFrame, OrderFrame, Rejection, answer::Outcome};
use trent_bus::{
    BusError, ClientLimits, NatsBus, NatsOptions, Purpose, Sealer, ServeLimits, Service, Serving,
    Subject,
};
use trent_types::{KeyRing, RequestId};

use crate::both::settle;
use crate::server::Server;
use crate::services::{Echo, Held, PATIENCE, Panics, Told, order, order_within};

const FAST: Subject = Subject::CryptoFast;

async fn serve(
    server: &Server,
    service: Arc<dyn Service>,
    limits: ServeLimits,
) -> (NatsBus, Serving) {
    let connection = server.connect("tap").await;
    let serving = connection.serve(FAST, service, limits).await.unwrap();
    settle(&connection).await;
    (connection, serving)
}

/// The gateway's options with another bound.
fn at_most(server: &Server, orders_max: usize) -> NatsOptions {
    let limits = ClientLimits { orders_max, ..ClientLimits::default() };
    NatsOptions { limits, ..server.options("gateway") }
}

#[tokio::test]
async fn a_service_that_panics_over_an_order_serves_the_next() {
    let server = Server::start();
    let (_worker, _serving) = serve(&server, Arc::new(Panics), ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let brief = Duration::from_millis(200);
    for _ in 0..3 {
        let broken = bus.call(FAST, order_within(brief, "panic")).await;
        assert_eq!(broken, Err(BusError::Timeout));
        assert_eq!(bus.call(FAST, order("next")).await.unwrap(), "next");
    }
}

#[tokio::test]
async fn frames_fill_under_load_and_a_lone_order_leaves_at_once() {
    let server = Server::start();
    let tap = server.tap().await;
    let mut frames = tap.subscribe(FAST.name()).await.unwrap();
    // The answer to this comes after the subscription has taken effect.
    assert!(tap.request("nobody.serves.this", "".into()).await.is_err());
    let (_worker, _serving) = serve(&server, Arc::new(Echo), ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let mut next_frame = async || {
        let message = frames.next().await.unwrap();
        OrderFrame::decode(message.payload).unwrap().orders.len()
    };

    let mut fastest = PATIENCE;
    for _ in 0..20 {
        let begun = Instant::now();
        bus.call(FAST, order("lone")).await.unwrap();
        fastest = fastest.min(begun.elapsed());
        assert_eq!(next_frame().await, 1);
    }
    // No timer holds a lone order back: it would show in every one of them.
    assert!(fastest < Duration::from_millis(5), "{fastest:?}");

    let many = 2_000;
    join_all((0..many).map(|_| bus.call(FAST, order("many")))).await;
    let (mut orders, mut count) = (0, 0);
    while orders < many {
        orders += next_frame().await;
        count += 1;
    }
    assert_eq!(orders, many);
    assert!(orders / count >= 16, "{orders} orders in {count} frames");
}

#[tokio::test]
async fn a_fast_answer_does_not_wait_for_a_slow_one_of_its_frame() {
    let server = Server::start();
    let (service, _hears, gate) = Held::new();
    let (_worker, _serving) = serve(&server, service, ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let ask = |payload: &'static str| Box::pin(bus.call(FAST, order(payload)));
    let (first, _, slow) = select_all([ask("hold"), ask("quick")]).await;
    assert_eq!(first.unwrap(), "quick");
    gate.add_permits(1);
    assert_eq!(join_all(slow).await[0].as_ref().unwrap(), "hold");
}

#[tokio::test]
async fn a_service_refuses_at_once_what_is_beyond_its_bound() {
    let server = Server::start();
    let (service, mut hears, gate) = Held::new();
    let (_worker, _serving) = serve(&server, service, ServeLimits { orders_max: 4 }).await;
    let gateway = server.connect("gateway").await;
    let (outcomes, mut outcome) = mpsc::unbounded_channel();
    for _ in 0..10 {
        let (bus, outcomes) = (gateway.bus(), outcomes.clone());
        tokio::spawn(async move { outcomes.send(bus.call(FAST, order("hold")).await) });
    }
    for _ in 0..6 {
        let refused = outcome.recv().await.unwrap();
        assert_eq!(refused, Err(BusError::Rejected(Rejection::Overloaded)));
    }
    for _ in 0..4 {
        assert!(matches!(hears.recv().await, Some(Told::Began(_))));
    }
    gate.add_permits(4);
    for _ in 0..4 {
        assert_eq!(outcome.recv().await.unwrap().unwrap(), "hold");
    }
    assert_eq!(gateway.bus().call(FAST, order("again")).await.unwrap(), "again");
}

#[tokio::test]
async fn a_client_refuses_at_once_what_is_beyond_its_bound() {
    let server = Server::start();
    let (service, _hears, gate) = Held::new();
    let (_worker, _serving) = serve(&server, service, ServeLimits::default()).await;
    let gateway = server.connect_with("gateway", &at_most(&server, 2)).await;
    let bus = gateway.bus();
    let ask = || Box::pin(bus.call(FAST, order("hold")));
    let (refused, _, under_way) = select_all([ask(), ask(), ask()]).await;
    assert_eq!(refused, Err(BusError::Rejected(Rejection::Overloaded)));
    gate.add_permits(2);
    for answer in join_all(under_way).await {
        assert_eq!(answer.unwrap(), "hold");
    }
    let huge = bus.call(FAST, order(vec![0; 2 << 20])).await;
    assert_eq!(huge, Err(BusError::Rejected(Rejection::Malformed)));
}

#[tokio::test]
async fn an_order_that_nobody_waits_for_leaves_no_trace_in_the_bound() {
    let server = Server::start();
    let (service, _hears, _gate) = Held::new();
    let (_worker, _serving) = serve(&server, service, ServeLimits::default()).await;
    let gateway = server.connect_with("gateway", &at_most(&server, 1)).await;
    let late = order_within(Duration::from_millis(20), "hold");
    for _ in 0..3 {
        assert_eq!(gateway.bus().call(FAST, late.clone()).await, Err(BusError::Timeout));
    }
    assert_eq!(gateway.bus().call(FAST, order("quick")).await.unwrap(), "quick");
}

#[tokio::test]
async fn draining_finishes_what_was_taken_and_takes_no_more() {
    let server = Server::start();
    let (service, mut hears, gate) = Held::new();
    let (_worker, serving) = serve(&server, service, ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let asking = tokio::spawn(async move { bus.call(FAST, order("hold")).await });
    assert!(matches!(hears.recv().await, Some(Told::Began(_))));
    let draining = tokio::spawn(serving.drain(PATIENCE));
    // Only the unsubscription can make this happen.
    while gateway.bus().call(FAST, order("more")).await != Err(BusError::Disconnected) {}
    gate.add_permits(1);
    draining.await.unwrap();
    assert_eq!(asking.await.unwrap().unwrap(), "hold");
}

#[tokio::test]
async fn a_service_that_dies_leaves_its_orders_without_an_answer() {
    let server = Server::start();
    let (service, mut hears, _gate) = Held::new();
    let (worker, serving) = serve(&server, service, ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let soon = order_within(Duration::from_millis(500), "hold");
    let asking = tokio::spawn(async move { bus.call(FAST, soon).await });
    assert!(matches!(hears.recv().await, Some(Told::Began(_))));
    drop((serving, worker));
    assert!(matches!(hears.recv().await, Some(Told::Ended)));
    assert_eq!(asking.await.unwrap(), Err(BusError::Timeout));
    let answer = gateway.bus().call(FAST, order("anyone?")).await;
    assert_eq!(answer, Err(BusError::Disconnected));
}

#[tokio::test]
async fn without_a_server_orders_fail_at_once() {
    let mut server = Server::start();
    let gateway = server.connect("gateway").await;
    server.kill();
    let begun = Instant::now();
    while gateway.is_connected() {
        let _ = gateway.bus().call(FAST, order_within(Duration::from_millis(50), "x")).await;
        assert!(begun.elapsed() < PATIENCE);
    }
    let begun = Instant::now();
    assert_eq!(gateway.bus().call(FAST, order("x")).await, Err(BusError::Disconnected));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn nobody_who_hears_everything_hears_a_sealed_plaintext() {
    const CANARY: &[u8] = b"canary-7f3a-attack-at-dawn";
    let server = Server::start();
    let (_worker, _serving) = serve(&server, Arc::new(Echo), ServeLimits::default()).await;
    let gateway = server.connect("gateway").await;
    // After the service: whoever hears everything counts as somebody who could answer.
    let tap = server.tap().await;
    let mut everything = tap.subscribe(">").await.unwrap();
    tap.publish("settled", "".into()).await.unwrap();
    assert_eq!(everything.next().await.unwrap().subject.as_str(), "settled");
    let sealer = Sealer::new(KeyRing::parse(&format!("1 {}", "5a".repeat(32))).unwrap());
    let request = RequestId::from_bytes([1; 16]);

    let sealed = sealer.seal(Purpose::GatewayToWorker, request, CANARY);
    let answer = gateway.bus().call(FAST, order(sealed)).await.unwrap();
    let opened = sealer.open(Purpose::GatewayToWorker, request, &answer).unwrap();
    assert_eq!(opened.expose(), CANARY);

    // Order and answer both passed by; an unsealed one shows that the tap would have heard it.
    gateway.bus().call(FAST, order(CANARY)).await.unwrap();
    let heard = |message: &async_nats::Message| {
        message.payload.windows(CANARY.len()).any(|window| window == CANARY)
    };
    let mut passed_by = Vec::new();
    while passed_by.iter().filter(|canary| **canary).count() < 2 {
        passed_by.push(heard(&everything.next().await.unwrap()));
    }
    assert!(passed_by.len() >= 4);
    assert_eq!(passed_by.iter().position(|canary| *canary), Some(passed_by.len() - 2));
}

#[tokio::test]
async fn a_service_survives_what_it_cannot_read_and_ignores_what_came_too_late() {
    let server = Server::start();
    let (service, mut hears, _gate) = Held::new();
    let (_worker, _serving) = serve(&server, service, ServeLimits::default()).await;
    let tap = server.tap().await;
    let mut inbox = tap.subscribe("_INBOX_tap.>").await.unwrap();
    let mut elsewhere = tap.subscribe("elsewhere").await.unwrap();
    let frame = |orders: &[(u64, u32)]| {
        let order = |(correlation_id, deadline_ms): &(u64, u32)| messages::Order {
            correlation_id: *correlation_id,
            deadline_ms: *deadline_ms,
            traceparent: "not a traceparent".into(),
            payload: correlation_id.to_string().into(),
        };
        OrderFrame { orders: orders.iter().map(order).collect() }.encode_to_vec().into()
    };
    let send = async |reply: &'static str, payload: bytes::Bytes| {
        tap.publish_with_reply(FAST.name(), reply, payload).await.unwrap();
    };
    send("_INBOX_tap.1", "\u{1}garbage".into()).await;
    tap.publish(FAST.name(), frame(&[(1, 9_000)])).await.unwrap();
    send("elsewhere", frame(&[(2, 9_000)])).await;
    send("_INBOX_tap.1", frame(&[])).await;
    send("_INBOX_tap.1", frame(&[(3, 0)])).await;
    send("_INBOX_tap.1", frame(&[(4, 0), (5, 9_000)])).await;

    let message = inbox.next().await.unwrap();
    let answers = AnswerFrame::decode(message.payload).unwrap().answers;
    let expected = Some(Outcome::Payload("5".into()));
    assert_eq!(answers, [messages::Answer { correlation_id: 5, outcome: expected }]);
    let Some(Told::Began(only)) = hears.recv().await else { panic!("nothing arrived") };
    assert_eq!(only.payload, "5");
    tap.publish("elsewhere", "end".into()).await.unwrap();
    assert_eq!(elsewhere.next().await.unwrap().payload, "end");
}

#[tokio::test]
async fn answers_that_nobody_knows_are_dropped() {
    let server = Server::start();
    let tap = server.tap().await;
    let mut orders = tap.subscribe(FAST.name()).await.unwrap();
    assert!(tap.request("nobody.serves.this", "".into()).await.is_err());
    let gateway = server.connect("gateway").await;
    let bus = gateway.bus();
    let asking = tokio::spawn(async move { bus.call(FAST, order("x")).await });
    let message = orders.next().await.unwrap();
    let asked = OrderFrame::decode(message.payload).unwrap().orders.remove(0).correlation_id;
    let reply = message.reply.unwrap();
    let answer = |correlation_id, payload: &'static str| messages::Answer {
        correlation_id,
        outcome: Some(Outcome::Payload(payload.into())),
    };
    tap.publish(reply.clone(), "garbage".into()).await.unwrap();
    let silent = messages::Answer { correlation_id: asked, outcome: None };
    let answers = vec![answer(asked + 1, "stray"), silent, answer(asked, "right")];
    let frame = AnswerFrame { answers: [answers, vec![answer(asked, "again")]].concat() };
    tap.publish(reply, frame.encode_to_vec().into()).await.unwrap();
    assert_eq!(asking.await.unwrap().unwrap(), "right");
}
