//! What a grant allows, and the hashes by which terms and named grants are known again.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{GrantConstraints, GrantId, GrantOperation, GrantPrincipal, KeyArn};

/// Whom a grant allows what: everything that its maker chooses but its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantTerms {
    /// Who may.
    pub grantee: GrantPrincipal,
    /// Who may retire the grant, besides those who always may.
    pub retiring: Option<GrantPrincipal>,
    /// What they may; never empty.
    pub operations: Vec<GrantOperation>,
    /// Under which circumstances.
    pub constraints: GrantConstraints,
}

impl GrantTerms {
    /// SHA-256 over the terms. Two grants have the same digest exactly when they allow the same to
    /// the same; the order of operations and their repetition play no part.
    ///
    /// The bytes are a label, then the fields one after the other: a text is its length (8 bytes,
    /// big-endian) and its UTF-8; a list is its length and its items; what may be missing begins
    /// with 0 or 1, a principal with its kind (1: ARN, 2: service). So no two terms have the same
    /// bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut fields = Fields::labelled(b"trent grant terms v1\0");
        fields.terms(self);
        fields.finish()
    }

    /// The id of a grant with a name: whoever asks for the same grant again under the same name
    /// finds the one that is there, and with any other terms makes another (CreateGrant, "Name").
    /// `issuing_account` is that of [`crate::Grant`].
    #[must_use]
    pub fn named_id(&self, key: &KeyArn, issuing_account: &str, name: &str) -> GrantId {
        let mut fields = Fields::labelled(b"trent named grant v1\0");
        fields.text(&key.to_string());
        fields.text(issuing_account);
        fields.text(name);
        fields.terms(self);
        GrantId::from_bytes(fields.finish())
    }
}

/// Fields on their way into a hash.
struct Fields(Sha256);

impl Fields {
    fn labelled(label: &[u8]) -> Self {
        Self(Sha256::new().chain_update(label))
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn length(&mut self, length: usize) {
        // Cannot be cut short: no machine has more than 64 bits of memory addresses.
        self.0.update((length as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text);
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.0.update([u8::from(value.is_some())]);
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn pairs(&mut self, pairs: &BTreeMap<String, String>) {
        self.length(pairs.len());
        for (key, value) in pairs {
            self.text(key);
            self.text(value);
        }
    }

    fn principal(&mut self, principal: &GrantPrincipal) {
        self.0.update(match principal {
            GrantPrincipal::Arn(_) => [1],
            GrantPrincipal::Service(_) => [2],
        });
        self.text(principal.as_str());
    }

    fn terms(&mut self, terms: &GrantTerms) {
        let GrantTerms { grantee, retiring, operations, constraints } = terms;
        self.principal(grantee);
        self.optional(retiring.as_ref(), Self::principal);
        let mut operations = operations.clone();
        operations.sort_unstable();
        operations.dedup();
        self.length(operations.len());
        for operation in operations {
            self.text(operation.as_str());
        }
        self.optional(constraints.context_equals.as_ref(), Self::pairs);
        self.optional(constraints.context_subset.as_ref(), Self::pairs);
        self.optional(constraints.source_arn.as_deref(), Self::text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> GrantTerms {
        GrantTerms {
            grantee: GrantPrincipal::Arn("arn:aws:iam::111122223333:user/ann".into()),
            retiring: None,
            operations: vec![GrantOperation::Decrypt, GrantOperation::Encrypt],
            constraints: GrantConstraints::default(),
        }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
        Some(pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    fn constrained(constraints: GrantConstraints) -> GrantTerms {
        GrantTerms { constraints, ..terms() }
    }

    #[test]
    fn the_order_and_repetition_of_operations_play_no_part() {
        let mut other = terms();
        other.operations.reverse();
        other.operations.push(GrantOperation::Encrypt);
        assert_eq!(other.digest(), terms().digest());
    }

    #[test]
    fn any_other_terms_have_another_digest() {
        let service = |name: &str| GrantPrincipal::Service(name.into());
        let arn = terms().grantee;
        let none = GrantConstraints::default();
        let all = [
            terms(),
            GrantTerms { grantee: service("arn:aws:iam::111122223333:user/ann"), ..terms() },
            GrantTerms { retiring: Some(arn.clone()), ..terms() },
            GrantTerms { retiring: Some(service("s3.amazonaws.com")), ..terms() },
            GrantTerms { operations: vec![GrantOperation::Decrypt], ..terms() },
            constrained(GrantConstraints { context_equals: pairs(&[]), ..none.clone() }),
            constrained(GrantConstraints { context_subset: pairs(&[]), ..none.clone() }),
            constrained(GrantConstraints { context_equals: pairs(&[("a", "bc")]), ..none.clone() }),
            constrained(GrantConstraints { context_equals: pairs(&[("ab", "c")]), ..none.clone() }),
            constrained(GrantConstraints { source_arn: Some("arn:aws:s3".into()), ..none }),
        ];
        let digests: std::collections::BTreeSet<_> = all.iter().map(GrantTerms::digest).collect();
        assert_eq!(digests.len(), all.len());
    }

    #[test]
    fn a_named_grants_id_is_of_its_key_account_name_and_terms() {
        let key = |region: &str| -> KeyArn {
            format!("arn:aws:kms:{region}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")
                .parse()
                .unwrap()
        };
        let (here, account) = (key("us-east-1"), "arn:aws:iam::111122223333:root");
        let id = terms().named_id(&here, account, "name");
        assert_eq!(terms().named_id(&here, account, "name"), id);
        let reader = GrantTerms { operations: vec![GrantOperation::DescribeKey], ..terms() };
        for other in [
            terms().named_id(&key("us-west-2"), account, "name"),
            terms().named_id(&here, "arn:aws:iam::444455556666:root", "name"),
            terms().named_id(&here, account, "other"),
            reader.named_id(&here, account, "name"),
        ] {
            assert_ne!(other, id);
        }
        assert_ne!(*id.as_bytes(), terms().digest());
    }
}
