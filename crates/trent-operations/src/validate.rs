//! The constraints of the service model: every violation of a request goes into one
//! `ValidationException`.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use crate::decode::{Blob, Integer, List, TagShape, Text};
use crate::error::{AwsError, ErrorCode};

/// The violations found so far, in the order of the model's members.
#[derive(Default)]
pub(crate) struct Violations(Vec<String>);

/// A pattern of the model: its text for messages, and the bytes or characters that it allows.
pub(crate) struct Pattern {
    /// As the model writes it.
    pub(crate) text: &'static str,
    /// Whether a character may be in a text.
    pub(crate) allows: fn(char) -> bool,
}

/// A pattern of the model that is more than a set of characters.
pub(crate) struct Form {
    /// As the model writes it.
    pub(crate) text: &'static str,
    /// Whether a text has it.
    pub(crate) fits: fn(&str) -> bool,
}

/// `PrincipalIdType`.
pub(crate) const PRINCIPAL_ID: Pattern = Pattern {
    text: "^[\\w+=,.@:/-]+$",
    allows: |c| {
        c.is_ascii_alphanumeric()
            || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | ':' | '/' | '-')
    },
};

/// `ServicePrincipalType`: at least three labels with dots between them.
pub(crate) const SERVICE_PRINCIPAL: Form = Form {
    text: "^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$",
    fits: |text| {
        let label = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        text.split('.').count() >= 3 && text.split('.').all(label)
    },
};

/// `GrantNameType`.
pub(crate) const GRANT_NAME: Pattern = Pattern {
    text: "^[a-zA-Z0-9:/_-]+$",
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '-'),
};

/// `GrantConstraintSourceArnType`.
pub(crate) const SOURCE_ARN: Form = Form {
    text: "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
    fits: |text| {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let named = |part: &str| {
            part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let (scheme, partition, service, region) = (next(), next(), next(), next());
        let (account, resource) = (next(), next());
        scheme == "arn"
            && partition.starts_with("aws")
            && [partition, service, region].into_iter().all(named)
            && !service.is_empty()
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && !resource.is_empty()
            && !resource.contains(['\n', '\r'])
    },
};

/// `AliasNameType`.
pub(crate) const ALIAS_NAME: Pattern = Pattern {
    text: "^[a-zA-Z0-9:/_-]+$",
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '-'),
};

/// `PolicyType`.
pub(crate) const POLICY: Pattern = Pattern {
    text: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    allows: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
};

/// `PolicyNameType`.
pub(crate) const POLICY_NAME: Pattern =
    Pattern { text: "[\\w]+", allows: |c| c.is_ascii_alphanumeric() || c == '_' };

/// `MarkerType`.
pub(crate) const MARKER: Pattern =
    Pattern { text: "[\\u0020-\\u00FF]*", allows: |c| matches!(c, ' '..='\u{ff}') };

/// `BackingKeyIdType`.
pub(crate) const MATERIAL_ID: Pattern =
    Pattern { text: "^[a-f0-9]+$", allows: |c| matches!(c, 'a'..='f' | '0'..='9') };

/// `KeyMaterialDescriptionType`.
pub(crate) const MATERIAL_DESCRIPTION: Pattern = Pattern {
    text: "^[a-zA-Z0-9:/_\\s.-]+$",
    allows: |c| {
        c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '.' | '-' | ' ' | '\t'..='\r')
    },
};

/// `XksKeyIdType`.
pub(crate) const XKS_KEY_ID: Pattern = Pattern {
    text: "^[a-zA-Z0-9-_.]+$",
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
};

impl Violations {
    /// The one error for all of them, if there are any.
    pub(crate) fn finish(self) -> Result<(), AwsError> {
        let count = self.0.len();
        if count == 0 {
            return Ok(());
        }
        let plural = if count == 1 { "" } else { "s" };
        let all = self.0.join("; ");
        let message = format!("{count} validation error{plural} detected: {all}");
        Err(AwsError::new(ErrorCode::Validation, message))
    }

    fn add(&mut self, value: Option<&str>, path: &str, rule: &str) {
        let mut text = String::with_capacity(96 + path.len() + rule.len());
        text.push_str("Value ");
        if let Some(value) = value {
            text.push('\'');
            text.push_str(value);
            text.push_str("' ");
        }
        // Cannot fail: a `String` takes everything.
        let _ = write!(text, "at '{path}' failed to satisfy constraint: {rule}");
        self.0.push(text);
    }

    /// A member that must be there.
    pub(crate) fn required<T>(&mut self, path: &str, member: Option<&T>) {
        if member.is_none() {
            let rule = "failed to satisfy constraint: Member must not be null";
            self.0.push(format!("Value null at '{path}' {rule}"));
        }
    }

    /// A string's length in characters.
    pub(crate) fn length(
        &mut self,
        path: &str,
        member: Option<&Text<'_>>,
        limits: RangeInclusive<usize>,
    ) {
        let Some(text) = member else { return };
        if let Some(rule) = length_rule(text.chars().count(), &limits) {
            self.add(Some(text), path, &rule);
        }
    }

    /// A blob's length in bytes; its value is never printed.
    pub(crate) fn blob(
        &mut self,
        path: &str,
        member: Option<&Blob>,
        limits: RangeInclusive<usize>,
    ) {
        let Some(Blob(bytes)) = member else { return };
        if let Some(rule) = length_rule(bytes.len(), &limits) {
            self.add(None, path, &rule);
        }
    }

    /// A pattern. An empty string is left to the length.
    pub(crate) fn pattern(&mut self, path: &str, member: Option<&Text<'_>>, pattern: &Pattern) {
        let Some(text) = member else { return };
        if !text.chars().all(pattern.allows) {
            let rule = format!("Member must satisfy regular expression pattern: {}", pattern.text);
            self.add(Some(text), path, &rule);
        }
    }

    /// A form. An empty string is left to the length.
    pub(crate) fn form(&mut self, path: &str, member: Option<&Text<'_>>, form: &Form) {
        let Some(text) = member else { return };
        if !text.is_empty() && !(form.fits)(text) {
            let rule = format!("Member must satisfy regular expression pattern: {}", form.text);
            self.add(Some(text), path, &rule);
        }
    }

    /// `RegionType`: two or three words and a number (`^([a-z]+-){2,3}\d+$`).
    pub(crate) fn region(&mut self, path: &str, member: Option<&Text<'_>>) {
        let Some(text) = member else { return };
        self.length(path, member, 1..=32);
        let mut parts: Vec<&str> = text.split('-').collect();
        let number = parts.pop().unwrap_or_default();
        let is_word =
            |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let fits = (2..=3).contains(&parts.len())
            && parts.iter().all(is_word)
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit());
        if !fits {
            let rule = "Member must satisfy regular expression pattern: ^([a-z]+-){2,3}\\d+$";
            self.add(Some(text), path, rule);
        }
    }

    /// How many items a list of the query protocol has; its items are never printed.
    pub(crate) fn count(&mut self, path: &str, count: usize, max: usize) {
        if let Some(rule) = length_rule(count, &(0..=max)) {
            self.add(None, path, &rule);
        }
    }

    /// Whether nothing has been found.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An integer's range.
    pub(crate) fn range(
        &mut self,
        path: &str,
        member: Option<Integer>,
        limits: RangeInclusive<i64>,
    ) {
        let Some(Integer(value)) = member else { return };
        let (bound, limit) = if value < *limits.start() {
            ("greater", limits.start())
        } else if value > *limits.end() {
            ("less", limits.end())
        } else {
            return;
        };
        let rule = format!("Member must have value {bound} than or equal to {limit}");
        self.add(Some(&value.to_string()), path, &rule);
    }

    /// An enumeration's values.
    pub(crate) fn one_of(&mut self, path: &str, member: Option<&Text<'_>>, values: &[&str]) {
        let Some(text) = member else { return };
        if !values.contains(&&**text) {
            let rule = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.add(Some(text), path, &rule);
        }
    }

    /// A list of an enumeration's values.
    pub(crate) fn each_of(&mut self, path: &str, member: Option<&List<Text<'_>>>, values: &[&str]) {
        let Some(list) = member else { return };
        if list.0.iter().any(|item| item.as_ref().is_none_or(|text| !values.contains(&&**text))) {
            let values = values.join(", ");
            let rule = format!(
                "Member must satisfy constraint: [Member must satisfy enum value set: [{values}]]"
            );
            self.add(Some(&printed(list)), path, &rule);
        }
    }

    /// A list of strings: how many there are, and how long each is.
    pub(crate) fn texts(
        &mut self,
        path: &str,
        member: Option<&List<Text<'_>>>,
        count: RangeInclusive<usize>,
        lengths: RangeInclusive<usize>,
    ) {
        let Some(list) = member else { return };
        if let Some(rule) = length_rule(list.0.len(), &count) {
            self.add(Some(&printed(list)), path, &rule);
        }
        let fits = |item: &Option<Text<'_>>| {
            item.as_ref().is_some_and(|text| lengths.contains(&text.chars().count()))
        };
        if !list.0.iter().all(fits) {
            let (min, max) = (lengths.start(), lengths.end());
            let rule = format!(
                "Member must satisfy constraint: [Member must have length less than or equal to \
                 {max}, Member must have length greater than or equal to {min}, Member must not \
                 be null]"
            );
            self.add(Some(&printed(list)), path, &rule);
        }
    }

    /// `GrantTokenList`.
    pub(crate) fn grant_tokens(&mut self, member: Option<&List<Text<'_>>>) {
        self.texts("grantTokens", member, 0..=10, 1..=8192);
    }

    /// `TagList`: each tag's members.
    pub(crate) fn tags(&mut self, member: Option<&List<TagShape<'_>>>) {
        for (at, tag) in member.iter().flat_map(|list| list.0.iter().enumerate()) {
            let path = format!("tags.{}.member", at + 1);
            self.required(&path, tag.as_ref());
            let Some(tag) = tag else { continue };
            let (key, value) = (format!("{path}.tagKey"), format!("{path}.tagValue"));
            self.required(&key, tag.key.as_ref());
            self.length(&key, tag.key.as_ref(), 1..=128);
            self.required(&value, tag.value.as_ref());
            self.length(&value, tag.value.as_ref(), 0..=256);
        }
    }
}

fn printed(list: &List<Text<'_>>) -> String {
    let items: Vec<&str> =
        list.0.iter().map(|item| item.as_ref().map_or("null", |text| &**text)).collect();
    format!("[{}]", items.join(", "))
}

fn length_rule(length: usize, limits: &RangeInclusive<usize>) -> Option<String> {
    let (bound, limit) = if length < *limits.start() {
        ("greater", limits.start())
    } else if length > *limits.end() {
        ("less", limits.end())
    } else {
        return None;
    };
    Some(format!("Member must have length {bound} than or equal to {limit}"))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn violations_are_collected_in_one_message() {
        let long = Text(Cow::Owned("x".repeat(3)));
        let mut found = Violations::default();
        found.required::<Text<'_>>("keyId", None);
        found.length("name", Some(&long), 1..=2);
        found.range("limit", Some(Integer(0)), 1..=1000);
        found.one_of("keySpec", Some(&Text(Cow::Borrowed("AES-256"))), &["AES_256", "AES_128"]);
        assert_eq!(
            found.finish().unwrap_err().message.unwrap(),
            "4 validation errors detected: \
             Value null at 'keyId' failed to satisfy constraint: Member must not be null; \
             Value 'xxx' at 'name' failed to satisfy constraint: Member must have length less \
             than or equal to 2; \
             Value '0' at 'limit' failed to satisfy constraint: Member must have value greater \
             than or equal to 1; \
             Value 'AES-256' at 'keySpec' failed to satisfy constraint: Member must satisfy enum \
             value set: [AES_256, AES_128]"
        );
    }

    #[test]
    fn a_blobs_value_is_not_printed() {
        let mut found = Violations::default();
        let empty = Blob(trent_types::SecretBytes::new(Vec::new()));
        found.blob("plaintext", Some(&empty), 1..=4096);
        assert_eq!(
            found.finish().unwrap_err().message.unwrap(),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: \
             Member must have length greater than or equal to 1"
        );
    }
}
