//! One suite for every transport of the bus, and what is special about NATS.
//!
//! Needs nats-server: `NATS_SERVER`, the repository's `.tools/bin/nats-server`, or the one on the
//! path.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helper functions too"
)]

mod audit;
mod both;
mod builds;
mod certificates;
mod over_nats;
mod permissions;
mod presence;
mod server;
mod services;
