//! What a key policy must be before it is stored: well formed, about principals that exist, and not
//! the end of the caller's own control over the key.

use trent_policy::{LOCKED_OUT, Policy, PolicyError, PolicyKind};
use trent_types::{Caller, Change, ChangeRefused, KeyArn, KeyRecord};

use super::change::ChangeFault;
use crate::authorize::{CallerConditions, Conditions};
use crate::core::Core;
use crate::principals;

/// Checks the policy of a change that brings one.
pub(crate) async fn check(
    core: &Core,
    change: &Change,
    caller: &Caller,
) -> Result<(), ChangeFault> {
    match change {
        Change::CreateKey { record, policy, bypass_lockout_check, .. } => {
            let policy = accepted(core, policy).await?;
            if *bypass_lockout_check {
                return Ok(());
            }
            keeps_control(core, caller, record.arn(), &policy, Some(record))
        }
        Change::SeedKey { record, policy, .. } => {
            let policy = accepted(core, policy).await?;
            keeps_control(core, caller, record.arn(), &policy, Some(record))
        }
        Change::ReplicateKey { record, policy, bypass_lockout_check, .. } => {
            let policy = accepted(core, policy).await?;
            if *bypass_lockout_check {
                return Ok(());
            }
            keeps_control(core, caller, record.arn(), &policy, Some(record))
        }
        Change::PutKeyPolicy { key, policy, bypass_lockout_check, .. } => {
            let policy = accepted(core, policy).await?;
            if *bypass_lockout_check {
                return Ok(());
            }
            let stored = core.store.key(key.region, key.key_id).await?;
            let record = stored.map(|stored| stored.record);
            keeps_control(core, caller, *key, &policy, record.as_ref())
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
        | Change::RemoveGrant { .. }
        | Change::CreateUser(_)
        | Change::CreateAccessKey { .. } => Ok(()),
    }
}

/// The compiled policy, if it is well formed and every principal in it exists.
async fn accepted(core: &Core, text: &str) -> Result<Policy, ChangeFault> {
    let policy = Policy::parse(text, PolicyKind::KeyPolicy).map_err(|error| match error {
        PolicyError::TooLarge { bytes, limit } => ChangeRefused::LimitExceeded {
            what: "Key policy document size".to_owned(),
            limit: limit as u64,
            current: bytes as u64,
        },
        PolicyError::Malformed { reason } => ChangeRefused::MalformedPolicy(reason.into_owned()),
    })?;
    for principal in policy.principals() {
        if !principals::exists(core, principal).await? {
            let error = PolicyError::invalid_principals();
            return Err(ChangeRefused::MalformedPolicy(error.to_string()).into());
        }
    }
    Ok(policy)
}

/// The policy lockout safety check (AWS KMS Developer Guide, "Key policies").
fn keeps_control(
    core: &Core,
    caller: &Caller,
    key: KeyArn,
    policy: &Policy,
    record: Option<&KeyRecord>,
) -> Result<(), ChangeFault> {
    let caller_conditions = CallerConditions { caller, region: key.region, now: core.clock.now() };
    let mut conditions = Conditions::new(caller_conditions, &[], &[]);
    if let Some(record) = record {
        conditions = conditions.about_record(record);
    }
    if trent_policy::keeps_control(caller, key, policy, &[], &conditions) {
        Ok(())
    } else {
        Err(ChangeRefused::MalformedPolicy(LOCKED_OUT.to_owned()).into())
    }
}
