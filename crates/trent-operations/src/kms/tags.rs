//! Tags: what they may be, how policies see them, and how records show them.

use std::collections::BTreeSet;

use trent_types::Tag;

use crate::decode::{List, TagShape};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::refusals::limit_exceeded;
use crate::rules::condition;

/// The most tags on a key.
const TAGS_MAX: usize = 50;

/// The tags of a request whose shape has been validated.
pub(crate) fn checked(list: List<TagShape<'_>>) -> Result<Vec<Tag>, AwsError> {
    let mut tags = Vec::with_capacity(list.0.len());
    for shape in list.0.into_iter().flatten() {
        if let (Some(key), Some(value)) = (shape.key, shape.value) {
            tags.push(Tag { key: key.0.into_owned(), value: value.0.into_owned() });
        }
    }
    let mut seen = BTreeSet::new();
    for tag in &tags {
        check_key(&tag.key)?;
        if tag.value.chars().any(char::is_control) {
            return Err(bad("A tag value contains a character that is not allowed."));
        }
        if !seen.insert(tag.key.as_str()) {
            return Err(bad("Duplicate tag keys"));
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(limit_exceeded("Tags per key", TAGS_MAX as u64, tags.len() as u64));
    }
    Ok(tags)
}

/// A tag key that callers may use. The prefix `aws:` is AWS's own, in any case.
pub(crate) fn check_key(key: &str) -> Result<(), AwsError> {
    if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        return Err(bad("Tags beginning with 'aws:' are reserved."));
    }
    if key.chars().any(char::is_control) {
        return Err(bad("A tag key contains a character that is not allowed."));
    }
    Ok(())
}

fn bad(text: &'static str) -> AwsError {
    AwsError::new(ErrorCode::Tag, text)
}

/// `aws:RequestTag/…` and `aws:TagKeys`.
pub(crate) fn conditions(tags: &[Tag]) -> Vec<(String, Vec<String>)> {
    if tags.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<_> = tags
        .iter()
        .map(|tag| condition(&["aws:RequestTag/", &tag.key].concat(), &tag.value))
        .collect();
    all.push(("aws:TagKeys".to_owned(), tags.iter().map(|tag| tag.key.clone()).collect()));
    all
}

/// Shows tags in a record.
pub(crate) fn show(out: &mut Object<'_>, tags: &[Tag]) {
    out.list("tags", tags, shown_entry);
}

/// Writes a tag as answers have it.
pub(crate) fn entry(out: &mut Vec<u8>, tag: &Tag) {
    let mut entry = Object::begin(out);
    entry.text("TagKey", &tag.key);
    entry.text("TagValue", &tag.value);
    entry.end();
}

/// Writes a tag as records have it.
pub(crate) fn shown_entry(out: &mut Vec<u8>, tag: &Tag) {
    let mut entry = Object::begin(out);
    entry.text("tagKey", &tag.key);
    entry.text("tagValue", &tag.value);
    entry.end();
}
