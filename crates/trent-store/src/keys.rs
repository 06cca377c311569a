//! Reading keys and aliases.

use trent_types::{
    AccountId, AliasArn, AliasName, AliasRecord, Expiration, KeyArn, KeyId, KeyRecord, KeyState,
    MaterialId, MaterialRecord, MultiRegion, Region, Rotation, SealedMaterial, Tag, Timestamp,
};

use crate::session::{Param, Row, Session, Stop, first};
use crate::{StoreError, StoredKey};

/// The columns of a [`KeyRecord`], in the order in which [`key_record`] reads them.
macro_rules! key_columns {
    () => {
        "account, region, key_id, multi_region, created_at, spec, key_usage, origin, manager, \
         state, description, deletion_date, pending_window_days, current_material, \
         rotation_period, next_rotation, primary_region, version, passing_state, passing_until, \
         public_key"
    };
}

/// One statement, so that record, policy, tags, materials and family are of the same moment: a
/// policy that is newer than the version it is cached under would outlive its invalidation.
///
/// A key's aliases are ordered by an expression: SQLite would rather go through all aliases of the
/// account in the order of their names than sort the few that an index by their target finds.
pub(crate) const KEY: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", p.part, p.name, p.content, p.material_id, p.sealed, p.ordinal, p.rotated_at, ",
    "p.rotation_type, p.expires, p.valid_to FROM kms_key k LEFT JOIN (",
    "SELECT 1 AS part, '' AS name, policy AS content, CAST(NULL AS BYTEA) AS material_id, ",
    "CAST(NULL AS BYTEA) AS sealed, CAST(NULL AS BIGINT) AS ordinal, ",
    "CAST(NULL AS BIGINT) AS rotated_at, CAST(NULL AS TEXT) AS rotation_type, ",
    "CAST(NULL AS BOOLEAN) AS expires, CAST(NULL AS BIGINT) AS valid_to FROM key_policy ",
    "WHERE region = $1 AND key_id = $2 AND multi_region = $3 ",
    "UNION ALL SELECT 2, tag_key, tag_value, NULL, NULL, NULL, NULL, NULL, NULL, NULL ",
    "FROM key_tag WHERE region = $1 AND key_id = $2 AND multi_region = $3 ",
    "UNION ALL SELECT 3, r.state, r.description, r.material_id, m.sealed, r.ordinal, ",
    "r.rotated_at, r.rotation_type, r.expires, r.valid_to FROM key_material_record r ",
    "LEFT JOIN key_material m ON m.region = r.region AND m.key_id = r.key_id ",
    "AND m.multi_region = r.multi_region AND m.material_id = r.material_id ",
    "WHERE r.region = $1 AND r.key_id = $2 AND r.multi_region = $3 ",
    "UNION ALL SELECT 4, region, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM kms_key ",
    "WHERE key_id = $2 AND primary_region IS NOT NULL AND multi_region = $3 ",
    "UNION ALL SELECT 5, name, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (",
    "SELECT name FROM key_alias WHERE account = (SELECT account FROM kms_key ",
    "WHERE region = $1 AND key_id = $2 AND multi_region = $3) AND region = $1 ",
    "AND target_id = $2 AND target_multi_region = $3 ORDER BY name || '' LIMIT 51) a",
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

pub(crate) const ALIASES_OF_KEY: &str = "SELECT account, region, name, target_id, \
    target_multi_region, created_at, updated_at FROM key_alias WHERE account = $1 AND region = $2 \
    AND name || '' > $3 AND target_id = $4 AND target_multi_region = $5 \
    ORDER BY name || '' LIMIT $6";

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
    let (mut tags, mut materials, mut regions) = (Vec::new(), Vec::new(), Vec::new());
    let mut aliases: Vec<AliasName> = Vec::new();
    for mut row in session.query(KEY, &params).await? {
        found = Some(key_row(&mut row)?);
        let part = row.optional_int()?;
        let name = row.optional_text()?;
        let content = row.optional_text()?;
        match (part, name, content) {
            (Some(1), Some(_), Some(text)) => policy = Some(text),
            (Some(2), Some(key), Some(value)) => tags.push(Tag { key, value }),
            (Some(3), Some(state), Some(description)) => {
                materials.push(material(&mut row, &state, description)?);
            }
            (Some(4), Some(region), Some(_)) => {
                regions.push(region.parse().map_err(|_| incomplete(key))?);
            }
            (Some(5), Some(name), Some(_)) => {
                aliases.push(name.parse().map_err(|_| incomplete(key))?);
            }
            _ => return Err(incomplete(key)),
        }
    }
    let Some(KeyRow { mut record, primary_region, passing, public_key }) = found else {
        return Ok(None);
    };
    let policy = policy.ok_or_else(|| incomplete(key))?;
    tags.sort_unstable();
    aliases.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    materials.sort_unstable_by_key(|(ordinal, _, _)| *ordinal);
    record.multi_region = primary_region.map(|primary| family(primary, regions));
    let records = materials.iter().map(|(_, record, _)| record);
    record.expiration = earliest_end(records);
    let mut stored = StoredKey {
        record,
        policy,
        tags,
        materials: Vec::with_capacity(materials.len()),
        material_records: Vec::with_capacity(materials.len()),
        passing,
        public_key,
        aliases,
    };
    for (_, record, sealed) in materials {
        stored.materials.extend(sealed);
        stored.material_records.push(record);
    }
    if !stored.is_whole() {
        return Err(incomplete(key));
    }
    Ok(Some(stored))
}

/// A material's place, what is known of it, and its bytes where they are there.
type Material = (i64, MaterialRecord, Option<SealedMaterial>);

fn material(row: &mut Row, state: &str, description: String) -> Result<Material, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("a material in state {state}"));
    let material_id = MaterialId::from_bytes(row.array()?);
    let sealed = row.optional_bytes()?.map(|sealed| SealedMaterial { material_id, sealed });
    let ordinal = row.int()?;
    let rotated_at = row.optional_int()?.map(Timestamp::from_millis);
    let rotation_type = row.optional_text()?;
    let rotation_type =
        rotation_type.map(|kind| kind.parse().map_err(|_| corrupt())).transpose()?;
    let expires = row.optional_int()?;
    let valid_to = row.optional_int()?.map(Timestamp::from_millis);
    let record = MaterialRecord {
        material_id,
        state: state.parse().map_err(|_| corrupt())?,
        rotated: rotated_at.zip(rotation_type),
        description,
        expiration: expires.map(|_| Expiration::from_valid_to(valid_to)),
        present: sealed.is_some(),
    };
    Ok((ordinal, record, sealed))
}

fn family(primary: Region, mut regions: Vec<Region>) -> MultiRegion {
    regions.retain(|region| *region != primary);
    regions.sort_unstable_by_key(|region| region.as_str());
    MultiRegion { primary, replicas: regions }
}

/// When the first of the imported materials in use ends.
fn earliest_end<'a>(records: impl Iterator<Item = &'a MaterialRecord>) -> Option<Expiration> {
    let ends = records.filter(|one| one.present && one.state.is_permanent());
    ends.filter_map(|one| one.expiration)
        .min_by_key(|end| end.valid_to().map_or(i64::MAX, Timestamp::as_millis))
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

/// A row of the table of keys.
struct KeyRow {
    record: KeyRecord,
    primary_region: Option<Region>,
    passing: Option<(KeyState, Timestamp)>,
    public_key: Option<Vec<u8>>,
}

fn key_row(row: &mut Row) -> Result<KeyRow, StoreError> {
    let mut record = KeyRecord {
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
        pending_window_days: row.optional_small()?,
        current_material: match row.bytes()? {
            none if none.is_empty() => None,
            id => Some(MaterialId::from_bytes(id.try_into().map_err(|_| {
                StoreError::Corrupt("a material id is not 32 bytes long".to_owned())
            })?)),
        },
        expiration: None,
        multi_region: None,
        rotation: None,
        version: 0,
    };
    let period_days = row.optional_small()?;
    let next = row.optional_int()?.map(Timestamp::from_millis);
    record.rotation =
        period_days.zip(next).map(|(period_days, next)| Rotation { period_days, next });
    let primary_region = row.optional_parsed()?;
    record.version = row.count()?;
    let state = row.optional_parsed()?;
    let until = row.optional_int()?.map(Timestamp::from_millis);
    let public_key = row.optional_bytes()?;
    Ok(KeyRow { record, primary_region, passing: state.zip(until), public_key })
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
