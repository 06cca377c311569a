//! The audit logger: from the stream into Postgres, and what is asked of the trail there.

use std::sync::Arc;
use std::time::Duration;

use trent_audit_logger::checkpoints::{ChainHeads, Checkpoints, StoreHeads};
use trent_audit_logger::cost::Prices;
use trent_audit_logger::derive::post_what_was_kept_before;
use trent_audit_logger::log_files::{LogFiles, LogFilesConfig};
use trent_audit_logger::logger::Logger;
use trent_audit_logger::queries::{
    Books, StoredTrail, TrailReader, TrailService, TrailServiceConfig,
};
use trent_audit_logger::signing::{SigningKeys, TrailKeys};
use trent_bus::{AuditConsumer, NatsBus, ServeLimits, StreamLimits, Subject, ensure_stream};
use trent_runtime::{Process, Settings, Shutdown, StartError};
use trent_store::{AuditStore, LogFileStore};
use trent_types::SystemClock;

use super::{
    DRAIN_PATIENCE, KeyFile, add_bus_check, bus_required, database_required, nats, postgres,
    trail_key_file,
};
use crate::key_files;
use crate::key_watch::KeyWatch;
use crate::prices;

/// The durable consumer that all loggers share.
const CONSUMER: &str = "audit-logger";

/// Readings of the trail at the same time; the logger has connections to spare beside them.
const READINGS_MAX: usize = 8;

/// What the role has read before it starts.
pub(crate) struct Prepared {
    trail_key: KeyFile,
    signing_keys: Option<Arc<SigningKeys>>,
    prices: Prices,
}

/// Reads keys and prices, and checks that bus and database are configured.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    bus_required(settings)?;
    database_required(settings)?;
    let keys = settings.audit.signing_key_file.as_deref().map(key_files::signing_keys);
    let signing_keys = keys.transpose()?.map(Arc::new);
    if settings.audit.logs.is_some() && signing_keys.is_none() {
        let why = "TRENT_AUDIT_LOG_DIR needs TRENT_AUDIT_SIGNING_KEY_FILE: digests are signed";
        return Err(StartError::Configuration(why.into()));
    }
    let (trail_key, prices) = (trail_key_file(settings)?, prices::read(settings)?);
    Ok(Prepared { trail_key, signing_keys, prices })
}

/// Works until the process is told to stop.
pub(crate) async fn serve(process: Process, prepared: Prepared) -> Result<(), StartError> {
    let mut watch = KeyWatch::new();
    let permit_keys = prepared.trail_key.trail_keys(&mut watch);
    tokio::spawn(watch.run(process.shutdown.clone()));
    let store = Arc::new(postgres(&process).await?);
    let nats = Arc::new(nats(&process, "audit").await?);
    add_bus_check(&process, &nats);
    let connections = usize::try_from(process.settings.database_connections_max).unwrap_or(1);
    let trail = TrailService::new(TrailServiceConfig {
        trail: Arc::new(StoredTrail::new(Arc::clone(&store))),
        usage: Some(Arc::new(Books::new(store.clone(), prepared.prices))),
        keys: prepared.signing_keys.clone().map(|keys| keys as Arc<dyn TrailKeys>),
        permit_keys,
        clock: Arc::new(SystemClock),
        readings_max: connections.saturating_sub(2).clamp(1, READINGS_MAX),
        finishing: process.shutdown.clone(),
    });
    let serving = nats.serve(Subject::Trail, trail, ServeLimits::default()).await;
    let serving = serving.map_err(|error| StartError::Environment(format!("serving: {error}")))?;
    tokio::spawn(post_what_was_kept_before(store.clone(), process.shutdown.clone()));
    let Some(consumer) = open(&nats, process.shutdown.clone()).await else { return Ok(()) };
    let heads = Arc::new(StoreHeads(Arc::clone(&store) as Arc<dyn AuditStore>));
    if let Some(keys) = &prepared.signing_keys {
        let reader = Arc::new(StoredTrail::new(Arc::clone(&store)));
        let source = (Arc::clone(&heads) as Arc<dyn ChainHeads>, reader as Arc<dyn TrailReader>);
        write_log_files(&process, source, store.clone(), Arc::clone(keys));
    }
    let checkpoints = prepared.signing_keys.map(|keys| checkpoints(&process.settings, heads, keys));
    let logger = Logger::new(consumer, store, Arc::new(SystemClock));
    let readiness = logger.readiness();
    process.readiness.add("logger", Box::new(move || readiness.check()));
    if let Some(mut checkpoints) = checkpoints {
        tokio::join!(logger.run(process.shutdown.clone()), checkpoints.run(process.shutdown));
        checkpoints.write().await;
    } else {
        tracing::warn!(
            "TRENT_AUDIT_SIGNING_KEY_FILE is not set: no checkpoint of the trail is kept"
        );
        logger.run(process.shutdown).await;
    }
    serving.drain(DRAIN_PATIENCE).await;
    Ok(())
}

/// Writes checkpoints of these chains as it is configured.
pub(super) fn checkpoints(
    settings: &Settings,
    heads: Arc<dyn ChainHeads>,
    keys: Arc<SigningKeys>,
) -> Checkpoints {
    let interval = Duration::from_millis(settings.audit.checkpoint_interval_ms.into());
    let directory = settings.audit.checkpoint_dir.clone();
    Checkpoints::new(heads, keys, Arc::new(SystemClock), directory, interval)
}

/// Writes log files of these chains, if they are wanted, until the process ends.
pub(super) fn write_log_files(
    process: &Process,
    (heads, reader): (Arc<dyn ChainHeads>, Arc<dyn TrailReader>),
    store: Arc<dyn LogFileStore>,
    keys: Arc<SigningKeys>,
) {
    let Some(wanted) = &process.settings.audit.logs else { return };
    let config = LogFilesConfig {
        directory: wanted.directory.clone(),
        interval: Duration::from_millis(wanted.interval_ms.into()),
        digest_interval: Duration::from_millis(wanted.digest_interval_ms.into()),
    };
    let logs = LogFiles::new(heads, reader, store, keys, Arc::new(SystemClock), config);
    let shutdown = process.shutdown.clone();
    tokio::spawn(async move { logs.run(shutdown).await });
}

/// Makes the stream and the consumer, trying until JetStream is there.
async fn open(nats: &NatsBus, mut shutdown: Shutdown) -> Option<AuditConsumer> {
    loop {
        let opened = async {
            ensure_stream(nats, StreamLimits::default()).await?;
            AuditConsumer::open(nats, CONSUMER).await
        };
        match opened.await {
            Ok(consumer) => return Some(consumer),
            Err(error) => tracing::warn!(%error, "the audit stream cannot be used yet"),
        }
        tokio::select! {
            () = shutdown.requested() => return None,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
    }
}
