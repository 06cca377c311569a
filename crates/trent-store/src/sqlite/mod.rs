//! The embedded store: one SQLite file, one thread that writes, a few that read.
//!
//! SQLite blocks, so it has threads of its own: work is sent to them and the answer awaited, on
//! whatever runtime the caller has. All writing is done by one thread, which is what SQLite allows
//! anyway.

mod follower;
mod identities;
mod log_files;
mod session;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;
mod threads;
mod usage;

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use trent_types::{AdminChange, AuditRecord, Change, RequestId, Timestamp};

use crate::session::Stop;
use crate::{Committed, Invalidation, SealedRow, StoreError, changes, migrations, sealed};
use session::{SqliteSession, stop};
use threads::{Threads, drive};

pub use snapshot::{SealedItem, Snapshot, SnapshotCounts};

/// Readers beside the writer.
const READERS: usize = 2;

/// How many commits lie between two prunings.
const PRUNE_EVERY: u32 = 64;

/// Key and identity metadata in one SQLite file. Dropping it ends its threads and closes the file.
#[derive(Debug)]
pub struct Sqlite {
    writer: Threads,
    readers: Threads,
    commits: AtomicU32,
}

impl Sqlite {
    /// Opens the file, or makes it (mode 0600), and brings it up to this program's schema. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened, [`StoreError::Corrupt`] when it
    /// is not a database, [`StoreError::Schema`] when a newer program has made it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path: PathBuf = path.as_ref().to_owned();
        // The log and the index beside the file get the file's mode.
        std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        let mut connection = connect(&path)?;
        migrations::migrate_sqlite(&mut connection)?;
        let writer = Threads::start("store-writer", vec![SqliteSession::new(connection)])?;
        let reader = || connect(&path).map(SqliteSession::new);
        let readers = (0..READERS).map(|_| reader()).collect::<Result<_, _>>()?;
        let readers = Threads::start("store-reader", readers)?;
        Ok(Self { writer, readers, commits: AtomicU32::new(0) })
    }

    /// Runs work that only reads. Each statement sees one moment.
    async fn read<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&SqliteSession) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.readers.run(move |session| drive(work(session))).await??)
    }

    /// Runs work that only reads, and sees one moment throughout.
    async fn read_moment<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&SqliteSession) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, StoreError> {
        let work = move |session: &SqliteSession| session.moment(|session| drive(work(session)));
        Ok(self.readers.run(work).await??)
    }

    /// Runs work in a transaction on the writing thread; it is kept only if the work succeeds.
    async fn write<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&SqliteSession) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, StoreError> {
        let work =
            move |session: &SqliteSession| session.transaction(|session| drive(work(session)));
        Ok(self.writer.run(work).await??)
    }

    async fn commit_change(
        &self,
        request: RequestId,
        change: Change,
        records: Vec<AuditRecord>,
        key_now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let destroys = change.destroys_material();
        let now = records.first().map(|record| record.event_time).unwrap_or_default();
        let done = self.writer.run(move |session| {
            let apply = |session: &SqliteSession| {
                drive(changes::apply(session, request, &change, &records, key_now))
            };
            let done = session.transaction(apply);
            if destroys && done.is_ok() {
                // The material is overwritten in the file; now it leaves the log as well.
                session.empty_log();
            }
            done
        });
        let outcome = changes::outcome(done.await?)?;
        if self.commits.fetch_add(1, Ordering::Relaxed) % PRUNE_EVERY == PRUNE_EVERY - 1 {
            let prune = async move |session: &SqliteSession| changes::prune(session, now).await;
            if let Err(error) = self.write(prune).await {
                tracing::warn!(%error, "old rows could not be removed");
            }
        }
        Ok(outcome)
    }

    async fn administer_change(
        &self,
        request: RequestId,
        change: AdminChange,
        record: AuditRecord,
    ) -> Result<Committed, StoreError> {
        let done = self.writer.run(move |session| {
            session.transaction(|session| {
                drive(changes::administer(session, request, &change, &record))
            })
        });
        changes::outcome(done.await?)
    }

    async fn re_seal_rows(
        &self,
        rows: Vec<(SealedRow, Vec<u8>)>,
        at: Timestamp,
    ) -> Result<Vec<Invalidation>, StoreError> {
        let done = self.writer.run(move |session| {
            let replace = |session: &SqliteSession| drive(sealed::replace(session, &rows, at));
            let done = session.transaction(replace);
            if done.is_ok() {
                // What the older key has sealed leaves the log with it.
                session.empty_log();
            }
            done
        });
        Ok(done.await??)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let configured = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(96);
        // Plans do not depend on what is asked for. Otherwise each new value for a column that a
        // partial index mentions has the statement parsed and planned again, which costs ten times
        // what a read of a key does.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
             PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;",
        )?;
        Ok(connection)
    };
    configured().map_err(|error| stop(&error).into())
}
