//! `GroupBy`: what figures are told by, in words as in `KEY` or `TAG:team`.

use trent_types::{CostDimension, UsageDimension};

use super::invalid;
use crate::decode::{List, Text};
use crate::error::AwsError;
use crate::json::Object;

/// The most dimensions of a request.
const DIMENSIONS_MAX: usize = 4;
/// The most characters of the key of a tag (AWS KMS API Reference, "Tag").
const TAG_KEY_MAX: usize = 128;

/// What a word of `GroupBy` can be.
pub(super) trait Dimension: Sized + PartialEq {
    /// The words that are no tags, for the error.
    const WORDS: &'static str;

    /// The dimension of a word that is no tag.
    fn of_word(word: &str) -> Option<Self>;

    /// That of the tag with this key.
    fn of_tag(key: String) -> Self;

    /// The word.
    fn word(&self) -> String;
}

impl Dimension for UsageDimension {
    const WORDS: &'static str = "KEY, PRINCIPAL, OPERATION, ERROR, REGION";

    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "KEY" => Self::Key,
            "PRINCIPAL" => Self::Principal,
            "OPERATION" => Self::Operation,
            "ERROR" => Self::Error,
            "REGION" => Self::Region,
            _ => return None,
        })
    }

    fn of_tag(key: String) -> Self {
        Self::Tag(key)
    }

    fn word(&self) -> String {
        match self {
            Self::Key => "KEY".to_owned(),
            Self::Principal => "PRINCIPAL".to_owned(),
            Self::Operation => "OPERATION".to_owned(),
            Self::Error => "ERROR".to_owned(),
            Self::Region => "REGION".to_owned(),
            Self::Tag(key) => format!("TAG:{key}"),
        }
    }
}

impl Dimension for CostDimension {
    const WORDS: &'static str = "KEY, REGION, USAGE_TYPE";

    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "KEY" => Self::Key,
            "REGION" => Self::Region,
            "USAGE_TYPE" => Self::UsageType,
            _ => return None,
        })
    }

    fn of_tag(key: String) -> Self {
        Self::Tag(key)
    }

    fn word(&self) -> String {
        match self {
            Self::Tag(key) => format!("TAG:{key}"),
            Self::Key => "KEY".to_owned(),
            Self::Region => "REGION".to_owned(),
            Self::UsageType => "USAGE_TYPE".to_owned(),
        }
    }
}

/// The dimensions of `GroupBy`.
pub(super) fn read<D: Dimension>(given: Option<List<Text<'_>>>) -> Result<Vec<D>, AwsError> {
    let mut dimensions = Vec::new();
    for word in given.map(|list| list.0).unwrap_or_default() {
        let word = word.as_deref().unwrap_or_default();
        let found = match word.strip_prefix("TAG:") {
            Some(key) if (1..=TAG_KEY_MAX).contains(&key.chars().count()) => {
                Some(D::of_tag(key.to_owned()))
            }
            Some(_) => None,
            None => D::of_word(word),
        };
        let unknown = || invalid(format!("GroupBy: '{word}' is none of {}, TAG:<key>", D::WORDS));
        let found = found.ok_or_else(unknown)?;
        if dimensions.contains(&found) {
            return Err(invalid(format!("GroupBy: '{word}' stands twice")));
        }
        dimensions.push(found);
    }
    if dimensions.len() > DIMENSIONS_MAX {
        return Err(invalid(format!("GroupBy: more than {DIMENSIONS_MAX} dimensions")));
    }
    Ok(dimensions)
}

/// Writes `Group`: each dimension's value under its word.
pub(super) fn show<D: Dimension>(out: &mut Object<'_>, dimensions: &[D], values: &[String]) {
    out.object("Group", |group| {
        for (dimension, value) in dimensions.iter().zip(values) {
            group.pair(&dimension.word(), value);
        }
    });
}

/// The words, one after the other.
pub(super) fn words<D: Dimension>(dimensions: &[D]) -> Vec<String> {
    dimensions.iter().map(Dimension::word).collect()
}
