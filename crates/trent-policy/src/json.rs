//! JSON as policies need it: a name that appears twice in an object is an error, and nesting is
//! bounded.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use crate::PolicyError;

/// A policy nests six deep: document, statements, statement, condition, operator, values.
const DEPTH_MAX: u8 = 8;

/// A JSON value. Numbers are kept as text: conditions compare decimals exactly.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Json, PolicyError> {
    let mut source = serde_json::Deserializer::from_str(text);
    let value = AtDepth(0).deserialize(&mut source).map_err(|_| PolicyError::syntax())?;
    source.end().map_err(|_| PolicyError::syntax())?;
    Ok(value)
}

/// What stands this deep in the document.
#[derive(Clone, Copy)]
struct AtDepth(u8);

impl AtDepth {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.0 < DEPTH_MAX { Ok(Self(self.0 + 1)) } else { Err(E::custom("nested too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for AtDepth {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<Json, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AtDepth {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // Display of a float never uses an exponent.
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = source.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut members = Vec::new();
        let mut names = HashSet::new();
        while let Some(name) = source.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("a name appears twice"));
            }
            members.push((name, source.next_value_seed(inside)?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#"{"a": [null, true, -3, 1.5, "x\u00e9"], "b": {}}"#;
        let list = vec![
            Json::Null,
            Json::Bool(true),
            Json::Number("-3".into()),
            Json::Number("1.5".into()),
            Json::Text("x\u{e9}".into()),
        ];
        let members = vec![("a".into(), Json::List(list)), ("b".into(), Json::Object(vec![]))];
        assert_eq!(parse(text), Ok(Json::Object(members)));
    }

    #[test]
    fn a_name_that_appears_twice_is_refused_at_any_depth() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "\u0061": 2}}]"#] {
            assert_eq!(parse(text), Err(PolicyError::syntax()), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(8)).is_ok());
        assert!(parse(&nested(9)).is_err());
        assert!(parse(&nested(10_000)).is_err());
    }

    #[test]
    fn anything_after_the_value_is_refused() {
        assert!(parse("{} x").is_err());
        assert!(parse("{} \n").is_ok());
        assert!(parse("").is_err());
    }
}
