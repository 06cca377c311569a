//! HTTP around an exchange: the bounded body, the bounded time, and the headers of every answer.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, EXPECT, EXPIRES, HeaderName, HeaderValue, PRAGMA,
};
use hyper::{Request, Response, StatusCode};
use trent_operations::{AwsError, ErrorCode, Response as Answer};
use trent_types::RequestId;
use uuid::Uuid;

use crate::exchange::{Answered, Core, Exchange, Peer, UNKNOWN};
use crate::meters::{OK, TIMEOUT};
use crate::pages;
use crate::share::Share;

/// The largest body that is read before authentication; AWS's own limits come after it.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bodies beyond this size are large; requests of KMS are smaller but for a long policy or context.
const SMALL_BODY_BYTES: usize = 64 * 1024;
/// How many large bodies the process holds at once; one more is turned away.
const LARGE_BODIES_MAX: usize = 64;
/// How much of a body that is not taken is read all the same, and for how long: a connection that
/// is closed while the client still sends is reset, and the answer may be lost with it.
const DISCARDED_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;
const DISCARDING_TIME: Duration = Duration::from_secs(1);
/// How long a client may take to send the body.
const BODY_TIME: Duration = Duration::from_secs(20);
/// How long a request may take in all.
const REQUEST_TIME: Duration = Duration::from_secs(30);

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static NOT_CACHED: HeaderValue =
    HeaderValue::from_static("no-cache, no-store, must-revalidate, private");
static EXPIRED: HeaderValue = HeaderValue::from_static("0");
static NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// Why a request has no answer; its connection is closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Abandoned {
    #[error("the client did not send the body in time")]
    SlowBody,
    #[error("the body ended early")]
    BrokenBody(#[source] hyper::Error),
}

/// Answers one request of a connection.
pub(crate) async fn respond(
    core: &Core,
    peer: &Peer,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Abandoned> {
    let started = Instant::now();
    let _in_flight = core.meters.begin();
    let (head, body) = request.into_parts();
    if let Some(page) = pages::answer(core.pages.as_ref(), &head) {
        let status = page.status().as_u16();
        core.meters.answered(pages::CONSOLE, OK, status, started.elapsed());
        return Ok(page);
    }
    let exchange = Exchange {
        core,
        peer,
        head: &head,
        request_id: RequestId::from_random(rand::random()),
        received_at: core.clock.now(),
    };
    let waits = head.headers.contains_key(EXPECT);
    let body = match within(BODY_TIME, pin!(read(core, body, waits))).await {
        Some(read) => read?,
        None => return Err(Abandoned::SlowBody),
    };
    let due = (started + REQUEST_TIME).into();
    let answer = pin!(async {
        let error = match &body {
            Body::Whole(body, _) => return exchange.answer(body).await,
            Body::TooLarge => AwsError::bare(ErrorCode::RequestTooLarge),
            Body::NoRoom => AwsError::bare(ErrorCode::Throttling),
        };
        // On the heap, so that the futures of other requests stay small.
        Box::pin(exchange.refuse_unread(error)).await
    });
    let (operation, code, response) = match core.deadlines.until(due, answer).await {
        Some(Answered { operation, response }) => {
            let status = StatusCode::from_u16(response.status);
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let code = note(&exchange, operation, &response);
            (operation, code, render(status, Some(response.content_type), response.body))
        }
        // Nothing is recorded here: a change may have been committed, and no record may contradict
        // its own.
        None => {
            tracing::error!(request_id = %exchange.request_id, "a request took too long");
            (UNKNOWN, TIMEOUT, render(StatusCode::INTERNAL_SERVER_ERROR, None, Vec::new()))
        }
    };
    core.meters.answered(operation, code, response.status().as_u16(), started.elapsed());
    Ok(with_id(response, exchange.request_id))
}

/// One line for a request that failed here, with what caused it; and one for every request where
/// somebody wants to see them. Returns the code to count it by.
fn note(exchange: &Exchange<'_>, operation: &str, answer: &Answer) -> &'static str {
    let (code, cause) = match &answer.error {
        Some(error) => (error.code, error.cause.as_deref()),
        None => (OK, None),
    };
    let (request_id, status) = (exchange.request_id, answer.status);
    if status >= 500 {
        tracing::warn!(%request_id, operation, code, cause, "a request failed");
    }
    tracing::debug!(
        target: "trent_gateway::access",
        %request_id,
        operation,
        status,
        code,
        client = exchange.peer.address,
    );
    code
}

/// What was read of a body.
enum Body {
    /// All of it, and its share of the memory for large ones.
    Whole(
        Bytes,
        #[expect(dead_code, reason = "it is held, and given back when dropped")] Option<Share>,
    ),
    TooLarge,
    NoRoom,
}

/// The body of a client that may be waiting to be told to send it.
async fn read(core: &Core, mut body: Incoming, waits: bool) -> Result<Body, Abandoned> {
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        if !waits {
            Box::pin(discard(body)).await;
        }
        return Ok(Body::TooLarge);
    }
    let mut share = None;
    let mut first = Bytes::new();
    let mut joined = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Abandoned::BrokenBody)?.into_data() else { continue };
        let length = first.len() + joined.len() + data.len();
        if length > BODY_BYTES_MAX {
            Box::pin(discard(body)).await;
            return Ok(Body::TooLarge);
        }
        if length > SMALL_BODY_BYTES && share.is_none() {
            share = Share::take(&core.large_bodies, LARGE_BODIES_MAX);
            if share.is_none() {
                Box::pin(discard(body)).await;
                return Ok(Body::NoRoom);
            }
        }
        // Nearly every body is one frame and needs no copy.
        if first.is_empty() && joined.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&data);
    }
    Ok(Body::Whole(if joined.is_empty() { first } else { joined.into() }, share))
}

/// Reads the rest of a body that is not taken, as far as it is worth it.
async fn discard(mut body: Incoming) {
    let discarding = async {
        let mut left = DISCARDED_BYTES_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    // Either way the answer goes out now.
    let _ = tokio::time::timeout(DISCARDING_TIME, discarding).await;
}

/// Gives a future so much time; `None` when it took longer. One that is ready at once pays for no
/// timer.
async fn within<T>(limit: Duration, mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
        Poll::Ready(done) => Some(done),
        Poll::Pending => Box::pin(tokio::time::timeout(limit, work)).await.ok(),
    }
}

fn render(
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Vec<u8>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(6);
    if let Some(media) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    headers.insert(CACHE_CONTROL, NOT_CACHED.clone());
    headers.insert(EXPIRES, EXPIRED.clone());
    headers.insert(PRAGMA, NO_CACHE.clone());
    response
}

fn with_id(mut response: Response<Full<Bytes>>, id: RequestId) -> Response<Full<Bytes>> {
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::from_bytes(*id.as_bytes()).hyphenated().encode_lower(&mut buffer);
    // Cannot fail: hex digits and hyphens are header text.
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// hyper moves it into its place for every request.
    #[test]
    fn the_future_of_a_request_is_small() {
        fn size<F: Future, A, B, C>(_: impl FnOnce(A, B, C) -> F) -> usize {
            size_of::<F>()
        }
        assert!(size(respond) <= 2700, "{}", size(respond));
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up() {
        assert_eq!(within(BODY_TIME, pin!(std::future::ready(1))).await, Some(1));
        assert_eq!(within(BODY_TIME, pin!(std::future::pending::<()>())).await, None);
        let slow = tokio::time::sleep(BODY_TIME / 2);
        assert_eq!(within(BODY_TIME, pin!(slow)).await, Some(()));
    }
}
