//! A Postgres connection or transaction as a session.

use bytes::BytesMut;
use deadpool_postgres::GenericClient;
use tokio_postgres::error::DbError;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::pool::count_error;
use crate::StoreError;
use crate::claims::SKIPPING_LOCKED;
use crate::families::LOCK_FAMILY;
use crate::session::{Dialect, Param, Row, Session, Stop, Value};

/// A connection or a transaction; its statements are prepared once per connection.
pub(super) struct PostgresSession<'a, C>(pub(super) &'a C);

impl<C: GenericClient> Session for PostgresSession<'_, C> {
    const DIALECT: Dialect = Dialect {
        // The oldest transaction that is still running: nothing below it will appear any more.
        cursor: "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        claims: SKIPPING_LOCKED,
        lock_family: LOCK_FAMILY,
        note_debris: Some("INSERT INTO material_debris (at) VALUES ($1)"),
    };

    async fn execute(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Stop> {
        let run = async {
            let statement = self.0.prepare_cached(sql).await?;
            self.0.execute(&statement, &by_reference(params)).await
        };
        run.await.map_err(|error| stop(&error))
    }

    async fn query(&self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, Stop> {
        let run = async {
            let statement = self.0.prepare_cached(sql).await?;
            self.0.query(&statement, &by_reference(params)).await
        };
        let rows = run.await.map_err(|error| stop(&error))?;
        rows.iter().map(row).collect()
    }
}

fn by_reference<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| -> &(dyn ToSql + Sync) { param }).collect()
}

pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row, Stop> {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(at, column)| value(row, at, column.type_()));
    let values = values.collect::<Result<Vec<_>, _>>();
    Ok(Row::new(values.map_err(|error| StoreError::Corrupt(error.to_string()))?))
}

fn value(
    row: &tokio_postgres::Row,
    at: usize,
    column: &Type,
) -> Result<Value, tokio_postgres::Error> {
    let value = match *column {
        Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(|value| Value::Int(value.into())),
        Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map(|value| Value::Int(value.into())),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
        _ => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
    };
    Ok(value.unwrap_or(Value::Null))
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *ty == Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Bool(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Bytes(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What an error of Postgres means (PostgreSQL manual, appendix A, "PostgreSQL Error Codes").
pub(super) fn stop(error: &tokio_postgres::Error) -> Stop {
    let stop = match error.as_db_error() {
        Some(refusal) => said(refusal),
        None => broken(error).into(),
    };
    count_error(match &stop {
        Stop::Aborted(_) => "aborted",
        Stop::Failed(StoreError::Unavailable(_)) => "unavailable",
        Stop::Failed(StoreError::Refused(_)) => "refused",
        Stop::Failed(StoreError::Schema(_)) => "schema",
        Stop::Failed(StoreError::Corrupt(_)) | Stop::Before | Stop::Refused(_) => "corrupt",
    });
    stop
}

/// The same where nothing is tried again.
pub(crate) fn refusal(error: &tokio_postgres::Error) -> StoreError {
    stop(error).into()
}

/// What the server said.
fn said(refusal: &DbError) -> Stop {
    let code = refusal.code().code();
    let text = format!("{} ({code})", refusal.message());
    match (code, code.get(..2)) {
        // serialization_failure, deadlock_detected: certainly rolled back.
        ("40001" | "40P01", _) => Stop::Aborted(text),
        // Undefined or ambiguous objects, missing rights.
        (_, Some("42")) => StoreError::Schema(text).into(),
        // Constraint violated, wrong data, damaged data.
        (_, Some("22" | "23" | "XX")) => StoreError::Corrupt(text).into(),
        // Login, no such database.
        (_, Some("28" | "3D")) => StoreError::Refused(text).into(),
        // 08 connection, 25 read-only or broken transaction, 40 rollback, 53 full or out of
        // resources, 55 lock not available, 57 shutting down or cancelled, 58 system error: they
        // may pass.
        _ => StoreError::Unavailable(text).into(),
    }
}

/// What was not said by the server: the connection broke, was closed, or could not be made. Where
/// one side does not accept the other's certificate or has no TLS, waiting does not help.
fn broken(error: &tokio_postgres::Error) -> StoreError {
    let cause = std::error::Error::source(error);
    let reason = cause.map(ToString::to_string).unwrap_or_default();
    let text = if reason.is_empty() { error.to_string() } else { format!("{error}: {reason}") };
    let tls = cause
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .and_then(|cause| cause.get_ref()?.downcast_ref::<rustls::Error>());
    if reason == "server does not support TLS" || tls.is_some_and(is_final) {
        return StoreError::Refused(text);
    }
    StoreError::Unavailable(text)
}

fn is_final(error: &rustls::Error) -> bool {
    use rustls::{AlertDescription as Alert, Error};
    matches!(
        error,
        Error::InvalidCertificate(_)
            | Error::NoCertificatesPresented
            | Error::PeerIncompatible(_)
            | Error::AlertReceived(
                Alert::AccessDenied
                    | Alert::BadCertificate
                    | Alert::CertificateExpired
                    | Alert::CertificateRequired
                    | Alert::CertificateRevoked
                    | Alert::CertificateUnknown
                    // A certificate of an authority that has the right one's name.
                    | Alert::DecryptError
                    | Alert::HandshakeFailure
                    | Alert::ProtocolVersion
                    | Alert::UnknownCA
                    | Alert::UnsupportedCertificate
            )
    )
}
