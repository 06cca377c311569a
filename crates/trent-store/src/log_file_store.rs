//! Where it is kept how far log files have been written.

use std::time::Duration;

use async_trait::async_trait;
use trent_types::AccountId;
use uuid::Uuid;

use crate::StoreError;

/// The state of the log files of each account.
#[async_trait]
pub trait LogFileStore: Send + Sync {
    /// Lets one process at a time write log files. Says whether it is this one, for so long from
    /// now.
    async fn take_log_lease(&self, holder: Uuid, time: Duration) -> Result<bool, StoreError>;

    /// The state with its version; `None` before the first time.
    async fn log_state(&self, account: AccountId) -> Result<Option<(u64, String)>, StoreError>;

    /// Keeps a state that follows from the one with this version, 0 being none; its version is the
    /// next number. Says false, and keeps nothing, when the version is another one.
    async fn set_log_state(
        &self,
        account: AccountId,
        version: u64,
        state: &str,
    ) -> Result<bool, StoreError>;
}
