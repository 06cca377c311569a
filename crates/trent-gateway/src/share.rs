//! Bounds that all cores share: connections, and large bodies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One of a limited number; given back when it is dropped.
pub(crate) struct Share(Arc<AtomicUsize>);

impl Share {
    /// Takes one, if fewer than `most` are taken.
    pub(crate) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        if taken.fetch_add(1, Ordering::Relaxed) < most {
            Some(Self(Arc::clone(taken)))
        } else {
            taken.fetch_sub(1, Ordering::Relaxed);
            None
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_there_are_and_each_again_when_it_was_given_back() {
        let taken = Arc::default();
        let (first, second) = (Share::take(&taken, 2), Share::take(&taken, 2));
        assert!(second.is_some() && Share::take(&taken, 2).is_none());
        drop(first);
        assert!(Share::take(&taken, 2).is_some());
    }
}
