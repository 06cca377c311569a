//! Access keys and their sealed secrets.

use trent_types::{
    AccessKey, AccessKeyStatus, AccessKeyUsed, AccountId, ChangeRefused, Entity, EntityKind,
    IdentityRefused, Timestamp, User,
};

use super::names::{fold, not_found};
use crate::changes::invalidate;
use crate::quota::{give_back, raise};
use crate::session::{Param, Row, Session, Stop, first};
use crate::{AccessKeyOwner, Invalidation, StoreError, StoredAccessKey};

/// IAM quota: access keys per user, or per root user.
const ACCESS_KEYS_PER_USER: u64 = 2;

/// What the owner of a service's keys begins with. A name has no `/`.
const SERVICE: &str = "/service/";

const ACCESS_KEY: &str = "SELECT a.access_key_id, a.account, a.owner, a.status, a.created_at, \
    a.sealed_secret, u.name, u.path, u.user_id, u.created_at FROM access_key a \
    LEFT JOIN iam_user u ON u.account = a.account AND u.folded_name = a.owner \
    WHERE a.access_key_id = $1";

const USE: &str = "SELECT a.access_key_id, a.account, u.name, a.status, a.created_at, \
    a.last_used_at, a.last_used_service, a.last_used_region FROM access_key a \
    LEFT JOIN iam_user u ON u.account = a.account AND u.folded_name = a.owner \
    WHERE a.access_key_id = $1";

const NOTE_USE: &str = "UPDATE access_key SET last_used_at = $1, last_used_service = $2, \
    last_used_region = $3 WHERE access_key_id = $4 \
    AND (last_used_at IS NULL OR last_used_at < $1)";

const ROOT_KEY: &str = "SELECT 1 FROM access_key WHERE account = $1 AND owner = '' LIMIT 1";

/// Changes nothing: it locks the user until the end of the transaction.
const LOCK_USER: &str = "UPDATE iam_user SET name = name WHERE account = $1 AND folded_name = $2";

const INSERT: &str = "INSERT INTO access_key \
    (access_key_id, account, owner, status, created_at, sealed_secret, seeded) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

const SET_STATUS: &str = "UPDATE access_key SET status = $1 \
    WHERE access_key_id = $2 AND account = $3 AND owner = $4";

const DELETE: &str =
    "DELETE FROM access_key WHERE access_key_id = $1 AND account = $2 AND owner = $3";

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

/// See [`crate::IdentityStore::access_key_use`].
pub(crate) async fn last_use(
    session: &impl Session,
    id: &str,
) -> Result<Option<(AccessKey, Option<AccessKeyUsed>)>, Stop> {
    let Some(mut row) = first(session.query(USE, &[Param::Text(id)]).await?) else {
        return Ok(None);
    };
    let id = row.text()?;
    let access_key = access_key_from(id, &mut row)?;
    let (at, service, region) = (row.optional_int()?, row.optional_text()?, row.optional_text()?);
    let used = at.zip(service).zip(region).map(|((at, service), region)| AccessKeyUsed {
        at: Timestamp::from_millis(at),
        service,
        region,
    });
    Ok(Some((access_key, used)))
}

/// See [`crate::IdentityStore::note_access_key_uses`]. Each is a statement of its own: nothing is
/// locked longer.
pub(crate) async fn note_uses(
    session: &impl Session,
    uses: &[(String, AccessKeyUsed)],
) -> Result<(), Stop> {
    for (id, used) in uses {
        let params = [
            Param::Int(used.at.as_millis()),
            Param::Text(&used.service),
            Param::Text(&used.region),
            Param::Text(id),
        ];
        session.execute(NOTE_USE, &params).await?;
    }
    Ok(())
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
    raise(session, key.account, &counted("")).await?;
    let params = [Param::Text(key.account.as_str()), Param::Text(&key.access_key_id)];
    for mut row in session.query(DELETE_SEEDED, &params).await? {
        give_back(session, key.account, &counted("")).await?;
        let stale = Invalidation::AccessKey(row.text()?);
        invalidate(session, &stale, key.created_at).await?;
    }
    if insert(session, key, "", sealed_secret, true).await? == 0 {
        let id = &key.access_key_id;
        return Err(StoreError::Corrupt(format!("access key {id} belongs to another")).into());
    }
    let stale = Invalidation::AccessKey(key.access_key_id.clone());
    invalidate(session, &stale, key.created_at).await
}

/// [`trent_types::IdentityChange::CreateAccessKey`].
pub(super) async fn create(
    session: &impl Session,
    key: &AccessKey,
    sealed_secret: &[u8],
) -> Result<Vec<Invalidation>, Stop> {
    let owner = lock_owner(session, key.account, key.user_name.as_deref()).await?;
    if insert(session, key, &owner, sealed_secret, false).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    if raise(session, key.account, &counted(&owner)).await? > ACCESS_KEYS_PER_USER {
        let text = format!("Cannot exceed quota for AccessKeysPerUser: {ACCESS_KEYS_PER_USER}");
        return Err(ChangeRefused::from(IdentityRefused::LimitExceeded(text)).into());
    }
    Ok(vec![Invalidation::AccessKey(key.access_key_id.clone())])
}

/// Of a root user or a service: whose keys are not counted among a user's.
pub(super) async fn create_for(
    session: &impl Session,
    key: &AccessKey,
    owner: &AccessKeyOwner,
    sealed_secret: &[u8],
) -> Result<(), Stop> {
    let owner = match owner {
        AccessKeyOwner::Root => String::new(),
        AccessKeyOwner::User(user) => fold(&user.name),
        AccessKeyOwner::Service(name) => service_owner(name),
    };
    if insert(session, key, &owner, sealed_secret, false).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    raise(session, key.account, &counted(&owner)).await?;
    Ok(())
}

/// [`trent_types::IdentityChange::UpdateAccessKey`].
pub(super) async fn update(
    session: &impl Session,
    account: AccountId,
    user_name: Option<&str>,
    id: &str,
    status: AccessKeyStatus,
) -> Result<Vec<Invalidation>, Stop> {
    let owner = lock_owner(session, account, user_name).await?;
    let params = [
        Param::Text(status_text(status)),
        Param::Text(id),
        Param::Text(account.as_str()),
        Param::Text(&owner),
    ];
    if session.execute(SET_STATUS, &params).await? == 0 {
        return Err(unknown(id));
    }
    Ok(vec![Invalidation::AccessKey(id.to_owned())])
}

/// [`trent_types::IdentityChange::DeleteAccessKey`].
pub(super) async fn delete(
    session: &impl Session,
    account: AccountId,
    user_name: Option<&str>,
    id: &str,
) -> Result<Vec<Invalidation>, Stop> {
    let owner = lock_owner(session, account, user_name).await?;
    let params = [Param::Text(id), Param::Text(account.as_str()), Param::Text(&owner)];
    if session.execute(DELETE, &params).await? == 0 {
        return Err(unknown(id));
    }
    give_back(session, account, &counted(&owner)).await?;
    Ok(vec![Invalidation::AccessKey(id.to_owned())])
}

/// What the keys of an owner are counted as.
pub(super) fn counted(owner: &str) -> String {
    format!("access keys of {owner}")
}

/// The owner of a service's access keys, which no user's name can be.
pub(super) fn service_owner(name: &str) -> String {
    format!("{SERVICE}{name}")
}

/// The rest of an access key: account, name of its user, status, creation.
pub(super) fn access_key_from(
    access_key_id: String,
    row: &mut Row,
) -> Result<AccessKey, StoreError> {
    Ok(AccessKey {
        access_key_id,
        account: row.parsed()?,
        user_name: row.optional_text()?,
        status: status_from(&row.text()?)?,
        created_at: Timestamp::from_millis(row.int()?),
    })
}

/// The folded name of the user, who is locked; empty for root.
async fn lock_owner(
    session: &impl Session,
    account: AccountId,
    user_name: Option<&str>,
) -> Result<String, Stop> {
    let Some(name) = user_name else { return Ok(String::new()) };
    let owner = fold(name);
    let params = [Param::Text(account.as_str()), Param::Text(&owner)];
    if session.execute(LOCK_USER, &params).await? == 0 {
        let user = Entity { account, kind: EntityKind::User, name: name.to_owned() };
        return Err(not_found(&user));
    }
    Ok(owner)
}

async fn insert(
    session: &impl Session,
    key: &AccessKey,
    owner: &str,
    sealed_secret: &[u8],
    seeded: bool,
) -> Result<u64, Stop> {
    let params = [
        Param::Text(&key.access_key_id),
        Param::Text(key.account.as_str()),
        Param::Text(owner),
        Param::Text(status_text(key.status)),
        Param::Int(key.created_at.as_millis()),
        Param::Bytes(sealed_secret),
        Param::Bool(seeded),
    ];
    session.execute(INSERT, &params).await
}

fn stored_access_key(mut row: Row) -> Result<StoredAccessKey, StoreError> {
    let access_key_id = row.text()?;
    let account: AccountId = row.parsed()?;
    let owner = row.text()?;
    let status = status_from(&row.text()?)?;
    let created_at = Timestamp::from_millis(row.int()?);
    let sealed_secret = row.bytes()?;
    let mut user_name = None;
    let owner = match (row.optional_text()?, owner.strip_prefix(SERVICE)) {
        (Some(name), _) => {
            user_name = Some(name.clone());
            let (path, user_id) = (row.text()?, row.text()?);
            let created_at = Timestamp::from_millis(row.int()?);
            AccessKeyOwner::User(User { account, path, name, user_id, created_at })
        }
        (None, Some(service)) => AccessKeyOwner::Service(service.to_owned()),
        (None, None) if owner.is_empty() => AccessKeyOwner::Root,
        // Without its user the key must not pass for root's.
        (None, None) => {
            return Err(StoreError::Corrupt(format!("{access_key_id} has no user")));
        }
    };
    let access_key = AccessKey { access_key_id, account, user_name, status, created_at };
    Ok(StoredAccessKey { access_key, owner, sealed_secret })
}

fn unknown(id: &str) -> Stop {
    let text = format!("The Access Key with id {id} cannot be found");
    ChangeRefused::from(IdentityRefused::NoSuchEntity(text)).into()
}

const fn status_text(status: AccessKeyStatus) -> &'static str {
    match status {
        AccessKeyStatus::Active => "Active",
        AccessKeyStatus::Inactive => "Inactive",
    }
}

fn status_from(text: &str) -> Result<AccessKeyStatus, StoreError> {
    match text {
        "Active" => Ok(AccessKeyStatus::Active),
        "Inactive" => Ok(AccessKeyStatus::Inactive),
        other => Err(StoreError::Corrupt(format!("an access key is {other}"))),
    }
}
