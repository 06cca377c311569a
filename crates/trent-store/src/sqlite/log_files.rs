//! How far log files have been written, in SQLite: as a setting for each account. The process that
//! has the data directory is the only one.

use std::time::Duration;

use async_trait::async_trait;
use trent_types::AccountId;
use uuid::Uuid;

use super::Sqlite;
use super::session::SqliteSession;
use crate::log_file_store::LogFileStore;
use crate::session::Stop;
use crate::{StoreError, queues};

fn name(account: &AccountId) -> String {
    format!("log_files_{account}")
}

/// Eight bytes of version, big-endian, and the state.
async fn state(session: &SqliteSession, name: &str) -> Result<Option<(u64, String)>, Stop> {
    let Some(value) = queues::setting(session, name).await? else { return Ok(None) };
    let read = value.split_first_chunk().and_then(|(version, text)| {
        Some((u64::from_be_bytes(*version), String::from_utf8(text.to_vec()).ok()?))
    });
    let damaged = || StoreError::Corrupt("the state of log files is damaged".to_owned());
    Ok(Some(read.ok_or_else(damaged)?))
}

#[async_trait]
impl LogFileStore for Sqlite {
    async fn take_log_lease(&self, _: Uuid, _: Duration) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn log_state(&self, account: AccountId) -> Result<Option<(u64, String)>, StoreError> {
        self.read(async move |s: &SqliteSession| state(s, &name(&account)).await).await
    }

    async fn set_log_state(
        &self,
        account: AccountId,
        version: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        let value = [&(version + 1).to_be_bytes(), text.as_bytes()].concat();
        let done = self.write(async move |s: &SqliteSession| {
            let name = name(&account);
            let known = state(s, &name).await?.map_or(0, |(version, _)| version);
            if known != version {
                return Ok(false);
            }
            queues::set_setting(s, &name, &value).await?;
            Ok(true)
        });
        done.await
    }
}
