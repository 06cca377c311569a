//! What both ends of the bus agree on.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use trent_types::TraceParent;

use crate::messages::Rejection;

/// An encoded request on its way to a service.
#[derive(Debug, Clone)]
pub struct Order {
    /// How long the client still waits.
    pub deadline: Duration,
    /// The trace that this order belongs to.
    pub traceparent: Option<TraceParent>,
    /// The encoded request.
    pub payload: Bytes,
}

/// The encoded answer, or why the order was not taken.
pub type Answer = Result<Bytes, Rejection>;

/// A service's work on one order.
pub type ServiceFuture<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// A request or an answer that stays in its process, and so need not be encoded.
pub type Unencoded = Box<dyn Any + Send>;

/// A service's work on one request of its own process.
pub type LocalFuture<'a> = Pin<Box<dyn Future<Output = Result<Unencoded, Rejection>> + Send + 'a>>;

/// A role's handler of one subject. Over NATS it is called from the role's runtime, in process from
/// the caller's own task: it must not block, and must not assume where it runs.
pub trait Service: Send + Sync + 'static {
    /// Works on one order. Dropping the future gives the order up.
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a>;

    /// Works on a request of the same process as [`Self::handle`] does on its encoding; the answer
    /// is the message that it would have encoded. Gives the request back if it takes none but
    /// encoded ones.
    ///
    /// # Errors
    /// The request as it came.
    fn handle_local<'a>(
        &'a self,
        _trace: Option<TraceParent>,
        request: Unencoded,
    ) -> Result<LocalFuture<'a>, Unencoded> {
        Err(request)
    }
}

/// Why an order has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// Nobody answered in time: the order may or may not have been worked on.
    #[error("no answer in time")]
    Timeout,
    /// A service refused the order: nothing was done.
    #[error("order refused: {0:?}")]
    Rejected(Rejection),
    /// There is no connection, or no service: nothing was done.
    #[error("the bus is away")]
    Disconnected,
}
