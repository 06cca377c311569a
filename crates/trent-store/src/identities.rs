//! Users, access keys and their sealed secrets.

use trent_types::{AccessKey, AccessKeyStatus, AccountId, ChangeRefused, Timestamp, User};

use crate::changes::invalidate;
use crate::quota::{give_back, take};
use crate::session::{Param, Row, Session, Stop, first};
use crate::{Invalidation, StoreError, StoredAccessKey};

/// IAM quota: access keys per user, or per root user.
const ACCESS_KEYS_PER_USER: u64 = 2;

const ACCESS_KEY: &str = "SELECT a.access_key_id, a.account, a.owner, a.status, a.created_at, \
    a.sealed_secret, u.name, u.path, u.user_id, u.created_at FROM access_key a \
    LEFT JOIN iam_user u ON u.account = a.account AND u.folded_name = a.owner \
    WHERE a.access_key_id = $1";

const USER: &str = "SELECT u.name, u.path, u.user_id, u.created_at, (SELECT count(*) \
    FROM access_key a WHERE a.account = u.account AND a.owner = u.folded_name) \
    FROM iam_user u WHERE u.account = $1 AND u.folded_name = $2";

const ROOT_KEY: &str = "SELECT 1 FROM access_key WHERE account = $1 AND owner = '' LIMIT 1";

const INSERT_USER: &str = "INSERT INTO iam_user \
    (account, folded_name, name, path, user_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT DO NOTHING";

/// Changes nothing: it locks the user until the end of the transaction.
const LOCK_USER: &str = "UPDATE iam_user SET name = name WHERE account = $1 AND folded_name = $2";

const INSERT_ACCESS_KEY: &str = "INSERT INTO access_key \
    (access_key_id, account, owner, status, created_at, sealed_secret, seeded) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

const DELETE_SEEDED: &str = "DELETE FROM access_key WHERE account = $1 AND owner = '' \
    AND (seeded OR access_key_id = $2) RETURNING access_key_id";

/// See [`crate::RegistryStore::access_key`].
pub(crate) async fn access_key(
    session: &impl Session,
    id: &str,
) -> Result<Option<StoredAccessKey>, Stop> {
    let rows = session.query(ACCESS_KEY, &[Param::Text(id)]).await?;
    Ok(first(rows).map(stored_access_key).transpose()?)
}

/// See [`crate::RegistryStore::user`].
pub(crate) async fn user(
    session: &impl Session,
    account: AccountId,
    name: &str,
) -> Result<Option<(User, u64)>, Stop> {
    let folded = fold(name);
    let params = [Param::Text(account.as_str()), Param::Text(&folded)];
    let Some(mut row) = first(session.query(USER, &params).await?) else { return Ok(None) };
    let name = row.text()?;
    let user = user_from(&mut row, account, name)?;
    Ok(Some((user, row.count()?)))
}

/// See [`crate::RegistryStore::has_root_key`].
pub(crate) async fn has_root_key(session: &impl Session, account: AccountId) -> Result<bool, Stop> {
    Ok(!session.query(ROOT_KEY, &[Param::Text(account.as_str())]).await?.is_empty())
}

/// See [`crate::RegistryStore::put_root_key`].
pub(crate) async fn put_root_key(
    session: &impl Session,
    key: &AccessKey,
    sealed_secret: &[u8],
) -> Result<(), Stop> {
    // The count comes first because its row is the lock: evaluators that start at the same moment
    // take turns.
    take(session, key.account, &access_keys_of(""), None, "AccessKeysPerUser").await?;
    let params = [Param::Text(key.account.as_str()), Param::Text(&key.access_key_id)];
    for mut row in session.query(DELETE_SEEDED, &params).await? {
        give_back(session, key.account, &access_keys_of("")).await?;
        let stale = Invalidation::AccessKey(row.text()?);
        invalidate(session, &stale, key.created_at).await?;
    }
    if insert_access_key(session, key, "", sealed_secret, true).await? == 0 {
        let id = &key.access_key_id;
        return Err(StoreError::Corrupt(format!("access key {id} belongs to another")).into());
    }
    let stale = Invalidation::AccessKey(key.access_key_id.clone());
    invalidate(session, &stale, key.created_at).await
}

/// [`trent_types::Change::CreateUser`].
pub(crate) async fn create_user(session: &impl Session, user: &User) -> Result<Invalidation, Stop> {
    let folded = fold(&user.name);
    let params = [
        Param::Text(user.account.as_str()),
        Param::Text(&folded),
        Param::Text(&user.name),
        Param::Text(&user.path),
        Param::Text(&user.user_id),
        Param::Int(user.created_at.as_millis()),
    ];
    if session.execute(INSERT_USER, &params).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    Ok(Invalidation::User(user.account, user.name.clone()))
}

/// [`trent_types::Change::CreateAccessKey`].
pub(crate) async fn create_access_key(
    session: &impl Session,
    key: &AccessKey,
    sealed_secret: &[u8],
) -> Result<Invalidation, Stop> {
    let owner = key.user_name.as_deref().map(fold).unwrap_or_default();
    if key.user_name.is_some() {
        let params = [Param::Text(key.account.as_str()), Param::Text(&owner)];
        if owner.is_empty() || session.execute(LOCK_USER, &params).await? == 0 {
            return Err(ChangeRefused::NotFound.into());
        }
    }
    if insert_access_key(session, key, &owner, sealed_secret, false).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    let counted = access_keys_of(&owner);
    take(session, key.account, &counted, Some(ACCESS_KEYS_PER_USER), "AccessKeysPerUser").await?;
    Ok(Invalidation::AccessKey(key.access_key_id.clone()))
}

async fn insert_access_key(
    session: &impl Session,
    key: &AccessKey,
    owner: &str,
    sealed_secret: &[u8],
    seeded: bool,
) -> Result<u64, Stop> {
    let status = match key.status {
        AccessKeyStatus::Active => "Active",
        AccessKeyStatus::Inactive => "Inactive",
    };
    let params = [
        Param::Text(&key.access_key_id),
        Param::Text(key.account.as_str()),
        Param::Text(owner),
        Param::Text(status),
        Param::Int(key.created_at.as_millis()),
        Param::Bytes(sealed_secret),
        Param::Bool(seeded),
    ];
    session.execute(INSERT_ACCESS_KEY, &params).await
}

fn stored_access_key(mut row: Row) -> Result<StoredAccessKey, StoreError> {
    let access_key_id = row.text()?;
    let account: AccountId = row.parsed()?;
    let owner = row.text()?;
    let status = match row.text()?.as_str() {
        "Active" => AccessKeyStatus::Active,
        "Inactive" => AccessKeyStatus::Inactive,
        other => return Err(StoreError::Corrupt(format!("an access key is {other}"))),
    };
    let created_at = Timestamp::from_millis(row.int()?);
    let sealed_secret = row.bytes()?;
    let user = match row.optional_text()? {
        Some(name) => Some(user_from(&mut row, account, name)?),
        None if owner.is_empty() => None,
        // Without its user the key must not pass for root's.
        None => return Err(StoreError::Corrupt(format!("{access_key_id} has no user"))),
    };
    let user_name = user.as_ref().map(|user| user.name.clone());
    let access_key = AccessKey { access_key_id, account, user_name, status, created_at };
    Ok(StoredAccessKey { access_key, user, sealed_secret })
}

/// The rest of a user: path, id, creation.
fn user_from(row: &mut Row, account: AccountId, name: String) -> Result<User, StoreError> {
    Ok(User {
        account,
        path: row.text()?,
        name,
        user_id: row.text()?,
        created_at: Timestamp::from_millis(row.int()?),
    })
}

/// User names are ASCII; two that differ in case only are the same name.
fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn access_keys_of(owner: &str) -> String {
    format!("access keys of {owner}")
}
