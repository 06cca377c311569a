//! The condition keys of CreateGrant and RetireGrant (AWS KMS Developer Guide, "AWS KMS condition
//! keys").
//!
//! They follow from the grant itself, never from what the question says about it: what is decided
//! on is what the Permit is bound to.

use std::borrow::Cow;

use trent_policy::Values;
use trent_types::{GrantPrincipal, GrantTerms};

/// The grant that a question is about.
#[derive(Clone, Copy)]
pub(crate) enum GrantInQuestion<'a> {
    /// It is to be made.
    New(&'a GrantTerms),
    /// It is to be retired: only its constraints are told.
    Retiring(&'a GrantTerms),
}

/// The values of a condition key, its name in lower case; the outer `None`: it is about something
/// else than grants.
pub(crate) fn values<'a>(
    grant: Option<GrantInQuestion<'a>>,
    lower: &str,
) -> Option<Option<Values<'a>>> {
    let new = match grant {
        Some(GrantInQuestion::New(terms)) => Some(terms),
        Some(GrantInQuestion::Retiring(_)) | None => None,
    };
    Some(match lower {
        "kms:grantconstrainttype" => match grant {
            Some(GrantInQuestion::New(terms) | GrantInQuestion::Retiring(terms)) => {
                constraint_types(terms)
            }
            None => None,
        },
        "kms:grantoperations" => new.map(|terms| {
            let names = terms.operations.iter().map(|one| one.as_str().to_owned());
            Values::Many(Cow::Owned(names.collect()))
        }),
        "kms:granteeprincipal" => new.and_then(|terms| arn(&terms.grantee)),
        "kms:granteeserviceprincipal" => new.and_then(|terms| service(&terms.grantee)),
        "kms:retiringprincipal" => new.and_then(|terms| arn(terms.retiring.as_ref()?)),
        "kms:retiringserviceprincipal" => new.and_then(|terms| service(terms.retiring.as_ref()?)),
        "kms:grantconstraintsourcearn" => {
            new.and_then(|terms| terms.constraints.source_arn.as_deref().map(Values::one))
        }
        _ => return None,
    })
}

fn constraint_types<'a>(terms: &GrantTerms) -> Option<Values<'a>> {
    let constraints = &terms.constraints;
    let equals = constraints.context_equals.as_ref().map(|_| "EncryptionContextEquals");
    let subset = constraints.context_subset.as_ref().map(|_| "EncryptionContextSubset");
    match (equals, subset) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(Values::one(one)),
        (Some(one), Some(other)) => {
            Some(Values::Many(Cow::Owned(vec![one.to_owned(), other.to_owned()])))
        }
    }
}

fn arn(principal: &GrantPrincipal) -> Option<Values<'_>> {
    match principal {
        GrantPrincipal::Arn(arn) => Some(Values::one(arn)),
        GrantPrincipal::Service(_) => None,
    }
}

fn service(principal: &GrantPrincipal) -> Option<Values<'_>> {
    match principal {
        GrantPrincipal::Arn(_) => None,
        GrantPrincipal::Service(name) => Some(Values::one(name)),
    }
}
