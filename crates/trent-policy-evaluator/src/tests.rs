//! Tests of the whole role on a fake store and a fake worker.
