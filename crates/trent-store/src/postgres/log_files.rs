//! How far log files have been written, in Postgres: processes of several machines write them.

use std::time::Duration;

use async_trait::async_trait;
use trent_types::AccountId;
use uuid::Uuid;

use super::Postgres;
use super::session::{PostgresSession, stop};
use crate::StoreError;
use crate::log_file_store::LogFileStore;
use crate::session::{Param, Session, first, stored_count};

/// By the database's clock, so that no two clocks are compared.
const TAKE: &str = "INSERT INTO audit_log_lease AS l (holder, until) \
    VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $2) \
    ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until \
    WHERE l.holder = excluded.holder \
    OR l.until < (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const STATE: &str = "SELECT version, state FROM audit_log_state WHERE account = $1";

const MAKE: &str = "INSERT INTO audit_log_state (account, version, state) VALUES ($1, 1, $2) \
    ON CONFLICT DO NOTHING";

const MOVE: &str = "UPDATE audit_log_state SET version = version + 1, state = $2 \
    WHERE account = $1 AND version = $3";

#[async_trait]
impl LogFileStore for Postgres {
    async fn take_log_lease(&self, holder: Uuid, time: Duration) -> Result<bool, StoreError> {
        let client = self.client().await?;
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        let holder = holder.as_bytes().as_slice();
        let taken = client.execute(TAKE, &[&holder, &millis]).await;
        Ok(taken.map_err(|error| StoreError::from(stop(&error)))? == 1)
    }

    async fn log_state(&self, account: AccountId) -> Result<Option<(u64, String)>, StoreError> {
        let client = self.client().await?;
        let params = [Param::Text(account.as_str())];
        let row = first(PostgresSession(&*client).query(STATE, &params).await?);
        row.map(|mut row| Ok((row.count()?, row.text()?))).transpose()
    }

    async fn set_log_state(
        &self,
        account: AccountId,
        version: u64,
        state: &str,
    ) -> Result<bool, StoreError> {
        let client = self.client().await?;
        let session = PostgresSession(&*client);
        let (account, state) = (Param::Text(account.as_str()), Param::Text(state));
        let changed = if version == 0 {
            session.execute(MAKE, &[account, state]).await?
        } else {
            session.execute(MOVE, &[account, state, Param::Int(stored_count(version)?)]).await?
        };
        Ok(changed == 1)
    }
}
