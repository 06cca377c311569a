//! The sending side: orders that are ready together leave in one frame, answers find their way back
//! by id.
//!
//! One task hands frames over to the connection. The caller of the first waiting order lets
//! everything else that is ready on its thread have its turn, then wakes that task, which takes
//! what may leave ([`Desk`]): so an order on an idle bus leaves at once, and what a busy core asks
//! in one turn, or while others are on their way, travels together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::connection::State as Connection;
use async_nats::{Client, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt;
use prost::Message;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::NatsError;
use super::desk::{Desk, Frame};
use super::frames::{self, OVERHEAD};
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

/// Takes an order off the desk when its caller stops waiting, for whatever reason.
struct Entry<'a> {
    client: &'a NatsClient,
    id: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.client.desk().remove(self.id);
    }
}

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
        if order.payload.len() + OVERHEAD > self.client.max_payload() {
            return Err(BusError::Rejected(Rejection::Malformed));
        }
        let (id, answer, rings) = self.desk().enter(subject, order, self.limits)?;
        let entry = Entry { client: self, id };
        if rings {
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

    /// The sending task.
    async fn send(&self) {
        let mut again = None;
        loop {
            match again {
                None => self.waiting.notified().await,
                Some(again) => {
                    let _ = tokio::time::timeout_at(again, self.waiting.notified()).await;
                }
            }
            let frames;
            (frames, again) = self.desk().take(Instant::now());
            for frame in frames {
                self.hand_over(frame).await;
            }
        }
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
        let number = frame_of(&message.subject).map(|(number, _, _)| number);
        // Whoever waits is woken after the lock is free again. Answers that nobody waits for any
        // more are dropped here.
        let (completed, rings): (Vec<_>, bool) = {
            let mut desk = self.desk();
            let rings = number.is_some_and(|number| desk.arrived(number));
            let complete = |answer: messages::Answer| {
                let outcome = answer.outcome?;
                Some((desk.remove(answer.correlation_id)?, outcome))
            };
            (frame.answers.into_iter().filter_map(complete).collect(), rings)
        };
        if rings {
            self.waiting.notify_one();
        }
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

    /// Ends the orders of a frame that reached no service.
    fn fail(&self, frame: u64, first: u64, last: u64) {
        let (failed, rings) = {
            let mut desk = self.desk();
            let rings = desk.arrived(frame);
            (desk.remove_frame(frame, first, last), rings)
        };
        if rings {
            self.waiting.notify_one();
        }
        for entry in failed {
            let _ = entry.answer.send(Err(BusError::Disconnected));
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
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
