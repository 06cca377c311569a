//! Frames: how orders and answers are put into messages and taken out of them.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use crate::messages::{self, answer::Outcome};
use crate::{Answer, Order};

/// Orders of one frame at most. A frame is worked on by one replica: longer ones would share the
/// work out less evenly, and the cost of a message is spread thinly enough already.
pub(super) const MAX_ORDERS: usize = 64;
/// Payload bytes of one frame at most, unless a single order or answer has more.
pub(super) const MAX_BYTES: usize = 256 * 1024;
/// What a frame's encoding adds to one payload at most.
pub(super) const OVERHEAD: usize = 128;

/// An order as it travels.
pub(super) fn order(correlation_id: u64, order: Order) -> messages::Order {
    messages::Order {
        correlation_id,
        // Rounded up, so that the service does not give up before the client does.
        deadline_ms: u32::try_from(order.deadline.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX),
        traceparent: order.traceparent.map(|trace| trace.to_string()).unwrap_or_default(),
        payload: order.payload,
    }
}

/// An order as it was sent, with its correlation id. A traceparent that cannot be read is nobody's
/// fault but the tracer's: the order is worked on without.
pub fn received(order: messages::Order) -> (u64, Order) {
    let deadline = Duration::from_millis(order.deadline_ms.into());
    let traceparent = match order.traceparent.as_str() {
        "" => None,
        text => text.parse().ok(),
    };
    (order.correlation_id, Order { deadline, traceparent, payload: order.payload })
}

/// An answer as it travels.
pub(super) fn answer(correlation_id: u64, answer: Answer) -> messages::Answer {
    let outcome = match answer {
        Ok(payload) => Outcome::Payload(payload),
        Err(rejection) => Outcome::Rejection(rejection.into()),
    };
    messages::Answer { correlation_id, outcome: Some(outcome) }
}

/// How many payload bytes an answer has.
pub(super) fn answer_bytes(answer: &messages::Answer) -> usize {
    match &answer.outcome {
        Some(Outcome::Payload(payload)) => payload.len() + OVERHEAD,
        Some(Outcome::Rejection(_)) | None => OVERHEAD,
    }
}

/// A message's bytes.
pub(super) fn encoded(frame: &impl Message) -> Bytes {
    frame.encode_to_vec().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_deadline_is_rounded_up_and_a_traceparent_survives() {
        let sent = Order {
            deadline: Duration::from_micros(1_001),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().ok(),
            payload: Bytes::from_static(b"x"),
        };
        let (id, back) = received(order(5, sent.clone()));
        assert_eq!((id, back.deadline), (5, Duration::from_millis(2)));
        assert!(back.traceparent.is_some());
        assert_eq!((back.traceparent, back.payload), (sent.traceparent, sent.payload));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_frames_or_errors_but_never_a_panic(bytes: Vec<u8>) {
            let bytes = Bytes::from(bytes);
            if let Ok(frame) = messages::OrderFrame::decode(bytes.clone()) {
                frame.orders.into_iter().for_each(|order| drop(received(order)));
            }
            if let Ok(frame) = messages::AnswerFrame::decode(bytes) {
                frame.answers.iter().for_each(|answer| { answer_bytes(answer); });
            }
        }
    }
}
