//! Timed jobs: deletion when the waiting period ends
