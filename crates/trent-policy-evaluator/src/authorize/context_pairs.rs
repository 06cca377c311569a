//! The pairs that conditions on the encryption context see.

use trent_types::{EncryptionContext, GrantConstraints, GrantTerms};

/// Those of the encryption context, or those of a grant's constraints.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ContextPairs<'a> {
    context: Option<&'a EncryptionContext>,
    constraints: Option<&'a GrantConstraints>,
}

impl<'a> ContextPairs<'a> {
    /// Those of the encryption context, if there is one.
    pub(crate) const fn of_context(context: Option<&'a EncryptionContext>) -> Self {
        Self { context, constraints: None }
    }

    /// Those that a grant is constrained to.
    pub(crate) const fn of_grant(terms: &'a GrantTerms) -> Self {
        Self { context: None, constraints: Some(&terms.constraints) }
    }

    /// Keys with their values. Both constraints of a grant can have the same key.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let constrained = |constraints: &'a GrantConstraints| {
            constraints.context_equals.iter().chain(&constraints.context_subset).flatten()
        };
        let constraints = self.constraints.into_iter().flat_map(constrained);
        let constraints = constraints.map(|(key, value)| (key.as_str(), value.as_str()));
        self.context.into_iter().flat_map(EncryptionContext::iter).chain(constraints)
    }
}
