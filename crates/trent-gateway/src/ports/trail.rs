//! The audit trail of the distributed form, and of sampled requests.

use std::sync::Arc;

use trent_bus::{RecordSink, Step};
use trent_operations::ports::{AuditTrail, PortFuture, Unavailable};
use trent_types::{AuditRecord, TraceParent};

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

/// An audit trail for one sampled request: its records carry the trace.
pub(crate) struct TracedTrail<'a> {
    pub(crate) trail: &'a dyn AuditTrail,
    pub(crate) parent: TraceParent,
}

impl AuditTrail for TracedTrail<'_> {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let step = Step::publish(self.parent);
            let record = AuditRecord { trace: step.trace(), ..record };
            let accepted = step.follow(self.trail.accept(record)).await;
            if accepted.is_err() {
                step.failed("not_accepted");
            }
            accepted
        })
    }
}
