#![allow(unused_imports)]
//! Being written.
use trent_types::*;
use crate::session::{Session, Stop};
use super::away;
use crate::{StoredExplanation, StoredPrincipal};
pub(crate) async fn accounts(_s: &impl Session) -> Result<Vec<Account>, Stop> { Err(away()) }
pub(crate) async fn ensure(_s: &impl Session, _a: &Account) -> Result<(), Stop> { Err(away()) }
pub(crate) async fn services(_s: &impl Session) -> Result<Vec<(Service, Vec<AccessKey>)>, Stop> { Err(away()) }
pub(crate) async fn create(_s: &impl Session, _a: &Account, _k: &AccessKey, _x: &[u8]) -> Result<(), Stop> { Err(away()) }
pub(crate) async fn create_service(_s: &impl Session, _a: &Service, _k: &AccessKey, _x: &[u8]) -> Result<(), Stop> { Err(away()) }
pub(crate) async fn delete_service(_s: &impl Session, _n: &str) -> Result<(), Stop> { Err(away()) }
