//! The audit logger: from the stream into Postgres.

use std::sync::Arc;
use std::time::Duration;

use trent_audit_logger::checkpoints::{ChainHeads, Checkpoints, StoreHeads};
use trent_audit_logger::logger::Logger;
use trent_audit_logger::signing::SigningKeys;
use trent_bus::{AuditConsumer, NatsBus, StreamLimits, ensure_stream};
use trent_runtime::{Process, Settings, Shutdown, StartError};
use trent_store::AuditStore;
use trent_types::SystemClock;

use super::{add_bus_check, bus_required, database_required, nats, postgres};
use crate::key_files;

/// The durable consumer that all loggers share.
const CONSUMER: &str = "audit-logger";

/// What the process has read before it starts.
pub(crate) struct Prepared {
    keys: Option<Arc<SigningKeys>>,
}

/// Checks that bus and database are configured, and reads the signing key.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    bus_required(settings)?;
    database_required(settings)?;
    let keys = settings.audit_signing_key_file.as_deref().map(key_files::signing_keys);
    Ok(Prepared { keys: keys.transpose()?.map(Arc::new) })
}

/// Works until the process is told to stop.
pub(crate) async fn serve(process: Process, prepared: Prepared) -> Result<(), StartError> {
    let store = Arc::new(postgres(&process).await?);
    let nats = Arc::new(nats(&process, "audit").await?);
    add_bus_check(&process, &nats);
    let Some(consumer) = open(&nats, process.shutdown.clone()).await else { return Ok(()) };
    let heads = Arc::new(StoreHeads(Arc::clone(&store) as Arc<dyn AuditStore>));
    let checkpoints = prepared.keys.map(|keys| checkpoints(&process.settings, heads, keys));
    let logger = Logger::new(consumer, store, Arc::new(SystemClock));
    let readiness = logger.readiness();
    process.readiness.add(
        "logger",
        Box::new(
            move || {
                if readiness.ready() { Ok(()) } else { Err("stream or store is away".into()) }
            },
        ),
    );
    let Some(mut checkpoints) = checkpoints else {
        tracing::warn!(
            "TRENT_AUDIT_SIGNING_KEY_FILE is not set: no checkpoint of the trail is kept"
        );
        logger.run(process.shutdown).await;
        return Ok(());
    };
    tokio::join!(logger.run(process.shutdown.clone()), checkpoints.run(process.shutdown));
    checkpoints.write().await;
    Ok(())
}

/// Writes checkpoints of these chains as it is configured.
pub(super) fn checkpoints(
    settings: &Settings,
    heads: Arc<dyn ChainHeads>,
    keys: Arc<SigningKeys>,
) -> Checkpoints {
    let interval = Duration::from_millis(settings.audit_checkpoint_interval_ms.into());
    let directory = settings.audit_checkpoint_dir.clone();
    Checkpoints::new(heads, keys, Arc::new(SystemClock), directory, interval)
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
