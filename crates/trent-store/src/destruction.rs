//! The end of a key whose waiting period is over.

use trent_types::{AliasArn, KeyArn, Timestamp};

use crate::Invalidation;
use crate::key_changes::changed_one;
use crate::keys::{id_params, key_params};
use crate::quota::{give_back, keys_in};
use crate::session::{Param, Session, Stop, stored_count};
use crate::{families, grants};

const DESTROY: &str = "DELETE FROM kms_key WHERE account = $1 AND region = $2 AND key_id = $3 \
    AND multi_region = $4 AND version = $5 AND state = 'PendingDeletion' AND deletion_date <= $6";

const DESTROY_ALIASES: &str = "DELETE FROM key_alias WHERE account = $1 AND region = $2 \
    AND target_id = $3 AND target_multi_region = $4 RETURNING name";

/// What belongs to a key and goes with it.
const DESTROY_PARTS: [&str; 5] = [
    "DELETE FROM key_policy WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_tag WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_material WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_material_record WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    "DELETE FROM key_last_usage WHERE region = $1 AND key_id = $2 AND multi_region = $3",
];

/// Destroys a key: only at its date, and only as it was claimed.
pub(crate) async fn destroy(
    session: &impl Session,
    key: &KeyArn,
    version: u64,
    key_now: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let params = [
        account,
        region,
        id,
        multi_region,
        Param::Int(stored_count(version)?),
        Param::Int(key_now.as_millis()),
    ];
    let destroyed = session.execute(DESTROY, &params).await?;
    let mut stale = vec![changed_one(session, key, destroyed).await?];
    let [id, multi_region] = id_params(&key.key_id);
    for part in DESTROY_PARTS {
        session.execute(part, &[region, id, multi_region]).await?;
    }
    grants::remove_all(session, key).await?;
    for mut row in session.query(DESTROY_ALIASES, &key_params(key)).await? {
        let (region, account) = (key.region, key.account);
        stale.push(Invalidation::Alias(AliasArn { region, account, name: row.parsed()? }));
    }
    if key.key_id.is_multi_region() {
        stale.extend(families::left(session, key, key_now).await?);
    }
    give_back(session, key.account, &keys_in(key.region)).await?;
    Ok(stale)
}
