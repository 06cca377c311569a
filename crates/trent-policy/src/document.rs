//! A whole policy document, compiled.

use crate::json::{Json, parse};
use crate::principal::Principal;
use crate::statement::{Rules, Statement};
use crate::{PolicyError, limits};

/// What a policy is attached to; each kind has its own rules of what must and must not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// A key policy: has principals; `Resource` is `*`, the key.
    KeyPolicy,
    /// A policy of a user, role or group, or a boundary: has no principals.
    Identity,
    /// A policy that a session is made with: as one of a role.
    Session,
    /// A role's trust policy: has principals and no resources.
    Trust,
}

/// A policy, compiled once and evaluated often.
#[derive(Debug, Clone)]
pub struct Policy {
    kind: PolicyKind,
    pub(crate) statements: Box<[Statement]>,
}

impl Policy {
    /// Compiles a policy document.
    ///
    /// # Errors
    /// [`PolicyError::TooLarge`] when the document is longer than [`limits`] allow, else
    /// [`PolicyError::Malformed`].
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        limits::check(text, kind)?;
        if !text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}')) {
            return Err(PolicyError::syntax());
        }
        let Json::Object(members) = parse(text)? else { return Err(PolicyError::syntax()) };
        let (mut variables, mut statements) = (false, None);
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("Version", Json::Text(version)) => variables = has_variables(version)?,
                ("Id", Json::Text(_)) => {}
                ("Statement", Json::Object(_)) => statements = Some(std::slice::from_ref(value)),
                ("Statement", Json::List(list)) => statements = Some(list.as_slice()),
                _ => return Err(PolicyError::syntax()),
            }
        }
        let Some(statements) = statements.filter(|list| !list.is_empty()) else {
            return Err(PolicyError::syntax());
        };
        let rules = Rules { kind, variables };
        let statements: Box<[_]> = statements
            .iter()
            .map(|value| Statement::compile(value, rules))
            .collect::<Result<_, _>>()?;
        refuse_repeated_sids(&statements, kind)?;
        Ok(Self { kind, statements })
    }

    /// What the policy is attached to.
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Every principal that the policy names, so that the caller can check that each exists.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.statements.iter().filter_map(|s| s.principals.as_ref()).flat_map(|p| p.list.iter())
    }

    /// The condition keys that the policy reads, in conditions and variables, as they are written
    /// there and perhaps repeated. Two requests that agree on these keys' values get the same
    /// answer from this policy.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(Statement::keys)
    }
}

/// Whether `${…}` means anything in this version of the language.
fn has_variables(version: &str) -> Result<bool, PolicyError> {
    match version {
        "2012-10-17" => Ok(true),
        "2008-10-17" => Ok(false),
        _ => Err(PolicyError::malformed("The policy must contain a valid version string.")),
    }
}

/// IAM wants Sids unique in a policy; key policies may repeat them.
fn refuse_repeated_sids(statements: &[Statement], kind: PolicyKind) -> Result<(), PolicyError> {
    let mut sids: Vec<_> =
        statements.iter().filter_map(|s| s.sid.as_deref()).filter(|sid| !sid.is_empty()).collect();
    let count = sids.len();
    sids.sort_unstable();
    sids.dedup();
    if kind == PolicyKind::KeyPolicy || sids.len() == count {
        Ok(())
    } else {
        let reason = "Statement IDs (SID) in a single policy must be unique.";
        Err(PolicyError::malformed(reason))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [PolicyKind; 4] =
        [PolicyKind::KeyPolicy, PolicyKind::Identity, PolicyKind::Session, PolicyKind::Trust];

    fn reason(text: &str, kind: PolicyKind) -> String {
        Policy::parse(text, kind).unwrap_err().to_string()
    }

    #[test]
    fn the_smallest_policy_of_each_kind_is_taken() {
        let key = r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#;
        assert!(Policy::parse(key, PolicyKind::KeyPolicy).is_ok());
        let identity = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
        assert!(Policy::parse(identity, PolicyKind::Identity).is_ok());
        let trust = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}]}"#;
        assert!(Policy::parse(trust, PolicyKind::Trust).is_ok());
    }

    #[test]
    fn what_is_not_shaped_like_a_policy_is_a_syntax_error() {
        let statement = r#"{"Effect": "Allow", "Principal": "*"}"#;
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"Statement": []}"#,
            r#"{"Statement": "x"}"#,
            r#"{"Statement": [[]]}"#,
            r#"{"Statement": {}}"#,
            &format!(r#"{{"Statement": {statement}, "Statement": {statement}}}"#),
            &format!(r#"{{"statement": {statement}}}"#),
            &format!(r#"{{"Statement": {statement}, "Extra": 1}}"#),
            &format!(r#"{{"Statement": {statement}, "Id": 5}}"#),
            &format!(r#"{{"Statement": {statement}, "Version": 20121017}}"#),
            &format!(r#"{{"Statement": {statement}}} {{}}"#),
            &format!("{{\"Statement\": {statement}, \"Id\": \"\u{20ac}\"}}"),
            &format!("{{\"Statement\": {statement}, \"Id\": \"\u{7f}\u{0}\"}}"),
        ] {
            assert_eq!(reason(text, PolicyKind::KeyPolicy), PolicyError::SYNTAX, "{text}");
        }
    }

    #[test]
    fn unknown_versions_are_refused() {
        let text =
            r#"{"Version": "2012-10-18", "Statement": {"Effect": "Allow", "Principal": "*"}}"#;
        let expected = "The policy must contain a valid version string.";
        assert_eq!(reason(text, PolicyKind::KeyPolicy), expected);
    }

    #[test]
    fn a_key_policy_has_at_most_32_kib() {
        let body = r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#;
        let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
        assert!(Policy::parse(&padded(32_768), PolicyKind::KeyPolicy).is_ok());
        assert_eq!(
            Policy::parse(&padded(32_769), PolicyKind::KeyPolicy).unwrap_err(),
            PolicyError::TooLarge { length: 32_769, limit: 32_768 }
        );
    }

    #[test]
    fn only_key_policies_may_repeat_a_sid() {
        let statement = r#"{"Sid": "A", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
        let text = format!(r#"{{"Statement": [{statement}, {statement}]}}"#);
        let expected = "Statement IDs (SID) in a single policy must be unique.";
        assert_eq!(reason(&text, PolicyKind::Identity), expected);
        let text = text.replace("\"Action\"", "\"Principal\": \"*\", \"Action\"");
        assert!(Policy::parse(&text, PolicyKind::KeyPolicy).is_ok());
    }

    #[test]
    fn principals_and_condition_keys_can_be_listed() {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"]},
             "Action": "kms:*", "Resource": "*",
             "Condition": {"StringLike": {"kms:ViaService": "s3.${aws:RequestedRegion}.*"}}},
            {"Effect": "Deny", "NotPrincipal": "*"}]}"#;
        let policy = Policy::parse(text, PolicyKind::KeyPolicy).unwrap();
        assert_eq!(policy.principals().count(), 3);
        let keys: Vec<_> = policy.condition_keys().collect();
        assert_eq!(keys, ["kms:ViaService", "aws:RequestedRegion"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            for kind in KINDS {
                let _ = Policy::parse(&text, kind);
            }
        }

        /// Real policies with parts exchanged reach deeper than random text does.
        #[test]
        fn no_mixture_of_tokens_makes_the_parser_panic(
            parts in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"Statement\"", "\"Effect\"", "\"Allow\"",
                "\"Principal\"", "\"*\"", "\"Action\"", "\"kms:*\"", "\"Resource\"", "null",
                "1e999",
                "\"Condition\"", "\"StringLike\"", "\"${a\"", "\"AWS\"", "\"arn:aws:iam::\"", "-1",
            ]), 0..40),
        ) {
            for kind in KINDS {
                let _ = Policy::parse(&parts.concat(), kind);
            }
        }
    }
}
