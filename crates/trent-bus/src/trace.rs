//! Traces: which requests are traced, and how a trace goes on from role to role.
//!
//! A span is made only for work that belongs to a sampled request: whoever has no [`TraceParent`]
//! makes none, so a request that is not sampled costs one branch wherever a span could begin. What
//! a span says of the work follows OpenTelemetry's semantic conventions; it names accounts, keys
//! and requests, and never holds a secret, a plaintext or the value of an encryption context.

use std::future::Future;

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing::field::Empty;
use tracing::instrument::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use trent_types::TraceParent;

use crate::{AUDIT_SUBJECT, Subject};

pub use trent_types::SPAN_TARGET as TARGET;

/// Decides which requests are traced: those that a client has sampled, and a share of the others.
#[derive(Debug, Clone, Copy)]
pub struct Sampler {
    /// Below this a random number means yes; `None`: whatever it is.
    threshold: Option<u64>,
}

impl Sampler {
    /// Samples this share of the requests, 0 to 1.
    #[must_use]
    pub fn new(ratio: f64) -> Self {
        // The share of the numbers below 2^64; what is cut off is far below what anybody can see.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 2^64; casts of floats saturate"
        )]
        let threshold = (ratio * 2f64.powi(64)) as u64;
        Self { threshold: (ratio < 1.0).then_some(threshold) }
    }

    /// Whether a request is traced that came with this trace context; `chance` is random.
    #[must_use]
    pub fn samples(&self, given: Option<&TraceParent>, chance: u64) -> bool {
        given.is_some_and(TraceParent::is_sampled)
            || self.threshold.is_none_or(|threshold| chance < threshold)
    }
}

/// One step of a sampled request: a span that is exported, and the trace context for what is done
/// within it. It ends when it is dropped.
#[derive(Debug)]
pub struct Step {
    span: Span,
    trace: Option<TraceParent>,
}

impl Step {
    /// Begins with a span that was just made, with [`TARGET`] and `parent: None`. Without a parent
    /// it begins a trace.
    #[must_use]
    pub fn begin(span: Span, parent: Option<TraceParent>) -> Self {
        if let Some(parent) = parent {
            // An error means that this process exports no spans.
            let _ = span.set_parent(context_of(parent));
        }
        // Without an exporter the trace goes on past this process.
        let trace = own_trace(&span).or(parent);
        if let Some(trace) = trace {
            span.record("trace_id", trace.trace_id_text());
        }
        Self { span, trace }
    }

    /// An order on its way to a service and back.
    pub(crate) fn order(subject: Subject, system: &'static str, parent: TraceParent) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "order",
            otel.name = subject.label(),
            otel.kind = "client",
            otel.status_code = Empty,
            trace_id = Empty,
            messaging.system = system,
            messaging.destination.name = subject.label(),
            messaging.operation.name = "request",
            "error.type" = Empty,
        );
        Self::begin(span, Some(parent))
    }

    /// A service's work on an order: `role` does `work`.
    #[must_use]
    pub fn work(role: &'static str, work: &'static str, parent: TraceParent) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "work",
            otel.name = work,
            otel.kind = "server",
            otel.status_code = Empty,
            trace_id = Empty,
            trent.role = role,
            "error.type" = Empty,
        );
        Self::begin(span, Some(parent))
    }

    /// A record on its way into the trail, until it is accepted.
    #[must_use]
    pub fn publish(parent: TraceParent) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "publish",
            otel.name = "audit record",
            otel.kind = "producer",
            otel.status_code = Empty,
            trace_id = Empty,
            messaging.destination.name = AUDIT_SUBJECT,
            messaging.operation.name = "publish",
            "error.type" = Empty,
        );
        Self::begin(span, Some(parent))
    }

    /// The keeping of a record: one of a batch of so many.
    #[must_use]
    pub fn keep(records: usize, parent: TraceParent) -> Self {
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "keep",
            otel.name = "keep audit record",
            otel.kind = "consumer",
            otel.status_code = Empty,
            trace_id = Empty,
            trent.role = "audit",
            messaging.destination.name = AUDIT_SUBJECT,
            messaging.operation.name = "process",
            messaging.batch.message_count = records as u64,
            "error.type" = Empty,
        );
        Self::begin(span, Some(parent))
    }

    /// The trace context for what is done within this step.
    #[must_use]
    pub const fn trace(&self) -> Option<TraceParent> {
        self.trace
    }

    /// The span, to record more in.
    #[must_use]
    pub const fn span(&self) -> &Span {
        &self.span
    }

    /// Notes that it failed, with the kind of failure (`error.type`): one of few words, not a
    /// message.
    pub fn failed(&self, kind: &str) {
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", kind);
    }

    /// Does work within this step: its log lines show the span.
    pub fn follow<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        work.instrument(self.span.clone())
    }
}

/// The trace context of an exported span; `None` where this process exports none.
fn own_trace(span: &Span) -> Option<TraceParent> {
    let context = span.context();
    let own = context.span().span_context().clone();
    own.is_valid().then(|| TraceParent {
        trace_id: own.trace_id().to_bytes(),
        span_id: own.span_id().to_bytes(),
        flags: own.trace_flags().to_u8(),
    })
}

fn context_of(parent: TraceParent) -> Context {
    // Whoever sends a trace context on has decided that the request is sampled.
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(parent.trace_id),
        SpanId::from_bytes(parent.span_id),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(flags: u8) -> TraceParent {
        TraceParent { trace_id: [1; 16], span_id: [2; 8], flags }
    }

    #[test]
    fn a_share_of_the_requests_is_sampled_and_whatever_the_client_samples() {
        let samples =
            |ratio, given: Option<&TraceParent>, chance| Sampler::new(ratio).samples(given, chance);
        assert!(samples(1.0, None, u64::MAX));
        assert!(!samples(0.0, None, 0));
        assert!(samples(0.5, None, u64::MAX / 2 - 1));
        assert!(!samples(0.5, None, u64::MAX / 2 + 2));
        assert!(samples(0.0, Some(&given(1)), 0));
        assert!(!samples(0.0, Some(&given(0)), 0));
    }

    #[test]
    fn a_trace_goes_on_through_a_process_that_exports_nothing() {
        let step = Step::work("worker", "Encrypt", given(1));
        assert_eq!(step.trace(), Some(given(1)));
        assert_eq!(Step::begin(Span::none(), None).trace(), None);
    }
}
