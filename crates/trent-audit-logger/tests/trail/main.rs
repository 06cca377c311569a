//! What a trail answers, whatever form it is kept in: each test runs on each of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[allow(dead_code, reason = "shared with the tests of the store")]
#[path = "../../../trent-store/tests/support/authority.rs"]
mod authority;
#[allow(dead_code, reason = "shared with the tests of the store")]
#[path = "../../../trent-store/tests/support/cluster.rs"]
mod cluster;
mod conformance;
mod history;
mod journal;
mod postgres;
