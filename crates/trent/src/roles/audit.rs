//! The audit logger: from the stream into Postgres.

use std::sync::Arc;
use std::time::Duration;

use trent_audit_logger::logger::Logger;
use trent_bus::{AuditConsumer, NatsBus, StreamLimits, ensure_stream};
use trent_runtime::{Process, Settings, Shutdown, StartError};
use trent_types::SystemClock;

use super::{add_bus_check, bus_required, database_required, nats, postgres};

/// The durable consumer that all loggers share.
const CONSUMER: &str = "audit-logger";

/// Checks that bus and database are configured.
pub(crate) fn prepare(settings: &Settings) -> Result<(), StartError> {
    bus_required(settings)?;
    database_required(settings)
}

/// Works until the process is told to stop.
pub(crate) async fn serve(process: Process, (): ()) -> Result<(), StartError> {
    let store = Arc::new(postgres(&process).await?);
    let nats = Arc::new(nats(&process, "audit").await?);
    add_bus_check(&process, &nats);
    let Some(consumer) = open(&nats, process.shutdown.clone()).await else { return Ok(()) };
    let logger = Logger::new(consumer, store, Arc::new(SystemClock));
    let readiness = logger.readiness();
    process.readiness.add("logger", Box::new(move || readiness.check()));
    logger.run(process.shutdown).await;
    Ok(())
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
