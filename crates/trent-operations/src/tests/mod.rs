//! The operations over fake ports, as sentences.

mod asymmetric;
mod crypto;
mod identity;
mod keys;
mod names;
mod sequence;
mod signatures;
