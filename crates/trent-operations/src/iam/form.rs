//! The query protocol's form bodies (WHATWG URL, "application/x-www-form-urlencoded parsing").

use std::collections::BTreeMap;

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
        self.0.keys().any(|key| {
            key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
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

    proptest! {
        #[test]
        fn any_bytes_are_a_form_or_an_error(bytes: Vec<u8>) {
            let _ = Form::parse(&bytes);
        }
    }
}
