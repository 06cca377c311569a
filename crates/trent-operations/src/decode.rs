//! JSON 1.1 bodies into shapes: absent and null are the same, unknown members are ignored, the last
//! duplicate wins.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use trent_types::{SecretBytes, Timestamp};

use crate::error::{AwsError, ErrorCode};

/// Reads a body. An empty one is the empty object.
pub(crate) fn body<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, AwsError> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let text = std::str::from_utf8(bytes).map_err(|_| AwsError::bare(ErrorCode::Serialization))?;
    serde_json::from_str(text).map_err(|error| AwsError {
        code: ErrorCode::Serialization,
        message: wrong_type(&error).map(Cow::Owned),
        cause: None,
    })
}

/// AWS's text for a value of the wrong JSON type; other faults of the body have no text.
fn wrong_type(error: &serde_json::Error) -> Option<String> {
    if error.classify() != Category::Data {
        return None;
    }
    let text = error.to_string();
    let (found, rest) = text.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    let (wanted, _) = rest.rsplit_once(" at line ")?;
    let found = match found.split([' ', ',']).next()? {
        "string" => "STRING_VALUE",
        "integer" | "floating" => "NUMBER_VALUE",
        "boolean" if found.contains("true") => "TRUE_VALUE",
        "boolean" => "FALSE_VALUE",
        "sequence" => "START_ARRAY",
        "map" => "START_OBJECT",
        _ => "NULL_VALUE",
    };
    Some(format!("{found} can not be converted to {wanted}"))
}

/// A string, borrowed from the body where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a String")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(TextVisitor)
    }
}

/// A blob: base64 on the wire, wiped when dropped.
#[derive(Debug)]
pub(crate) struct Blob(pub(crate) SecretBytes);

struct BlobVisitor;

impl Visitor<'_> for BlobVisitor {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Blob")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Blob, E> {
        match STANDARD.decode(text) {
            Ok(bytes) => Ok(Blob(SecretBytes::new(bytes))),
            Err(_) => Err(E::custom("not base64")),
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(BlobVisitor)
    }
}

/// An integer. Every limit of the model is far below what this holds, so a larger one is cut to the
/// largest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Integer(pub(crate) i64);

struct IntegerVisitor;

impl Visitor<'_> for IntegerVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an Integer")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Integer, E> {
        Ok(Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Integer, E> {
        Ok(Integer(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_i64(IntegerVisitor)
    }
}

/// A moment: seconds since the epoch, with or without a fraction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) Timestamp);

struct MomentVisitor;

impl MomentVisitor {
    /// Far beyond every date that means anything, and what still fits in milliseconds.
    const SECONDS_MAX: i64 = i64::MAX / 1000;

    fn seconds<E: Error>(seconds: i64) -> Result<Moment, E> {
        if seconds.abs() > Self::SECONDS_MAX {
            return Err(E::custom("not a moment"));
        }
        Ok(Moment(Timestamp::from_millis(seconds * 1000)))
    }
}

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("milliseconds since epoch")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Moment, E> {
        if value == i64::MIN {
            return Err(E::custom("not a moment"));
        }
        Self::seconds(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Moment, E> {
        Self::seconds(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Moment, E> {
        let millis = (value * 1000.0).round();
        // Exactly representable far beyond every date that means anything.
        if millis.is_nan() || millis.abs() >= 9.0e15 {
            return Err(E::custom("not a moment"));
        }
        Ok(Moment(Timestamp::from_millis(millis as i64)))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MomentVisitor)
    }
}

/// A boolean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag(pub(crate) bool);

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Boolean")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
        Ok(Flag(value))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_bool(FlagVisitor)
    }
}

/// A map of strings. A null value is refused, not dropped: it may have been meant to bind a
/// ciphertext.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs(pub(crate) BTreeMap<String, String>);

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
            pairs.insert(key.0.into_owned(), value.0.into_owned());
        }
        Ok(Pairs(pairs))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PairsVisitor)
    }
}

/// A list. A null in it is kept, so that it can be named in the answer.
#[derive(Debug)]
pub(crate) struct List<T>(pub(crate) Vec<Option<T>>);

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a List")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(List(items))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(ListVisitor(PhantomData))
    }
}

/// Declares a shape: its members, by the names of the service model, all optional until validated.
macro_rules! shape {
    ($(#[$doc:meta])* $name:ident<$body:lifetime> {
        $($(#[$field_doc:meta])* $field:ident: $wire:literal => $kind:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $name<$body> {
            $($(#[$field_doc])* pub(crate) $field: Option<$kind>,)*
            body: std::marker::PhantomData<&$body [u8]>,
        }

        impl<'de: $body, $body> serde::de::Deserialize<'de> for $name<$body> {
            fn deserialize<D: serde::de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Members<$body>(std::marker::PhantomData<&$body [u8]>);

                impl<'de: $body, $body> serde::de::Visitor<'de> for Members<$body> {
                    type Value = $name<$body>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a Structure")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<$name<$body>, A::Error> {
                        let mut shape = $name::default();
                        while let Some(name) = map.next_key::<crate::decode::Text<'de>>()? {
                            match &*name {
                                $($wire => shape.$field = map.next_value()?,)*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        shape.body = self.0;
                        Ok(shape)
                    }
                }

                from.deserialize_map(Members(std::marker::PhantomData))
            }
        }
    };
}
pub(crate) use shape;

shape! {
    /// A tag, as CreateKey and TagResource take it.
    TagShape<'a> {
        key: "TagKey" => Text<'a>,
        value: "TagValue" => Text<'a>,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    shape! {
        Sample<'a> {
            text: "Text" => Text<'a>,
            count: "Count" => Integer,
            flag: "Flag" => Flag,
            blob: "Blob" => Blob,
            pairs: "Pairs" => Pairs,
            tags: "Tags" => List<TagShape<'a>>,
        }
    }

    fn message(json: &str) -> Option<String> {
        body::<Sample<'_>>(json.as_bytes()).unwrap_err().message.map(Cow::into_owned)
    }

    #[test]
    fn absent_null_and_empty_are_the_same_and_the_last_duplicate_wins() {
        assert!(body::<Sample<'_>>(b"").unwrap().text.is_none());
        assert!(body::<Sample<'_>>(br#"{"Text":null,"Other":[{}]}"#).unwrap().text.is_none());
        let twice = body::<Sample<'_>>(br#"{"Text":"a","Text":"b\u0063"}"#).unwrap();
        assert_eq!(&*twice.text.unwrap(), "bc");
    }

    #[test]
    fn wrong_types_are_named_as_aws_names_them() {
        let cases = [
            (r#"{"Text":5}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"Count":"5"}"#, "STRING_VALUE can not be converted to an Integer"),
            (r#"{"Count":1.5}"#, "NUMBER_VALUE can not be converted to an Integer"),
            (r#"{"Flag":"true"}"#, "STRING_VALUE can not be converted to a Boolean"),
            (r#"{"Pairs":{"a":true}}"#, "TRUE_VALUE can not be converted to a String"),
            (r#"{"Pairs":{"a":null}}"#, "NULL_VALUE can not be converted to a String"),
            (r#"{"Tags":{}}"#, "START_OBJECT can not be converted to a List"),
        ];
        for (json, text) in cases {
            assert_eq!(message(json).as_deref(), Some(text), "{json}");
        }
        for json in ["{", "x", r#"{"Blob":"*"}"#, "{} {}"] {
            assert_eq!(message(json), None, "{json}");
        }
        assert!(body::<Sample<'_>>(b"{\"Text\":\"\xff\"}").is_err());
        assert!(body::<Sample<'_>>("[".repeat(100_000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_shape_or_an_error(bytes: Vec<u8>) {
            let _ = body::<Sample<'_>>(&bytes);
        }
    }
}
