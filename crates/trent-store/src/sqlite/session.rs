//! A SQLite connection as a session.

use std::future::{Future, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, ToSql};

use crate::StoreError;
use crate::claims::ALONE;
use crate::families::READ_FAMILY;
use crate::session::{Dialect, Param, Row, Session, Stop, Value};

/// A connection that one thread uses. The lock is never contended; it is there because a session
/// must be `Sync`.
#[derive(Debug)]
pub(super) struct SqliteSession {
    connection: Mutex<Connection>,
    /// Destroyed material is still in the log, because a reader kept it from being emptied.
    log_to_empty: AtomicBool,
}

impl SqliteSession {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection), log_to_empty: AtomicBool::new(false) }
    }

    /// Runs work in a transaction that holds the write lock from its beginning; keeps it only if
    /// the work succeeds.
    pub(super) fn transaction<T>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        self.batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|value| self.batch("COMMIT").map(|()| value));
        if done.is_err() && !self.connection().is_autocommit() {
            self.batch("ROLLBACK")?;
        }
        if self.log_to_empty.load(Ordering::Relaxed) {
            self.empty_log();
        }
        done
    }

    /// Runs work that only reads in a transaction, so that all its statements see one moment.
    pub(super) fn moment<T>(&self, work: impl FnOnce(&Self) -> Result<T, Stop>) -> Result<T, Stop> {
        self.batch("BEGIN DEFERRED")?;
        let done = work(self);
        // Nothing was written: there is nothing to lose, and the connection must be free again.
        self.batch("ROLLBACK")?;
        done
    }

    /// Moves the log into the file and truncates it, so that nothing deleted is left in it. If
    /// readers are in the way it is tried again after the next transaction.
    pub(super) fn empty_log(&self) {
        let busy = self
            .connection()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        let emptied = matches!(busy, Ok(0));
        self.log_to_empty.store(!emptied, Ordering::Relaxed);
        if !emptied {
            tracing::warn!("the log that still holds destroyed material could not be emptied yet");
        }
    }

    fn batch(&self, sql: &str) -> Result<(), Stop> {
        self.connection().execute_batch(sql).map_err(|error| stop(&error))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_execute(&self, sql: &str, params: &[Param<'_>]) -> rusqlite::Result<u64> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(sql)?;
        check_order(&statement);
        let changed = statement.execute(rusqlite::params_from_iter(params))?;
        Ok(changed as u64)
    }

    fn run_query(&self, sql: &str, params: &[Param<'_>]) -> rusqlite::Result<Vec<Row>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(sql)?;
        check_order(&statement);
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get_ref(column).map(value));
            found.push(Row::new(values.collect::<rusqlite::Result<_>>()?));
        }
        Ok(found)
    }
}

impl Session for SqliteSession {
    const DIALECT: Dialect = Dialect {
        cursor: "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'invalidation'",
        claims: ALONE,
        lock_family: READ_FAMILY,
        // Deleted bytes are overwritten at once (secure_delete), and leave the log with the commit.
        note_debris: None,
    };

    fn execute(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> impl Future<Output = Result<u64, Stop>> + Send {
        ready(self.run_execute(sql, params).map_err(|error| stop(&error)))
    }

    fn query(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> impl Future<Output = Result<Vec<Row>, Stop>> + Send {
        ready(self.run_query(sql, params).map_err(|error| stop(&error)))
    }
}

/// SQLite numbers `$1`, `$2` … as they appear; a statement that names them in another order would
/// be given the wrong values. Checked where tests run.
fn check_order(statement: &CachedStatement<'_>) {
    if cfg!(debug_assertions) {
        for index in 1..=statement.parameter_count() {
            let name = statement.parameter_name(index);
            debug_assert_eq!(name, Some(format!("${index}").as_str()), "out of order");
        }
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        // Nothing here is ever a fraction; as text it is refused where a number is wanted.
        ValueRef::Real(value) => Value::Text(value.to_string()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(bytes.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

/// What an error of SQLite means.
pub(super) fn stop(error: &rusqlite::Error) -> Stop {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation,
        ) => StoreError::Corrupt(text).into(),
        // Full, busy, locked, input or output error, out of memory, read-only and so on: it may
        // pass.
        Some(_) => StoreError::Unavailable(text).into(),
        None => StoreError::Corrupt(text).into(),
    }
}
