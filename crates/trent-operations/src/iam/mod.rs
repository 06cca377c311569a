//! The IAM operations, one file each, and what they share.

pub(crate) mod create_access_key;
pub(crate) mod create_user;
mod form;
pub(crate) mod get_user;
mod names;
