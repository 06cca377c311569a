//! The crypto worker: domain key, no database.

use std::sync::Arc;

use trent_bus::{ServeLimits, Service, Subject};
use trent_crypto_worker::{Worker, WorkerConfig};
use trent_runtime::{Process, Settings, StartError};
use trent_types::SystemClock;

use super::{
    DRAIN_PATIENCE, add_bus_check, bus_required, nats, permit_keys, required_file, sealer,
};
use crate::key_files;

/// Parsed keys that a worker keeps.
pub(super) const PARSED_KEYS_MAX: usize = 10_000;

/// Reads the keys.
pub(crate) fn prepare(settings: &Settings) -> Result<WorkerConfig, StartError> {
    bus_required(settings)?;
    let domain = required_file(settings.domain_key_file.as_ref(), "TRENT_DOMAIN_KEY_FILE")?;
    Ok(WorkerConfig {
        domain_keys: key_files::read(domain)?,
        permit_keys: permit_keys(settings)?,
        sealer: sealer(settings)?,
        clock: Arc::new(SystemClock),
        parsed_keys_max: PARSED_KEYS_MAX,
    })
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(mut process: Process, config: WorkerConfig) -> Result<(), StartError> {
    let worker = Worker::new(config);
    let nats = Arc::new(nats(&process, "worker").await?);
    let cannot = |error| StartError::Environment(format!("serving: {error}"));
    let service: Arc<dyn Service> = worker.clone();
    let limits = ServeLimits::default;
    let fast = nats.serve(Subject::CryptoFast, Arc::clone(&service), limits());
    let slow = nats.serve(Subject::CryptoSlow, service, limits());
    let (fast, slow) = (fast.await.map_err(cannot)?, slow.await.map_err(cannot)?);
    add_bus_check(&process, &nats);
    process.readiness.add("domain key", Box::new(move || worker.ready()));
    process.shutdown.requested().await;
    tokio::join!(fast.drain(DRAIN_PATIENCE), slow.drain(DRAIN_PATIENCE));
    Ok(())
}
