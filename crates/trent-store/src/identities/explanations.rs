//! Why requests were decided as they were.

use trent_types::{RequestId, Timestamp};

use super::entity::moment;
use crate::session::{Param, Row, Session, Stop};
use crate::{StoreError, StoredExplanation};

/// One after the other where they are of one request. Those that two evaluators put at the same
/// moment may get the same number, and come in either order.
const PUT: &str = "INSERT INTO explanation (request_id, ordinal, at, account, key_arn, json) \
    VALUES ($1, (SELECT coalesce(max(ordinal) + 1, 0) FROM explanation WHERE request_id = $1), \
    $2, $3, $4, $5)";

const FORGET: &str = "DELETE FROM explanation WHERE at < $1";

const OF_REQUEST: &str = "SELECT request_id, at, account, key_arn, json FROM explanation \
    WHERE request_id = $1 ORDER BY at, ordinal";

/// See [`crate::IdentityStore::put_explanations`].
pub(crate) async fn put(
    session: &impl Session,
    explanations: &[StoredExplanation],
    forget_before: Timestamp,
) -> Result<(), Stop> {
    for explanation in explanations {
        let key = explanation.key.map(|key| key.to_string());
        let params = [
            Param::Bytes(explanation.request_id.as_bytes()),
            Param::Int(explanation.at.as_millis()),
            Param::Text(explanation.account.as_str()),
            key.as_deref().map_or(Param::Null, Param::Text),
            Param::Text(&explanation.json),
        ];
        session.execute(PUT, &params).await?;
    }
    session.execute(FORGET, &[Param::Int(forget_before.as_millis())]).await?;
    Ok(())
}

/// See [`crate::IdentityStore::explanations`].
pub(crate) async fn of(
    session: &impl Session,
    request: RequestId,
) -> Result<Vec<StoredExplanation>, Stop> {
    let rows = session.query(OF_REQUEST, &[Param::Bytes(request.as_bytes())]).await?;
    Ok(rows.into_iter().map(explanation).collect::<Result<_, _>>()?)
}

fn explanation(mut row: Row) -> Result<StoredExplanation, StoreError> {
    Ok(StoredExplanation {
        request_id: RequestId::from_bytes(row.array()?),
        at: moment(&mut row)?,
        account: row.parsed()?,
        key: row.optional_parsed()?,
        json: row.text()?,
    })
}
