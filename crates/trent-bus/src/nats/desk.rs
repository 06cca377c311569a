//! What waits to leave for the other roles, and what waits for their answers.
//!
//! An order leaves at once where none of its subject is on its way. Where one is, more gather until
//! its answer comes, as with Nagle's algorithm (RFC 896): a message costs as much as a dozen orders
//! in it. A full frame waits for nothing, so many replicas are kept at work, and nothing waits
//! longer than [`HOLD`]: a role that stands still holds nobody up.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::client::ClientLimits;
use super::frames::{self, MAX_BYTES, MAX_ORDERS, OVERHEAD};
use crate::messages::{self, Rejection};
use crate::{BusError, Order, Subject};

/// How long an order waits at most for the answer to others.
pub(super) const HOLD: Duration = Duration::from_millis(2);

/// Where an order's answer comes.
pub(super) type Answered = oneshot::Receiver<Result<Bytes, BusError>>;

/// Everything under way.
#[derive(Default)]
pub(super) struct Desk {
    queues: Vec<Queue>,
    waiting_bytes: usize,
    unanswered: HashMap<u64, Unanswered>,
    on_their_way: Vec<OnItsWay>,
    last_id: u64,
    last_frame: u64,
}

/// Orders of one subject that have not left.
struct Queue {
    subject: Subject,
    orders: Vec<messages::Order>,
    bytes: usize,
    since: Instant,
}

pub(super) struct Unanswered {
    /// The frame that the order left in; 0 while it waits.
    frame: u64,
    pub(super) answer: oneshot::Sender<Result<Bytes, BusError>>,
}

/// A frame without an answer so far.
struct OnItsWay {
    number: u64,
    subject: Subject,
    since: Instant,
}

/// Orders of one subject on their way into one message.
pub(super) struct Frame {
    pub(super) number: u64,
    pub(super) subject: Subject,
    pub(super) orders: Vec<messages::Order>,
    bytes: usize,
}

impl Desk {
    /// Puts an order on the desk: its correlation id, where its answer comes, and whether the
    /// sending task has to look.
    ///
    /// # Errors
    /// [`Rejection::Overloaded`] when there is too much.
    pub(super) fn enter(
        &mut self,
        subject: Subject,
        order: Order,
        limits: ClientLimits,
    ) -> Result<(u64, Answered, bool), BusError> {
        let bytes = order.payload.len() + OVERHEAD;
        if self.unanswered.len() >= limits.orders_max
            || self.waiting_bytes + bytes > limits.waiting_bytes_max
        {
            return Err(BusError::Rejected(Rejection::Overloaded));
        }
        let (sender, receiver) = oneshot::channel();
        self.last_id += 1;
        let id = self.last_id;
        self.unanswered.insert(id, Unanswered { frame: 0, answer: sender });
        self.waiting_bytes += bytes;
        let order = frames::order(id, order);
        let Some(queue) = self.queues.iter_mut().find(|queue| queue.subject == subject) else {
            let (orders, since) = (vec![order], Instant::now());
            self.queues.push(Queue { subject, orders, bytes, since });
            return Ok((id, receiver, true));
        };
        let full = queue.is_full();
        queue.orders.push(order);
        queue.bytes += bytes;
        Ok((id, receiver, !full && queue.is_full()))
    }

    /// What leaves now, in frames, and when to look again for what does not.
    pub(super) fn take(&mut self, now: Instant) -> (Vec<Frame>, Option<Instant>) {
        self.on_their_way.retain(|frame| now < frame.since + HOLD);
        let (mut frames, mut again) = (Vec::new(), None);
        let mut held = Vec::new();
        for queue in std::mem::take(&mut self.queues) {
            let due = queue.since + HOLD;
            if self.holds(&queue) && now < due {
                again = Some(again.map_or(due, |again: Instant| again.min(due)));
                held.push(queue);
            } else {
                self.waiting_bytes -= queue.bytes;
                self.frame(queue, now, &mut frames);
            }
        }
        self.queues = held;
        (frames, again)
    }

    /// Whether a queue waits for the answer to others.
    fn holds(&self, queue: &Queue) -> bool {
        gathers(queue.subject)
            && !queue.is_full()
            && self.on_their_way.iter().any(|frame| frame.subject == queue.subject)
    }

    /// Puts the orders of a queue that are still wanted in frames.
    fn frame(&mut self, queue: Queue, now: Instant, frames: &mut Vec<Frame>) {
        let subject = queue.subject;
        let before = frames.len();
        for order in queue.orders {
            let bytes = order.payload.len() + OVERHEAD;
            let Some(entry) = self.unanswered.get_mut(&order.correlation_id) else { continue };
            let open = frames.get_mut(before..).and_then(<[Frame]>::last_mut);
            match open.filter(|frame| frame.has_room(bytes)) {
                Some(frame) => {
                    entry.frame = frame.number;
                    frame.bytes += bytes;
                    frame.orders.push(order);
                }
                None => {
                    self.last_frame += 1;
                    let number = self.last_frame;
                    entry.frame = number;
                    if gathers(subject) {
                        self.on_their_way.push(OnItsWay { number, subject, since: now });
                    }
                    frames.push(Frame { number, subject, orders: vec![order], bytes });
                }
            }
        }
    }

    /// An answer to a frame has come, or none will; whether something may have waited for it.
    pub(super) fn arrived(&mut self, frame: u64) -> bool {
        let Some(at) = self.on_their_way.iter().position(|one| one.number == frame) else {
            return false;
        };
        self.on_their_way.swap_remove(at);
        !self.queues.is_empty()
    }

    /// Takes an order off the desk.
    pub(super) fn remove(&mut self, id: u64) -> Option<Unanswered> {
        self.unanswered.remove(&id)
    }

    /// Takes the orders of a frame off the desk. Correlation ids rise within a frame, so they lie
    /// between the first and the last; ids of other frames may lie there too.
    pub(super) fn remove_frame(&mut self, frame: u64, first: u64, last: u64) -> Vec<Unanswered> {
        // The range comes over the wire: what it spans does not decide how long this takes.
        let of_frame =
            |id: &u64, entry: &Unanswered| (first..=last).contains(id) && entry.frame == frame;
        let found = self.unanswered.iter().filter(|(id, entry)| of_frame(id, entry));
        let ids: Vec<u64> = found.map(|(id, _)| *id).collect();
        ids.iter().filter_map(|id| self.unanswered.remove(id)).collect()
    }
}

impl Queue {
    const fn is_full(&self) -> bool {
        self.orders.len() >= MAX_ORDERS || self.bytes >= MAX_BYTES
    }
}

impl Frame {
    const fn has_room(&self, bytes: usize) -> bool {
        self.orders.len() < MAX_ORDERS && self.bytes + bytes <= MAX_BYTES
    }
}

/// Whether orders of a subject gather: those that every request makes, and whose answers come
/// within a fraction of a millisecond.
const fn gathers(subject: Subject) -> bool {
    match subject {
        Subject::Authorize | Subject::CryptoFast => true,
        Subject::RegistryRead
        | Subject::RegistryChange
        | Subject::ClaimDue
        | Subject::Trail
        | Subject::Admin
        | Subject::Invalidate(_)
        | Subject::CryptoSlow => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(desk: &mut Desk, subject: Subject) -> (u64, bool) {
        let order = Order {
            deadline: Duration::from_secs(1),
            traceparent: None,
            payload: Bytes::from_static(b"order"),
        };
        let (id, _, rings) = desk.enter(subject, order, ClientLimits::default()).unwrap();
        (id, rings)
    }

    fn sizes(frames: &[Frame]) -> Vec<(Subject, usize)> {
        frames.iter().map(|frame| (frame.subject, frame.orders.len())).collect()
    }

    #[test]
    fn orders_gather_while_one_of_theirs_is_on_its_way() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        assert_eq!(enter(&mut desk, Subject::Authorize), (1, true));
        let (frames, again) = desk.take(now);
        assert_eq!((sizes(&frames), again), (vec![(Subject::Authorize, 1)], None));
        let first = frames[0].number;
        for id in 2..5 {
            assert_eq!(enter(&mut desk, Subject::Authorize), (id, id == 2));
        }
        assert_eq!(enter(&mut desk, Subject::CryptoFast), (5, true), "another subject waits not");
        let (frames, again) = desk.take(now);
        assert_eq!(sizes(&frames), [(Subject::CryptoFast, 1)]);
        assert!(again.is_some_and(|again| again > now && again <= now + HOLD * 2));
        assert!(desk.arrived(first), "there are some that waited for it");
        assert!(!desk.arrived(first));
        assert_eq!(sizes(&desk.take(now).0), [(Subject::Authorize, 3)]);
    }

    #[test]
    fn nothing_waits_longer_than_the_hold_and_a_full_frame_not_at_all() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        enter(&mut desk, Subject::Authorize);
        assert_eq!(desk.take(now).0.len(), 1);
        let rings = (0..MAX_ORDERS).map(|_| enter(&mut desk, Subject::Authorize).1);
        let rings: Vec<usize> = rings.enumerate().filter(|(_, r)| *r).map(|(at, _)| at).collect();
        assert_eq!(rings, [0, MAX_ORDERS - 1], "by the first and by the one that fills it");
        assert_eq!(sizes(&desk.take(now).0), [(Subject::Authorize, MAX_ORDERS)]);
        enter(&mut desk, Subject::Authorize);
        assert_eq!(desk.take(now).0.len(), 0);
        let later = Instant::now() + HOLD;
        assert_eq!(sizes(&desk.take(later).0), [(Subject::Authorize, 1)]);
        assert!(desk.waiting_bytes == 0 && desk.queues.is_empty());
    }

    #[test]
    fn what_may_take_long_waits_for_nothing() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        for _ in 0..3 {
            assert!(enter(&mut desk, Subject::CryptoSlow).1);
            assert_eq!(sizes(&desk.take(now).0), [(Subject::CryptoSlow, 1)]);
        }
    }

    #[test]
    fn an_order_that_nobody_waits_for_does_not_leave() {
        let (mut desk, now) = (Desk::default(), Instant::now());
        let (given_up, _) = enter(&mut desk, Subject::Authorize);
        let (wanted, _) = enter(&mut desk, Subject::Authorize);
        assert!(desk.remove(given_up).is_some());
        let (frames, _) = desk.take(now);
        assert_eq!(sizes(&frames), [(Subject::Authorize, 1)]);
        assert_eq!(frames[0].orders[0].correlation_id, wanted);
        assert_eq!(desk.remove_frame(frames[0].number, 1, 9).len(), 1);
        assert!(desk.remove(wanted).is_none());
    }
}
