//! What the shared statements need of a connection: parameters in, rows out.
//!
//! Every statement is written once for both stores. SQLite reads `$1` as a name and numbers names
//! in the order of their first appearance, so parameters appear first in the order of their
//! numbers.

use std::future::Future;

use trent_types::ChangeRefused;

use crate::StoreError;
use crate::claims::ClaimStatements;

/// A connection, or a transaction on one.
pub(crate) trait Session: Send + Sync {
    /// The statements that must differ.
    const DIALECT: Dialect;

    /// Runs a statement and says how many rows it changed.
    fn execute(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> impl Future<Output = Result<u64, Stop>> + Send;

    /// Runs a statement and returns its rows.
    fn query(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> impl Future<Output = Result<Vec<Row>, Stop>> + Send;
}

/// Statements that are not the same in both stores.
pub(crate) struct Dialect {
    /// The position from which the next reading of invalidations must start.
    pub(crate) cursor: &'static str,
    /// Claim what is due.
    pub(crate) claims: ClaimStatements,
    /// Takes the rows of a multi-Region family.
    pub(crate) lock_family: &'static str,
    /// Notes that destroyed material may still be in the files; `None` where it is not.
    pub(crate) note_debris: Option<&'static str>,
}

/// Why a piece of work ended early; whatever it did is rolled back.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The change was made before.
    Before,
    /// The change is refused.
    Refused(ChangeRefused),
    /// The store gave up in favour of another transaction: the same work may succeed now.
    Aborted(String),
    /// The store failed.
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<ChangeRefused> for Stop {
    fn from(refused: ChangeRefused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Stop> for StoreError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(error) => error,
            Stop::Aborted(why) => Self::Unavailable(why),
            Stop::Before | Stop::Refused(_) => {
                Self::Corrupt("a read was refused like a change".to_owned())
            }
        }
    }
}

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value of a row; truth is 0 or 1.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row, read from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next value, which must be a number.
    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.optional_int()?.ok_or_else(|| unexpected("a number"))
    }

    /// The next value, a number or nothing.
    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Value::Int(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Text(_) | Value::Bytes(_)) | None => Err(unexpected("a number")),
        }
    }

    /// The next value, a number that is never negative.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.int()?).map_err(|_| unexpected("a count"))
    }

    /// The next value, true or false.
    pub(crate) fn truth(&mut self) -> Result<bool, StoreError> {
        match self.int()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(unexpected("true or false")),
        }
    }

    /// The next value, which must be text.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(|| unexpected("text"))
    }

    /// The next value, text or nothing.
    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Int(_) | Value::Bytes(_)) | None => Err(unexpected("text")),
        }
    }

    /// The next value, text that parses.
    pub(crate) fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|_| unexpected(std::any::type_name::<T>()))
    }

    /// The next value, which must be bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.optional_bytes()?.ok_or_else(|| unexpected("bytes"))
    }

    /// The next value, bytes or nothing.
    pub(crate) fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.next() {
            Some(Value::Bytes(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Int(_) | Value::Text(_)) | None => Err(unexpected("bytes")),
        }
    }

    /// The next value, a small number that is never negative, or nothing.
    pub(crate) fn optional_small(&mut self) -> Result<Option<u32>, StoreError> {
        let small = |value: i64| u32::try_from(value).map_err(|_| unexpected("a small number"));
        self.optional_int()?.map(small).transpose()
    }

    /// The next value, text that parses, or nothing.
    pub(crate) fn optional_parsed<T: std::str::FromStr>(
        &mut self,
    ) -> Result<Option<T>, StoreError> {
        let parse = |text: String| text.parse().map_err(|_| unexpected(std::any::type_name::<T>()));
        self.optional_text()?.map(parse).transpose()
    }

    /// The next value, exactly so many bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        self.bytes()?.try_into().map_err(|_| unexpected("bytes of a fixed length"))
    }
}

fn unexpected(wanted: &str) -> StoreError {
    StoreError::Corrupt(format!("a row does not hold {wanted} where it should"))
}

/// A count as the stores keep it.
pub(crate) fn stored_count(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(|_| StoreError::Corrupt("a count is out of range".to_owned()))
}

/// The first row, if there is one.
pub(crate) fn first(rows: Vec<Row>) -> Option<Row> {
    rows.into_iter().next()
}
