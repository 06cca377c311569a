//! IAM users and access keys.

use crate::{AccountId, Timestamp};

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account that the user belongs to.
    pub account: AccountId,
    /// `/` or `/team/…/`.
    pub path: String,
    /// 1 to 64 of `[\w+=,.@-]`, unique in the account without regard to case.
    pub name: String,
    /// `AIDA…`, 21 characters, never used twice.
    pub user_id: String,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// Whether an access key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKeyStatus {
    /// It may.
    Active,
    /// It may not, until activated.
    Inactive,
}

/// A long-term access key; its secret is kept apart from it, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`, 20 characters.
    pub access_key_id: String,
    /// The account that the key belongs to.
    pub account: AccountId,
    /// The user that the key belongs to; `None` for the root user.
    pub user_name: Option<String>,
    /// Active or inactive.
    pub status: AccessKeyStatus,
    /// When the key was made.
    pub created_at: Timestamp,
}
