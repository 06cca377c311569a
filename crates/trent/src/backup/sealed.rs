//! Whether domain keys open all that a registry holds.

use std::collections::BTreeSet;

use trent_crypto::{CryptoError, DomainKeys, check_value};
use trent_crypto_worker::DOMAIN_KEY_CHECK;
use trent_policy_evaluator::{DOMAIN_KEY_CHECK_ACCOUNT, DOMAIN_KEY_CHECK_SETTING};
use trent_runtime::StartError;
use trent_store::{SealedItem, Snapshot, StoreError};
use trent_types::{KeyRing, sealed_under};

use super::manifest::NeededKey;
use crate::roles::policy::chain;

/// Opens everything that is sealed in a registry, which takes microseconds each, and returns the
/// domain keys that this needed.
///
/// # Errors
/// Says which version of the domain key is missing or does not fit.
pub(super) fn needed(snapshot: &Snapshot, ring: &KeyRing) -> Result<Vec<NeededKey>, StartError> {
    let domain = DomainKeys::new(ring);
    let mut versions = BTreeSet::new();
    let mut open = |item: SealedItem| {
        let version = version_of(&item);
        opened(&domain, &item).map_err(|error| refused(error, version))?;
        versions.extend(version);
        Ok::<(), Stop>(())
    };
    if let Some(sealed) = snapshot.setting(DOMAIN_KEY_CHECK_SETTING).map_err(Stop::from)? {
        let account = DOMAIN_KEY_CHECK_ACCOUNT.parse();
        let account = account.map_err(|_| StartError::Environment("no account".into()))?;
        let access_key_id = DOMAIN_KEY_CHECK.to_owned();
        open(SealedItem::Secret { account, access_key_id, sealed })?;
    }
    snapshot.each_sealed(open)?;
    let named = |version| {
        let key = ring.get(version)?;
        Some(NeededKey { version, check_value: hex::encode(check_value(key)) })
    };
    Ok(versions.into_iter().filter_map(named).collect())
}

/// Refuses a ring that lacks a domain key that a backup names, or has another one in its place.
pub(super) fn check_values(needed: &[NeededKey], ring: &KeyRing) -> Result<(), StartError> {
    for NeededKey { version, check_value: expected } in needed {
        match ring.get(*version).map(|key| hex::encode(check_value(key))) {
            Some(value) if value == *expected => {}
            Some(value) => {
                return Err(StartError::Environment(format!(
                    "the domain key of version {version} does not open what this deployment \
                     sealed: its check value is {value}, the backup was made under {expected}"
                )));
            }
            None => return Err(missing(*version)),
        }
    }
    Ok(())
}

/// What ends the walk over sealed items.
struct Stop(StartError);

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self(StartError::Environment(format!("the registry: {}", chain(&error))))
    }
}

impl From<Stop> for StartError {
    fn from(stop: Stop) -> Self {
        stop.0
    }
}

fn opened(domain: &DomainKeys, item: &SealedItem) -> Result<(), CryptoError> {
    match item {
        SealedItem::Material { key, material, sealed } => {
            domain.open_material(key, material, sealed).map(drop)
        }
        SealedItem::Secret { account, access_key_id, sealed } => {
            domain.open_secret(*account, access_key_id, sealed).map(drop)
        }
    }
}

/// The version of the domain key that an item says it is sealed under.
fn version_of(item: &SealedItem) -> Option<u8> {
    match item {
        SealedItem::Material { sealed, .. } | SealedItem::Secret { sealed, .. } => {
            sealed_under(sealed)
        }
    }
}

fn refused(error: CryptoError, version: Option<u8>) -> Stop {
    if let CryptoError::UnknownDomainKey(version) = error {
        return Stop(missing(version));
    }
    let version = version.unwrap_or_default();
    Stop(StartError::Environment(format!(
        "the domain key of version {version} does not open what this deployment sealed"
    )))
}

fn missing(version: u8) -> StartError {
    StartError::Environment(format!(
        "the domain key of version {version} is missing: this deployment sealed under it"
    ))
}
