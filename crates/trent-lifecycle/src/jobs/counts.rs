//! `trent_lifecycle_*`.

use metrics::{Counter, counter, describe_counter};

/// What was done and what was not.
pub(super) struct Counts {
    pub(super) deleted: Counter,
    pub(super) rotated: Counter,
    pub(super) expired: Counter,
    pub(super) failures: Counter,
}

impl Counts {
    pub(super) fn new() -> Self {
        const DELETED: &str = "trent_lifecycle_deleted_keys_total";
        const ROTATED: &str = "trent_lifecycle_rotated_keys_total";
        const EXPIRED: &str = "trent_lifecycle_expired_materials_total";
        const FAILURES: &str = "trent_lifecycle_failures_total";
        describe_counter!(DELETED, "Keys that were deleted when their waiting period was over");
        describe_counter!(ROTATED, "Keys that were rotated by schedule");
        describe_counter!(EXPIRED, "Imported key materials that were deleted at their end");
        describe_counter!(FAILURES, "Due work that could not be claimed or done; it stays due");
        Self {
            deleted: counter!(DELETED),
            rotated: counter!(ROTATED),
            expired: counter!(EXPIRED),
            failures: counter!(FAILURES),
        }
    }
}
