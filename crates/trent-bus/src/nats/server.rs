//! The receiving side: frames of orders in, answers out as they become ready.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_nats::{Client, Subscriber};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use prost::Message;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::NatsError;
use super::frames::{self, MAX_BYTES, MAX_ORDERS};
use super::meters::ServiceMeters;
use crate::in_process::in_time;
use crate::messages::{self, Rejection};
use crate::{Order, Service, Subject};

/// The queue group of every subject: a frame goes to one replica.
const QUEUE_GROUP: &str = "trent";
/// How long a ready answer waits for the next of its frame at most.
const TOGETHER: Duration = Duration::from_micros(500);

/// How much a service takes on.
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// Orders that are worked on at the same time; more are refused as overloaded at once.
    pub orders_max: usize,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self { orders_max: 4_096 }
    }
}

/// A subject that is being served. Dropping it ends that at once and gives up what is under way.
#[derive(Debug)]
#[must_use = "dropping it ends the service"]
pub struct Serving {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Takes no more orders, and returns when those that were taken are answered, or after
    /// `patience`.
    pub async fn drain(mut self, patience: Duration) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if tokio::time::timeout(patience, &mut self.task).await.is_err() {
            tracing::warn!("orders were given up: draining took too long");
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the frames of one subject share.
struct Served {
    client: Client,
    subject: Subject,
    service: Arc<dyn Service>,
    limits: ServeLimits,
    under_way: AtomicUsize,
    meters: ServiceMeters,
}

/// An order's place among those that are worked on.
struct Place(Arc<Served>);

impl Place {
    /// Takes a place, and says how many others there were.
    fn take(served: &Arc<Served>) -> (Self, usize) {
        let before = served.under_way.fetch_add(1, Ordering::Relaxed);
        served.meters.under_way.increment(1.0);
        (Self(Arc::clone(served)), before)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
        self.0.meters.under_way.decrement(1.0);
    }
}

/// The work on one order; nothing comes of it when its deadline passes.
type Work = Pin<Box<dyn Future<Output = Option<messages::Answer>> + Send>>;

pub(super) async fn serve(
    client: Client,
    subject: Subject,
    service: Arc<dyn Service>,
    limits: ServeLimits,
) -> Result<Serving, NatsError> {
    let subscriber = client.queue_subscribe(subject.name(), QUEUE_GROUP.to_owned()).await?;
    // The subscription is on its way to the server when this returns.
    let _ = client.flush().await;
    let served = Arc::new(Served {
        client,
        subject,
        service,
        limits,
        under_way: AtomicUsize::new(0),
        meters: ServiceMeters::new(subject),
    });
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(receive(served, subscriber, stopped));
    Ok(Serving { stop: Some(stop), task })
}

/// Takes frames until it is stopped, then finishes what it has.
async fn receive(
    served: Arc<Served>,
    mut subscriber: Subscriber,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut frames = JoinSet::new();
    let mut draining = false;
    loop {
        tokio::select! {
            biased;
            asked = &mut stopped, if !draining => {
                draining = true;
                // Without an asker the task is being aborted.
                if asked.is_err() || subscriber.drain().await.is_err() {
                    break;
                }
            }
            Some(_) = frames.join_next(), if !frames.is_empty() => {}
            message = subscriber.next() => match message {
                Some(message) => served.take(message, &mut frames).await,
                None => break,
            }
        }
    }
    while frames.join_next().await.is_some() {}
    let _ = served.client.flush().await;
}

impl Served {
    /// Begins the work on a frame. A lone order that can be answered at once is answered right
    /// here; everything else goes to a task of its own.
    async fn take(self: &Arc<Self>, message: async_nats::Message, frames: &mut JoinSet<()>) {
        let received = Instant::now();
        // Nobody can make this role publish anywhere but to an inbox.
        let Some(reply) = message.reply.filter(|reply| reply.starts_with("_INBOX_")) else {
            tracing::warn!(subject = self.subject.label(), "a frame without an inbox");
            return;
        };
        let Ok(frame) = messages::OrderFrame::decode(message.payload) else {
            tracing::warn!(subject = self.subject.label(), "a frame of orders cannot be decoded");
            return;
        };
        self.meters.frame(frame.orders.len());
        let mut orders = frame.orders;
        let lone = if orders.len() == 1 { orders.pop() } else { None };
        let Some(order) = lone else {
            frames.spawn(Arc::clone(self).work_on_frame(reply, orders, received));
            return;
        };
        let mut work = self.begin(order, received);
        match first_poll(&mut work).await {
            Poll::Ready(answer) => self.send(&reply, answer.into_iter().collect()).await,
            Poll::Pending => {
                let served = Arc::clone(self);
                frames.spawn(async move {
                    let answer = work.await;
                    served.send(&reply, answer.into_iter().collect()).await;
                });
            }
        }
    }

    /// Works on the orders of a frame concurrently. Answers that are ready together leave together,
    /// but the first waits no longer than [`TOGETHER`] for work on the others.
    async fn work_on_frame(
        self: Arc<Self>,
        reply: async_nats::Subject,
        orders: Vec<messages::Order>,
        received: Instant,
    ) {
        let mut ready = Vec::with_capacity(orders.len().min(MAX_ORDERS));
        let mut since = received;
        let mut unfinished = FuturesUnordered::new();
        for order in orders {
            let mut work = self.begin(order, received);
            match first_poll(&mut work).await {
                Poll::Ready(answer) => {
                    if ready.is_empty() {
                        since = Instant::now();
                    }
                    ready.extend(answer);
                }
                Poll::Pending => unfinished.push(work),
            }
            if !ready.is_empty() && since.elapsed() >= TOGETHER {
                self.send(&reply, std::mem::take(&mut ready)).await;
            }
        }
        self.send(&reply, ready).await;
        while let Some(answer) = unfinished.next().await {
            let mut ready: Vec<_> = answer.into_iter().collect();
            while let Some(Some(answer)) = unfinished.next().now_or_never() {
                ready.extend(answer);
            }
            self.send(&reply, ready).await;
        }
    }

    /// The work on one order, not yet polled. An order beyond the limit is refused at once.
    fn begin(self: &Arc<Self>, order: messages::Order, received: Instant) -> Work {
        let (id, order) = frames::received(order);
        let (place, before) = Place::take(self);
        if before >= self.limits.orders_max {
            drop(place);
            self.meters.rejected.increment(1);
            let refusal = frames::answer(id, Err(Rejection::Overloaded));
            return Box::pin(std::future::ready(Some(refusal)));
        }
        let work = async move {
            // The client has stopped waiting: nothing is done for nobody.
            let left = order.deadline.checked_sub(received.elapsed()).filter(|l| !l.is_zero())?;
            let order = Order { deadline: left, ..order };
            let service = &place.0.service;
            let handled = async { in_time(left, service.handle(order)).await };
            match AssertUnwindSafe(handled).catch_unwind().await {
                Ok(answer) => {
                    place.0.meters.duration.record(received.elapsed());
                    Some(frames::answer(id, answer?))
                }
                // Whatever state it broke off in is that order's own; the others go on.
                Err(_) => {
                    tracing::error!("an order was given up: its service panicked");
                    None
                }
            }
        };
        Box::pin(work)
    }

    /// Sends answers in as few frames as the limits allow.
    async fn send(&self, reply: &async_nats::Subject, answers: Vec<messages::Answer>) {
        let mut frame = messages::AnswerFrame::default();
        let mut bytes = 0;
        for answer in answers {
            let more = frames::answer_bytes(&answer);
            if !frame.answers.is_empty() && bytes + more > MAX_BYTES {
                self.publish(reply, std::mem::take(&mut frame)).await;
                bytes = 0;
            }
            bytes += more;
            frame.answers.push(answer);
        }
        if !frame.answers.is_empty() {
            self.publish(reply, frame).await;
        }
    }

    async fn publish(&self, reply: &async_nats::Subject, frame: messages::AnswerFrame) {
        self.meters.answered(frame.answers.len());
        if let Err(error) = self.client.publish(reply.clone(), frames::encoded(&frame)).await {
            // The client's deadline ends its wait.
            tracing::warn!(%error, subject = self.subject.label(), "answers were not sent");
        }
    }
}

/// Polls once with this task's waker.
async fn first_poll(work: &mut Work) -> Poll<Option<messages::Answer>> {
    std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await
}
