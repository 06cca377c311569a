//! The audit trail of the distributed form.

use std::sync::Arc;

use trent_bus::RecordSink;
use trent_operations::ports::{AuditTrail, PortFuture, Unavailable};
use trent_types::AuditRecord;

/// An audit trail that any thread's sink stands behind; the sink puts records of many requests
/// together.
#[derive(Clone)]
pub struct StreamTrail(Arc<dyn RecordSink>);

impl StreamTrail {
    /// A trail into this sink.
    #[must_use]
    pub fn new(sink: Arc<dyn RecordSink>) -> Self {
        Self(sink)
    }
}

impl AuditTrail for StreamTrail {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let accepted = self.0.accept(&[record]).await;
            accepted.map_err(|error| Unavailable::Away(format!("the audit trail: {error}")))
        })
    }
}
