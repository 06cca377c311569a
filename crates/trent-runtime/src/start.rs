//! The one way a process starts: configuration, logs, metrics, signals, health.

use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{SignalKind, signal};

use crate::{AdminServer, Readiness, Settings, Shutdown, StartError, logs};

/// Buckets of request durations in seconds: from a cached symmetric call to a client's patience.
const DURATION_BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// A process that has started and has no role yet.
pub struct Process {
    /// The checked configuration.
    pub settings: Settings,
    /// Asked for by SIGTERM or SIGINT.
    pub shutdown: Shutdown,
    /// What `/ready` asks.
    pub readiness: Readiness,
}

/// Starts logs, metrics, signals and the admin listener; must run inside the process's main
/// runtime.
///
/// # Errors
/// [`StartError`] when the admin address is taken or the log filter is none.
pub async fn start(settings: Settings) -> Result<Process, StartError> {
    logs::start(&settings)?;
    let cannot = |error| StartError::Environment(format!("metrics: {error}"));
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATION_BUCKETS)
        .map_err(cannot)?
        .install_recorder()
        .map_err(cannot)?;
    let shutdown = on_signals()?;
    let readiness = Readiness::default();
    let admin = AdminServer::bind(settings.admin_listen).await?;
    tracing::info!(address = %admin.address(), "serving /health, /ready and /metrics");
    tokio::spawn(upkeep(metrics.clone()));
    tokio::spawn(admin.serve(readiness.clone(), metrics));
    Ok(Process { settings, shutdown, readiness })
}

/// Folds new samples into their buckets: between two of these, and between scrapes, samples take
/// memory.
async fn upkeep(metrics: PrometheusHandle) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    loop {
        every.tick().await;
        metrics.run_upkeep();
    }
}

/// SIGTERM and SIGINT ask for a shutdown; a second one ends the process at once.
fn on_signals() -> Result<Shutdown, StartError> {
    let cannot = |error| StartError::Environment(format!("signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let (trigger, shutdown) = Shutdown::new();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if first {
                tracing::info!("shutting down: what runs is completed");
                trigger.trigger();
            }
        }
        std::process::exit(130);
    });
    Ok(shutdown)
}
