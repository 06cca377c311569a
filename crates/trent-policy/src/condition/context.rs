//! Where conditions and variables find the request's values.

use std::borrow::Cow;

use crate::wildcard::same_letters;

/// The values that a request gives to condition keys.
pub trait ConditionContext {
    /// The values of a key; `None` when the request has none. The key comes as the policy writes
    /// it: its name, and the tag or encryption-context key that it may end with, are to be found
    /// without regard to case.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// The values of one key.
#[derive(Debug, Clone)]
pub enum Values<'a> {
    /// The value of a single-valued key.
    One(Cow<'a, str>),
    /// The values of a key that may have several.
    Many(Cow<'a, [String]>),
}

impl<'a> Values<'a> {
    /// One value that the request already holds.
    #[must_use]
    pub const fn one(value: &'a str) -> Self {
        Self::One(Cow::Borrowed(value))
    }

    /// Values that the request already holds.
    #[must_use]
    pub const fn many(values: &'a [String]) -> Self {
        Self::Many(Cow::Borrowed(values))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(values) => values.is_empty(),
        }
    }

    /// The value, when there is exactly one.
    #[must_use]
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::One(value) => Some(value),
            Self::Many(values) => match &**values {
                [value] => Some(value),
                _ => None,
            },
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::One(value) => (Some(&**value), &[][..]),
            Self::Many(values) => (None, &**values),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }
}

/// A request without any condition key.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoConditions;

impl ConditionContext for NoConditions {
    fn values(&self, _key: &str) -> Option<Values<'_>> {
        None
    }
}

impl ConditionContext for Vec<(String, Vec<String>)> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.as_slice()
            .iter()
            .find(|(name, _)| same_letters(name, key))
            .map(|(_, v)| Values::many(v))
    }
}
