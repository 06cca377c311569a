//! Users, groups, roles, policies and access keys, accounts, services and explanations.
pub(crate) mod access_keys;
pub(crate) mod accounts;
pub(crate) mod explanations;
pub(crate) mod listing;
mod names;
pub(crate) mod principal;
pub(crate) mod view;

use trent_types::IdentityChange;

use crate::session::{Session, Stop};
use crate::{Invalidation, StoreError};

/// A change of IAM's things; returns what becomes stale.
pub(crate) async fn change(
    _session: &impl Session,
    _change: &IdentityChange,
) -> Result<Vec<Invalidation>, Stop> {
    Err(away())
}

pub(crate) fn away() -> Stop {
    StoreError::Unavailable("not yet".to_owned()).into()
}
