//! What everything that reads foreign bytes promises: one function for each reader, which panics
//! when an input breaks a promise.
//!
//! `tools/fuzz` runs these functions under libFuzzer, which looks for inputs that reach code no
//! input has reached before. `cargo test` runs them over the committed seeds and over mutations of
//! them. docs/fuzzing.md says how, and what each target promises beyond not panicking.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "everything in this crate is a test: a panic is how it fails"
)]

mod formats;
mod input;
mod keys;
pub mod mutation;
mod targets;
mod world;

pub use targets::{TARGETS, Target, target};
