//! The admin listener: `/health`, `/ready` and `/metrics`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::{StartError, process_metrics};

/// Says whether one part of the process can serve, or why it cannot.
pub type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Connections to the admin listener at once.
const CONNECTIONS_MAX: usize = 64;

/// What `/ready` asks: every part of the process by name. Ready means that there is a part and all
/// can serve.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Vec<(&'static str, Check)>>>);

impl Readiness {
    /// Adds a part.
    pub fn add(&self, part: &'static str, check: Check) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((part, check));
    }

    /// Why the process cannot serve: a line for each part that cannot.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.is_empty() {
            return vec!["starting".into()];
        }
        let problem = |(part, check): &(&'static str, Check)| {
            check().err().map(|reason| format!("{part}: {reason}"))
        };
        parts.iter().filter_map(problem).collect()
    }
}

/// Brings a metric up to date that nobody counts as it happens: a size, say.
pub type Refresh = Box<dyn Fn() + Send + Sync>;

/// What `/metrics` asks before it answers.
#[derive(Clone, Default)]
pub struct Scrapes(Arc<Mutex<Vec<Refresh>>>);

impl Scrapes {
    /// Adds something to bring up to date before each scrape. It must not block.
    pub fn add(&self, refresh: Refresh) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(refresh);
    }

    fn refresh(&self) {
        let refreshes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refreshes.iter().for_each(|refresh| refresh());
    }
}

/// A bound admin listener.
pub struct AdminServer {
    listener: TcpListener,
    address: SocketAddr,
}

impl AdminServer {
    /// Binds the listener; port 0 takes a free one.
    ///
    /// # Errors
    /// [`StartError::Environment`] when the address cannot be bound.
    pub async fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let cannot = |error: std::io::Error| {
            StartError::Environment(format!("TRENT_ADMIN_LISTEN: {address}: {error}"))
        };
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the future is dropped.
    pub async fn serve(self, readiness: Readiness, scrapes: Scrapes, metrics: PrometheusHandle) {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (readiness, scrapes) = (readiness.clone(), scrapes.clone());
            let metrics = metrics.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let answer = answer(&request, &readiness, &scrapes, &metrics);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let mut server = http1::Builder::new();
                server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
                // A client that breaks off is its own affair.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
                drop(permit);
            });
        }
    }
}

fn answer(
    request: &Request<Incoming>,
    readiness: &Readiness,
    scrapes: &Scrapes,
    metrics: &PrometheusHandle,
) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return respond(StatusCode::METHOD_NOT_ALLOWED, "only GET is served\n".into());
    }
    match request.uri().path() {
        "/health" => respond(StatusCode::OK, "ok\n".into()),
        "/ready" => {
            let problems = readiness.problems();
            if problems.is_empty() {
                respond(StatusCode::OK, "ready\n".into())
            } else {
                respond(StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
            }
        }
        "/metrics" => respond(StatusCode::OK, exposition(readiness, scrapes, metrics)),
        _ => respond(StatusCode::NOT_FOUND, "try /health, /ready or /metrics\n".into()),
    }
}

/// Every metric in the Prometheus text format.
fn exposition(readiness: &Readiness, scrapes: &Scrapes, metrics: &PrometheusHandle) -> String {
    scrapes.refresh();
    let mut text = metrics.render();
    text.push_str("# HELP trent_ready Whether /ready says yes\n# TYPE trent_ready gauge\n");
    text.push_str(if readiness.problems().is_empty() {
        "trent_ready 1\n\n"
    } else {
        "trent_ready 0\n\n"
    });
    process_metrics::render(&mut text);
    text
}

fn respond(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let plain = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_without_parts_is_not_ready_yet_and_each_problem_is_named() {
        let readiness = Readiness::default();
        assert_eq!(readiness.problems(), ["starting"]);
        readiness.add("store", Box::new(|| Ok(())));
        assert!(readiness.problems().is_empty());
        readiness.add("lease", Box::new(|| Err("none".into())));
        assert_eq!(readiness.problems(), ["lease: none"]);
    }
}
