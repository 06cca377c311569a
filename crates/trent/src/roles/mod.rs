//! The roles: each wires its crate to configuration, bus and stores, and runs until it is told to
//! stop.

pub(crate) mod all;
pub(crate) mod audit;
mod connect;
mod database;
pub(crate) mod gateway;
pub(crate) mod lifecycle;
pub(crate) mod policy;
pub(crate) mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use trent_bus::{NatsBus, PermitKeys, Sealer, TrailHealth};
use trent_policy_evaluator::TokenKeys;
use trent_runtime::{Options, Process, Settings, StartError, Telemetry};
use trent_store::Sqlite;
use trent_types::KeyRing;

use crate::key_files;
use crate::key_watch::KeyWatch;
pub(crate) use connect::nats_now;
use connect::{bus_required, nats, postgres};
pub(crate) use database::{migrate, postgres_now};

/// How long orders that were taken may still be worked on when the process stops.
const DRAIN_PATIENCE: Duration = Duration::from_secs(10);

/// Starts the process and runs one role in it: `prepare` reads all that is configured, so that what
/// is wrong is known before any port is bound.
pub(crate) fn run<P, F>(
    name: &'static str,
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
    let telemetry = Telemetry::start(&settings, name)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| StartError::Environment(format!("threads: {error}")))?;
    let outcome = runtime.block_on(async {
        role(trent_runtime::start(settings, &telemetry).await?, prepared).await
    });
    // What is still blocked in a store must not hold the end of the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// The database must be configured, in a way in which it may be spoken to.
fn database_required(settings: &Settings) -> Result<(), StartError> {
    database::check(settings)
}

/// Opens the embedded form's registry.
pub(crate) fn sqlite(settings: &Settings) -> Result<Sqlite, StartError> {
    let path = settings.data_dir.join("registry.sqlite");
    Sqlite::open(&path)
        .map_err(|error| StartError::Environment(format!("{}: {error}", path.display())))
}

/// A key file of a distributed deployment with the ring that was in it at the start.
pub(crate) struct KeyFile {
    path: PathBuf,
    ring: KeyRing,
}

impl KeyFile {
    fn read(path: &Path) -> Result<Self, StartError> {
        Ok(Self { path: path.to_owned(), ring: key_files::read(path)? })
    }

    fn required(path: Option<&PathBuf>, variable: &str) -> Result<Self, StartError> {
        Self::read(Settings::required(path, variable)?)
    }

    /// The Permit keys, which from now on follow their file.
    fn permit_keys(self, watch: &mut KeyWatch) -> Arc<PermitKeys> {
        let keys = Arc::new(PermitKeys::new(self.ring.clone()));
        watch.permit(&self.path, &self.ring, &keys);
        keys
    }

    /// The Permit keys of the trail, which from now on follow their file.
    fn trail_keys(self, watch: &mut KeyWatch) -> Arc<PermitKeys> {
        let keys = Arc::new(PermitKeys::new(self.ring.clone()));
        watch.trail(&self.path, &self.ring, &keys);
        keys
    }

    /// The sealer of payloads, whose keys from now on follow their file.
    fn sealer(self, watch: &mut KeyWatch) -> Arc<Sealer> {
        let sealer = Arc::new(Sealer::new(self.ring.clone()));
        watch.bus(&self.path, &self.ring, &sealer);
        sealer
    }

    /// The token keys, which from now on follow their file.
    fn token_keys(self, watch: &mut KeyWatch) -> Arc<TokenKeys> {
        let keys = Arc::new(TokenKeys::new(self.ring.clone()));
        watch.token(&self.path, &self.ring, &keys);
        keys
    }
}

/// The file of the Permit keys of a distributed deployment.
fn permit_key_file(settings: &Settings) -> Result<KeyFile, StartError> {
    KeyFile::required(settings.permit_key_file.as_ref(), "TRENT_PERMIT_KEY_FILE")
}

/// The file of the trail's Permit keys of a distributed deployment.
fn trail_key_file(settings: &Settings) -> Result<KeyFile, StartError> {
    KeyFile::required(settings.trail_key_file.as_ref(), "TRENT_TRAIL_KEY_FILE")
}

/// The file of the bus keys of a distributed deployment.
fn bus_key_file(settings: &Settings) -> Result<KeyFile, StartError> {
    KeyFile::required(settings.bus_key_file.as_ref(), "TRENT_BUS_KEY_FILE")
}

/// Readiness of a role that is nothing without the bus.
fn add_bus_check(process: &Process, nats: &Arc<NatsBus>) {
    let nats = Arc::clone(nats);
    process.readiness.add(
        "bus",
        Box::new(move || if nats.is_connected() { Ok(()) } else { Err("disconnected".into()) }),
    );
}

/// Readiness of a role that answers only what the audit trail has accepted.
fn add_trail_check(process: &Process, trail: TrailHealth) {
    process.readiness.add("audit", Box::new(move || trail.ready()));
}
