//! Starts Trent in both forms for tests
