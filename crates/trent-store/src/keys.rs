//! Reading keys and aliases, and claiming keys that are due for deletion.

use trent_types::{
    AccountId, AliasArn, AliasRecord, KeyArn, KeyId, KeyRecord, MaterialId, Region, SealedMaterial,
    Tag, Timestamp,
};

use crate::session::{Param, Row, Session, Stop, first};
use crate::{StoreError, StoredKey};

/// The columns of a [`KeyRecord`], in the order in which [`key_record`] reads them.
macro_rules! key_columns {
    () => {
        "account, region, key_id, multi_region, created_at, spec, key_usage, origin, manager, \
         state, description, deletion_date, current_material, version"
    };
}

/// One statement, so that record, policy, tags and material are of the same moment: a policy that
/// is newer than the version it is cached under would outlive its invalidation.
const KEY: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", p.part, p.name, p.content, p.material_id, p.sealed FROM kms_key k LEFT JOIN (",
    "SELECT 1 AS part, '' AS name, policy AS content, CAST(NULL AS BYTEA) AS material_id, ",
    "CAST(NULL AS BYTEA) AS sealed FROM key_policy ",
    "WHERE region = $1 AND key_id = $2 AND multi_region = $3 ",
    "UNION ALL SELECT 2, tag_key, tag_value, NULL, NULL FROM key_tag ",
    "WHERE region = $1 AND key_id = $2 AND multi_region = $3 ",
    "UNION ALL SELECT 3, '', '', material_id, sealed FROM key_material ",
    "WHERE region = $1 AND key_id = $2 AND multi_region = $3",
    ") p ON TRUE WHERE k.region = $1 AND k.key_id = $2 AND k.multi_region = $3",
);

const KEYS: &str = "SELECT key_id, multi_region FROM kms_key WHERE account = $1 AND region = $2 \
    ORDER BY key_id, multi_region LIMIT $3";

const KEYS_AFTER: &str = "SELECT key_id, multi_region FROM kms_key \
    WHERE account = $1 AND region = $2 AND (key_id, multi_region) > ($3, $4) \
    ORDER BY key_id, multi_region LIMIT $5";

const ALIAS: &str = "SELECT account, region, name, target_id, target_multi_region, created_at, \
    updated_at FROM key_alias WHERE account = $1 AND region = $2 AND name = $3";

const ALIASES: &str = "SELECT account, region, name, target_id, target_multi_region, created_at, \
    updated_at FROM key_alias WHERE account = $1 AND region = $2 AND name > $3 \
    ORDER BY name LIMIT $4";

const ALIASES_OF_KEY: &str = "SELECT account, region, name, target_id, target_multi_region, \
    created_at, updated_at FROM key_alias WHERE account = $1 AND region = $2 AND name > $3 \
    AND target_id = $4 AND target_multi_region = $5 ORDER BY name LIMIT $6";

/// Claims due deletions; the argument is what keeps two claimants from waiting for each other.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT region AS due_region, key_id AS due_id, ",
            "multi_region AS due_multi_region FROM kms_key ",
            "WHERE state = 'PendingDeletion' AND deletion_date <= $1 ",
            "AND (claimed_until IS NULL OR claimed_until <= $2) ",
            "ORDER BY deletion_date LIMIT $3 ",
            $lock,
            ") UPDATE kms_key AS k SET claimed_by = $4, claimed_until = $5 FROM due ",
            "WHERE k.region = due_region AND k.key_id = due_id ",
            "AND k.multi_region = due_multi_region RETURNING ",
            key_columns!(),
        )
    };
}

/// In Postgres, rows that another claimant has locked are passed over.
pub(crate) const CLAIM_SKIPPING_LOCKED: &str = claim!("FOR UPDATE SKIP LOCKED");

/// In SQLite there is one writer, which is alone from BEGIN IMMEDIATE on.
pub(crate) const CLAIM_ALONE: &str = claim!("");

/// See [`crate::RegistryStore::key`].
pub(crate) async fn key(
    session: &impl Session,
    region: Region,
    key: KeyId,
) -> Result<Option<StoredKey>, Stop> {
    let params = [
        Param::Text(region.as_str()),
        Param::Bytes(key.as_bytes()),
        Param::Bool(key.is_multi_region()),
    ];
    let mut found = None;
    let mut policy = None;
    let (mut tags, mut materials) = (Vec::new(), Vec::new());
    for mut row in session.query(KEY, &params).await? {
        let record = key_record(&mut row)?;
        found = Some(record);
        let part = row.optional_int()?;
        let name = row.optional_text()?;
        let content = row.optional_text()?;
        match (part, name, content) {
            (Some(1), Some(_), Some(text)) => policy = Some(text),
            (Some(2), Some(key), Some(value)) => tags.push(Tag { key, value }),
            (Some(3), Some(_), Some(_)) => materials.push(SealedMaterial {
                material_id: MaterialId::from_bytes(row.array()?),
                sealed: row.bytes()?,
            }),
            _ => return Err(incomplete(key)),
        }
    }
    let Some(record) = found else { return Ok(None) };
    let policy = policy.ok_or_else(|| incomplete(key))?;
    if !materials.iter().any(|m| Some(m.material_id) == record.current_material) {
        return Err(incomplete(key));
    }
    tags.sort_unstable();
    Ok(Some(StoredKey { record, policy, tags, materials }))
}

fn incomplete(key: KeyId) -> Stop {
    StoreError::Corrupt(format!("key {key} lacks its policy or its material")).into()
}

/// See [`crate::RegistryStore::keys`].
pub(crate) async fn keys(
    session: &impl Session,
    account: AccountId,
    region: Region,
    after: Option<KeyId>,
    limit: u32,
) -> Result<(Vec<KeyId>, bool), Stop> {
    let (account, region) = (Param::Text(account.as_str()), Param::Text(region.as_str()));
    let rows = match after {
        None => session.query(KEYS, &[account, region, one_more(limit)]).await?,
        Some(after) => {
            let [id, multi_region] = id_params(&after);
            let params = [account, region, id, multi_region, one_more(limit)];
            session.query(KEYS_AFTER, &params).await?
        }
    };
    let more = rows.len() > limit as usize;
    let page = rows.into_iter().take(limit as usize).map(|mut row| key_id(&mut row));
    Ok((page.collect::<Result<_, _>>()?, more))
}

/// See [`crate::RegistryStore::alias`].
pub(crate) async fn alias(
    session: &impl Session,
    alias: &AliasArn,
) -> Result<Option<AliasRecord>, Stop> {
    let rows = session.query(ALIAS, &alias_params(alias)).await?;
    Ok(first(rows).map(alias_record).transpose()?)
}

/// See [`crate::RegistryStore::aliases`].
pub(crate) async fn aliases(
    session: &impl Session,
    account: AccountId,
    region: Region,
    target: Option<KeyId>,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<AliasRecord>, bool), Stop> {
    let (account, region) = (Param::Text(account.as_str()), Param::Text(region.as_str()));
    let after = Param::Text(after.unwrap_or_default());
    let rows = match target {
        None => session.query(ALIASES, &[account, region, after, one_more(limit)]).await?,
        Some(target) => {
            let [id, multi_region] = id_params(&target);
            let params = [account, region, after, id, multi_region, one_more(limit)];
            session.query(ALIASES_OF_KEY, &params).await?
        }
    };
    let more = rows.len() > limit as usize;
    let page = rows.into_iter().take(limit as usize).map(alias_record);
    Ok((page.collect::<Result<_, _>>()?, more))
}

/// See [`crate::RegistryStore::claim_due_deletions`].
pub(crate) async fn claim_due_deletions<S: Session>(
    session: &S,
    claimant: &str,
    key_now: Timestamp,
    now: Timestamp,
    claimed_until: Timestamp,
    limit: u32,
) -> Result<Vec<KeyRecord>, Stop> {
    let params = [
        Param::Int(key_now.as_millis()),
        Param::Int(now.as_millis()),
        Param::Int(i64::from(limit)),
        Param::Text(claimant),
        Param::Int(claimed_until.as_millis()),
    ];
    let rows = session.query(S::DIALECT.claim, &params).await?;
    let claimed = rows.into_iter().map(|mut row| key_record(&mut row));
    Ok(claimed.collect::<Result<_, _>>()?)
}

/// The parameters that name a key with its account: account, Region, id, multi-Region.
pub(crate) fn key_params(key: &KeyArn) -> [Param<'_>; 4] {
    let [id, multi_region] = id_params(&key.key_id);
    [Param::Text(key.account.as_str()), Param::Text(key.region.as_str()), id, multi_region]
}

/// The parameters that name a key in a Region: id, multi-Region.
pub(crate) fn id_params(key: &KeyId) -> [Param<'_>; 2] {
    [Param::Bytes(key.as_bytes()), Param::Bool(key.is_multi_region())]
}

/// The parameters that name an alias: account, Region, name.
pub(crate) fn alias_params(alias: &AliasArn) -> [Param<'_>; 3] {
    [
        Param::Text(alias.account.as_str()),
        Param::Text(alias.region.as_str()),
        Param::Text(alias.name.as_str()),
    ]
}

/// One more than asked for, to see whether there are more.
pub(crate) fn one_more(limit: u32) -> Param<'static> {
    Param::Int(i64::from(limit) + 1)
}

fn key_id(row: &mut Row) -> Result<KeyId, StoreError> {
    Ok(KeyId::from_bytes(row.array()?, row.truth()?))
}

fn key_record(row: &mut Row) -> Result<KeyRecord, StoreError> {
    Ok(KeyRecord {
        account: row.parsed()?,
        region: row.parsed()?,
        key_id: key_id(row)?,
        created_at: Timestamp::from_millis(row.int()?),
        spec: row.parsed()?,
        usage: row.parsed()?,
        origin: row.parsed()?,
        manager: row.parsed()?,
        state: row.parsed()?,
        description: row.text()?,
        deletion_date: row.optional_int()?.map(Timestamp::from_millis),
        pending_window_days: None,
        current_material: Some(MaterialId::from_bytes(row.array()?)),
        expiration: None,
        multi_region: None,
        rotation: None,
        version: row.count()?,
    })
}

fn alias_record(mut row: Row) -> Result<AliasRecord, StoreError> {
    Ok(AliasRecord {
        account: row.parsed()?,
        region: row.parsed()?,
        name: row.parsed()?,
        target: key_id(&mut row)?,
        created_at: Timestamp::from_millis(row.int()?),
        updated_at: Timestamp::from_millis(row.int()?),
    })
}
