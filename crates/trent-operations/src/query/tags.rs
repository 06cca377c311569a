//! Tags of users, roles, policies and sessions.

use std::collections::BTreeSet;

use trent_types::Tag;

use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::Fields;
use crate::query::rule::{TAG_KEY, TAG_VALUE};
use crate::query::xml::{element, list};
use crate::rules::condition;

/// The most tags of one request, and of one thing.
pub(crate) const TAGS_MAX: usize = 50;

/// Reads `Tags` of IAM.
pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Vec<Tag>> {
    read_or(fields, ErrorCode::InvalidInput)
}

/// Reads `Tags`; keys that are the same or reserved are refused with this code.
pub(crate) fn read_or(fields: &mut Fields<'_>, code: ErrorCode) -> Option<Vec<Tag>> {
    let items = fields.items("Tags", TAGS_MAX)?;
    let mut tags = Vec::with_capacity(items.len());
    let mut seen = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let path = |member: &str| format!("tags.{}.member.{member}", at + 1);
        let (key, value) = (item.member("Key"), item.member("Value"));
        fields.check_required(&path("key"), key, &TAG_KEY);
        fields.check_required(&path("value"), value, &TAG_VALUE);
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        if !seen.insert(key.to_lowercase()) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            fields.refuse(AwsError::new(code, text));
        }
        refuse_reserved(fields, key, code);
        tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
    }
    Some(tags)
}

/// Reads `TagKeys`.
pub(crate) fn read_keys(fields: &mut Fields<'_>) -> Vec<String> {
    let keys = fields.required_texts("TagKeys", TAGS_MAX, &TAG_KEY);
    keys.iter().for_each(|key| refuse_reserved(fields, key, ErrorCode::InvalidInput));
    keys
}

/// The prefix `aws:` is AWS's own, in any case.
fn refuse_reserved(fields: &mut Fields<'_>, key: &str, code: ErrorCode) {
    if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        let text = "The tag keys that begin with aws: are reserved for AWS.";
        fields.refuse(AwsError::new(code, text));
    }
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
    let keys: Vec<_> = tags.iter().map(|tag| tag.key.clone()).collect();
    all.extend(key_condition(&keys));
    all
}

/// `aws:TagKeys`.
pub(crate) fn key_condition(keys: &[String]) -> Vec<(String, Vec<String>)> {
    if keys.is_empty() { Vec::new() } else { vec![("aws:TagKeys".to_owned(), keys.to_vec())] }
}

/// Appends `<Tags>`.
pub(crate) fn elements(out: &mut String, tags: &[Tag]) {
    list(out, "Tags", tags, |out, tag| {
        element(out, "Key", &tag.key);
        element(out, "Value", &tag.value);
    });
}

/// Shows tags in a record.
pub(crate) fn show(out: &mut Object<'_>, tags: &[Tag]) {
    out.list("tags", tags, |out, tag| {
        let mut entry = Object::begin(out);
        entry.text("key", &tag.key);
        entry.text("value", &tag.value);
        entry.end();
    });
}

/// Shows tags in a record when there are any.
pub(crate) fn show_if_any(out: &mut Object<'_>, tags: &[Tag]) {
    if !tags.is_empty() {
        show(out, tags);
    }
}

/// The question whether something may be made, and, where it is made with tags, whether it may get
/// them: IAM asks for both permissions.
pub(crate) fn with_tagging<'q>(
    create: Question<'q>,
    permission: &'static str,
    tags: &[Tag],
) -> Vec<Question<'q>> {
    if tags.is_empty() {
        return vec![create];
    }
    let tag = Question { action: permission, ..create.clone() };
    vec![create, tag]
}
