//! Starts Trent in both forms, with real NATS and Postgres, for tests and for `make cluster`.
//!
//! The program `trent-testkit up` does the work and keeps everything running until its standard
//! input ends; tests in any language start it as a child and read one line of JSON, the [`Stack`].

mod client;
pub mod nats;
pub mod ports;
pub mod postgres;
pub mod process;
mod roles;
pub mod stack;
pub mod trail;

pub use client::{RunningStack, program};
pub use roles::Role;
pub use stack::{Form, Stack};
