//! Timed jobs.

use std::sync::Arc;
use std::time::Duration;

use trent_lifecycle::{Lifecycle, LifecycleConfig};
use trent_runtime::{Process, Settings, StartError};
use trent_types::SystemClock;
use uuid::Uuid;

use super::{add_bus_check, bus_required, nats};

/// Checks that the bus is configured.
pub(crate) fn prepare(settings: &Settings) -> Result<(), StartError> {
    bus_required(settings)
}

/// Works until the process is told to stop.
pub(crate) async fn serve(process: Process, (): ()) -> Result<(), StartError> {
    let nats = Arc::new(nats(&process, "lifecycle").await?);
    add_bus_check(&process, &nats);
    let lifecycle = Lifecycle::new(config(&process), nats.bus(), Arc::new(SystemClock));
    let readiness = lifecycle.readiness();
    process.readiness.add(
        "registry",
        Box::new(move || if readiness.ready() { Ok(()) } else { Err("no answer".into()) }),
    );
    lifecycle.run(process.shutdown).await;
    Ok(())
}

/// How the jobs of this process run.
pub(super) fn config(process: &Process) -> LifecycleConfig {
    let interval = Duration::from_millis(u64::from(process.settings.lifecycle_interval_ms));
    LifecycleConfig::new(interval, Uuid::new_v4().to_string())
}
