//! A trail in memory that can be taken away.

use std::sync::Mutex;

use async_trait::async_trait;
use trent_bus::{BusError, RecordSink};
use trent_types::AuditRecord;

/// A trail that keeps what it accepts, unless it is away.
#[derive(Default)]
pub(super) struct FakeSink {
    pub(super) accepted: Mutex<Vec<AuditRecord>>,
    pub(super) away: Mutex<bool>,
}

#[async_trait]
impl RecordSink for FakeSink {
    async fn accept(&self, records: &[AuditRecord]) -> Result<(), BusError> {
        if *self.away.lock().unwrap() {
            return Err(BusError::Disconnected);
        }
        self.accepted.lock().unwrap().extend_from_slice(records);
        Ok(())
    }
}
