//! The last use of each key: noted from the audit trail, told to the registry.

use trent_types::{EventId, KeyArn, KeyId, KeyUsed, Region, RequestId, Timestamp};

use crate::StoreError;
use crate::keys::{id_params, key_params};
use crate::session::{Param, Row, Session, Stop, first};

const LAST_USAGE: &str = "SELECT operation, used_at, event_id, request_id FROM key_last_usage \
    WHERE region = $1 AND key_id = $2 AND multi_region = $3";

/// It never goes back in time, in whatever order uses are heard of; see `KeyUsed::is_newer_than`.
/// Spelled out, because SQLite compares rows only where both sides are such.
const NOTE: &str = "INSERT INTO key_last_usage \
    (region, key_id, multi_region, operation, used_at, event_id, request_id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (region, key_id, multi_region) DO UPDATE SET operation = excluded.operation, \
    used_at = excluded.used_at, event_id = excluded.event_id, request_id = excluded.request_id \
    WHERE excluded.used_at > key_last_usage.used_at OR (excluded.used_at = key_last_usage.used_at \
    AND excluded.event_id > key_last_usage.event_id)";

const FORGET: &str =
    "DELETE FROM key_last_usage WHERE region = $1 AND key_id = $2 AND multi_region = $3";

/// See [`crate::RegistryStore::last_usage`].
pub(crate) async fn last_usage(
    session: &impl Session,
    region: Region,
    key: KeyId,
) -> Result<Option<KeyUsed>, Stop> {
    let [id, multi_region] = id_params(&key);
    let rows = session.query(LAST_USAGE, &[Param::Text(region.as_str()), id, multi_region]).await?;
    Ok(first(rows).map(key_used).transpose()?)
}

fn key_used(mut row: Row) -> Result<KeyUsed, StoreError> {
    Ok(KeyUsed {
        operation: row.parsed()?,
        at: Timestamp::from_millis(row.int()?),
        event_id: EventId::from_bytes(row.array()?),
        request_id: RequestId::from_bytes(row.array()?),
    })
}

/// Notes uses where they are newer than what is known, in the caller's transaction.
pub(crate) async fn note(session: &impl Session, uses: &[(KeyArn, KeyUsed)]) -> Result<(), Stop> {
    for (key, used) in uses {
        let [id, multi_region] = id_params(&key.key_id);
        let params = [
            Param::Text(key.region.as_str()),
            id,
            multi_region,
            Param::Text(used.operation.as_str()),
            Param::Int(used.at.as_millis()),
            Param::Bytes(used.event_id.as_bytes()),
            Param::Bytes(used.request_id.as_bytes()),
        ];
        session.execute(NOTE, &params).await?;
    }
    Ok(())
}

/// Forgets what is known of a key.
pub(crate) async fn forget(session: &impl Session, key: &KeyArn) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    session.execute(FORGET, &[region, id, multi_region]).await?;
    Ok(())
}
