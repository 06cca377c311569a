//! The operations over fake ports, as sentences.

mod asymmetric;
mod crypto;
mod grants;
mod identity;
mod keys;
mod names;
mod rate;
mod sequence;
mod signatures;
mod usage;
