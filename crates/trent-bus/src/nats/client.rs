//! The sending side: orders that are ready together leave in one frame, answers find their way back
//! by id.
//!
//! One task hands frames over to the connection. The caller of the first waiting order lets
//! everything else that is ready on its thread have its turn, then wakes that task, which takes all
//! that wait: so an order on an idle bus leaves at once, and what a busy core asks in one turn
//! travels together. No timer is involved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_nats::connection::State as Connection;
use async_nats::{Client, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt;
use prost::Message;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use super::NatsError;
use super::frames::{self, MAX_BYTES, MAX_ORDERS, OVERHEAD};
use super::meters::ClientMeters;
use crate::messages::{self, Rejection, answer::Outcome};
use crate::{BusError, Order, Subject};

/// How much a client may have under way before it refuses more as overloaded.
#[derive(Debug, Clone, Copy)]
pub struct ClientLimits {
    /// Orders without an answer.
    pub orders_max: usize,
    /// Bytes of orders that have not been handed over to the connection.
    pub waiting_bytes_max: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self { orders_max: 8_192, waiting_bytes_max: 16 * 1024 * 1024 }
    }
}

/// The orders of one connection.
pub(crate) struct NatsClient {
    client: Client,
    inbox: String,
    limits: ClientLimits,
    desk: Mutex<Desk>,
    /// Tells the sending task that orders wait.
    waiting: Notify,
    meters: ClientMeters,
}

/// Everything under way.
#[derive(Default)]
struct Desk {
    waiting: Vec<(Subject, messages::Order)>,
    waiting_bytes: usize,
    unanswered: HashMap<u64, Unanswered>,
    last_id: u64,
    last_frame: u64,
}

struct Unanswered {
    /// The frame that the order left in; 0 while it waits.
    frame: u64,
    answer: oneshot::Sender<Result<Bytes, BusError>>,
}

/// Orders of one subject on their way into one message.
struct Frame {
    number: u64,
    subject: Subject,
    orders: Vec<messages::Order>,
    bytes: usize,
}

/// Takes an order off the desk when its caller stops waiting, for whatever reason.
struct Entry<'a> {
    client: &'a NatsClient,
    id: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.client.desk().unanswered.remove(&self.id);
    }
}

/// An order on the desk, where its answer comes, and whether it is the first.
type Entered<'a> = (Entry<'a>, oneshot::Receiver<Result<Bytes, BusError>>, bool);

/// Rings for the sending task when it is dropped: also where its caller stops waiting, since others
/// may have put their orders beside that one's.
struct Bell<'a>(&'a Notify);

impl Drop for Bell<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Subscribes the inbox and starts the sending and the receiving task.
pub(super) async fn start(
    client: Client,
    inbox: &str,
    limits: ClientLimits,
) -> Result<(Arc<NatsClient>, [AbortHandle; 2]), NatsError> {
    let mut answers = client.subscribe(format!("{inbox}.bus.*.*.*")).await?;
    let orders = Arc::new(NatsClient {
        client,
        inbox: inbox.to_owned(),
        limits,
        desk: Mutex::default(),
        waiting: Notify::new(),
        meters: ClientMeters::new(),
    });
    let sender = Arc::clone(&orders);
    let send = tokio::spawn(async move { sender.send().await }).abort_handle();
    let receiver = Arc::clone(&orders);
    let receive = tokio::spawn(async move {
        while let Some(message) = answers.next().await {
            receiver.receive(&message);
        }
    });
    Ok((orders, [send, receive.abort_handle()]))
}

impl NatsClient {
    /// See [`crate::Bus::call`].
    pub(crate) async fn call(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        let began = Instant::now();
        let answer = self.sent_and_answered(subject, order).await;
        self.meters.ended(subject, began.elapsed(), answer.as_ref().err());
        answer
    }

    async fn sent_and_answered(&self, subject: Subject, order: Order) -> Result<Bytes, BusError> {
        if self.client.connection_state() != Connection::Connected {
            return Err(BusError::Disconnected);
        }
        let deadline = order.deadline;
        let (entry, answer, first) = self.enter(subject, order)?;
        if first {
            // What else is ready on this thread puts its orders beside this one.
            let bell = Bell(&self.waiting);
            tokio::task::yield_now().await;
            drop(bell);
        }
        let answer = tokio::time::timeout(deadline, answer).await;
        drop(entry);
        match answer {
            Ok(Ok(answer)) => answer,
            // Cannot happen: whoever takes an entry off the desk completes it.
            Ok(Err(_)) => Err(BusError::Disconnected),
            Err(_) => Err(BusError::Timeout),
        }
    }

    /// Puts an order on the desk; says whether it is the first there, whose caller rings for the
    /// sending task.
    fn enter(&self, subject: Subject, order: Order) -> Result<Entered<'_>, BusError> {
        let bytes = order.payload.len() + OVERHEAD;
        if bytes > self.client.max_payload() {
            return Err(BusError::Rejected(Rejection::Malformed));
        }
        let (sender, receiver) = oneshot::channel();
        let mut desk = self.desk();
        if desk.unanswered.len() >= self.limits.orders_max
            || desk.waiting_bytes + bytes > self.limits.waiting_bytes_max
        {
            return Err(BusError::Rejected(Rejection::Overloaded));
        }
        desk.last_id += 1;
        let id = desk.last_id;
        desk.unanswered.insert(id, Unanswered { frame: 0, answer: sender });
        desk.waiting_bytes += bytes;
        desk.waiting.push((subject, frames::order(id, order)));
        let first = desk.waiting.len() == 1;
        Ok((Entry { client: self, id }, receiver, first))
    }

    /// The sending task.
    async fn send(&self) {
        loop {
            self.waiting.notified().await;
            for frame in self.take_waiting() {
                self.hand_over(frame).await;
            }
        }
    }

    /// Everything that waits and is still wanted, in frames.
    fn take_waiting(&self) -> Vec<Frame> {
        let mut desk = self.desk();
        desk.waiting_bytes = 0;
        let mut frames: Vec<Frame> = Vec::new();
        for (subject, order) in std::mem::take(&mut desk.waiting) {
            let bytes = order.payload.len() + OVERHEAD;
            let Desk { unanswered, last_frame, .. } = &mut *desk;
            let Some(entry) = unanswered.get_mut(&order.correlation_id) else { continue };
            let open = frames.iter_mut().rev().find(|frame| frame.subject == subject);
            match open.filter(|frame| frame.has_room(bytes)) {
                Some(frame) => {
                    entry.frame = frame.number;
                    frame.bytes += bytes;
                    frame.orders.push(order);
                }
                None => {
                    *last_frame += 1;
                    entry.frame = *last_frame;
                    let number = *last_frame;
                    frames.push(Frame { number, subject, orders: vec![order], bytes });
                }
            }
        }
        frames
    }

    async fn hand_over(&self, frame: Frame) {
        let Frame { number, subject, orders, .. } = frame;
        let (Some(first), Some(last)) = (orders.first(), orders.last()) else { return };
        let (first, last) = (first.correlation_id, last.correlation_id);
        let reply = format!("{}.bus.{number:x}.{first:x}.{last:x}", self.inbox);
        self.meters.frame(subject, orders.len());
        let payload = frames::encoded(&messages::OrderFrame { orders });
        let published = self.client.publish_with_reply(subject.name(), reply, payload).await;
        if let Err(error) = published {
            tracing::warn!(%error, subject = subject.label(), "a frame of orders was not sent");
            self.fail(number, first, last);
        }
    }

    /// Takes a message of the inbox.
    fn receive(&self, message: &async_nats::Message) {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            if let Some((frame, first, last)) = frame_of(&message.subject) {
                self.fail(frame, first, last);
            }
            return;
        }
        let Ok(frame) = messages::AnswerFrame::decode(message.payload.clone()) else {
            tracing::warn!(subject = %message.subject, "a frame of answers cannot be decoded");
            return;
        };
        self.meters.answered(frame.answers.len());
        // Whoever waits is woken after the lock is free again. Answers that nobody waits for any
        // more are dropped here.
        let completed: Vec<_> = {
            let mut desk = self.desk();
            let complete = |answer: messages::Answer| {
                let outcome = answer.outcome?;
                Some((desk.unanswered.remove(&answer.correlation_id)?, outcome))
            };
            frame.answers.into_iter().filter_map(complete).collect()
        };
        for (entry, outcome) in completed {
            let answer = match outcome {
                Outcome::Payload(payload) => Ok(payload),
                Outcome::Rejection(code) => Err(BusError::Rejected(
                    Rejection::try_from(code).unwrap_or(Rejection::Unspecified),
                )),
            };
            // An error means that the caller has just stopped waiting.
            let _ = entry.answer.send(answer);
        }
    }

    /// Ends the orders of a frame that reached no service. Correlation ids rise within a frame, so
    /// they lie between the first and the last; ids of other frames may lie there too.
    fn fail(&self, frame: u64, first: u64, last: u64) {
        let mut desk = self.desk();
        // The range comes over the wire: what it spans does not decide how long this takes.
        let of_frame =
            |id: &u64, entry: &Unanswered| (first..=last).contains(id) && entry.frame == frame;
        let failed: Vec<u64> = desk
            .unanswered
            .iter()
            .filter(|(id, entry)| of_frame(id, entry))
            .map(|(id, _)| *id)
            .collect();
        let failed: Vec<_> = failed.iter().filter_map(|id| desk.unanswered.remove(id)).collect();
        drop(desk);
        for entry in failed {
            let _ = entry.answer.send(Err(BusError::Disconnected));
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frame {
    const fn has_room(&self, bytes: usize) -> bool {
        self.orders.len() < MAX_ORDERS && self.bytes + bytes <= MAX_BYTES
    }
}

impl std::fmt::Debug for NatsClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsClient").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

/// Number, first and last correlation id of the frame that an inbox subject was made for.
fn frame_of(subject: &str) -> Option<(u64, u64, u64)> {
    let mut parts = subject.rsplit('.').map(|part| u64::from_str_radix(part, 16).ok());
    let (last, first, frame) = (parts.next()??, parts.next()??, parts.next()??);
    Some((frame, first, last))
}
