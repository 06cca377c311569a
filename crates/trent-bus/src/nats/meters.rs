//! Metrics of the bus, with their handles kept: counting looks nothing up in the recorder.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use metrics::{describe_counter, describe_gauge, describe_histogram};

use crate::messages::Rejection;
use crate::{BusError, Subject};

const FRAMES: &str = "trent_bus_frames_total";
const ORDERS: &str = "trent_bus_orders_total";
const ANSWER_FRAMES: &str = "trent_bus_answer_frames_total";
const ANSWERS: &str = "trent_bus_answers_total";
const FRAME_ORDERS: &str = "trent_bus_frame_orders";
const DURATION: &str = "trent_bus_order_duration_seconds";
const FAILED: &str = "trent_bus_orders_failed_total";
const WORK_DURATION: &str = "trent_bus_work_duration_seconds";
const UNDER_WAY: &str = "trent_bus_orders_under_way";
const REJECTED: &str = "trent_bus_orders_rejected_total";
const DISCONNECTS: &str = "trent_bus_disconnects_total";
const SLOW_CONSUMER: &str = "trent_bus_slow_consumer_total";
const VIOLATIONS: &str = "trent_bus_permission_violations_total";

/// The subjects of a client, one of each kind.
const SUBJECTS: [Subject; 9] = [
    Subject::Authorize,
    Subject::RegistryRead,
    Subject::RegistryChange,
    Subject::ClaimDue,
    Subject::Trail,
    Subject::Admin,
    Subject::Invalidate(uuid::Uuid::nil()),
    Subject::CryptoFast,
    Subject::CryptoSlow,
];

/// Describes every metric, once for a process.
fn describe() {
    describe_counter!(FRAMES, "Messages with orders, by subject and direction");
    describe_counter!(ORDERS, "Orders, by subject and direction");
    describe_counter!(ANSWER_FRAMES, "Messages with answers, by direction");
    describe_counter!(ANSWERS, "Answers, by direction");
    describe_histogram!(FRAME_ORDERS, "Orders in one sent message, by subject");
    describe_histogram!(DURATION, "From an order's sending to its answer, by subject");
    describe_counter!(FAILED, "Orders without an answer of the service, by subject and reason");
    describe_histogram!(WORK_DURATION, "A service's work on one order, by subject");
    describe_gauge!(UNDER_WAY, "Orders that a service has taken and not answered, by subject");
    describe_counter!(REJECTED, "Orders that a service refused as overloaded, by subject");
    describe_counter!(DISCONNECTS, "Lost connections to NATS");
    describe_counter!(SLOW_CONSUMER, "Times that NATS dropped messages: this process is too slow");
    describe_counter!(VIOLATIONS, "Things that NATS did not permit to this role");
}

/// What the connection tells of itself.
pub(super) struct ConnectionMeters {
    pub(super) disconnects: Counter,
    pub(super) slow_consumer: Counter,
    pub(super) violations: Counter,
}

impl ConnectionMeters {
    pub(super) fn new() -> Self {
        describe();
        Self {
            disconnects: counter!(DISCONNECTS),
            slow_consumer: counter!(SLOW_CONSUMER),
            violations: counter!(VIOLATIONS),
        }
    }
}

/// What goes out and comes back for one subject.
struct Sent {
    frames: Counter,
    orders: Counter,
    frame_orders: Histogram,
    duration: Histogram,
    timeout: Counter,
    disconnected: Counter,
    overloaded: Counter,
    rejected: Counter,
}

impl Sent {
    fn new(subject: Subject) -> Self {
        let subject = subject.label();
        let failed = |reason| counter!(FAILED, "subject" => subject, "reason" => reason);
        Self {
            frames: counter!(FRAMES, "subject" => subject, "direction" => "sent"),
            orders: counter!(ORDERS, "subject" => subject, "direction" => "sent"),
            frame_orders: histogram!(FRAME_ORDERS, "subject" => subject),
            duration: histogram!(DURATION, "subject" => subject),
            timeout: failed("timeout"),
            disconnected: failed("disconnected"),
            overloaded: failed("overloaded"),
            rejected: failed("rejected"),
        }
    }
}

/// The client side of one connection.
pub(super) struct ClientMeters {
    sent: [Sent; SUBJECTS.len()],
    answer_frames: Counter,
    answers: Counter,
}

impl ClientMeters {
    pub(super) fn new() -> Self {
        describe();
        Self {
            sent: SUBJECTS.map(Sent::new),
            answer_frames: counter!(ANSWER_FRAMES, "direction" => "received"),
            answers: counter!(ANSWERS, "direction" => "received"),
        }
    }

    fn of(&self, subject: Subject) -> &Sent {
        let [authorize, read, change, claim, trail, admin, invalidate, fast, slow] = &self.sent;
        match subject {
            Subject::Authorize => authorize,
            Subject::RegistryRead => read,
            Subject::RegistryChange => change,
            Subject::ClaimDue => claim,
            Subject::Trail => trail,
            Subject::Admin => admin,
            Subject::Invalidate(_) => invalidate,
            Subject::CryptoFast => fast,
            Subject::CryptoSlow => slow,
        }
    }

    /// Counts a message that leaves.
    pub(super) fn frame(&self, subject: Subject, orders: usize) {
        let sent = self.of(subject);
        sent.frames.increment(1);
        sent.orders.increment(orders as u64);
        sent.frame_orders.record(orders as f64);
    }

    /// Counts the end of an order.
    pub(super) fn ended(&self, subject: Subject, took: Duration, failure: Option<&BusError>) {
        let sent = self.of(subject);
        match failure {
            None => sent.duration.record(took),
            Some(BusError::Timeout) => sent.timeout.increment(1),
            Some(BusError::Disconnected) => sent.disconnected.increment(1),
            Some(BusError::Rejected(Rejection::Overloaded)) => sent.overloaded.increment(1),
            Some(BusError::Rejected(
                Rejection::Malformed | Rejection::Unavailable | Rejection::Unspecified,
            )) => sent.rejected.increment(1),
        }
    }

    /// Counts a message of answers.
    pub(super) fn answered(&self, answers: usize) {
        self.answer_frames.increment(1);
        self.answers.increment(answers as u64);
    }
}

/// A service of one subject.
pub(super) struct ServiceMeters {
    frames: Counter,
    orders: Counter,
    answer_frames: Counter,
    answers: Counter,
    pub(super) under_way: Gauge,
    pub(super) rejected: Counter,
    pub(super) duration: Histogram,
}

impl ServiceMeters {
    pub(super) fn new(subject: Subject) -> Self {
        describe();
        let subject = subject.label();
        Self {
            frames: counter!(FRAMES, "subject" => subject, "direction" => "received"),
            orders: counter!(ORDERS, "subject" => subject, "direction" => "received"),
            answer_frames: counter!(ANSWER_FRAMES, "direction" => "sent"),
            answers: counter!(ANSWERS, "direction" => "sent"),
            under_way: gauge!(UNDER_WAY, "subject" => subject),
            rejected: counter!(REJECTED, "subject" => subject),
            duration: histogram!(WORK_DURATION, "subject" => subject),
        }
    }

    /// Counts a message that came in.
    pub(super) fn frame(&self, orders: usize) {
        self.frames.increment(1);
        self.orders.increment(orders as u64);
    }

    /// Counts a message of answers.
    pub(super) fn answered(&self, answers: usize) {
        self.answer_frames.increment(1);
        self.answers.increment(answers as u64);
    }
}
