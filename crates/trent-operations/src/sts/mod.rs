//! The STS operations, one file each, and how temporary credentials are answered.

pub(crate) mod assume_role;
mod credentials;
pub(crate) mod get_access_key_info;
pub(crate) mod get_caller_identity;
pub(crate) mod get_session_token;
