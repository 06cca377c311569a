//! The STS operations, one file each.

pub(crate) mod get_caller_identity;
