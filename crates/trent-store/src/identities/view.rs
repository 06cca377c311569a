#![allow(unused_imports)]
//! Being written.
use trent_types::*;
use crate::session::{Session, Stop};
use super::away;
use crate::{StoredExplanation, StoredPrincipal};
pub(crate) async fn identity(_s: &impl Session, _e: &Entity) -> Result<Option<IdentityView>, Stop> { Err(away()) }
