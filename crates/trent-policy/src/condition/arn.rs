//! ARN patterns: the six parts compare one by one, so that no wildcard reaches over the first five
//! colons.

use super::context::ConditionContext;
use crate::PolicyError;
use crate::variable::{Syntax, TextPattern, variable_at};
use crate::wildcard::Case;

/// A pattern of an ARN operator.
#[derive(Debug, Clone)]
pub(crate) enum ArnPattern {
    /// `*` alone: any value.
    Any,
    /// `arn`, partition, service, Region, account, resource.
    Parts(Box<[TextPattern; 6]>),
    /// Fewer than six parts: no ARN is like it.
    Nothing,
}

impl ArnPattern {
    pub(crate) fn compile(text: &str, variables: bool) -> Result<Self, PolicyError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let syntax = Syntax { wildcards: true, variables };
        let parts = split(text, variables)?;
        let compiled: Vec<_> = parts
            .iter()
            .map(|part| TextPattern::compile(part, syntax))
            .collect::<Result<_, _>>()?;
        Ok(match compiled.try_into() {
            Ok(parts) => Self::Parts(Box::new(parts)),
            Err(_) => Self::Nothing,
        })
    }

    pub(crate) fn matches(&self, value: &str, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Parts(parts) => {
                let mut own = value.splitn(6, ':');
                let all = parts.iter().all(|pattern| {
                    own.next().is_some_and(|part| pattern.matches(part, Case::Sensitive, context))
                });
                all && own.next().is_none()
            }
        }
    }

    pub(crate) fn parts(&self) -> &[TextPattern] {
        match self {
            Self::Any | Self::Nothing => &[],
            Self::Parts(parts) => &**parts,
        }
    }
}

/// The text between the first five colons that are not inside a variable.
fn split(text: &str, variables: bool) -> Result<Vec<&str>, PolicyError> {
    let mut parts = Vec::with_capacity(6);
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if variables && rest.starts_with("${") {
            let (_, after) = variable_at(rest)?;
            at = text.len() - after.len();
        } else {
            if rest.starts_with(':') && parts.len() < 5 {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        let context: Vec<(String, Vec<String>)> =
            vec![("aws:PrincipalTag/x".into(), vec!["a:b".into()])];
        ArnPattern::compile(pattern, true).unwrap().matches(value, &context)
    }

    #[test]
    fn a_wildcard_stays_in_its_part_except_in_the_last() {
        for (pattern, value, expected) in [
            ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket", true),
            ("arn:aws:s3:::*", "arn:aws:s3:::bucket/a:b", true),
            ("arn:*:s3:::bucket", "arn:aws:s3:::bucket", true),
            ("arn:aws:*:*:*:*", "arn:aws:kms:us-east-1:111122223333:key/x", true),
            ("arn:aws:*", "arn:aws:kms:us-east-1:111122223333:key/x", false),
            ("arn:aws:*:key/x", "arn:aws:kms:us-east-1:111122223333:key/x", false),
            ("arn:aws:kms:*:key/x:*:*", "arn:aws:kms:us-east-1:key/x:y:z", true),
            ("arn:aws:iam::11112222333?:role/*", "arn:aws:iam::111122223333:role/a/b", true),
            ("*", "anything", true),
            ("*:*:*:*:*:*", "anything", false),
            ("arn:aws:s3:::bucket", "bucket", false),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn colons_of_a_variable_do_not_shift_the_parts() {
        assert!(matches("arn:aws:s3:::${aws:PrincipalTag/x}", "arn:aws:s3:::a:b"));
        assert!(!matches("arn:aws:s3::${aws:PrincipalTag/x}", "arn:aws:s3::a:b"));
    }
}
