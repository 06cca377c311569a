//! The operations over fake ports, as sentences.

mod asymmetric;
mod cloudtrail;
mod crypto;
mod explain;
mod grants;
mod iam;

mod keys;
mod names;
mod rate;
mod sequence;
mod signatures;
mod sts;
mod trail;
mod usage;
