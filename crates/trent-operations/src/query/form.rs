//! The query protocol's form bodies (WHATWG URL, "application/x-www-form-urlencoded parsing").

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::error::{AwsError, ErrorCode};

/// The parameters of a request; the last of a repeated name wins.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, AwsError> {
        let mut parameters = BTreeMap::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            parameters.insert(name, decoded(halves.next().unwrap_or_default())?);
        }
        Ok(Self(parameters))
    }

    /// A parameter's value.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether there is a parameter of this name, or a part of one (`Tags.member.1.Key`).
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parts(name).next().is_some()
    }

    /// The items of a list (`Tags.member.1.Key`, `TagKeys.member.1`) in the order of their numbers;
    /// `None` when it is not given. Clients write an empty list as `Tags=`.
    pub(crate) fn items(&self, name: &str) -> Option<Vec<Item<'_>>> {
        let prefix = [name, ".member."].concat();
        let numbers: BTreeSet<u32> = self
            .parts(name)
            .filter_map(|key| key.strip_prefix(&prefix)?.split('.').next()?.parse().ok())
            .collect();
        if numbers.is_empty() && !self.has(name) {
            return None;
        }
        let item = |number| Item { form: self, name: format!("{prefix}{number}") };
        Some(numbers.into_iter().map(item).collect())
    }

    /// The parameter's name where it is there, and those of its parts.
    fn parts<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let keys = self.0.range::<str, _>((Bound::Included(name), Bound::Unbounded));
        keys.map(|(key, _)| key.as_str()).take_while(move |key| key.starts_with(name)).filter(
            move |key| {
                key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            },
        )
    }
}

/// An item of a list, by its number.
#[derive(Debug)]
pub(crate) struct Item<'f> {
    form: &'f Form,
    name: String,
}

impl<'f> Item<'f> {
    /// Its value, where it is a string.
    pub(crate) fn value(&self) -> Option<&'f str> {
        self.form.value(&self.name)
    }

    /// A member's value, where it is a structure.
    pub(crate) fn member(&self, name: &str) -> Option<&'f str> {
        self.form.value(&[&self.name, ".", name].concat())
    }

    /// The items of a member that is a list.
    pub(crate) fn items(&self, name: &str) -> Option<Vec<Self>> {
        self.form.items(&[&self.name, ".", name].concat())
    }
}

fn decoded(text: &[u8]) -> Result<String, AwsError> {
    let malformed = || AwsError::bare(ErrorCode::Serialization);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (digits, tail) = tail.split_first_chunk::<2>().ok_or_else(malformed)?;
                rest = tail;
                let value = digits.map(|digit| char::from(digit).to_digit(16));
                let [Some(high), Some(low)] = value else { return Err(malformed()) };
                // Cannot be cut short: two hex digits.
                (high * 16 + low) as u8
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form =
            Form::parse(b"Action=CreateUser&UserName=a%2Bb+c&Tags.member.1.Key=x&X").unwrap();
        assert_eq!(form.value("UserName"), Some("a+b c"));
        assert_eq!(form.value("X"), Some(""));
        assert!(form.has("Tags") && !form.has("Tag"));
        for bad in [&b"a=%2"[..], b"a=%zz", b"a=%ff"] {
            assert!(Form::parse(bad).is_err());
        }
    }

    #[test]
    fn lists_are_in_the_order_of_their_numbers() {
        let form = Form::parse(
            b"Tags.member.10.Key=j&Tags.member.2.Key=b&Tags.member.2.Value=v&TagsX=1&Empty=\
              &Names.member.1=n&Deep.member.1.In.member.2=x&Tags.member.x.Key=no",
        )
        .unwrap();
        let tags = form.items("Tags").unwrap();
        let keys: Vec<_> =
            tags.iter().map(|tag| (tag.member("Key"), tag.member("Value"))).collect();
        assert_eq!(keys, [(Some("b"), Some("v")), (Some("j"), None)]);
        assert_eq!(form.items("Names").unwrap()[0].value(), Some("n"));
        let deep = form.items("Deep").unwrap();
        assert_eq!(deep[0].items("In").unwrap()[0].value(), Some("x"));
        assert!(form.items("Empty").unwrap().is_empty());
        assert!(form.items("Tag").is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_form_or_an_error(bytes: Vec<u8>) {
            let _ = Form::parse(&bytes);
        }
    }
}
