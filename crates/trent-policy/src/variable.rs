//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the escapes `${*}`,
//! `${?}`, `${$}`.

use crate::PolicyError;
use crate::condition::{ConditionContext, Values};
use crate::wildcard::{Case, Pattern};

/// A part of a text of the policy language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Box<str>),
    AnyRun,
    AnyChar,
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// What has a meaning in a text; everything else is itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    pub(crate) variables: bool,
}

/// Splits a text into its pieces.
pub(crate) fn pieces(text: &str, syntax: Syntax) -> Result<Vec<Piece>, PolicyError> {
    let mut found = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if syntax.variables && rest.starts_with("${") {
            let (inside, after) = variable_at(rest)?;
            rest = after;
            match inside {
                "*" | "?" | "$" => literal.push_str(inside),
                _ => {
                    end_literal(&mut literal, &mut found);
                    found.push(variable(inside)?);
                }
            }
            continue;
        }
        match first {
            '*' if syntax.wildcards => {
                end_literal(&mut literal, &mut found);
                found.push(Piece::AnyRun);
            }
            '?' if syntax.wildcards => {
                end_literal(&mut literal, &mut found);
                found.push(Piece::AnyChar);
            }
            _ => literal.push(first),
        }
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    end_literal(&mut literal, &mut found);
    Ok(found)
}

fn end_literal(literal: &mut String, found: &mut Vec<Piece>) {
    if !literal.is_empty() {
        found.push(Piece::Text(std::mem::take(literal).into()));
    }
}

/// What is between `${` and `}`, and what follows. A `}` inside a quoted default belongs to the
/// default.
pub(crate) fn variable_at(text: &str) -> Result<(&str, &str), PolicyError> {
    let invalid = || PolicyError::malformed("Policy contains an invalid policy variable.");
    let inside = text.strip_prefix("${").ok_or_else(invalid)?;
    let mut quoted = false;
    for (at, character) in inside.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '}' if !quoted => {
                let (name, after) = inside.split_at_checked(at).ok_or_else(invalid)?;
                return Ok((name, after.get(1..).unwrap_or_default()));
            }
            _ => {}
        }
    }
    Err(invalid())
}

/// `key` or `key, 'default'`.
fn variable(inside: &str) -> Result<Piece, PolicyError> {
    let (key, default) = match inside.split_once(", '") {
        Some((key, quoted)) => (key, quoted.strip_suffix('\'').map(Some)),
        None => (inside, Some(None)),
    };
    let stray = |c: char| c.is_control() || matches!(c, '$' | '{' | '}' | '*' | '?' | '\'' | ',');
    match default {
        Some(default) if !key.trim().is_empty() && !key.contains(stray) => {
            Ok(Piece::Variable { key: key.into(), default: default.map(Into::into) })
        }
        _ => Err(PolicyError::malformed("Policy contains an invalid policy variable.")),
    }
}

/// A pattern that may need the request to be complete.
#[derive(Debug, Clone)]
pub(crate) enum TextPattern {
    /// No variables.
    Fixed(Pattern),
    /// At least one variable.
    Template(Box<[Piece]>),
}

impl TextPattern {
    /// Compiles a text.
    pub(crate) fn compile(text: &str, syntax: Syntax) -> Result<Self, PolicyError> {
        pieces(text, syntax).map(Self::from_pieces)
    }

    /// The pattern of these pieces.
    pub(crate) fn from_pieces(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
            Self::Template(pieces.into())
        } else {
            Self::Fixed(Pattern::new(&pieces))
        }
    }

    /// Whether the subject matches; never, when a variable has neither a single value nor a
    /// default.
    pub(crate) fn matches(
        &self,
        subject: &str,
        case: Case,
        context: &dyn ConditionContext,
    ) -> bool {
        match self {
            Self::Fixed(pattern) => pattern.matches(subject, case),
            Self::Template(pieces) => match head_matches(pieces, subject, case, context) {
                Some(answer) => answer,
                None => {
                    resolve(pieces, context).is_some_and(|pattern| pattern.matches(subject, case))
                }
            },
        }
    }

    /// Whether every subject matches.
    pub(crate) const fn is_everything(&self) -> bool {
        matches!(self, Self::Fixed(Pattern::Everything))
    }

    /// The condition keys that its variables read.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let pieces = match self {
            Self::Fixed(_) => &[],
            Self::Template(pieces) => &**pieces,
        };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(&**key),
            Piece::Text(_) | Piece::AnyRun | Piece::AnyChar => None,
        })
    }
}

/// Compares texts and variables one after the other, without making a pattern of them, as far as
/// the first wildcard; `None` where more than a `*` at the end is left to compare.
fn head_matches(
    pieces: &[Piece],
    subject: &str,
    case: Case,
    context: &dyn ConditionContext,
) -> Option<bool> {
    let literal_head = pieces.iter().take_while(|piece| match piece {
        Piece::Text(_) | Piece::Variable { .. } => true,
        Piece::AnyRun | Piece::AnyChar => false,
    });
    let head_length = literal_head.count();
    let ends_open = match pieces.get(head_length..)? {
        [] => false,
        [Piece::AnyRun] => true,
        _ => return None,
    };
    // Letters beyond ASCII change their length with their case.
    if case == Case::Insensitive && !subject.is_ascii() {
        return None;
    }
    let mut rest = subject.as_bytes();
    for piece in pieces.iter().take(head_length) {
        let values;
        let text = match piece {
            Piece::Text(text) => &**text,
            Piece::Variable { key, default } => {
                values = context.values(key);
                match value_of(values.as_ref(), default.as_deref()) {
                    Some(value) => value,
                    None => return Some(false),
                }
            }
            Piece::AnyRun | Piece::AnyChar => return None,
        };
        let same = |own: &[u8]| match case {
            Case::Sensitive => own == text.as_bytes(),
            Case::Insensitive => own.eq_ignore_ascii_case(text.as_bytes()),
        };
        match rest.split_at_checked(text.len()) {
            Some((own, after)) if same(own) => rest = after,
            Some(_) | None => return Some(false),
        }
    }
    Some(ends_open || rest.is_empty())
}

/// What a variable stands for. Only what is absent has a default; several values are an error of
/// the policy.
fn value_of<'v>(values: Option<&'v Values<'_>>, default: Option<&'v str>) -> Option<&'v str> {
    match values {
        Some(values) if !values.is_empty() => values.single(),
        Some(_) | None => default,
    }
}

/// Puts the request's values in. They become literal text: a `*` in a value is no wildcard.
fn resolve(pieces: &[Piece], context: &dyn ConditionContext) -> Option<Pattern> {
    let mut resolved = Vec::with_capacity(pieces.len());
    let mut literal = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => literal.push_str(text),
            Piece::AnyRun | Piece::AnyChar => {
                end_literal(&mut literal, &mut resolved);
                resolved.push(piece.clone());
            }
            Piece::Variable { key, default } => {
                let values = context.values(key);
                literal.push_str(value_of(values.as_ref(), default.as_deref())?);
            }
        }
    }
    end_literal(&mut literal, &mut resolved);
    Some(Pattern::new(&resolved))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIKE: Syntax = Syntax { wildcards: true, variables: true };

    fn matches(text: &str, subject: &str) -> bool {
        let context: Vec<(String, Vec<String>)> = vec![
            ("aws:username".into(), vec!["ann".into()]),
            ("aws:PrincipalTag/team".into(), vec!["*".into()]),
            ("aws:TagKeys".into(), vec!["a".into(), "b".into()]),
        ];
        TextPattern::compile(text, LIKE).unwrap().matches(subject, Case::Sensitive, &context)
    }

    #[test]
    fn a_variable_stands_for_the_requests_value() {
        assert!(matches("home/${aws:username}/*", "home/ann/x"));
        assert!(matches("home/${aws:username}*", "home/ann"));
        assert!(!matches("home/${aws:username}", "home/anna"));
        assert!(!matches("home/${aws:username}", "home/an"));
        assert!(matches("*/${aws:username}/?", "home/ann/x"));
        assert!(!matches("*/${aws:username}/?", "home/bob/x"));
        assert!(matches("home/${AWS:UserName}", "home/ann"));
        assert!(!matches("home/${aws:username}/*", "home/bob/x"));
    }

    #[test]
    fn a_wildcard_in_a_value_is_literal() {
        assert!(matches("${aws:PrincipalTag/team}", "*"));
        assert!(!matches("${aws:PrincipalTag/team}", "anything"));
        assert!(!matches("x${aws:PrincipalTag/team}*", "xanything"));
    }

    #[test]
    fn an_absent_variable_matches_nothing_unless_it_has_a_default() {
        assert!(!matches("${aws:SourceVpc}", ""));
        assert!(!matches("*${aws:SourceVpc}*", "x"));
        assert!(matches("${aws:SourceVpc, 'none'}", "none"));
        assert!(matches("${aws:SourceVpc, 'a}b*'}", "a}b*"));
        assert!(matches("${aws:username, 'none'}", "ann"));
    }

    #[test]
    fn a_key_with_several_values_is_no_variable() {
        assert!(!matches("${aws:TagKeys}", "a"));
        assert!(!matches("${aws:TagKeys, 'a'}", "a"));
    }

    #[test]
    fn escapes_are_literal() {
        assert!(matches("${*}${?}${$}", "*?$"));
        assert!(!matches("${*}", "x"));
        assert!(matches("$5 {x}", "$5 {x}"));
    }

    #[test]
    fn without_variables_in_the_syntax_they_are_text() {
        let plain = Syntax { wildcards: false, variables: false };
        let found = pieces("${aws:username}*", plain).unwrap();
        assert_eq!(found, [Piece::Text("${aws:username}*".into())]);
    }

    #[test]
    fn broken_variables_are_refused() {
        for text in ["${", "${}", "${a", "${a, 'b}", "${a ${b}}", "${a*}", "${, 'b'}", "${a,b}"] {
            assert!(TextPattern::compile(text, LIKE).is_err(), "{text}");
        }
    }
}
