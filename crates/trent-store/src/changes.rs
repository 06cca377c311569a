//! Making a change: with its record and what becomes stale, in the caller's transaction.

use trent_types::{
    AdminChange, AuditRecord, Change, ChangeRefused, KeyRecord, NewMaterial, RequestId, Tag,
    Timestamp,
};

use crate::identities::accounts;
use crate::session::{Param, Session, Stop, first};
use crate::{Committed, Invalidation, StoreError};
use crate::{
    alias_changes, destruction, families, grants, identities, key_changes, materials, queues, quota,
};

/// How long the store remembers which requests it has served: far longer than any retry takes.
const KEEP_REQUESTS_MS: i64 = 2 * 3_600_000;

/// How long invalidations stay; whoever comes later is told that everything is stale.
const KEEP_INVALIDATIONS_MS: i64 = 600_000;

const REMEMBER_REQUEST: &str = "INSERT INTO applied_change (request_id, at, given_up) \
    VALUES ($1, $2, FALSE) ON CONFLICT DO NOTHING";

const GIVE_UP: &str = "INSERT INTO applied_change (request_id, at, given_up) \
    VALUES ($1, $2, TRUE) ON CONFLICT DO NOTHING";

const GIVEN_UP: &str = "SELECT given_up FROM applied_change WHERE request_id = $1";

const FORGET_REQUESTS: &str = "DELETE FROM applied_change WHERE at < $1";

const INSERT_OUTBOX: &str = "INSERT INTO outbox (event_id, account, event_time, cloudtrail_json) \
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

const INSERT_INVALIDATION: &str = "INSERT INTO invalidation (kind, what, at) VALUES ($1, $2, $3)";

const RAISE_HORIZON: &str = "UPDATE invalidation_horizon SET position = \
    (SELECT max(position) + 1 FROM invalidation WHERE at < $1) \
    WHERE position < (SELECT max(position) + 1 FROM invalidation WHERE at < $1)";

/// Everything below the horizon goes, not only what is old: what stays is what the horizon
/// promises.
const PRUNE_INVALIDATIONS: &str =
    "DELETE FROM invalidation WHERE position < (SELECT position FROM invalidation_horizon)";

/// Makes the change. On [`Stop`] the transaction must be rolled back.
pub(crate) async fn apply<S: Session>(
    session: &S,
    request: RequestId,
    change: &Change,
    records: &[AuditRecord],
    key_now: Timestamp,
) -> Result<(), Stop> {
    let at = records.first().map(|record| record.event_time).unwrap_or_default();
    remember(session, request, at).await?;
    for stale in make(session, change, at, key_now).await? {
        invalidate(session, &stale, at).await?;
    }
    if let Some(note) = S::DIALECT.note_debris.filter(|_| change.destroys_material()) {
        session.execute(note, &[Param::Int(at.as_millis())]).await?;
    }
    for record in records {
        put_in_outbox(session, record).await?;
    }
    Ok(())
}

/// Makes an operator's change, with its record. What evaluators hold of it is not looked for piece
/// by piece: such changes are rare, and everything is stale after one. On [`Stop`] the transaction
/// must be rolled back.
pub(crate) async fn administer(
    session: &impl Session,
    request: RequestId,
    change: &AdminChange,
    record: &AuditRecord,
) -> Result<(), Stop> {
    remember(session, request, record.event_time).await?;
    match change {
        AdminChange::MoveKeyClock { by_millis } => {
            queues::move_key_clock(session, *by_millis).await?;
        }
        AdminChange::ResetKeyClock => queues::set_key_clock_offset(session, 0).await?,
        AdminChange::SetQuota(wanted) => quota::set(session, wanted).await?,
        AdminChange::ResetQuota { quota, scope } => quota::reset(session, *quota, scope).await?,
        AdminChange::CreateAccount { account, root_key, sealed_secret } => {
            accounts::create(session, account, root_key, sealed_secret).await?;
        }
        AdminChange::CreateService { service, access_key, sealed_secret } => {
            accounts::create_service(session, service, access_key, sealed_secret).await?;
        }
        AdminChange::DeleteService { name } => accounts::delete_service(session, name).await?,
    }
    invalidate(session, &Invalidation::Everything, record.event_time).await?;
    put_in_outbox(session, record).await
}

/// Notes the request's id. Ends the work when its change was made before, or never may be.
async fn remember(session: &impl Session, request: RequestId, at: Timestamp) -> Result<(), Stop> {
    let params = [Param::Bytes(request.as_bytes()), Param::Int(at.as_millis())];
    // A twin that is still running holds this row: wait for its end, then see its outcome.
    if session.execute(REMEMBER_REQUEST, &params).await? > 0 {
        return Ok(());
    }
    // Who gave it up has gone on without it.
    let given_up = is_given_up(session, request).await?;
    Err(if given_up { ChangeRefused::Conflict.into() } else { Stop::Before })
}

/// Says whether the change was made; if it was not, it never will be.
pub(crate) async fn give_up(
    session: &impl Session,
    request: RequestId,
    at: Timestamp,
) -> Result<bool, Stop> {
    let params = [Param::Bytes(request.as_bytes()), Param::Int(at.as_millis())];
    // As above: a change that is just being made holds this row.
    let unmade = session.execute(GIVE_UP, &params).await? > 0;
    Ok(!unmade && !is_given_up(session, request).await?)
}

async fn is_given_up(session: &impl Session, request: RequestId) -> Result<bool, Stop> {
    match first(session.query(GIVEN_UP, &[Param::Bytes(request.as_bytes())]).await?) {
        Some(mut row) => Ok(row.truth()?),
        // Only pruning removes it, after hours.
        None => Err(StoreError::Unavailable("a change was forgotten just now".to_owned()).into()),
    }
}

/// The change itself; returns what becomes stale.
#[expect(clippy::too_many_lines, reason = "one arm for each change")]
async fn make(
    session: &impl Session,
    change: &Change,
    at: Timestamp,
    key_now: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    Ok(match change {
        Change::CreateKey { record, policy, tags, material, bypass_lockout_check: _ } => {
            vec![create_key(session, record, (policy, tags), material.as_ref()).await?]
        }
        Change::SeedKey { record, policy, tags, materials, public_key } => {
            let public_key = public_key.as_deref();
            let stale = key_changes::create(session, record, policy, tags, public_key).await?;
            materials::seeded(session, &record.arn(), materials).await?;
            vec![stale]
        }
        Change::UpdateKey { key, version, update } => {
            key_changes::update(session, key, *version, update).await?
        }
        Change::PutKeyPolicy { key, version, policy, bypass_lockout_check: _ } => {
            vec![key_changes::put_policy(session, key, *version, policy).await?]
        }
        Change::TagKey { key, version, tags } => {
            vec![key_changes::tag(session, key, *version, tags).await?]
        }
        Change::UntagKey { key, version, tag_keys } => {
            vec![key_changes::untag(session, key, *version, tag_keys).await?]
        }
        Change::CreateAlias(alias) => alias_changes::create(session, alias).await?,
        Change::UpdateAlias { alias, from, to, updated_at } => {
            alias_changes::update(session, alias, *from, *to, *updated_at).await?
        }
        Change::DeleteAlias { alias, from } => alias_changes::delete(session, alias, *from).await?,
        Change::DestroyKey { key, version } => {
            destruction::destroy(session, key, *version, key_now).await?
        }
        Change::RotateKey { key, version, rotation_type, at, material } => {
            let material = material.as_ref();
            materials::rotate(session, (key, *version), *rotation_type, *at, material).await?
        }
        Change::ImportMaterial { key, version, material, expiration, description, import_type } => {
            let import = materials::Import {
                material,
                expiration: *expiration,
                description: description.as_deref(),
                import_type: *import_type,
            };
            materials::import(session, (key, *version), &import).await?
        }
        Change::DeleteMaterial { key, version, material_id, expired } => {
            let expired_at = expired.then_some(key_now);
            materials::delete(session, (key, *version), material_id, expired_at).await?
        }
        Change::ReplicateKey {
            primary,
            version,
            record,
            policy,
            tags,
            materials,
            creating_until,
            bypass_lockout_check: _,
        } => {
            let (primary, parts) = ((primary, *version), (policy.as_str(), tags.as_slice()));
            families::replicate(session, primary, record, parts, materials, *creating_until).await?
        }
        Change::UpdatePrimaryRegion { key, version, to, updating_until } => {
            families::update_primary(session, (key, *version), *to, *updating_until).await?
        }
        Change::CreateGrant(grant) => vec![grants::create(session, grant).await?],
        Change::RemoveGrant { key, grant_id, retired: _ } => {
            vec![grants::remove(session, key, *grant_id).await?]
        }
        Change::Identity(change) => identities::change(session, change, at).await?,
    })
}

async fn create_key(
    session: &impl Session,
    record: &KeyRecord,
    (policy, tags): (&str, &[Tag]),
    material: Option<&NewMaterial>,
) -> Result<Invalidation, Stop> {
    let public_key = material.and_then(|material| material.public_key.as_deref());
    let stale = key_changes::create(session, record, policy, tags, public_key).await?;
    if let Some(material) = material {
        materials::first(session, &record.arn(), material).await?;
    }
    Ok(stale)
}

/// Notes that something is stale.
pub(crate) async fn invalidate(
    session: &impl Session,
    stale: &Invalidation,
    at: Timestamp,
) -> Result<(), Stop> {
    let (kind, what) = match stale {
        Invalidation::Key(arn) => ("key", arn.to_string()),
        Invalidation::Alias(arn) => ("alias", arn.to_string()),
        Invalidation::AccessKey(id) => ("access key", id.clone()),
        Invalidation::Identities(account) => ("identities", account.to_string()),
        Invalidation::Grants(arn) => ("grants", arn.to_string()),
        Invalidation::Everything => ("everything", String::new()),
    };
    let params = [Param::Text(kind), Param::Text(&what), Param::Int(at.as_millis())];
    session.execute(INSERT_INVALIDATION, &params).await?;
    Ok(())
}

async fn put_in_outbox(session: &impl Session, record: &AuditRecord) -> Result<(), Stop> {
    let params = [
        Param::Bytes(record.event_id.as_bytes()),
        Param::Text(record.account.as_ref().map_or("", |account| account.as_str())),
        Param::Int(record.event_time.as_millis()),
        Param::Bytes(&record.cloudtrail_json),
    ];
    if session.execute(INSERT_OUTBOX, &params).await? == 0 {
        // Two records under one event id: one of them would be lost on the way.
        let event = record.event_id;
        return Err(StoreError::Corrupt(format!("event id {event} is used twice")).into());
    }
    Ok(())
}

/// Forgets requests and invalidations that are old at this moment. In a transaction: rows never go
/// before the horizon tells of it.
pub(crate) async fn prune(session: &impl Session, now: Timestamp) -> Result<(), Stop> {
    let before = |keep: i64| [Param::Int(now.plus_millis(-keep).as_millis())];
    session.execute(FORGET_REQUESTS, &before(KEEP_REQUESTS_MS)).await?;
    if session.execute(RAISE_HORIZON, &before(KEEP_INVALIDATIONS_MS)).await? > 0 {
        session.execute(PRUNE_INVALIDATIONS, &[]).await?;
    }
    Ok(())
}

/// What a finished transaction means to the caller.
pub(crate) fn outcome(result: Result<(), Stop>) -> Result<Committed, StoreError> {
    match result {
        Ok(()) => Ok(Committed::Now),
        Err(Stop::Before) => Ok(Committed::Before),
        Err(Stop::Refused(refused)) => Ok(Committed::Refused(refused)),
        Err(Stop::Aborted(why)) => Err(StoreError::Unavailable(why)),
        Err(Stop::Failed(error)) => Err(error),
    }
}
