//! Tests of the whole role on a fake store and a fake worker.

mod admin;
mod admin_principals;
mod authorize;
mod consistency;
mod explain;
mod fake_sealed;
mod fake_sink;
mod fake_store;
mod fake_worker;
mod grants;
mod managed_keys;
mod on_sqlite;
mod people;
mod policies;
mod re_seal;
mod registry;
mod request_conditions;
mod rig;
mod seed_file;
mod services;
mod sessions;
mod signing;
mod silent_worker;
mod simulate;
mod start;
mod usage;
