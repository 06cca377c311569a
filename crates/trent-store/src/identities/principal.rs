#![allow(unused_imports)]
//! Being written.
use trent_types::*;
use crate::session::{Session, Stop};
use super::away;
use crate::{StoredExplanation, StoredPrincipal};
pub(crate) async fn principal(_s: &impl Session, _e: &Entity) -> Result<Option<StoredPrincipal>, Stop> { Err(away()) }
pub(crate) async fn by_unique_ids(_s: &impl Session, _i: &[String]) -> Result<Vec<EntityRecord>, Stop> { Err(away()) }
