#![allow(unused_imports)]
//! Being written.
use trent_types::*;
use crate::session::{Session, Stop};
use super::away;
use crate::{StoredExplanation, StoredPrincipal};
pub(crate) async fn entities(_s: &impl Session, _a: AccountId, _k: EntityKind, _p: &str, _f: Option<&str>, _l: u32) -> Result<(Vec<EntityRecord>, bool), Stop> { Err(away()) }
pub(crate) async fn group_members(_s: &impl Session, _a: AccountId, _g: &str, _f: Option<&str>, _l: u32) -> Result<(Vec<User>, bool), Stop> { Err(away()) }
pub(crate) async fn policy_entities(_s: &impl Session, _a: AccountId, _p: &str, _f: Option<(&Entity, bool)>, _l: u32) -> Result<(Vec<(EntityRecord, bool)>, bool), Stop> { Err(away()) }
