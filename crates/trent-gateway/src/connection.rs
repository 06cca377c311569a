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
/// How long a connection that was asked to finish may take.
const FINISH_TIME: Duration = Duration::from_secs(10);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The largest head of a request, and how much of a request is buffered.
const BUFFER_BYTES: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
const STREAMS_MAX: u32 = 128;

/// What happens on a connection. The timers of HTTP libraries cost something for every request; this costs something
/// every few seconds.
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
            // From here on, bytes that come in over HTTP/1.1 begin a head. HTTP/2 has frames besides requests.
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
        builder.header_read_timeout(None).max_buf_size(BUFFER_BYTES).max_headers(HEADERS_MAX);
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
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().finish();
            // One that began a head and never ends it has nothing to finish.
            let limit = if activity.in_flight.get() > 0 { REQUESTS_TIME } else { FINISH_TIME };
            tokio::time::timeout(limit, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

/// A little more than a request may take.
const REQUESTS_TIME: Duration = Duration::from_secs(35);

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
