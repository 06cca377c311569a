//! Grants: making, removing and finding them.
//!
//! A grant does not count its key's record up and needs no version of it: many may be made at once.
//! The key is locked while one is made, so that it is neither destroyed nor disabled meanwhile.

use std::collections::BTreeMap;

use trent_types::{
    ChangeRefused, EncryptionContext, Grant, GrantConstraints, GrantId, GrantOperation,
    GrantPrincipal, GrantTerms, KeyArn, KeyId, KeyState, Region, ResourceQuota, Timestamp,
};

use crate::keys::{id_params, key_params, one_more};
use crate::quota::{self, forget, give_back, take, within};
use crate::session::{Param, Row, Session, Stop, first};
use crate::{Invalidation, StoreError};

/// The columns of a [`Grant`], in the order in which [`grant_of`] reads them.
macro_rules! grant_columns {
    () => {
        "account, region, key_id, multi_region, grant_id, name, created_at, issuing_account, \
         grantee, grantee_is_service, retiring, retiring_is_service, operations, context_equals, \
         context_subset, source_arn"
    };
}

/// Changes nothing: it locks the key until the end of the transaction.
const LOCK_KEY: &str = "UPDATE kms_key SET version = version WHERE account = $1 AND region = $2 \
    AND key_id = $3 AND multi_region = $4 RETURNING state";

const INSERT: &str = concat!(
    "INSERT INTO key_grant (",
    grant_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
     ON CONFLICT DO NOTHING",
);

const DELETE: &str = "DELETE FROM key_grant WHERE account = $1 AND region = $2 AND key_id = $3 \
    AND multi_region = $4 AND grant_id = $5";

const DELETE_ALL: &str =
    "DELETE FROM key_grant WHERE region = $1 AND key_id = $2 AND multi_region = $3";

const GRANT: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM key_grant WHERE account = $1 AND region = $2 AND key_id = $3 AND multi_region = $4 \
     AND grant_id = $5",
);

const GRANTS: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM key_grant WHERE account = $1 AND region = $2 AND key_id = $3 AND multi_region = $4 \
     AND grant_id > $5 ORDER BY grant_id LIMIT $6",
);

const GRANTS_TO: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM key_grant WHERE account = $1 AND region = $2 AND key_id = $3 AND multi_region = $4 \
     AND grantee = $5 AND grantee_is_service = $6 AND grant_id > $7 ORDER BY grant_id LIMIT $8",
);

const ALL_GRANTS_TO: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM key_grant WHERE account = $1 AND region = $2 AND key_id = $3 AND multi_region = $4 \
     AND grantee = $5 ORDER BY grant_id",
);

const COUNT_TO: &str = "SELECT count(*) FROM key_grant WHERE account = $1 AND region = $2 \
    AND key_id = $3 AND multi_region = $4 AND grantee = $5 AND grantee_is_service = $6";

const RETIRABLE: &str = concat!(
    "SELECT ",
    grant_columns!(),
    " FROM key_grant WHERE region = $1 AND retiring = $2 AND retiring_is_service = FALSE \
     AND (key_id, multi_region, grant_id) > ($3, $4, $5) \
     ORDER BY key_id, multi_region, grant_id LIMIT $6",
);

/// A new grant. The same one again is no error and makes no other; a different one under its id is
/// a conflict.
pub(crate) async fn create(session: &impl Session, grant: &Grant) -> Result<Invalidation, Stop> {
    lock_key(session, &grant.key).await?;
    if insert(session, grant).await? {
        let KeyArn { account, region, .. } = grant.key;
        let principal = ResourceQuota::GrantsPerPrincipalPerKey;
        let to_one = quota::limit(session, principal, account, region).await?;
        within_principal_quota(session, grant, to_one).await?;
        let in_all = quota::limit(session, ResourceQuota::GrantsPerKey, account, region).await?;
        // Last, because from here on the key's other new grants wait.
        take(session, account, &grants_of(&grant.key), in_all, "Grants per key").await?;
        return Ok(Invalidation::Grants(grant.key));
    }
    let found = self::grant(session, &grant.key, grant.grant_id).await?;
    let same = found.is_some_and(|found| {
        found.name == grant.name
            && found.issuing_account == grant.issuing_account
            && found.terms.digest() == grant.terms.digest()
    });
    if same { Ok(Invalidation::Grants(grant.key)) } else { Err(ChangeRefused::Conflict.into()) }
}

/// Removes a grant.
pub(crate) async fn remove(
    session: &impl Session,
    key: &KeyArn,
    grant_id: GrantId,
) -> Result<Invalidation, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let params = [account, region, id, multi_region, Param::Bytes(grant_id.as_bytes())];
    if session.execute(DELETE, &params).await? == 0 {
        return Err(ChangeRefused::NotFound.into());
    }
    give_back(session, key.account, &grants_of(key)).await?;
    Ok(Invalidation::Grants(*key))
}

/// Removes every grant of a key that is destroyed. Whoever forgets the key forgets them with it.
pub(crate) async fn remove_all(session: &impl Session, key: &KeyArn) -> Result<(), Stop> {
    let [_, region, id, multi_region] = key_params(key);
    session.execute(DELETE_ALL, &[region, id, multi_region]).await?;
    forget(session, key.account, &grants_of(key)).await
}

/// Refuses one grant too many for its grantee, where there is a limit; the grant is counted.
pub(crate) async fn within_principal_quota(
    session: &impl Session,
    grant: &Grant,
    limit: Option<u64>,
) -> Result<(), Stop> {
    if limit.is_none() {
        return Ok(());
    }
    let [account, region, id, multi_region] = key_params(&grant.key);
    let [grantee, is_service] = principal_params(&grant.terms.grantee);
    let params = [account, region, id, multi_region, grantee, is_service];
    let count = match first(session.query(COUNT_TO, &params).await?) {
        Some(mut row) => row.count()?,
        None => 0,
    };
    within(count, limit, "Grants for a given principal per key")
}

/// See [`crate::RegistryStore::grant`].
pub(crate) async fn grant(
    session: &impl Session,
    key: &KeyArn,
    grant_id: GrantId,
) -> Result<Option<Grant>, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let params = [account, region, id, multi_region, Param::Bytes(grant_id.as_bytes())];
    let rows = session.query(GRANT, &params).await?;
    Ok(first(rows).map(grant_of).transpose()?)
}

/// See [`crate::RegistryStore::grants`].
pub(crate) async fn grants(
    session: &impl Session,
    key: &KeyArn,
    grantee: Option<&GrantPrincipal>,
    after: Option<GrantId>,
    limit: u32,
) -> Result<(Vec<Grant>, bool), Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let after = Param::Bytes(after.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
    let rows = match grantee.map(principal_params) {
        None => {
            let params = [account, region, id, multi_region, after, one_more(limit)];
            session.query(GRANTS, &params).await?
        }
        Some([to, service]) => {
            let params = [account, region, id, multi_region, to, service, after, one_more(limit)];
            session.query(GRANTS_TO, &params).await?
        }
    };
    page(rows, limit)
}

/// See [`crate::RegistryStore::grants_to`].
pub(crate) async fn grants_to(
    session: &impl Session,
    key: &KeyArn,
    grantees: &[String],
) -> Result<Vec<Grant>, Stop> {
    let [account, region, id, multi_region] = key_params(key);
    let mut found = Vec::new();
    for grantee in grantees {
        let params = [account, region, id, multi_region, Param::Text(grantee)];
        for row in session.query(ALL_GRANTS_TO, &params).await? {
            found.push(grant_of(row)?);
        }
    }
    Ok(found)
}

/// See [`crate::RegistryStore::retirable_grants`].
pub(crate) async fn retirable(
    session: &impl Session,
    region: Region,
    retiring: &str,
    after: Option<(KeyId, GrantId)>,
    limit: u32,
) -> Result<(Vec<Grant>, bool), Stop> {
    let [id, multi_region] = match &after {
        Some((key, _)) => id_params(key),
        None => [Param::Bytes(&[]), Param::Bool(false)],
    };
    let after = Param::Bytes(after.as_ref().map_or(&[], |(_, id)| id.as_bytes().as_slice()));
    let (region, retiring) = (Param::Text(region.as_str()), Param::Text(retiring));
    let params = [region, retiring, id, multi_region, after, one_more(limit)];
    page(session.query(RETIRABLE, &params).await?, limit)
}

fn page(rows: Vec<Row>, limit: u32) -> Result<(Vec<Grant>, bool), Stop> {
    let more = rows.len() > limit as usize;
    let page = rows.into_iter().take(limit as usize).map(grant_of);
    Ok((page.collect::<Result<_, _>>()?, more))
}

/// The key must be one that CreateGrant works with; one that has changed meanwhile is looked at
/// again.
async fn lock_key(session: &impl Session, key: &KeyArn) -> Result<(), Stop> {
    let rows = session.query(LOCK_KEY, &key_params(key)).await?;
    let mut row = first(rows).ok_or(ChangeRefused::NotFound)?;
    match row.parsed()? {
        KeyState::Enabled | KeyState::Unavailable | KeyState::Updating => Ok(()),
        KeyState::Creating
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingImport
        | KeyState::PendingReplicaDeletion => Err(ChangeRefused::Conflict.into()),
    }
}

async fn insert(session: &impl Session, grant: &Grant) -> Result<bool, Stop> {
    let GrantTerms { grantee, retiring, operations, constraints } = &grant.terms;
    let [account, region, id, multi_region] = key_params(&grant.key);
    let [to, to_service] = principal_params(grantee);
    let [by, by_service] =
        retiring.as_ref().map_or([Param::Null, Param::Bool(false)], principal_params);
    let operations: Vec<_> = operations.iter().map(|one| one.as_str()).collect();
    let operations = operations.join(",");
    let (equals, subset) =
        (layout(&constraints.context_equals), layout(&constraints.context_subset));
    let params = [
        account,
        region,
        id,
        multi_region,
        Param::Bytes(grant.grant_id.as_bytes()),
        grant.name.as_deref().map_or(Param::Null, Param::Text),
        Param::Int(grant.created_at.as_millis()),
        Param::Text(&grant.issuing_account),
        to,
        to_service,
        by,
        by_service,
        Param::Text(&operations),
        equals.as_deref().map_or(Param::Null, Param::Bytes),
        subset.as_deref().map_or(Param::Null, Param::Bytes),
        constraints.source_arn.as_deref().map_or(Param::Null, Param::Text),
    ];
    Ok(session.execute(INSERT, &params).await? > 0)
}

/// A principal's text, and whether it is a service.
fn principal_params(principal: &GrantPrincipal) -> [Param<'_>; 2] {
    let is_service = match principal {
        GrantPrincipal::Arn(_) => false,
        GrantPrincipal::Service(_) => true,
    };
    [Param::Text(principal.as_str()), Param::Bool(is_service)]
}

fn grants_of(key: &KeyArn) -> String {
    format!("grants of {key}")
}

fn grant_of(mut row: Row) -> Result<Grant, StoreError> {
    let account = row.parsed()?;
    let region = row.parsed()?;
    let key_id = KeyId::from_bytes(row.array()?, row.truth()?);
    Ok(Grant {
        key: KeyArn { region, account, key_id },
        grant_id: GrantId::from_bytes(row.array()?),
        name: row.optional_text()?,
        created_at: Timestamp::from_millis(row.int()?),
        issuing_account: row.text()?,
        terms: GrantTerms {
            grantee: principal(row.text()?, row.truth()?),
            retiring: {
                let (text, is_service) = (row.optional_text()?, row.truth()?);
                text.map(|text| principal(text, is_service))
            },
            operations: operations(&row.text()?)?,
            constraints: GrantConstraints {
                context_equals: row.optional_bytes()?.map(|bytes| pairs(&bytes)).transpose()?,
                context_subset: row.optional_bytes()?.map(|bytes| pairs(&bytes)).transpose()?,
                source_arn: row.optional_text()?,
            },
        },
    })
}

fn principal(text: String, is_service: bool) -> GrantPrincipal {
    if is_service { GrantPrincipal::Service(text) } else { GrantPrincipal::Arn(text) }
}

fn operations(text: &str) -> Result<Vec<GrantOperation>, StoreError> {
    let corrupt = |_| StoreError::Corrupt(format!("a grant of {text}"));
    text.split(',').map(|name| name.parse().map_err(corrupt)).collect()
}

/// The pairs of a constraint as they are kept: [`EncryptionContext::canonical_bytes`], each text
/// after its length in 4 bytes, big-endian.
fn layout(pairs: &Option<BTreeMap<String, String>>) -> Option<Vec<u8>> {
    pairs.as_ref().map(|pairs| EncryptionContext::from(pairs.clone()).canonical_bytes())
}

/// The pairs of a constraint from [`layout`].
fn pairs(mut bytes: &[u8]) -> Result<BTreeMap<String, String>, StoreError> {
    let mut pairs = BTreeMap::new();
    while !bytes.is_empty() {
        let (Some(name), Some(value)) = (next_text(&mut bytes), next_text(&mut bytes)) else {
            return Err(StoreError::Corrupt("the constraint of a grant is cut short".to_owned()));
        };
        pairs.insert(name, value);
    }
    Ok(pairs)
}

fn next_text(bytes: &mut &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_come_back_from_their_bytes() {
        for given in [
            None,
            Some(BTreeMap::new()),
            Some([("a".to_owned(), "bc".to_owned()), ("ü".to_owned(), String::new())].into()),
        ] {
            let kept = layout(&given);
            assert_eq!(kept.map(|bytes| pairs(&bytes).unwrap()), given);
        }
        let whole = layout(&Some([("a".to_owned(), "bc".to_owned())].into())).unwrap();
        for end in 1..whole.len() {
            assert!(pairs(&whole[..end]).is_err(), "{end}");
        }
    }
}
