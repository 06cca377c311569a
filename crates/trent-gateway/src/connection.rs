//! One connection: its protocol, and how long it may be silent.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use trent_runtime::Shutdown;

use crate::exchange::{Core, Peer};
use crate::http::respond;
use crate::tls::TlsFacts;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// For how many looks a request's head may be on its way: 10 seconds, give or take a look.
const HEAD_LOOKS: u32 = 2;
/// For how many looks a connection may be idle: a minute.
const IDLE_LOOKS: u32 = 12;
/// How long a connection without a request may take to end.
const FAREWELL_TIME: Duration = Duration::from_secs(2);
/// How long a connection may take to answer what it has: a little more than a request may take.
const FINISH_TIME: Duration = Duration::from_secs(35);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The largest head of a request, and how much of a request is buffered. That a head has at most
/// 100 fields is hyper's default; to say so would put them on the heap.
const BUFFER_BYTES: usize = 64 * 1024;
const STREAMS_MAX: u32 = 128;

/// What happens on a connection. The timers of HTTP libraries cost something for every request;
/// this costs something every few seconds.
#[derive(Default)]
struct Activity {
    in_flight: Cell<u32>,
    requests: Cell<u64>,
    /// Bytes have come in since the last request began.
    head_begun: Cell<bool>,
}

/// A request that is being answered.
struct InFlight(Rc<Activity>);

impl InFlight {
    fn begin(activity: &Rc<Activity>) -> Self {
        activity.in_flight.set(activity.in_flight.get() + 1);
        activity.requests.set(activity.requests.get() + 1);
        activity.head_begun.set(false);
        Self(Rc::clone(activity))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

impl Activity {
    /// Returns when the connection has been silent, or has been sending one head, for too long.
    async fn exhausted(&self, look: Duration) {
        let (mut quiet, mut seen) = (0, 0);
        loop {
            tokio::time::sleep(look).await;
            if self.in_flight.get() > 0 || self.requests.get() != seen {
                (quiet, seen) = (0, self.requests.get());
                continue;
            }
            quiet += 1;
            if quiet >= if self.head_begun.get() { HEAD_LOOKS } else { IDLE_LOOKS } {
                return;
            }
        }
    }
}

/// Serves one accepted connection until it ends, is exhausted or the process finishes.
pub(crate) async fn serve(
    core: Rc<Core>,
    socket: TcpStream,
    address: String,
    tls: Option<TlsAcceptor>,
    shutdown: Shutdown,
) {
    let activity = Rc::new(Activity::default());
    let socket = Watched { socket, activity: Rc::clone(&activity), counts: tls.is_none() };
    let Some(acceptor) = tls else {
        let peer = Peer { address, tls: None };
        return speak(core, socket, peer, activity, shutdown).await;
    };
    match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(socket)).await {
        Ok(Ok(mut stream)) => {
            let facts = TlsFacts::of(stream.get_ref().1);
            // From here on, bytes that come in over HTTP/1.1 begin a head. HTTP/2 has frames
            // besides requests.
            stream.get_mut().0.counts = !facts.http2;
            let peer = Peer { address, tls: Some(facts) };
            speak(core, stream, peer, activity, shutdown).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, address, "a TLS handshake failed"),
        Err(_) => tracing::debug!(address, "a TLS handshake took too long"),
    }
}

async fn speak(
    core: Rc<Core>,
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    peer: Peer,
    activity: Rc<Activity>,
    shutdown: Shutdown,
) {
    let http2 = peer.tls.as_ref().is_some_and(|tls| tls.http2);
    let peer = Rc::new(peer);
    let running = Rc::clone(&activity);
    let service = service_fn(move |request| {
        let in_flight = InFlight::begin(&running);
        let (core, peer) = (Rc::clone(&core), Rc::clone(&peer));
        async move {
            let _in_flight = in_flight;
            respond(&core, &peer, request).await
        }
    });
    let io = TokioIo::new(stream);
    if http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(LocalExecutor);
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(BUFFER_BYTES as u32);
        finish(builder.serve_connection(io, service), &activity, shutdown).await;
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.header_read_timeout(None).max_buf_size(BUFFER_BYTES).max_header_size(BUFFER_BYTES);
        finish(builder.serve_connection(io, service), &activity, shutdown).await;
    }
}

/// A connection that can be asked to answer what it has and end.
trait Finish: Future<Output = hyper::Result<()>> {
    fn finish(self: Pin<&mut Self>);
}

/// Runs a connection to its end; asks it to finish when it is exhausted or the process finishes.
async fn finish(connection: impl Finish, activity: &Activity, mut shutdown: Shutdown) {
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => Some(ended),
        () = activity.exhausted(LOOK) => None,
        () = shutdown.requested() => None,
    };
    // What has come in is to be answered, though nobody has looked at it yet: hyper closes at once
    // where it has read nothing. Yielding lets the runtime see what is there.
    let ended = match ended {
        Some(ended) => Some(ended),
        None => tokio::select! {
            biased;
            ended = connection.as_mut() => Some(ended),
            () = tokio::task::yield_now() => None,
        },
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().finish();
            // One that began a head and never ends it has nothing to finish.
            let limit = if activity.in_flight.get() > 0 { FINISH_TIME } else { FAREWELL_TIME };
            tokio::time::timeout(limit, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

impl<I, S> Finish for hyper::server::conn::http1::Connection<I, S>
where
    Self: Future<Output = hyper::Result<()>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    S: hyper::service::HttpService<hyper::body::Incoming>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::ResBody: 'static,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S, E> Finish for hyper::server::conn::http2::Connection<I, S, E>
where
    Self: Future<Output = hyper::Result<()>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: hyper::service::HttpService<hyper::body::Incoming>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::ResBody: 'static,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    E: hyper::rt::bounds::Http2ServerConnExec<S::Future, S::ResBody>,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Runs the streams of an HTTP/2 connection on its own core.
#[derive(Clone, Copy)]
struct LocalExecutor;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, stream: F) {
        tokio::task::spawn_local(stream);
    }
}

/// A socket that notes when bytes come in.
struct Watched {
    socket: TcpStream,
    activity: Rc<Activity>,
    counts: bool,
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.socket).poll_read(cx, buffer);
        if this.counts && buffer.filled().len() > before {
            this.activity.head_begun.set(true);
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::LocalSet;
    use tokio::time::Instant;
    use trent_bus::{InProcessBus, Sealer};
    use trent_operations::ports::{AuditTrail, PortFuture, Unavailable};
    use trent_types::{AuditRecord, KeyRing, Region, SecretBytes, SystemClock};

    use crate::meters::Meters;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_lasts_a_minute_and_a_begun_head_ten_seconds() {
        let started = Instant::now();
        let activity = Activity::default();
        activity.exhausted(LOOK).await;
        assert_eq!(started.elapsed().as_secs(), 60);
        activity.head_begun.set(true);
        activity.exhausted(LOOK).await;
        assert_eq!(started.elapsed().as_secs(), 70);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_keeps_its_connection_and_ends_the_begun_head() {
        let activity = Rc::new(Activity::default());
        activity.head_begun.set(true);
        let in_flight = InFlight::begin(&activity);
        assert!(!activity.head_begun.get());
        let watched = Rc::clone(&activity);
        let started = Instant::now();
        let looking = async { watched.exhausted(LOOK).await };
        let working = async move {
            tokio::time::sleep(Duration::from_secs(300)).await;
            drop(in_flight);
        };
        LocalSet::new().run_until(async { tokio::join!(looking, working) }).await;
        assert_eq!(started.elapsed().as_secs(), 360);
    }

    /// A trail that takes everything.
    struct Forgetful;

    impl AuditTrail for Forgetful {
        fn accept(&self, _: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    /// Serves a client that sends these bytes and then nothing: what it got, and after how many
    /// seconds. The clock stands still while anything can be done.
    async fn stall_after(sent: &[u8]) -> (String, u64) {
        stall_among(0, sent).await
    }

    /// The same where the process holds so many large bodies already.
    async fn stall_among(large_bodies: usize, sent: &[u8]) -> (String, u64) {
        let (_trigger, shutdown) = Shutdown::new();
        let core = Rc::new(Core {
            finishing: shutdown.clone(),
            bus: InProcessBus::new().bus(),
            sealer: Arc::new(Sealer::new(KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap())),
            clock: Arc::new(SystemClock),
            audit: Rc::new(Forgetful),
            meters: Meters::new(Arc::default()),
            sampler: None,
            quota: Arc::new(trent_operations::ports::Unlimited),
            large_bodies: Arc::new(large_bodies.into()),
            regions: Region::all().collect(),
            home_region: "us-east-1".parse().unwrap(),
            pages: None,
            deadlines: crate::deadlines::Deadlines::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(sent).await.unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        let started = Instant::now();
        let serving = serve(core, socket, "127.0.0.1".into(), None, shutdown);
        LocalSet::new().run_until(Box::pin(serving)).await;
        let mut got = Vec::new();
        // A reset is an end as well.
        let _ = client.read_to_end(&mut got).await;
        (String::from_utf8(got).unwrap(), started.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_is_waited_for_ten_seconds() {
        let (got, seconds) = stall_after(b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-tar").await;
        assert!(got.is_empty(), "{got}");
        assert!((10..=17).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_body_is_waited_for_twenty_seconds() {
        let sent = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{\"a";
        let (got, seconds) = stall_after(sent).await;
        assert!(got.is_empty(), "{got}");
        assert!((20..=22).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_says_nothing_is_kept_for_a_minute() {
        let (got, seconds) = stall_after(b"").await;
        assert!(got.is_empty(), "{got}");
        assert!((60..=67).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_nothing_more_still_gets_its_answer() {
        let sent = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
        let (got, seconds) = stall_after(sent).await;
        assert!(got.starts_with("HTTP/1.1 400"), "{got}");
        assert!(got.ends_with(r#"{"__type":"UnknownOperationException"}"#), "{got}");
        assert!((55..=72).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_is_turned_away_where_there_are_too_many() {
        let mut sent = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n".to_vec();
        sent.resize(sent.len() + 70_000, b'x');
        let (got, _) = stall_among(64, &sent).await;
        assert!(got.contains("ThrottlingException"), "{got}");
        let (got, _) = stall_among(63, &sent).await;
        assert!(got.contains("UnknownOperationException"), "{got}");
    }
}
