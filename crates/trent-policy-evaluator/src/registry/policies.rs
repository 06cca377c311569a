//! What a key policy must be before it is stored: well formed, about principals that exist, and not
//! the end of the caller's own control over the key. It is stored with unique ids in the place of
//! users' and roles' ARNs.

use std::sync::Arc;

use trent_bus::Claims;
use trent_policy::{Inputs, LOCKED_OUT, Policy, PolicyError, PolicyKind, ResourceUnderDecision};
use trent_types::{
    Caller, CallerKind, Change, ChangeRefused, Entity, EntityKind, KeyArn, KeyRecord,
};

use super::change::ChangeFault;
use super::documents;
use crate::authorize::{CallerConditions, Conditions, ContextPairs, Network, Who};
use crate::core::Core;
use crate::principals;

/// Checks the policy of a change that brings one; the change comes back as it is to be stored.
pub(crate) async fn check(
    core: &Core,
    mut change: Change,
    main: &Claims,
) -> Result<Change, ChangeFault> {
    let caller = &main.caller;
    match &mut change {
        Change::CreateKey { record, policy, bypass_lockout_check, .. }
        | Change::ReplicateKey { record, policy, bypass_lockout_check, .. } => {
            *policy = accepted(core, policy).await?;
            if !*bypass_lockout_check {
                keeps_control(core, caller, record.arn(), policy, Some(record)).await?;
            }
        }
        Change::SeedKey { record, policy, .. } => {
            *policy = accepted(core, policy).await?;
            // Nobody changes the policy of a key that AWS manages.
            if record.manager == trent_types::KeyManager::Customer {
                keeps_control(core, caller, record.arn(), policy, Some(record)).await?;
            }
        }
        Change::PutKeyPolicy { key, policy, bypass_lockout_check, .. } => {
            *policy = accepted(core, policy).await?;
            if !*bypass_lockout_check {
                let stored = core.store.key(key.region, key.key_id).await?;
                let record = stored.map(|stored| stored.record);
                keeps_control(core, caller, *key, policy, record.as_ref()).await?;
            }
        }
        Change::Identity(_) => {
            let Change::Identity(identity) = change else { return Ok(change) };
            return Ok(Change::Identity(documents::check(core, identity).await?));
        }
        Change::UpdateKey { .. }
        | Change::TagKey { .. }
        | Change::UntagKey { .. }
        | Change::CreateAlias(_)
        | Change::UpdateAlias { .. }
        | Change::DeleteAlias { .. }
        | Change::DestroyKey { .. }
        | Change::RotateKey { .. }
        | Change::ImportMaterial { .. }
        | Change::DeleteMaterial { .. }
        | Change::UpdatePrimaryRegion { .. }
        | Change::CreateGrant(_)
        | Change::RemoveGrant { .. } => {}
    }
    Ok(change)
}

/// The policy with unique ids, if it is well formed and every principal in it exists.
async fn accepted(core: &Core, text: &str) -> Result<String, ChangeFault> {
    Policy::parse(text, PolicyKind::KeyPolicy).map_err(refused)?;
    if principals::first_missing(core, text).await?.is_some() {
        let error = PolicyError::invalid_principals();
        return Err(ChangeRefused::MalformedPolicy(error.to_string()).into());
    }
    Ok(principals::with_ids(core, text).await?)
}

fn refused(error: PolicyError) -> ChangeRefused {
    match error {
        PolicyError::TooLarge { length, limit } => ChangeRefused::LimitExceeded {
            what: "Key policy document size".to_owned(),
            limit: limit as u64,
            current: length as u64,
        },
        PolicyError::Malformed { reason } => ChangeRefused::MalformedPolicy(reason.into_owned()),
    }
}

/// The policy lockout safety check (AWS KMS Developer Guide, "Key policies"): the caller under the
/// new policy and its own ones. Session policies play no part.
async fn keeps_control(
    core: &Core,
    caller: &Arc<Caller>,
    key: KeyArn,
    policy: &str,
    record: Option<&KeyRecord>,
) -> Result<(), ChangeFault> {
    let policy = Policy::parse(policy, PolicyKind::KeyPolicy).map_err(refused)?;
    let entity =
        |kind, name: &String| Some(Entity { account: caller.account, kind, name: name.clone() });
    let entity = match &caller.kind {
        CallerKind::User { name, .. } => entity(EntityKind::User, name),
        CallerKind::Role { name, .. } => entity(EntityKind::Role, name),
        CallerKind::Root | CallerKind::Service { .. } => None,
    };
    let principal = match entity {
        Some(entity) => core.principal_now(&entity).await?,
        None => None,
    };
    let who = Who { caller, principal, session: None, serial: None };
    let caller_conditions = CallerConditions {
        caller,
        tags: who.tags(),
        region: key.region,
        now: core.clock.now(),
        network: Network::default(),
    };
    let longest = who.longest_policy();
    let (action, no_pairs) = ("kms:PutKeyPolicy", ContextPairs::default());
    let mut conditions = Conditions::new(caller_conditions, action, longest, no_pairs, &[]);
    if let Some(record) = record {
        conditions = conditions.about_record(record);
    }
    let policies = who.policies();
    let inputs = Inputs {
        caller,
        partition: key.region.partition(),
        action,
        resource: ResourceUnderDecision::Key { arn: key, policy: &policy },
        identity_policies: &policies.identity,
        boundary: policies.boundary,
        session_policies: None,
        context: &conditions,
    };
    if who.broken().is_none() && trent_policy::keeps_control(&inputs) {
        Ok(())
    } else {
        Err(ChangeRefused::MalformedPolicy(LOCKED_OUT.to_owned()).into())
    }
}
