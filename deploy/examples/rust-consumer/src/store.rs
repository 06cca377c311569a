//! The local store: records by event id, how far the stream was read, and what was missed.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use uuid::Uuid;

use crate::Failure;
use crate::message::AuditRecord;

const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS record (
    event_id TEXT PRIMARY KEY, account TEXT NOT NULL, event_time_ms INTEGER NOT NULL,
    cloudtrail_json TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS position (
    only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL,
    published_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS gap (
    first INTEGER NOT NULL, last INTEGER NOT NULL, after_ms INTEGER NOT NULL,
    before_ms INTEGER NOT NULL
);";

/// Messages of the stream that never came: docs/consumers.md says where their records are.
pub(crate) struct Gap {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// The SQLite file.
pub(crate) struct Store(Connection);

impl Store {
    /// Opens it, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(connection))
    }

    /// Keeps the records of a message, and how far the stream was read, in one transaction.
    pub(crate) fn keep(
        &mut self,
        sequence: u64,
        published_ms: i64,
        records: &[AuditRecord],
    ) -> Result<Option<Gap>, Failure> {
        let sequence = i64::try_from(sequence)?;
        let transaction = self.0.transaction()?;
        for record in records {
            // One that has come before is kept already.
            transaction.execute(
                "INSERT OR IGNORE INTO record VALUES (?1, ?2, ?3, ?4)",
                params![
                    Uuid::from_slice(&record.event_id)?.to_string(),
                    record.account,
                    record.event_time_ms,
                    std::str::from_utf8(&record.cloudtrail_json)?
                ],
            )?;
        }
        let gap = advance(&transaction, sequence, published_ms)?;
        transaction.commit()?;
        Ok(gap)
    }
}

/// Moves the position forward; notes the messages between the last one and this, if there are any.
fn advance(
    transaction: &Transaction<'_>,
    sequence: i64,
    published_ms: i64,
) -> Result<Option<Gap>, Failure> {
    let last: Option<(i64, i64)> = transaction
        .query_row("SELECT sequence, published_ms FROM position", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if last.is_some_and(|(last, _)| sequence <= last) {
        // It came again.
        return Ok(None);
    }
    transaction.execute(
        "INSERT OR REPLACE INTO position VALUES (1, ?1, ?2)",
        params![sequence, published_ms],
    )?;
    let Some((last, after_ms)) = last.filter(|(last, _)| sequence > last + 1) else {
        return Ok(None);
    };
    transaction.execute(
        "INSERT INTO gap VALUES (?1, ?2, ?3, ?4)",
        params![last + 1, sequence - 1, after_ms, published_ms],
    )?;
    Ok(Some(Gap { first: u64::try_from(last + 1)?, last: u64::try_from(sequence - 1)? }))
}
