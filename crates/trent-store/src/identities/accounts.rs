//! Accounts and service principals.

use trent_types::{AccessKey, Account, ChangeRefused, Service};

use super::access_keys::{access_key_from, counted, create_for, service_owner};
use super::entity::moment;
use crate::quota::forget;
use crate::session::{Param, Row, Session, Stop};
use crate::{AccessKeyOwner, StoreError};

const ACCOUNTS: &str = "SELECT id, name, created_at FROM account ORDER BY id";

const INSERT: &str =
    "INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const SERVICES: &str = "SELECT s.name, s.created_at, a.access_key_id, a.account, \
    CAST(NULL AS TEXT), a.status, a.created_at FROM service_principal s \
    LEFT JOIN access_key a ON a.owner = '/service/' || s.name ORDER BY s.name, a.access_key_id";

const INSERT_SERVICE: &str =
    "INSERT INTO service_principal (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const DELETE_SERVICE: &str = "DELETE FROM service_principal WHERE name = $1";

const DELETE_KEYS: &str = "DELETE FROM access_key WHERE owner = $1 RETURNING account";

/// See [`crate::IdentityStore::accounts`].
pub(crate) async fn accounts(session: &impl Session) -> Result<Vec<Account>, Stop> {
    let account = |mut row: Row| -> Result<Account, StoreError> {
        Ok(Account { id: row.parsed()?, name: row.text()?, created_at: moment(&mut row)? })
    };
    Ok(session.query(ACCOUNTS, &[]).await?.into_iter().map(account).collect::<Result<_, _>>()?)
}

/// See [`crate::IdentityStore::ensure_account`].
pub(crate) async fn ensure(session: &impl Session, account: &Account) -> Result<(), Stop> {
    insert(session, account).await?;
    Ok(())
}

/// See [`crate::IdentityStore::services`].
pub(crate) async fn services(
    session: &impl Session,
) -> Result<Vec<(Service, Vec<AccessKey>)>, Stop> {
    let mut found: Vec<(Service, Vec<AccessKey>)> = Vec::new();
    for mut row in session.query(SERVICES, &[]).await? {
        let service = Service { name: row.text()?, created_at: moment(&mut row)? };
        if found.last().is_none_or(|(last, _)| *last != service) {
            found.push((service, Vec::new()));
        }
        if let (Some(key), Some((_, keys))) = (optional_key(row)?, found.last_mut()) {
            keys.push(key);
        }
    }
    Ok(found)
}

/// [`trent_types::AdminChange::CreateAccount`].
pub(crate) async fn create(
    session: &impl Session,
    account: &Account,
    root_key: &AccessKey,
    sealed_secret: &[u8],
) -> Result<(), Stop> {
    if insert(session, account).await? == 0 {
        return Err(ChangeRefused::AlreadyExists.into());
    }
    create_for(session, root_key, &AccessKeyOwner::Root, sealed_secret).await
}

/// [`trent_types::AdminChange::CreateService`].
pub(crate) async fn create_service(
    session: &impl Session,
    service: &Service,
    access_key: &AccessKey,
    sealed_secret: &[u8],
) -> Result<(), Stop> {
    let params = [Param::Text(&service.name), Param::Int(service.created_at.as_millis())];
    session.execute(INSERT_SERVICE, &params).await?;
    let owner = AccessKeyOwner::Service(service.name.clone());
    create_for(session, access_key, &owner, sealed_secret).await
}

/// [`trent_types::AdminChange::DeleteService`].
pub(crate) async fn delete_service(session: &impl Session, name: &str) -> Result<(), Stop> {
    if session.execute(DELETE_SERVICE, &[Param::Text(name)]).await? == 0 {
        return Err(ChangeRefused::NotFound.into());
    }
    let owner = service_owner(name);
    for mut row in session.query(DELETE_KEYS, &[Param::Text(&owner)]).await? {
        forget(session, row.parsed()?, &counted(&owner)).await?;
    }
    Ok(())
}

async fn insert(session: &impl Session, account: &Account) -> Result<u64, Stop> {
    let params = [
        Param::Text(account.id.as_str()),
        Param::Text(&account.name),
        Param::Int(account.created_at.as_millis()),
    ];
    session.execute(INSERT, &params).await
}

/// The rest of a row is an access key, or nothing.
fn optional_key(mut row: Row) -> Result<Option<AccessKey>, StoreError> {
    match row.optional_text()? {
        Some(id) => access_key_from(id, &mut row).map(Some),
        None => Ok(None),
    }
}
