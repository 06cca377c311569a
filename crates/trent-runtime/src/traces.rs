//! Sends spans to an OTLP receiver, from a thread of its own: what it cannot send it drops and
//! counts, and it never holds anybody up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, counter, describe_counter};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span, SpanData,
    SpanExporter, SpanProcessor,
};

use crate::StartError;

/// Spans that wait for the receiver at most; one more is dropped.
const WAITING_MAX: usize = 4_096;
/// Spans of one message at most.
const BATCH_MAX: usize = 512;
/// How long a span waits for others to go with.
const DELAY: Duration = Duration::from_secs(1);
/// How long the receiver may take to accept a message.
const PATIENCE: Duration = Duration::from_secs(3);

const SPANS: &str = "trent_trace_spans_total";

/// What became of spans.
#[derive(Debug)]
struct Tally {
    waiting: AtomicUsize,
    failing: AtomicBool,
    sent: Counter,
    refused: Counter,
    dropped: Counter,
}

impl Tally {
    fn new() -> Self {
        describe_counter!(SPANS, "Spans by what became of them: sent, refused or dropped");
        Self {
            waiting: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
            sent: counter!(SPANS, "outcome" => "sent"),
            refused: counter!(SPANS, "outcome" => "refused"),
            dropped: counter!(SPANS, "outcome" => "dropped"),
        }
    }
}

/// The SDK's batch processor, with a bound of its own, so that what it drops is counted.
#[derive(Debug)]
struct Bounded {
    batches: BatchSpanProcessor,
    tally: Arc<Tally>,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.tally.waiting.fetch_add(1, Ordering::Relaxed) < WAITING_MAX {
            self.batches.on_end(span);
        } else {
            self.tally.waiting.fetch_sub(1, Ordering::Relaxed);
            self.tally.dropped.increment(1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// The exporter, counted.
#[derive(Debug)]
struct Counted {
    exporter: opentelemetry_otlp::SpanExporter,
    tally: Arc<Tally>,
}

impl SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let outcome = self.exporter.export(batch).await;
        let Tally { waiting, failing, sent, refused, .. } = &*self.tally;
        waiting.fetch_sub(spans, Ordering::Relaxed);
        match &outcome {
            Ok(()) => {
                sent.increment(spans as u64);
                if failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("spans are sent again");
                }
            }
            Err(error) => {
                refused.increment(spans as u64);
                if !failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "spans are lost: the OTLP receiver does not take them");
                }
            }
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// The way to the receiver; what is in it is sent when it ends.
#[derive(Debug)]
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to the receiver at this base URL, as `trent-<role>`. To be called outside of any
    /// runtime: the client blocks.
    pub(crate) fn start(endpoint: &str, role: &str) -> Result<Self, StartError> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .with_headers(std::collections::HashMap::new())
            .build()
            .map_err(|error| StartError::Configuration(format!("TRENT_OTLP_ENDPOINT: {error}")))?;
        let tally = Arc::new(Tally::new());
        let exporter = Counted { exporter, tally: Arc::clone(&tally) };
        let config = BatchConfigBuilder::default()
            // Twice what is let in: it is never the one that drops.
            .with_max_queue_size(2 * WAITING_MAX)
            .with_max_export_batch_size(BATCH_MAX)
            .with_scheduled_delay(DELAY)
            .build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        let instance = uuid::Uuid::new_v4().to_string();
        let resource = Resource::builder_empty()
            .with_service_name(format!("trent-{role}"))
            .with_attribute(KeyValue::new("service.namespace", "trent"))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("service.instance.id", instance))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
            .with_span_processor(Bounded { batches, tally })
            .build();
        Ok(Self(provider))
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.0.tracer("trent")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}
