//! Tests of `wrapping`.
