//! The crypto worker: domain key, no database.

use std::sync::Arc;

use trent_bus::{ServeLimits, Service, Subject};
use trent_crypto_worker::{Worker, WorkerConfig};
use trent_runtime::{Process, Settings, StartError};
use trent_types::SystemClock;

use super::{
    DRAIN_PATIENCE, KeyFile, add_bus_check, bus_key_file, bus_required, nats, permit_key_file,
};
use crate::key_watch::KeyWatch;

/// Parsed keys that a worker keeps.
pub(super) const PARSED_KEYS_MAX: usize = 10_000;

/// The keys that the role has read before it starts.
pub(crate) struct Prepared {
    domain_key: KeyFile,
    permit_key: KeyFile,
    bus_key: KeyFile,
}

/// Reads the keys.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    bus_required(settings)?;
    let domain = settings.domain_key_file.as_ref();
    Ok(Prepared {
        domain_key: KeyFile::required(domain, "TRENT_DOMAIN_KEY_FILE")?,
        permit_key: permit_key_file(settings)?,
        bus_key: bus_key_file(settings)?,
    })
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(mut process: Process, prepared: Prepared) -> Result<(), StartError> {
    let Prepared { domain_key, permit_key, bus_key } = prepared;
    let mut watch = KeyWatch::new();
    let KeyFile { path, ring } = domain_key;
    let worker = Worker::new(WorkerConfig {
        domain_keys: ring.clone(),
        permit_keys: permit_key.permit_keys(&mut watch),
        sealer: bus_key.sealer(&mut watch),
        clock: Arc::new(SystemClock),
        parsed_keys_max: PARSED_KEYS_MAX,
    });
    watch.domain(&path, &ring, &worker);
    drop(ring);
    tokio::spawn(watch.run(process.shutdown.clone()));
    let nats = Arc::new(nats(&process, "worker").await?);
    let cannot = |error| StartError::Environment(format!("serving: {error}"));
    let service: Arc<dyn Service> = worker.clone();
    let limits = ServeLimits::default;
    let fast = nats.serve(Subject::CryptoFast, Arc::clone(&service), limits());
    let slow = nats.serve(Subject::CryptoSlow, service, limits());
    let (fast, slow) = (fast.await.map_err(cannot)?, slow.await.map_err(cannot)?);
    add_bus_check(&process, &nats);
    let sizes = Arc::clone(&worker);
    process.scrapes.add(Box::new(move || sizes.show_sizes()));
    process.readiness.add("domain key", Box::new(move || worker.ready()));
    process.shutdown.requested().await;
    tokio::join!(fast.drain(DRAIN_PATIENCE), slow.drain(DRAIN_PATIENCE));
    Ok(())
}
