//! Frames of the bus: orders and answers of any bytes, and what an order says of itself survives
//! being sent on.

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::{Answer, AnswerFrame, Order, OrderFrame, answer::Outcome};
use trent_bus::received;

/// Even: a frame of orders; odd: one of answers.
pub(super) fn run(data: &[u8]) -> bool {
    let Some((choice, frame)) = data.split_first() else { return false };
    let frame = Bytes::copy_from_slice(frame);
    if !choice.is_multiple_of(2) {
        let Ok(frame) = AnswerFrame::decode(frame) else { return false };
        let again = AnswerFrame::decode(frame.encode_to_vec().as_slice());
        assert_eq!(again, Ok(frame));
        return true;
    }
    let Ok(frame) = OrderFrame::decode(frame) else { return false };
    let mut any = false;
    for order in frame.orders {
        any = true;
        let (id, taken) = received(order.clone());
        assert_eq!(id, order.correlation_id);
        assert_eq!(taken.payload, order.payload);
        assert_eq!(taken.deadline.as_millis(), u128::from(order.deadline_ms));
        if let Some(trace) = taken.traceparent {
            let text = trace.to_string();
            assert!(text.eq_ignore_ascii_case(&order.traceparent), "{text}");
        }
    }
    any
}

/// A frame of each kind.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let order = |correlation_id, traceparent: &str| Order {
        correlation_id,
        deadline_ms: 2_000,
        traceparent: traceparent.to_owned(),
        payload: Bytes::from_static(b"payload"),
    };
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let orders = OrderFrame { orders: vec![order(1, ""), order(2, traceparent)] };
    let answers = [Outcome::Payload(Bytes::from_static(b"payload")), Outcome::Rejection(1)];
    let answers =
        answers.into_iter().map(|outcome| Answer { correlation_id: 1, outcome: Some(outcome) });
    let answers = AnswerFrame { answers: answers.collect() };
    vec![
        [&[0], orders.encode_to_vec().as_slice()].concat(),
        [&[1], answers.encode_to_vec().as_slice()].concat(),
    ]
}
