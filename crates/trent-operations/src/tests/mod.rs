//! The operations over fake ports, as sentences.

mod crypto;
mod grants;
mod identity;
mod keys;
mod names;
mod sequence;
