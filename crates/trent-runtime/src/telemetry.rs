//! Logs, metrics and traces of a process, under the name of its role.

use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::traces::Traces;
use crate::{Settings, StartError, logs};

/// Buckets of durations in seconds: from a cached symmetric call to a client's patience.
const DURATION_BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Buckets of how many things were handled together.
const COUNT_BUCKETS: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0];

/// What a process says of itself. When it is dropped, the last spans are sent.
#[derive(Debug)]
#[must_use = "traces end when it is dropped"]
pub struct Telemetry {
    metrics: PrometheusHandle,
    #[expect(dead_code, reason = "it is held, and sends what is left when dropped")]
    traces: Option<Traces>,
}

impl Telemetry {
    /// Starts metrics, traces and logs of this role: `gateway`, `policy`, `worker`, `audit`,
    /// `lifecycle` or `all`. To be called once, before and outside of any runtime.
    ///
    /// # Errors
    /// [`StartError`] when the log filter is none, or something was started before.
    pub fn start(settings: &Settings, role: &'static str) -> Result<Self, StartError> {
        let metrics = recorder()?;
        describe_gauge!("trent_build_info", "1, with the version and the role of the process");
        gauge!("trent_build_info", "version" => env!("CARGO_PKG_VERSION"), "role" => role).set(1.0);
        let endpoint = settings.otlp_endpoint.as_deref();
        let traces = endpoint.map(|endpoint| Traces::start(endpoint, role)).transpose()?;
        logs::start(settings, role, traces.as_ref())?;
        Ok(Self { metrics, traces })
    }

    pub(crate) fn metrics(&self) -> PrometheusHandle {
        self.metrics.clone()
    }
}

fn recorder() -> Result<PrometheusHandle, StartError> {
    let cannot = |error| StartError::Environment(format!("metrics: {error}"));
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATION_BUCKETS)
        .and_then(|builder| {
            let counts = [Matcher::Suffix("_records".into()), Matcher::Suffix("_orders".into())];
            counts.into_iter().try_fold(builder, |builder, matcher| {
                builder.set_buckets_for_metric(matcher, COUNT_BUCKETS)
            })
        })
        .map_err(cannot)?
        .install_recorder()
        .map_err(cannot)
}
