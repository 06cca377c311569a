#![allow(unused_imports)]
//! Being written.
use trent_types::*;
use crate::session::{Session, Stop};
use super::away;
use crate::{StoredExplanation, StoredPrincipal};
pub(crate) async fn put(_s: &impl Session, _e: &[StoredExplanation], _b: Timestamp) -> Result<(), Stop> { Err(away()) }
pub(crate) async fn of(_s: &impl Session, _r: RequestId) -> Result<Vec<StoredExplanation>, Stop> { Err(away()) }
