//! What can go wrong in a store.

/// A store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store is away, full or too busy: try again later. Nothing was changed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store does not take this user, password, certificate or database name, or is not to be
    /// spoken to in this way.
    #[error("the store refuses this program: {0}")]
    Refused(String),
    /// What the store holds is not what this program wrote.
    #[error("the store holds something unexpected: {0}")]
    Corrupt(String),
    /// The store's schema is older or newer than this program.
    #[error("the store's schema does not fit: {0}")]
    Schema(String),
}
