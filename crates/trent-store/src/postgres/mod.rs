//! The system of record wherever more than one process runs: Postgres behind a pool of connections.

mod archive;
mod audit;
mod identities;
mod log_files;
mod options;
mod partitions;
mod pool;
mod scrub;
mod session;
mod store;
mod trail;
mod unposted;
mod usage;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_postgres::error::SqlState;
use trent_types::{AdminChange, AuditRecord, Change, RequestId, Timestamp};

use crate::migrations::POSTGRES_VERSION;
use crate::session::Stop;
use crate::{Committed, StoreError, changes};
pub use options::{PostgresOptions, PostgresTls};
use pool::{Connection, Connections};
pub(crate) use session::refusal;
use session::{PostgresSession, stop};

/// How often work is tried that Postgres gave up in favour of other work.
const ATTEMPTS: u32 = 4;

/// How many commits lie between two prunings.
const PRUNE_EVERY: u32 = 64;

/// The longest wait for a connection from the pool, for making one and for checking one.
const WAIT: Duration = Duration::from_secs(5);

/// The server ends what takes longer, so that no order waits for ever. Who stands still within a
/// transaction loses it before those who wait for its rows give up.
const SERVER_LIMITS: &str = "-c statement_timeout=10000 -c lock_timeout=5000 \
    -c idle_in_transaction_session_timeout=4000 -c default_transaction_isolation=read\\ committed";

/// Key and identity metadata, and the audit trail, in a Postgres database.
///
/// Its connections are driven by the runtime that opens them, which must live as long as this does.
pub struct Postgres {
    connections: Connections,
    commits: AtomicU32,
    /// Months, counted from year 0, whose partition is known to be there.
    months: Mutex<HashSet<i64>>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to a database and checks that its schema is this program's. At most
    /// [`PostgresOptions::pool_max`] connections are open.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Refused`]
    /// when URL, credentials or certificates are wrong on either side or TLS is missing,
    /// [`StoreError::Schema`] when `trent migrate` has to be run first, or has been run by a newer
    /// program.
    pub async fn connect(options: &PostgresOptions) -> Result<Self, StoreError> {
        let connections = Connections::new(options)?;
        let months = Mutex::new(HashSet::new());
        let store = Self { connections, commits: AtomicU32::new(0), months };
        store.check_schema().await?;
        Ok(store)
    }

    async fn check_schema(&self) -> Result<(), StoreError> {
        let client = self.client().await?;
        let found = client.query_one("SELECT max(version) FROM refinery_schema_history", &[]).await;
        let version = match found {
            Ok(row) => row.try_get::<_, Option<i32>>(0).unwrap_or_default(),
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => None,
            // The role is there, but its grants are not, or they are another role's.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                let why = StoreError::from(stop(&error));
                return Err(StoreError::Schema(format!("{why}; run trent migrate")));
            }
            Err(error) => return Err(stop(&error).into()),
        };
        match version {
            Some(POSTGRES_VERSION) => Ok(()),
            Some(newer) if newer > POSTGRES_VERSION => Err(StoreError::Schema(format!(
                "it has version {newer}, this program needs {POSTGRES_VERSION}: use a newer program"
            ))),
            Some(_) | None => Err(StoreError::Schema("run trent migrate".to_owned())),
        }
    }

    async fn client(&self) -> Result<Connection, StoreError> {
        self.connections.take().await
    }

    async fn commit_change(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        key_now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let mut attempt = 1;
        let outcome = loop {
            match self.commit_once(request, change, records, key_now).await {
                Err(Stop::Aborted(_)) if attempt < ATTEMPTS => attempt += 1,
                done => break changes::outcome(done)?,
            }
        };
        let count = self.commits.fetch_add(1, Ordering::Relaxed);
        if count % PRUNE_EVERY == PRUNE_EVERY - 1
            && let Err(error) =
                self.prune(records.first().map(|r| r.event_time).unwrap_or_default()).await
        {
            let error = StoreError::from(error);
            tracing::warn!(%error, "old rows could not be removed");
        }
        Ok(outcome)
    }

    async fn commit_once(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        key_now: Timestamp,
    ) -> Result<(), Stop> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let session = PostgresSession(&transaction);
        let done = changes::apply(&session, request, change, records, key_now).await;
        finish(transaction, done).await
    }

    async fn administer_change(
        &self,
        request: RequestId,
        change: &AdminChange,
        record: &AuditRecord,
    ) -> Result<Committed, StoreError> {
        let mut attempt = 1;
        loop {
            let mut client = self.client().await?;
            let transaction = client.transaction().await.map_err(|error| stop(&error))?;
            let session = PostgresSession(&transaction);
            let done = changes::administer(&session, request, change, record).await;
            match finish(transaction, done).await {
                Err(Stop::Aborted(_)) if attempt < ATTEMPTS => attempt += 1,
                done => return changes::outcome(done),
            }
        }
    }

    async fn prune(&self, now: Timestamp) -> Result<(), Stop> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let done = changes::prune(&PostgresSession(&transaction), now).await;
        finish(transaction, done).await
    }
}

/// Keeps the transaction if its work succeeded. When the answer to COMMIT is lost nobody knows
/// whether it was kept; the caller is told to try again, and the request's id tells then.
async fn finish<T>(
    transaction: deadpool_postgres::Transaction<'_>,
    done: Result<T, Stop>,
) -> Result<T, Stop> {
    match done {
        Ok(value) => {
            transaction.commit().await.map_err(|error| stop(&error))?;
            Ok(value)
        }
        Err(why) => {
            // If this fails the connection is broken, and the server rolls back by itself.
            let _ = transaction.rollback().await;
            Err(why)
        }
    }
}
