//! Services for the tests, and what they are asked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};
use trent_bus::messages::Rejection;
use trent_bus::{Order, Service, ServiceFuture};

/// Long enough for any machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn order(payload: impl Into<Bytes>) -> Order {
    order_within(PATIENCE, payload)
}

pub(crate) fn order_within(deadline: Duration, payload: impl Into<Bytes>) -> Order {
    Order { deadline, traceparent: None, payload: payload.into() }
}

/// Answers with what it was asked, after as many turns as the first byte says.
pub(crate) struct Echo;

impl Service for Echo {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            for _ in 0..order.payload.first().copied().unwrap_or_default() % 4 {
                tokio::task::yield_now().await;
            }
            Ok(order.payload)
        })
    }
}

/// Panics over `panic`, and echoes everything else.
pub(crate) struct Panics;

impl Service for Panics {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        assert_ne!(order.payload, "panic", "a panic that a test asks for");
        Box::pin(async { Ok(order.payload) })
    }
}

/// Refuses everything.
pub(crate) struct Refuse(pub(crate) Rejection);

impl Service for Refuse {
    fn handle<'a>(&'a self, _: Order) -> ServiceFuture<'a> {
        Box::pin(async { Err(self.0) })
    }
}

/// Tells what it was given, and holds orders that begin with `hold` until it is let go. Tells `end`
/// when work ends in any way.
pub(crate) struct Held {
    pub(crate) told: mpsc::UnboundedSender<Told>,
    pub(crate) gate: Arc<Semaphore>,
}

#[derive(Debug)]
pub(crate) enum Told {
    Began(Order),
    Ended,
}

impl Held {
    pub(crate) fn new() -> (Arc<Self>, mpsc::UnboundedReceiver<Told>, Arc<Semaphore>) {
        let (told, hears) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        (Arc::new(Self { told, gate: Arc::clone(&gate) }), hears, gate)
    }
}

struct TellEnd(mpsc::UnboundedSender<Told>);

impl Drop for TellEnd {
    fn drop(&mut self) {
        let _ = self.0.send(Told::Ended);
    }
}

impl Service for Held {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let _end = TellEnd(self.told.clone());
            let _ = self.told.send(Told::Began(order.clone()));
            if order.payload.starts_with(b"hold") {
                let _pass = self.gate.acquire().await;
            }
            Ok(order.payload)
        })
    }
}
