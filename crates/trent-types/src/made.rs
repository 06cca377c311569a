//! What was once made of a value.

use std::fmt;
use std::sync::OnceLock;

/// Something that was made of a value and is kept beside it, so that it is made once. It is no part
/// of the value: all of them are equal, and a copy of the value, which may be changed, begins
/// without.
pub struct Made<T>(OnceLock<T>);

impl<T> Made<T> {
    /// Nothing yet.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(OnceLock::new())
    }

    /// What was made first, here or anywhere.
    pub fn once(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(make)
    }
}

impl<T> Default for Made<T> {
    fn default() -> Self {
        Self::nothing()
    }
}

impl<T> Clone for Made<T> {
    fn clone(&self) -> Self {
        Self::nothing()
    }
}

impl<T> PartialEq for Made<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Made<T> {}

impl<T> fmt::Debug for Made<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "made" } else { "not made yet" })
    }
}
