//! The roles: each wires its crate to configuration, bus and stores, and runs until it is told to
//! stop.

pub(crate) mod all;
pub(crate) mod audit;
mod connect;
pub(crate) mod gateway;
pub(crate) mod lifecycle;
pub(crate) mod policy;
pub(crate) mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use trent_bus::{NatsBus, PermitKeys, Sealer};
use trent_runtime::{Options, Process, Settings, StartError};
use trent_store::Sqlite;

use crate::key_files;
pub(crate) use connect::postgres_now;
use connect::{nats, postgres};

/// How long orders that were taken may still be worked on when the process stops.
const DRAIN_PATIENCE: Duration = Duration::from_secs(10);

/// Starts the process and runs one role in it: `prepare` reads all that is configured, so that what
/// is wrong is known before any port is bound.
pub(crate) fn run<P, F>(
    prepare: fn(&Settings) -> Result<P, StartError>,
    role: fn(Process, P) -> F,
    options: Options,
) -> Result<(), StartError>
where
    F: Future<Output = Result<(), StartError>>,
{
    let settings = options.settings()?;
    let prepared = prepare(&settings)?;
    let threads = usize::try_from(settings.threads).unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| StartError::Environment(format!("threads: {error}")))?;
    let outcome =
        runtime.block_on(async { role(trent_runtime::start(settings).await?, prepared).await });
    // What is still blocked in a store must not hold the end of the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// The bus must be configured.
fn bus_required(settings: &Settings) -> Result<(), StartError> {
    Settings::required(settings.nats_url.as_deref(), "TRENT_NATS_URL").map(drop)
}

/// The database must be configured.
fn database_required(settings: &Settings) -> Result<(), StartError> {
    Settings::required(settings.database_url.as_deref(), "TRENT_DATABASE_URL").map(drop)
}

/// Opens the embedded form's registry.
pub(crate) fn sqlite(settings: &Settings) -> Result<Sqlite, StartError> {
    let path = settings.data_dir.join("registry.sqlite");
    Sqlite::open(&path)
        .map_err(|error| StartError::Environment(format!("{}: {error}", path.display())))
}

/// The Permit keys of a distributed deployment.
fn permit_keys(settings: &Settings) -> Result<Arc<PermitKeys>, StartError> {
    let path = required_file(settings.permit_key_file.as_ref(), "TRENT_PERMIT_KEY_FILE")?;
    Ok(Arc::new(PermitKeys::new(key_files::read(path)?)))
}

/// The sealer of payloads of a distributed deployment.
fn sealer(settings: &Settings) -> Result<Arc<Sealer>, StartError> {
    let path = required_file(settings.bus_key_file.as_ref(), "TRENT_BUS_KEY_FILE")?;
    Ok(Arc::new(Sealer::new(key_files::read(path)?)))
}

fn required_file<'a>(path: Option<&'a PathBuf>, variable: &str) -> Result<&'a PathBuf, StartError> {
    Settings::required(path, variable)
}

/// Readiness of a role that is nothing without the bus.
fn add_bus_check(process: &Process, nats: &Arc<NatsBus>) {
    let nats = Arc::clone(nats);
    process.readiness.add(
        "bus",
        Box::new(move || if nats.is_connected() { Ok(()) } else { Err("disconnected".into()) }),
    );
}
