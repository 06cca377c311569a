//! A gateway on a free port between clients and fakes.
#![allow(unreachable_pub, reason = "a module of a test")]

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::client::TlsStream;
use trent_bus::{InProcessBus, Order, Sealer, Service, ServiceFuture, Subject, messages};
use trent_gateway::{Bound, Gateway, GatewayConfig, Running, Services, TlsConfig};
use trent_operations::ports::{AuditTrail, PortFuture, Unavailable};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_types::{AuditRecord, KeyRing, Region, SecretBytes, SystemClock};

pub const CONNECTIONS_MAX: usize = 4;

/// What the evaluator does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Evaluator {
    /// The root user signed well.
    Allows,
    RefusesSignatures,
    /// Like `Allows`, once it is told to.
    Waits,
}

struct Evaluating {
    how: Evaluator,
    asked: Arc<Semaphore>,
    released: Arc<Semaphore>,
    last: LastQuestion,
}

/// What an evaluator was asked last.
type LastQuestion = Arc<Mutex<messages::AuthorizeRequest>>;

impl Service for Evaluating {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            use messages::authorize_answer::Outcome;
            let question = messages::AuthorizeRequest::decode(order.payload).unwrap();
            *self.last.lock().unwrap() = question;
            self.asked.add_permits(1);
            if self.how == Evaluator::Waits {
                self.released.acquire().await.unwrap().forget();
            }
            let outcome = if self.how == Evaluator::RefusesSignatures {
                Outcome::SignatureRefused(messages::SignatureRefused {
                    fault: messages::SignatureFault::Mismatch.into(),
                    message: "another signature".into(),
                })
            } else {
                Outcome::Authorized(messages::Authorized {
                    caller: Some(messages::Caller {
                        account: "111122223333".into(),
                        access_key_id: "AKIDEXAMPLE".into(),
                        kind: Some(messages::caller::Kind::Root(messages::RootUser {})),
                        ..messages::Caller::default()
                    }),
                    decisions: Vec::new(),
                    key_now_ms: 0,
                    quota_overrides: Vec::new(),
                })
            };
            let answer = messages::AuthorizeAnswer { outcome: Some(outcome) };
            Ok(answer.encode_to_vec().into())
        })
    }
}

#[derive(Clone, Default)]
struct Trail {
    records: Arc<Mutex<Vec<String>>>,
    fails: Arc<AtomicBool>,
}

impl AuditTrail for Trail {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            if self.fails.load(Ordering::SeqCst) {
                return Err(Unavailable::Away("full".into()));
            }
            let text = String::from_utf8(record.cloudtrail_json).unwrap();
            self.records.lock().unwrap().push(text);
            Ok(())
        })
    }
}

pub struct Rig {
    running: Running,
    trigger: ShutdownTrigger,
    trail: Trail,
    asked: Arc<Semaphore>,
    released: Arc<Semaphore>,
    last: LastQuestion,
    certificate: Option<CertificateDer<'static>>,
}

/// A gateway that was told to finish.
pub struct Finishing {
    running: Running,
    released: Arc<Semaphore>,
}

pub fn release(finishing: &Finishing) {
    finishing.released.add_permits(1);
}

impl Finishing {
    pub async fn joined(self) {
        let joined = tokio::task::spawn_blocking(|| self.running.join());
        tokio::time::timeout(Duration::from_secs(10), joined).await.unwrap().unwrap();
    }
}

impl Rig {
    pub async fn start(how: Evaluator) -> Self {
        Self::start_with(how, None, &[], |_, _| {})
    }

    /// A gateway that begins to serve after this has been done with its address and its shutdown.
    pub fn start_after(first: impl FnOnce(SocketAddr, &ShutdownTrigger)) -> Self {
        Self::start_with(Evaluator::Allows, None, &[], first)
    }

    /// A gateway behind load balancers in these networks; TLS is spoken where it is wanted.
    pub async fn start_behind(trusted: &[&str], tls: bool) -> Self {
        Self::start_with(Evaluator::Allows, tls.then(certified), trusted, |_, _| {})
    }

    pub async fn start_tls(how: Evaluator) -> Self {
        Self::start_with(how, Some(certified()), &[], |_, _| {})
    }

    fn start_with(
        how: Evaluator,
        certified: Option<(TlsConfig, CertificateDer<'static>)>,
        trusted: &[&str],
        first: impl FnOnce(SocketAddr, &ShutdownTrigger),
    ) -> Self {
        let (tls, certificate) = certified.unzip();
        let bound: Bound = Gateway::bind(GatewayConfig {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            tls,
            trusted_proxies: trusted.iter().map(|network| network.parse().unwrap()).collect(),
            cores: 2,
            connections_max: CONNECTIONS_MAX,
            regions: Region::all().collect(),
            home_region: "us-east-1".parse().unwrap(),
            sampler: None,
            drain_max: Duration::from_secs(5),
        })
        .unwrap();
        let (asked, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let bus = InProcessBus::new();
        let last = LastQuestion::default();
        let evaluating = Evaluating {
            how,
            asked: Arc::clone(&asked),
            released: Arc::clone(&released),
            last: Arc::clone(&last),
        };
        bus.serve(Subject::Authorize, Arc::new(evaluating)).unwrap();
        let trail = Trail::default();
        let audit = trail.clone();
        let ring = KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap();
        let services = Services {
            pages: None,
            bus: bus.bus(),
            sealer: Arc::new(Sealer::new(ring)),
            clock: Arc::new(SystemClock),
            audit: Arc::new(move || Rc::new(audit.clone())),
            quota: Arc::new(trent_operations::ports::Unlimited),
        };
        let (trigger, shutdown) = Shutdown::new();
        first(bound.local_addr().unwrap(), &trigger);
        let running = bound.serve(&services, &shutdown).unwrap();
        Self { running, trigger, trail, asked, released, last, certificate }
    }

    pub fn address(&self) -> SocketAddr {
        self.running.addresses()[0]
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    pub async fn connect_tls(
        &self,
        protocol: &[u8],
        version: &'static rustls::SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        self.secure(self.connect().await, protocol, version).await
    }

    /// TLS over a connection to this gateway.
    pub async fn secure(
        &self,
        connection: TcpStream,
        protocol: &[u8],
        version: &'static rustls::SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone().unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        connector.connect(name, connection).await.unwrap()
    }

    pub fn records(&self) -> Vec<String> {
        self.trail.records.lock().unwrap().clone()
    }

    pub fn fail_trail(&self) {
        self.trail.fails.store(true, Ordering::SeqCst);
    }

    /// What the evaluator was asked last.
    pub fn last_question(&self) -> messages::AuthorizeRequest {
        self.last.lock().unwrap().clone()
    }

    /// Returns when the evaluator has been asked.
    pub async fn asked(&self) {
        self.asked.acquire().await.unwrap().forget();
    }

    pub fn finish(self) -> Finishing {
        self.trigger.trigger();
        Finishing { running: self.running, released: self.released }
    }
}

/// A certificate for localhost, as the gateway and as a client take it.
fn certified() -> (TlsConfig, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let tls = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    (tls, made.cert.der().clone())
}

/// The head of a POST with a signature that looks like one, when there are no other headers to
/// come.
pub fn head(target: &str, length: usize, extra: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: {target}\r\n\
         content-type: application/x-amz-json-1.1\r\ncontent-length: {length}\r\n{extra}\r\n"
    )
}

pub fn authorization() -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-target, Signature={}",
        "ab".repeat(32)
    )
}

/// A request whose signature can be read; the evaluator alone says whether it is good.
pub fn post(target: &str, body: &str) -> Vec<u8> {
    let signature =
        format!("x-amz-date: 20150830T123600Z\r\nauthorization: {}\r\n", authorization());
    (head(target, body.len(), &signature) + body).into_bytes()
}

/// [`authorization`] of a request with a session token.
fn authorization_with_token() -> String {
    authorization().replace("x-amz-date;", "x-amz-date;x-amz-security-token;")
}

/// A request of temporary credentials, from a client that says what it is.
pub fn post_with_token(target: &str, body: &str, token: &str) -> Vec<u8> {
    let signature = format!(
        "x-amz-date: 20150830T123600Z\r\nx-amz-security-token: {token}\r\n\
         user-agent: rig/1\r\nauthorization: {}\r\n",
        authorization_with_token()
    );
    (head(target, body.len(), &signature) + body).into_bytes()
}

/// A presigned request of temporary credentials.
pub fn presigned(target: &str, body: &str, token: &str) -> Vec<u8> {
    let token = token.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1\
         %2Fkms%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60\
         &X-Amz-Security-Token={token}&X-Amz-Signature={}\
         &X-Amz-SignedHeaders=host%3Bx-amz-target",
        "ab".repeat(32)
    );
    let head = head(target, body.len(), "").replacen("POST /", &format!("POST /?{query}"), 1);
    (head + body).into_bytes()
}

/// Sends one request over HTTP/2; the status of its answer.
pub async fn post_h2(stream: TlsStream<TcpStream>, target: &str) -> u16 {
    let request = hyper::Request::post("https://localhost/")
        .header("x-amz-target", target)
        .header("x-amz-date", "20150830T123600Z")
        .header("authorization", authorization());
    send_h2(stream, request).await
}

/// The same for a request of temporary credentials, from a client that says what it is.
pub async fn post_h2_with_token(stream: TlsStream<TcpStream>, target: &str, token: &str) -> u16 {
    let request = hyper::Request::post("https://localhost/")
        .header("x-amz-target", target)
        .header("x-amz-date", "20150830T123600Z")
        .header("x-amz-security-token", token)
        .header("user-agent", "rig/1")
        .header("authorization", authorization_with_token());
    send_h2(stream, request).await
}

async fn send_h2(stream: TlsStream<TcpStream>, request: hyper::http::request::Builder) -> u16 {
    let handshake =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut client, connection) = handshake.await.unwrap();
    let running = tokio::spawn(connection);
    let request = request.body(Full::<Bytes>::from("{}")).unwrap();
    let answer = client.send_request(request).await.unwrap();
    drop(client);
    running.abort();
    answer.status().as_u16()
}

pub struct HttpAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl HttpAnswer {
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

/// Reads one answer and no byte more.
pub async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> HttpAnswer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let answer = HttpAnswer { status, head, body: String::new() };
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    HttpAnswer { body: String::from_utf8(body).unwrap(), ..answer }
}

/// Reads until the connection ends, well or badly.
pub async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    String::from_utf8(rest).unwrap()
}
