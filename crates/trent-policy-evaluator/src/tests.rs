//! Tests of the whole role on a fake store and a fake worker.

mod admin;
mod authorize;
mod consistency;
mod fake_sealed;
mod fake_store;
mod fake_worker;
mod grants;
mod re_seal;
mod registry;
mod rig;
mod seed_file;
mod silent_worker;
mod start;
mod usage;
