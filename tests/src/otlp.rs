//! An OTLP receiver in the test's own process: what arrives over HTTP, decoded.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;

/// A span as it arrived; ids in hexadecimal.
#[derive(Debug, Clone)]
pub struct Span {
    /// `service.name` of its resource.
    pub service: String,
    /// The resource's other attributes.
    pub resource: BTreeMap<String, String>,
    /// Its name.
    pub name: String,
    /// Its trace.
    pub trace: String,
    /// Its own id.
    pub id: String,
    /// Its parent's id; empty for the root of a trace.
    pub parent: String,
    /// `SpanKind`: 2 server, 3 client, 4 producer, 5 consumer.
    pub kind: i32,
    /// `StatusCode`: 2 is an error.
    pub status: i32,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Received {
    spans: Vec<Span>,
    bodies: Vec<u8>,
}

/// The receiver; it ends with the test's process.
#[derive(Debug)]
pub struct Receiver {
    /// For `TRENT_OTLP_ENDPOINT`.
    pub endpoint: String,
    received: Arc<Mutex<Received>>,
}

impl Receiver {
    /// Receives on a free port, from a thread of its own.
    ///
    /// # Panics
    /// When there is no port or thread to be had.
    #[must_use]
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket of tokio's");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::default();
        let receiving = Arc::clone(&received);
        std::thread::spawn(move || crate::block_on(serve(listener, receiving)));
        Self { endpoint, received }
    }

    /// A receiver that takes no connection.
    ///
    /// # Panics
    /// When there is no port to be had.
    #[must_use]
    pub fn nowhere() -> Self {
        // Taken and given back: nobody listens there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        Self { endpoint, received: Arc::default() }
    }

    /// Every span that has arrived.
    ///
    /// # Panics
    /// When the receiver has.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap().spans.clone()
    }

    /// Every byte that has arrived.
    ///
    /// # Panics
    /// When the receiver has.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.received.lock().unwrap().bodies.clone()
    }

    /// The spans of the trace for which `complete` says yes, as soon as it does.
    ///
    /// # Panics
    /// When there is none within half a minute.
    #[must_use]
    pub fn trace(&self, complete: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let spans = self.spans();
            let traces: BTreeSet<_> = spans.iter().map(|span| span.trace.clone()).collect();
            for trace in traces {
                let of: Vec<_> = spans.iter().filter(|s| s.trace == trace).cloned().collect();
                if complete(&of) {
                    return of;
                }
            }
            assert!(Instant::now() < end, "no such trace among {spans:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

async fn serve(listener: std::net::TcpListener, received: Arc<Mutex<Received>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        let received = Arc::clone(&received);
        let service = service_fn(move |request| take(request, Arc::clone(&received)));
        let server = hyper::server::conn::http1::Builder::new();
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

async fn take(
    request: Request<Incoming>,
    received: Arc<Mutex<Received>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.uri().path(), "/v1/traces");
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let message = ExportTraceServiceRequest::decode(body.clone()).expect("OTLP");
    let mut received = received.lock().unwrap();
    received.bodies.extend_from_slice(&body);
    for group in message.resource_spans {
        let mut resource = texts(&group.resource.expect("a resource").attributes);
        let service = resource.remove("service.name").expect("a service name");
        for span in group.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            received.spans.push(Span {
                service: service.clone(),
                resource: resource.clone(),
                name: span.name,
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                kind: span.kind,
                status: span.status.map_or(0, |status| status.code),
                attributes: texts(&span.attributes),
            });
        }
    }
    Ok(Response::new(Full::default()))
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |attribute: &KeyValue| {
        let value = match attribute.value.clone().and_then(|value| value.value) {
            Some(Value::StringValue(text)) => text,
            Some(Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        (attribute.key.clone(), value)
    };
    attributes.iter().map(text).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
