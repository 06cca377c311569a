//! The AWS operations: shapes, rules and sequence, over ports.

pub mod ports;
