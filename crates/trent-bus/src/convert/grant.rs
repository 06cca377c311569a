//! Grants.

use std::collections::BTreeMap;

use trent_types::{Grant, GrantConstraints, GrantId, GrantPrincipal, GrantTerms, Timestamp};

use super::{InvalidField, array, by_reference, bytes, parse, required};
use crate::messages::{self, grant_principal::Principal};

by_reference! {
    Grant => messages::Grant,
    GrantPrincipal => messages::GrantPrincipal,
    GrantTerms => messages::GrantTerms,
}

/// A grant id of 32 bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn grant_id(bytes: &[u8], field: &'static str) -> Result<GrantId, InvalidField> {
    array(bytes, field).map(GrantId::from_bytes)
}

impl From<GrantPrincipal> for messages::GrantPrincipal {
    fn from(principal: GrantPrincipal) -> Self {
        Self {
            principal: Some(match principal {
                GrantPrincipal::Arn(arn) => Principal::Arn(arn),
                GrantPrincipal::Service(name) => Principal::Service(name),
            }),
        }
    }
}

impl TryFrom<messages::GrantPrincipal> for GrantPrincipal {
    type Error = InvalidField;

    fn try_from(principal: messages::GrantPrincipal) -> Result<Self, InvalidField> {
        Ok(match required(principal.principal, "principal")? {
            Principal::Arn(arn) => Self::Arn(arn),
            Principal::Service(name) => Self::Service(name),
        })
    }
}

impl From<Grant> for messages::Grant {
    fn from(grant: Grant) -> Self {
        Self {
            key: Some(grant.key.into()),
            grant_id: bytes(grant.grant_id.as_bytes()),
            name: grant.name.unwrap_or_default(),
            created_at_ms: grant.created_at.as_millis(),
            issuing_account: grant.issuing_account,
            terms: Some(grant.terms.into()),
        }
    }
}

impl TryFrom<messages::Grant> for Grant {
    type Error = InvalidField;

    fn try_from(grant: messages::Grant) -> Result<Self, InvalidField> {
        Ok(Self {
            key: required(grant.key, "key")?.try_into()?,
            grant_id: grant_id(&grant.grant_id, "grant_id")?,
            name: given(grant.name),
            created_at: Timestamp::from_millis(grant.created_at_ms),
            issuing_account: grant.issuing_account,
            terms: required(grant.terms, "terms")?.try_into()?,
        })
    }
}

impl From<GrantTerms> for messages::GrantTerms {
    fn from(terms: GrantTerms) -> Self {
        let GrantConstraints { context_equals, context_subset, source_arn } = terms.constraints;
        Self {
            grantee: Some(terms.grantee.into()),
            retiring: terms.retiring.map(Into::into),
            operations: terms.operations.iter().map(|one| one.as_str().to_owned()).collect(),
            context_equals: context_equals.map(constraint),
            context_subset: context_subset.map(constraint),
            source_arn: source_arn.unwrap_or_default(),
        }
    }
}

impl TryFrom<messages::GrantTerms> for GrantTerms {
    type Error = InvalidField;

    fn try_from(terms: messages::GrantTerms) -> Result<Self, InvalidField> {
        let operations = terms.operations.iter().map(|name| parse(name, "operations"));
        Ok(Self {
            grantee: required(terms.grantee, "grantee")?.try_into()?,
            retiring: terms.retiring.map(TryInto::try_into).transpose()?,
            operations: operations.collect::<Result<_, _>>()?,
            constraints: GrantConstraints {
                context_equals: terms.context_equals.map(pairs),
                context_subset: terms.context_subset.map(pairs),
                source_arn: given(terms.source_arn),
            },
        })
    }
}

fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn constraint(pairs: BTreeMap<String, String>) -> messages::ContextConstraint {
    let pair = |(key, value)| messages::ContextPair { key, value };
    messages::ContextConstraint { pairs: pairs.into_iter().map(pair).collect() }
}

fn pairs(constraint: messages::ContextConstraint) -> BTreeMap<String, String> {
    constraint.pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}
