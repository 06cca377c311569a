//! Patterns with `*` (any run of characters) and `?` (any one character), matched without
//! recursion.

use crate::variable::Piece;

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    AnyRun,
    AnyChar,
}

/// A compiled pattern; the shapes that nearly all policies use compare directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    Everything,
    Exact(Box<str>),
    Prefix(Box<str>),
    General {
        tokens: Box<[Token]>,
        /// The fewest bytes that can match: what is shorter needs no look.
        shortest: usize,
    },
}

impl Pattern {
    /// The pattern of pieces without variables. A variable, of which there is none here, would
    /// match nothing.
    pub(crate) fn new(pieces: &[Piece]) -> Self {
        match pieces {
            [] => Self::Exact("".into()),
            [Piece::AnyRun] => Self::Everything,
            [Piece::Text(text)] => Self::Exact(text.clone()),
            [Piece::Text(text), Piece::AnyRun] => Self::Prefix(text.clone()),
            _ => Self::general(pieces),
        }
    }

    fn general(pieces: &[Piece]) -> Self {
        let mut tokens = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => tokens.extend(text.bytes().map(Token::Byte)),
                Piece::AnyChar => tokens.push(Token::AnyChar),
                // Several `*` in a row are one.
                Piece::AnyRun if tokens.last() == Some(&Token::AnyRun) => {}
                Piece::AnyRun => tokens.push(Token::AnyRun),
                // 0xFF is in no UTF-8 text.
                Piece::Variable { .. } => tokens.push(Token::Byte(0xFF)),
            }
        }
        let shortest = tokens.iter().filter(|token| **token != Token::AnyRun).count();
        Self::General { tokens: tokens.into(), shortest }
    }

    /// Whether the whole subject matches. The time is at most the product of both lengths.
    pub(crate) fn matches(&self, subject: &str, case: Case) -> bool {
        match (self, case) {
            (Self::Everything, _) => true,
            (Self::Exact(text), Case::Sensitive) => **text == *subject,
            (Self::Exact(text), Case::Insensitive) => same_letters(text, subject),
            (Self::Prefix(text), _) => {
                let head = subject.as_bytes().get(..text.len());
                head.is_some_and(|head| match case {
                    Case::Sensitive => head == text.as_bytes(),
                    Case::Insensitive => head.eq_ignore_ascii_case(text.as_bytes()),
                })
            }
            (Self::General { tokens, shortest }, _) => {
                subject.len() >= *shortest && walk(tokens, subject.as_bytes(), case)
            }
        }
    }
}

/// Whether two texts differ at most in the case of their letters, of any alphabet.
pub(crate) fn same_letters(one: &str, other: &str) -> bool {
    let lower = |text: &'_ str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && lower(one) == lower(other))
}

/// Takes each `*` as short as possible; on a mismatch only the last `*` is lengthened, by one byte,
/// which is enough: whatever an earlier `*` could reach, the last one can reach too.
fn walk(tokens: &[Token], subject: &[u8], case: Case) -> bool {
    let (mut at_token, mut at_byte) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while let Some(&byte) = subject.get(at_byte) {
        let advance = match tokens.get(at_token) {
            Some(Token::AnyRun) => {
                last_run = Some((at_token + 1, at_byte));
                at_token += 1;
                continue;
            }
            Some(Token::Byte(wanted)) => usize::from(match case {
                Case::Sensitive => byte == *wanted,
                Case::Insensitive => byte.eq_ignore_ascii_case(wanted),
            }),
            Some(Token::AnyChar) => char_width(byte),
            None => 0,
        };
        if advance > 0 {
            at_token += 1;
            at_byte += advance;
        } else if let Some((after_run, from)) = last_run {
            last_run = Some((after_run, from + 1));
            at_token = after_run;
            at_byte = from + 1;
        } else {
            return false;
        }
    }
    tokens.get(at_token..).unwrap_or_default().iter().all(|token| *token == Token::AnyRun)
}

/// Bytes of the UTF-8 character that starts with this byte; 0 when none starts here.
const fn char_width(first: u8) -> usize {
    match first {
        0x00..=0x7F => 1,
        0x80..=0xBF => 0,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::variable::{Syntax, pieces};

    fn pattern(text: &str) -> Pattern {
        Pattern::new(&pieces(text, Syntax { wildcards: true, variables: false }).unwrap())
    }

    /// The definition: by recursion, exponential.
    fn naive(pattern: &[char], subject: &[char]) -> bool {
        match (pattern, subject) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                naive(rest, subject) || (!subject.is_empty() && naive(pattern, &subject[1..]))
            }
            (['?', rest @ ..], [_, tail @ ..]) => naive(rest, tail),
            ([c, rest @ ..], [d, tail @ ..]) if c == d => naive(rest, tail),
            _ => false,
        }
    }

    #[test]
    fn edges() {
        for (text, subject, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("**", "", true),
            ("?", "", false),
            ("?", "a", true),
            ("?", "\u{e9}", true),
            ("?", "ab", false),
            ("??", "\u{e9}", false),
            ("*?", "\u{20ac}", true),
            ("*?b", "\u{20ac}b", true),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "ba", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("kms:Encrypt", "kms:Encrypt", true),
            ("kms:Encrypt", "kms:EncryptX", false),
            ("*\u{e9}*", "caf\u{e9}s", true),
        ] {
            assert_eq!(
                pattern(text).matches(subject, Case::Sensitive),
                expected,
                "{text} {subject}"
            );
        }
    }

    #[test]
    fn case_is_ignored_only_when_asked() {
        for text in ["kms:encrypt", "KMS:*", "kms:*T", "K?S:*crypt"] {
            assert!(pattern(text).matches("kms:Encrypt", Case::Insensitive), "{text}");
            assert!(!pattern(text).matches("kms:Encrypt", Case::Sensitive), "{text}");
        }
        assert!(pattern("CAF\u{c9}").matches("caf\u{e9}", Case::Insensitive));
    }

    #[test]
    fn a_pattern_made_to_backtrack_ends_in_time() {
        let hostile = pattern(&("*a".repeat(2_000) + "*b"));
        assert!(!hostile.matches(&"a".repeat(8_000), Case::Sensitive));
    }

    proptest! {
        #[test]
        fn the_walk_agrees_with_the_definition(
            text in "[ab*?\u{e9}]{0,9}",
            subject in "[ab\u{e9}\u{20ac}]{0,9}",
        ) {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = naive(&chars(&text), &chars(&subject));
            prop_assert_eq!(pattern(&text).matches(&subject, Case::Sensitive), expected);
        }
    }
}
