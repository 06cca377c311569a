//! The one way a process starts: configuration, telemetry, signals, health.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};

use crate::{AdminServer, Readiness, Scrapes, Settings, Shutdown, StartError, Telemetry};

/// A process that has started and has no role yet.
pub struct Process {
    /// The checked configuration.
    pub settings: Settings,
    /// Asked for by SIGTERM or SIGINT.
    pub shutdown: Shutdown,
    /// What `/ready` asks.
    pub readiness: Readiness,
    /// What `/metrics` asks before it answers.
    pub scrapes: Scrapes,
}

/// Starts signals and the admin listener; must run inside the process's main runtime.
///
/// # Errors
/// [`StartError`] when the admin address is taken.
pub async fn start(settings: Settings, telemetry: &Telemetry) -> Result<Process, StartError> {
    let shutdown = on_signals()?;
    let readiness = Readiness::default();
    let admin = AdminServer::bind(settings.admin_listen).await?;
    tracing::info!(address = %admin.address(), "serving /health, /ready and /metrics");
    let metrics = telemetry.metrics();
    let scrapes = Scrapes::default();
    tokio::spawn(upkeep(metrics.clone()));
    tokio::spawn(admin.serve(readiness.clone(), scrapes.clone(), metrics));
    Ok(Process { settings, shutdown, readiness, scrapes })
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
