//! What is sealed under the domain key: finding what an older version sealed, and replacing it.
//!
//! The version is the second of the sealed bytes, in the clear, and both tables have an index that
//! begins with it: what is left to do is found without looking at the rest.

use trent_types::{AccountId, KeyArn, KeyId, MaterialId, Timestamp};

use crate::changes::invalidate;
use crate::keys::id_params;
use crate::session::{Param, Row, Session, Stop, first};
use crate::{Invalidation, SealedKind, SealedPlace, SealedRow, StoreError};

const MATERIALS_BELOW: &str = "SELECT k.account, m.region, m.key_id, m.multi_region, \
    m.material_id, m.sealed FROM key_material m JOIN kms_key k ON k.region = m.region \
    AND k.key_id = m.key_id AND k.multi_region = m.multi_region \
    WHERE substr(m.sealed, 2, 1) < $1 ORDER BY substr(m.sealed, 2, 1), m.region, m.key_id, \
    m.multi_region, m.material_id LIMIT $2 OFFSET $3";

const SECRETS_BELOW: &str = "SELECT account, access_key_id, sealed_secret FROM access_key \
    WHERE substr(sealed_secret, 2, 1) < $1 ORDER BY substr(sealed_secret, 2, 1), access_key_id \
    LIMIT $2 OFFSET $3";

const COUNT_BELOW: &str = "SELECT (SELECT count(*) FROM key_material \
    WHERE substr(sealed, 2, 1) < $1) + (SELECT count(*) FROM access_key \
    WHERE substr(sealed_secret, 2, 1) < $1)";

const MATERIAL_VERSIONS: &str =
    "SELECT substr(sealed, 2, 1), count(*) FROM key_material GROUP BY substr(sealed, 2, 1)";

const SECRET_VERSIONS: &str = "SELECT substr(sealed_secret, 2, 1), count(*) FROM access_key \
    GROUP BY substr(sealed_secret, 2, 1)";

/// Only what still is as it was read: what was destroyed stays destroyed, and what was changed
/// stays changed.
const REPLACE_MATERIAL: &str = "UPDATE key_material SET sealed = $1 WHERE region = $2 \
    AND key_id = $3 AND multi_region = $4 AND material_id = $5 AND sealed = $6";

const REPLACE_SECRET: &str = "UPDATE access_key SET sealed_secret = $1 WHERE access_key_id = $2 \
    AND account = $3 AND sealed_secret = $4";

const REPLACE_SETTING: &str = "UPDATE setting SET value = $1 WHERE name = $2 AND value = $3";

/// See [`crate::RegistryStore::sealed_below`].
pub(crate) async fn below(
    session: &impl Session,
    kind: SealedKind,
    version: u8,
    skip: u32,
    limit: u32,
) -> Result<Vec<SealedRow>, Stop> {
    let version = [version];
    let (limit, skip) = (Param::Int(i64::from(limit)), Param::Int(i64::from(skip)));
    let params = [Param::Bytes(&version), limit, skip];
    let rows: Result<_, StoreError> = match kind {
        SealedKind::Material => {
            let rows = session.query(MATERIALS_BELOW, &params).await?;
            rows.into_iter().map(material).collect()
        }
        SealedKind::Secret => {
            let rows = session.query(SECRETS_BELOW, &params).await?;
            rows.into_iter().map(secret).collect()
        }
    };
    Ok(rows?)
}

/// See [`crate::RegistryStore::count_sealed_below`].
pub(crate) async fn count_below(session: &impl Session, version: u8) -> Result<u64, Stop> {
    match first(session.query(COUNT_BELOW, &[Param::Bytes(&[version])]).await?) {
        Some(mut row) => Ok(row.count()?),
        None => Ok(0),
    }
}

/// See [`crate::RegistryStore::sealed_versions`].
pub(crate) async fn versions(session: &impl Session) -> Result<Vec<(u8, u64)>, Stop> {
    let mut found = session.query(MATERIAL_VERSIONS, &[]).await?;
    found.extend(session.query(SECRET_VERSIONS, &[]).await?);
    let counted = |mut row: Row| {
        let [version] = row.array()?;
        Ok::<_, StoreError>((version, row.count()?))
    };
    Ok(found.into_iter().map(counted).collect::<Result<_, _>>()?)
}

/// See [`crate::RegistryStore::re_seal`].
pub(crate) async fn replace(
    session: &impl Session,
    rows: &[(SealedRow, Vec<u8>)],
    at: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let mut stale = Vec::with_capacity(rows.len());
    for (row, sealed) in rows {
        let (old, new) = (Param::Bytes(&row.sealed), Param::Bytes(sealed));
        let (changed, what) = match &row.place {
            SealedPlace::Material { key, material_id } => {
                let [id, multi_region] = id_params(&key.key_id);
                let (region, material) =
                    (Param::Text(key.region.as_str()), Param::Bytes(material_id.as_bytes()));
                let params = [new, region, id, multi_region, material, old];
                (session.execute(REPLACE_MATERIAL, &params).await?, Invalidation::Key(*key))
            }
            SealedPlace::Secret { account, access_key_id } => {
                let (id, account) = (Param::Text(access_key_id), Param::Text(account.as_str()));
                let changed = session.execute(REPLACE_SECRET, &[new, id, account, old]).await?;
                (changed, Invalidation::AccessKey(access_key_id.clone()))
            }
        };
        if changed > 0 {
            invalidate(session, &what, at).await?;
            stale.push(what);
        }
    }
    Ok(stale)
}

/// See [`crate::RegistryStore::replace_setting`].
pub(crate) async fn replace_setting(
    session: &impl Session,
    name: &str,
    old: &[u8],
    new: &[u8],
) -> Result<bool, Stop> {
    let params = [Param::Bytes(new), Param::Text(name), Param::Bytes(old)];
    Ok(session.execute(REPLACE_SETTING, &params).await? > 0)
}

fn material(mut row: Row) -> Result<SealedRow, StoreError> {
    let (account, region): (AccountId, _) = (row.parsed()?, row.parsed()?);
    let key_id = KeyId::from_bytes(row.array()?, row.truth()?);
    let key = KeyArn { region, account, key_id };
    let material_id = MaterialId::from_bytes(row.array()?);
    Ok(SealedRow { place: SealedPlace::Material { key, material_id }, sealed: row.bytes()? })
}

fn secret(mut row: Row) -> Result<SealedRow, StoreError> {
    let (account, access_key_id) = (row.parsed()?, row.text()?);
    let place = SealedPlace::Secret { account, access_key_id };
    Ok(SealedRow { place, sealed: row.bytes()? })
}
