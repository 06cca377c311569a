//! What every transport must do: each test runs in process and over a real nats-server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use trent_bus::messages::Rejection;
use trent_bus::{
    Bus, BusError, InProcessBus, NatsBus, Order, ServeLimits, Service, Serving, Subject,
};
use uuid::Uuid;

use crate::server::Server;
use crate::services::{Echo, Held, Refuse, Told, order, order_within};

/// A transport with its service.
enum Transport {
    InProcess(InProcessBus),
    Nats(Box<OverNats>),
}

struct OverNats {
    client: NatsBus,
    service: NatsBus,
    serving: Vec<Serving>,
    _server: Server,
}

impl Transport {
    fn in_process() -> Self {
        Self::InProcess(InProcessBus::new())
    }

    async fn nats() -> Self {
        let server = Server::start();
        let (client, service) = (server.connect("tap").await, server.connect("tap").await);
        Self::Nats(Box::new(OverNats { client, service, serving: Vec::new(), _server: server }))
    }

    async fn serve(&mut self, subject: Subject, handler: Arc<dyn Service>) {
        match self {
            Self::InProcess(bus) => bus.serve(subject, handler).unwrap(),
            Self::Nats(nats) => {
                let limits = ServeLimits::default();
                let serving = nats.service.serve(subject, handler, limits).await.unwrap();
                nats.serving.push(serving);
                settle(&nats.service).await;
            }
        }
    }

    fn bus(&self) -> Bus {
        match self {
            Self::InProcess(bus) => bus.bus(),
            Self::Nats(nats) => nats.client.bus(),
        }
    }
}

/// Returns when the server has seen everything that this connection has sent so far: the answer "no
/// responders" comes after it.
pub(crate) async fn settle(connection: &NatsBus) {
    let nobody = Subject::Invalidate(Uuid::nil());
    assert_eq!(connection.bus().call(nobody, order("")).await, Err(BusError::Disconnected));
}

macro_rules! on_both_transports {
    ($($name:ident)+) => {
        mod in_process { $(
            #[tokio::test]
            async fn $name() { super::$name(super::Transport::in_process()).await; }
        )+ }
        mod nats { $(
            #[tokio::test]
            async fn $name() { super::$name(super::Transport::nats().await).await; }
        )+ }
    };
}

on_both_transports! {
    an_order_is_answered
    a_refusal_reaches_the_caller
    a_subject_that_nobody_serves_is_away
    work_that_takes_too_long_is_given_up_on_both_sides
    many_orders_at_once_get_each_its_own_answer
    big_orders_and_answers_arrive_whole
    subjects_do_not_mix
    trace_and_remaining_time_arrive_with_the_order
}

async fn an_order_is_answered(mut transport: Transport) {
    transport.serve(Subject::Authorize, Arc::new(Echo)).await;
    let bus = transport.bus();
    assert_eq!(bus.call(Subject::Authorize, order("hello")).await.unwrap(), "hello");
    assert_eq!(bus.call(Subject::Authorize, order("")).await.unwrap(), "");
}

async fn a_refusal_reaches_the_caller(mut transport: Transport) {
    let refuse = Refuse(Rejection::Unavailable);
    transport.serve(Subject::RegistryRead, Arc::new(refuse)).await;
    let answer = transport.bus().call(Subject::RegistryRead, order("x")).await;
    assert_eq!(answer, Err(BusError::Rejected(Rejection::Unavailable)));
}

async fn a_subject_that_nobody_serves_is_away(transport: Transport) {
    for subject in [Subject::CryptoSlow, Subject::Invalidate(Uuid::from_u128(1))] {
        let answer = transport.bus().call(subject, order("x")).await;
        assert_eq!(answer, Err(BusError::Disconnected));
    }
}

async fn work_that_takes_too_long_is_given_up_on_both_sides(mut transport: Transport) {
    let (service, mut hears, _gate) = Held::new();
    transport.serve(Subject::CryptoFast, service).await;
    let late = order_within(Duration::from_millis(100), "hold");
    let answer = transport.bus().call(Subject::CryptoFast, late).await;
    assert_eq!(answer, Err(BusError::Timeout));
    assert!(matches!(hears.recv().await, Some(Told::Began(_))));
    assert!(matches!(hears.recv().await, Some(Told::Ended)));
}

async fn many_orders_at_once_get_each_its_own_answer(mut transport: Transport) {
    transport.serve(Subject::CryptoFast, Arc::new(Echo)).await;
    let bus = transport.bus();
    let ask = |number: u32| {
        let bus = bus.clone();
        async move {
            let payload = number.to_le_bytes().to_vec();
            let answer = bus.call(Subject::CryptoFast, order(payload.clone())).await;
            assert_eq!(answer.unwrap(), payload);
        }
    };
    join_all((0..3_000).map(ask)).await;
}

async fn big_orders_and_answers_arrive_whole(mut transport: Transport) {
    transport.serve(Subject::RegistryChange, Arc::new(Echo)).await;
    let bus = transport.bus();
    let ask = |number: u8| {
        let (bus, payload) = (bus.clone(), vec![number; 64 * 1024]);
        async move {
            let answer = bus.call(Subject::RegistryChange, order(payload.clone())).await;
            assert!(answer.unwrap() == payload);
        }
    };
    join_all((0..40).map(ask)).await;
}

async fn subjects_do_not_mix(mut transport: Transport) {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    transport.serve(Subject::CryptoFast, Arc::new(Echo)).await;
    transport.serve(Subject::CryptoSlow, Arc::new(Refuse(Rejection::Malformed))).await;
    transport.serve(Subject::Invalidate(one), Arc::new(Echo)).await;
    transport.serve(Subject::Invalidate(other), Arc::new(Refuse(Rejection::Unavailable))).await;
    let bus = transport.bus();
    let (fast, slow, first, second) = tokio::join!(
        bus.call(Subject::CryptoFast, order("fast")),
        bus.call(Subject::CryptoSlow, order("slow")),
        bus.call(Subject::Invalidate(one), order("one")),
        bus.call(Subject::Invalidate(other), order("other")),
    );
    assert_eq!(fast.unwrap(), "fast");
    assert_eq!(slow, Err(BusError::Rejected(Rejection::Malformed)));
    assert_eq!(first.unwrap(), "one");
    assert_eq!(second, Err(BusError::Rejected(Rejection::Unavailable)));
}

async fn trace_and_remaining_time_arrive_with_the_order(mut transport: Transport) {
    let (service, mut hears, _gate) = Held::new();
    transport.serve(Subject::Authorize, service).await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let sent = Order { traceparent: trace.parse().ok(), ..order("traced") };
    let deadline = sent.deadline;
    transport.bus().call(Subject::Authorize, sent).await.unwrap();
    let Some(Told::Began(arrived)) = hears.recv().await else { panic!("nothing arrived") };
    assert_eq!(arrived.traceparent.unwrap().to_string(), trace);
    assert!(arrived.deadline <= deadline && arrived.deadline > deadline / 2);
}
