//! The shapes of IAM's and STS's models: lengths, patterns and what breaking them is called.

use crate::validate::{Form, Pattern};

/// What a string parameter may be.
pub(crate) struct Rule {
    /// The fewest characters.
    pub(crate) min: usize,
    /// The most characters.
    pub(crate) max: usize,
    /// Which characters.
    pub(crate) shape: Shape,
}

/// Which characters a string may have, by what IAM says when it has others.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Any.
    Any,
    /// Those of names: `[\w+=,.@-]`.
    Name,
    /// A path: `/`, or printable characters between two slashes.
    Path,
    /// A path of managed policies: words between slashes.
    PolicyPath,
    /// The beginning of a path.
    PathPrefix,
    /// Text that IAM calls printable, of these characters.
    Printable(fn(char) -> bool),
    /// A pattern of the model, named in the error.
    Model(&'static Pattern),
    /// The same, where it is more than a set of characters.
    Form(&'static Form),
}

impl Rule {
    const fn new(min: usize, max: usize, shape: Shape) -> Self {
        Self { min, max, shape }
    }

    /// A name of at most so many characters.
    pub(crate) const fn name(max: usize) -> Self {
        Self::new(1, max, Shape::Name)
    }
}

/// `policyNameType`.
pub(crate) const POLICY_NAME: Rule = Rule::name(128);
/// `pathType`.
pub(crate) const PATH: Rule = Rule::new(1, 512, Shape::Path);
/// `policyPathType`.
pub(crate) const POLICY_PATH: Rule = Rule::new(1, 512, Shape::PolicyPath);
/// `pathPrefixType`.
pub(crate) const PATH_PREFIX: Rule = Rule::new(1, 512, Shape::PathPrefix);
/// `arnType`.
pub(crate) const ARN: Rule = Rule::new(20, 2048, Shape::Any);
/// `policyDocumentType`.
pub(crate) const DOCUMENT: Rule = Rule::new(1, 131_072, Shape::Printable(is_document));
/// `roleDescriptionType`.
pub(crate) const ROLE_DESCRIPTION: Rule = Rule::new(0, 1000, Shape::Printable(is_description));
/// `policyDescriptionType`.
pub(crate) const POLICY_DESCRIPTION: Rule = Rule::new(0, 1000, Shape::Any);
/// `accessKeyIdType`.
pub(crate) const ACCESS_KEY_ID: Rule = Rule::new(16, 128, Shape::Model(&WORD));
/// `policyVersionIdType`: `v` and a number.
pub(crate) const VERSION_ID: Rule = Rule::new(0, usize::MAX, Shape::Form(&VERSION));
/// `markerType` of IAM.
pub(crate) const MARKER: Rule = Rule::new(1, 320, Shape::Model(&LATIN));
/// `tagKeyType`.
pub(crate) const TAG_KEY: Rule = Rule::new(1, 128, Shape::Model(&TAG_KEY_TEXT));
/// `tagValueType`.
pub(crate) const TAG_VALUE: Rule = Rule::new(0, 256, Shape::Model(&TAG_VALUE_TEXT));
/// `ActionNameType`.
pub(crate) const ACTION_NAME: Rule = Rule::new(3, 128, Shape::Any);
/// `ResourceNameType`, and the texts of as many characters.
pub(crate) const RESOURCE_NAME: Rule = Rule::new(1, 2048, Shape::Any);
/// `ContextKeyNameType`.
pub(crate) const CONTEXT_KEY: Rule = Rule::new(5, 256, Shape::Any);

/// `arnType` of STS.
pub(crate) const STS_ARN: Rule = Rule::new(20, 2048, Shape::Model(&XML_TEXT));
/// `accessKeyIdType` of STS.
pub(crate) const STS_ACCESS_KEY_ID: Rule = Rule::new(16, 128, Shape::Model(&WORD_OR_NONE));
/// `roleSessionNameType` and `userNameType` of STS.
pub(crate) const SESSION_NAME: Rule = Rule::new(2, 64, Shape::Model(&NAME));
/// `sourceIdentityType`.
pub(crate) const SOURCE_IDENTITY: Rule = Rule::new(2, 256, Shape::Model(&NAME));
/// `externalIdType`.
pub(crate) const EXTERNAL_ID: Rule = Rule::new(2, 1224, Shape::Model(&EXTERNAL));
/// `unrestrictedSessionPolicyDocumentType`.
pub(crate) const SESSION_POLICY: Rule = Rule::new(1, usize::MAX, Shape::Model(&POLICY_TEXT));
/// `serialNumberType`.
pub(crate) const SERIAL_NUMBER: Rule = Rule::new(9, 256, Shape::Model(&SERIAL));
/// `tokenCodeType`.
pub(crate) const TOKEN_CODE: Rule = Rule::new(6, 6, Shape::Model(&DIGITS));

static VERSION: Form = Form {
    text: "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
    fits: |text| {
        let (number, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = number.strip_prefix('v').unwrap_or_default();
        digits.starts_with(|c: char| matches!(c, '1'..='9'))
            && digits.bytes().all(|b| b.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    },
};
static WORD: Pattern = Pattern { text: "[\\w]+", allows: is_word };
static WORD_OR_NONE: Pattern = Pattern { text: "[\\w]*", allows: is_word };
static LATIN: Pattern =
    Pattern { text: "[\\u0020-\\u00FF]+", allows: |c| matches!(c, ' '..='\u{ff}') };
static NAME: Pattern = Pattern { text: "[\\w+=,.@-]*", allows: is_name };
static TAG_KEY_TEXT: Pattern = Pattern { text: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", allows: is_tag };
static TAG_VALUE_TEXT: Pattern =
    Pattern { text: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", allows: is_tag };
static EXTERNAL: Pattern =
    Pattern { text: "[\\w+=,.@:\\/-]*", allows: |c| is_name(c) || matches!(c, ':' | '/') };
static SERIAL: Pattern =
    Pattern { text: "[\\w+=/:,.@-]*", allows: |c| is_name(c) || matches!(c, ':' | '/') };
static DIGITS: Pattern = Pattern { text: "[\\d]*", allows: |c| c.is_ascii_digit() };
static POLICY_TEXT: Pattern =
    Pattern { text: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", allows: is_document };
static XML_TEXT: Pattern = Pattern {
    text: "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\
           \\u10000-\\u10FFFF]+",
    allows: |c| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}')
            || c >= '\u{10000}'
    },
};

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `[\w+=,.@-]`.
pub(crate) const fn is_name(c: char) -> bool {
    is_word(c) || matches!(c, '+' | '=' | ',' | '.' | '@' | '-')
}

const fn is_document(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}

const fn is_description(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}')
}

/// Letters, separators, numbers and some signs. Separators are Unicode's category Z.
fn is_tag(c: char) -> bool {
    c.is_alphabetic()
        || c.is_numeric()
        || matches!(c, '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
        || matches!(
            c,
            ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}

impl Shape {
    /// What IAM says of a text with other characters, where it does not name the pattern.
    pub(crate) fn broken_by(self, text: &str) -> Option<&'static str> {
        let fits = match self {
            Self::Any | Self::Model(_) | Self::Form(_) => true,
            Self::Name => text.chars().all(is_name),
            Self::Path => {
                text.starts_with('/')
                    && text.ends_with('/')
                    && text.bytes().all(|byte| byte.is_ascii_graphic())
                    && text != "//"
            }
            Self::PolicyPath => is_policy_path(text),
            Self::PathPrefix => {
                text.starts_with('/') && text.bytes().all(|byte| matches!(byte, b'!'..=0x7f))
            }
            Self::Printable(allows) => text.chars().all(allows),
        };
        if fits {
            return None;
        }
        Some(match self {
            Self::Any | Self::Model(_) | Self::Form(_) | Self::Printable(_) => {
                "It must contain only printable ASCII characters."
            }
            Self::Name => {
                "It must contain only alphanumeric characters and/or the following: +=,.@_-"
            }
            Self::Path | Self::PolicyPath => {
                "It must begin and end with / and contain only alphanumeric characters and/or / \
                 characters."
            }
            Self::PathPrefix => {
                "It must begin with / and contain only alphanumeric characters and/or / \
                 characters."
            }
        })
    }
}

/// `((/[A-Za-z0-9\.,\+@=_-]+)*)/`
fn is_policy_path(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(is_name);
    match text.strip_prefix('/') {
        Some("") => true,
        Some(rest) => rest.strip_suffix('/').is_some_and(|words| words.split('/').all(word)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_framed_by_slashes() {
        for (path, plain, of_policy) in [
            ("/", true, true),
            ("/a/", true, true),
            ("/a/b-1/", true, true),
            ("/a!/", true, false),
            ("/a//b/", true, false),
            ("//", false, false),
            ("a/", false, false),
            ("/a", false, false),
            ("/a b/", false, false),
            ("", false, false),
        ] {
            assert_eq!(Shape::Path.broken_by(path).is_none(), plain, "{path}");
            assert_eq!(Shape::PolicyPath.broken_by(path).is_none(), of_policy, "{path}");
        }
        assert!(Shape::PathPrefix.broken_by("/a").is_none());
        assert!(Shape::PathPrefix.broken_by("a").is_some());
    }

    #[test]
    fn tags_take_letters_of_any_script() {
        assert!("Größe 1_.:/=+-@\u{3000}日".chars().all(is_tag));
        assert!(!['<', '\t', '"', '\u{200b}'].into_iter().any(is_tag));
    }
}
