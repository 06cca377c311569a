//! One request whose body is complete: from its parts to the operation's answer.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use hyper::header::{HOST, USER_AGENT};
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};
use tracing::field::Empty;
use trent_bus::trace::TARGET;
use trent_bus::{Bus, Sampler, Sealer, Step};
use trent_operations::ports::{AuditTrail, Authorizer, Ports, RequestQuota};
use trent_operations::{AwsError, Operation, Request, Response, ServiceName, refuse, serve};
use trent_runtime::Shutdown;
use trent_sigv4::RequestParts;
use trent_types::{Clock, Region, RequestId, Timestamp, TraceParent};

use crate::deadlines::Deadlines;
use crate::meters::Meters;
use crate::pages::Pages;
use crate::ports::{
    BusAuthorizer, BusIdentities, BusRegistry, BusTrail, BusWorker, Circumstances, Line,
    ThreadRandom, TracedTrail, Unsigned,
};
use crate::route::{Incoming, Route, Verdict, lossy};
use crate::tls::TlsFacts;

/// What the requests of one core share.
pub(crate) struct Core {
    pub(crate) bus: Bus,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: Rc<dyn AuditTrail>,
    pub(crate) meters: Meters,
    /// Decides which requests are traced; `None`: none.
    pub(crate) sampler: Option<Sampler>,
    /// How many requests there may be.
    pub(crate) quota: Arc<dyn RequestQuota + Send + Sync>,
    /// How many large bodies the process holds.
    pub(crate) large_bodies: Arc<AtomicUsize>,
    /// The Regions that are served, and the one that refused requests are recorded in when they
    /// name none of them.
    pub(crate) regions: Arc<[Region]>,
    pub(crate) home_region: Region,
    /// What answers beside the API.
    pub(crate) pages: Option<Pages>,
    /// Says when this core finishes: nobody waits for new events any longer.
    pub(crate) finishing: Shutdown,
    /// How long its requests may take.
    pub(crate) deadlines: Deadlines,
}

/// Who is at the other end of a connection.
pub(crate) struct Peer {
    pub(crate) address: String,
    pub(crate) tls: Option<TlsFacts>,
}

/// The other roles, at the ends of one request's line.
struct Roles<'a> {
    worker: BusWorker<'a>,
    registry: BusRegistry<'a>,
    identities: BusIdentities<'a>,
    trail: BusTrail<'a>,
    /// Takes the records of a traced request.
    traced: Option<TracedTrail<'a>>,
}

impl<'a> Roles<'a> {
    fn of(core: &'a Core, line: Line<'a>) -> Self {
        let traced = |parent| TracedTrail { trail: &*core.audit, parent };
        Self {
            worker: BusWorker::new(line, &core.sealer),
            registry: BusRegistry::new(line),
            identities: BusIdentities::new(line, &core.sealer),
            trail: BusTrail::new(line, &core.finishing),
            traced: line.traceparent.map(traced),
        }
    }

    fn ports<'p>(&'p self, core: &'p Core, authorizer: &'p dyn Authorizer) -> Ports<'p> {
        Ports {
            authorizer,
            worker: &self.worker,
            registry: &self.registry,
            identities: &self.identities,
            audit: self.traced.as_ref().map_or(&*core.audit, |traced| traced),
            trail: &self.trail,
            random: &ThreadRandom,
            quota: &*core.quota,
        }
    }
}

/// One request on its way.
pub(crate) struct Exchange<'a> {
    pub(crate) core: &'a Core,
    pub(crate) peer: &'a Peer,
    pub(crate) head: &'a Parts,
    pub(crate) request_id: RequestId,
    pub(crate) received_at: Timestamp,
}

/// The answer, and the operation that it is counted for.
pub(crate) struct Answered {
    pub(crate) operation: &'static str,
    pub(crate) response: Response,
}

/// The operation of requests that name none.
pub(crate) const UNKNOWN: &str = "Unknown";

impl Exchange<'_> {
    /// Runs the operation that the request is for, or refuses it.
    pub(crate) async fn answer(&self, body: &[u8]) -> Answered {
        let sha256 = Sha256::digest(body).into();
        let route = self.route(body, sha256);
        let agent = lossy(self.head.headers.get(USER_AGENT));
        let host = self.host();
        let request = Request {
            region: route.region.unwrap_or(self.core.home_region),
            access_key_id: route.access_key_id.as_deref(),
            service: route.service,
            ..self.request(&agent, &host, body)
        };
        let operation = route.operation.map_or(UNKNOWN, |operation| operation.name());
        let step = self.sampled().map(|parent| self.begin(route.service, operation, parent));
        let traceparent = step.as_ref().and_then(Step::trace);
        let line = Line { bus: &self.core.bus, traceparent };
        let response = match route.verdict {
            Verdict::Refuse(error) => self.refuse(&request, route.operation, error, line).await,
            Verdict::Run(run, signed) => {
                let form = match route.service {
                    ServiceName::Kms | ServiceName::CloudTrail => &[],
                    ServiceName::Iam | ServiceName::Sts => body,
                };
                let circumstances = Circumstances {
                    source_ip: request.source_ip,
                    secure_transport: request.tls.is_some(),
                    user_agent: &agent,
                    form,
                };
                let first = Cell::new(Some(signed));
                let sign = || first.take().or_else(|| self.route(body, sha256).signed());
                let authorizer = BusAuthorizer::new(line, self.request_id, &sign, circumstances);
                let roles = Roles::of(self.core, line);
                let ports = roles.ports(self.core, &authorizer);
                let served = serve(run, &request, &ports);
                match &step {
                    None => served.await,
                    // On the heap, so that the futures of other requests stay small.
                    Some(step) => Box::pin(step.follow(served)).await,
                }
            }
        };
        if let Some(step) = step {
            end(&step, &response);
        }
        Answered { operation, response }
    }

    /// Where the request goes, by its head and its body.
    fn route(&self, body: &[u8], payload_sha256: [u8; 32]) -> Route {
        let headers: Vec<(&str, &[u8])> = self
            .head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let uri = &self.head.uri;
        let parts = RequestParts {
            method: self.head.method.as_str(),
            path: uri.path(),
            query: uri.query(),
            headers: &headers,
            authority: uri.authority().map(|authority| authority.as_str()),
        };
        Incoming { parts, payload_sha256, body, regions: &self.core.regions }.route()
    }

    /// Refuses a request whose body is not there to be looked at. What its head claims is recorded.
    pub(crate) async fn refuse_unread(&self, error: AwsError) -> Answered {
        let agent = lossy(self.head.headers.get(USER_AGENT));
        let host = self.host();
        let route = self.route(&[], [0; 32]);
        let request = Request {
            region: route.region.unwrap_or(self.core.home_region),
            access_key_id: route.access_key_id.as_deref(),
            service: route.service,
            ..self.request(&agent, &host, &[])
        };
        let line = Line { bus: &self.core.bus, traceparent: None };
        let response = self.refuse(&request, route.operation, error, line).await;
        let operation = route.operation.map_or(UNKNOWN, |operation| operation.name());
        Answered { operation, response }
    }

    async fn refuse(
        &self,
        request: &Request<'_>,
        operation: Option<&'static dyn Operation>,
        error: AwsError,
        line: Line<'_>,
    ) -> Response {
        // On the heap, so that the futures of good requests stay small: they are moved about.
        Box::pin(async move {
            let roles = Roles::of(self.core, line);
            refuse(request, operation, error, &roles.ports(self.core, &Unsigned)).await
        })
        .await
    }

    fn request<'a>(&'a self, user_agent: &'a str, host: &'a str, body: &'a [u8]) -> Request<'a> {
        Request {
            request_id: self.request_id,
            received_at: self.received_at,
            region: self.core.home_region,
            served_regions: &self.core.regions,
            source_ip: &self.peer.address,
            user_agent,
            host,
            tls: self.peer.tls.as_ref().map(TlsFacts::details),
            access_key_id: None,
            service: ServiceName::Kms,
            body,
        }
    }

    /// Whether the request is traced, and what its client says that it belongs to.
    fn sampled(&self) -> Option<Option<TraceParent>> {
        let sampler = self.core.sampler?;
        let header = self.head.headers.get("traceparent");
        let given = header.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        sampler.samples(given.as_ref(), rand::random()).then_some(given)
    }

    fn host(&self) -> std::borrow::Cow<'_, str> {
        match (self.head.headers.get(HOST), self.head.uri.authority()) {
            (None, Some(authority)) => std::borrow::Cow::Borrowed(authority.as_str()),
            (host, _) => lossy(host),
        }
    }

    /// The root of the request's trace, or of what this process adds to its client's.
    fn begin(
        &self,
        service: ServiceName,
        operation: &'static str,
        parent: Option<TraceParent>,
    ) -> Step {
        let service = match service {
            ServiceName::Kms => "KMS",
            ServiceName::Iam => "IAM",
            ServiceName::Sts => "STS",
            ServiceName::CloudTrail => "CloudTrail",
        };
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "request",
            otel.name = %format_args!("{service}/{operation}"),
            otel.kind = "server",
            otel.status_code = Empty,
            trace_id = Empty,
            trent.role = "gateway",
            rpc.system = "aws-api",
            rpc.service = service,
            rpc.method = operation,
            aws.request_id = %self.request_id,
            client.address = self.peer.address,
            http.response.status_code = Empty,
            "error.type" = Empty,
        );
        Step::begin(span, parent)
    }
}

fn end(step: &Step, response: &Response) {
    step.span().record("http.response.status_code", response.status);
    match &response.error {
        // What a client did wrong is no failure of the server.
        Some(error) if response.status < 500 => {
            step.span().record("error.type", error.code);
        }
        Some(error) => step.failed(error.code),
        None => {}
    }
}
