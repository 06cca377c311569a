//! The console's pages, over HTTP: files that the npm project in `web/` has built and compressed.
//!
//! This crate serves and does nothing else: the pages call the AWS API with signed requests of
//! their own, as every other client does.

mod assets;
mod coding;
mod console;

pub use console::Console;
