//! Builds of two versions at the two ends of the bus: frames of another one, written by hand.

use std::sync::Arc;

use futures_util::StreamExt;
use prost::Message;
use prost::encoding::encode_varint;
use trent_bus::messages::{self, AnswerFrame, OrderFrame, Rejection, answer::Outcome};
use trent_bus::{BusError, ServeLimits, Subject};

use crate::both::settle;
use crate::server::Server;
use crate::services::{Echo, order};

const FAST: Subject = Subject::CryptoFast;

/// What a later build may add to any message: a number, a text, and what it would be nonsense to
/// take for a field of today.
fn with_more(message: &impl Message) -> Vec<u8> {
    let mut bytes = message.encode_to_vec();
    encode_varint(900 << 3, &mut bytes);
    encode_varint(u64::MAX, &mut bytes);
    encode_varint(901 << 3 | 2, &mut bytes);
    encode_varint(4, &mut bytes);
    bytes.extend_from_slice(b"more");
    bytes
}

/// A frame whose field 1 holds these messages, with something added to the frame as well.
fn frame(messages: &[Vec<u8>]) -> bytes::Bytes {
    let mut bytes = with_more(&messages::Unit {});
    for message in messages {
        encode_varint(1 << 3 | 2, &mut bytes);
        encode_varint(message.len() as u64, &mut bytes);
        bytes.extend_from_slice(message);
    }
    bytes.into()
}

#[tokio::test]
async fn orders_of_a_newer_and_of_an_older_client_are_done() {
    let server = Server::start();
    let worker = server.connect("tap").await;
    let _serving = worker.serve(FAST, Arc::new(Echo), ServeLimits::default()).await.unwrap();
    settle(&worker).await;
    let tap = server.tap().await;
    let mut inbox = tap.subscribe("_INBOX_tap.>").await.unwrap();
    let newer = |correlation_id, payload: &'static str| {
        let payload = payload.into();
        let (deadline_ms, traceparent) = (9_000, String::new());
        with_more(&messages::Order { correlation_id, deadline_ms, traceparent, payload })
    };
    // An older one knows of no traces.
    let older = messages::Order {
        correlation_id: 3,
        deadline_ms: 9_000,
        payload: "three".into(),
        ..messages::Order::default()
    };
    let orders = frame(&[newer(1, "one"), newer(2, "two"), older.encode_to_vec()]);
    tap.publish_with_reply(FAST.name(), "_INBOX_tap.1", orders).await.unwrap();

    let mut answers = Vec::new();
    while answers.len() < 3 {
        let message = inbox.next().await.unwrap();
        answers.extend(AnswerFrame::decode(message.payload).unwrap().answers);
    }
    answers.sort_by_key(|answer| answer.correlation_id);
    for (answer, expected) in answers.iter().zip(["one", "two", "three"]) {
        assert_eq!(answer.outcome, Some(Outcome::Payload(expected.into())));
    }
}

#[tokio::test]
async fn answers_of_a_newer_service_are_taken_and_a_rejection_it_invented_is_one() {
    let server = Server::start();
    let tap = server.tap().await;
    let mut orders = tap.subscribe(FAST.name()).await.unwrap();
    assert!(tap.request("nobody.serves.this", "".into()).await.is_err());
    let gateway = server.connect("gateway").await;
    for (outcome, expected) in [
        (Outcome::Payload("right".into()), Ok("right".into())),
        (Outcome::Rejection(99), Err(BusError::Rejected(Rejection::Unspecified))),
    ] {
        let bus = gateway.bus();
        let asking = tokio::spawn(async move { bus.call(FAST, order("x")).await });
        let message = orders.next().await.unwrap();
        let correlation_id =
            OrderFrame::decode(message.payload).unwrap().orders.remove(0).correlation_id;
        let answer = messages::Answer { correlation_id, outcome: Some(outcome) };
        tap.publish(message.reply.unwrap(), frame(&[with_more(&answer)])).await.unwrap();
        assert_eq!(asking.await.unwrap(), expected);
    }
}
