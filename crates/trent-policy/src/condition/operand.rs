//! The values of a condition, compiled for their operator.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use trent_types::IpNetwork;

use super::arn::ArnPattern;
use super::context::ConditionContext;
use super::date::moment;
use super::decimal::Decimal;
use super::operator::{Family, Ordered};
use crate::PolicyError;
use crate::variable::{Syntax, TextPattern};
use crate::wildcard::Case;

/// A policy's values for one key.
#[derive(Debug, Clone)]
pub(crate) enum Operands {
    Text(Box<[TextPattern]>, Case),
    Number(Box<[Decimal]>, Ordered),
    Moment(Box<[i64]>, Ordered),
    Bool(Box<[bool]>),
    Bytes(Box<[Vec<u8>]>),
    Network(Box<[IpNetwork]>),
    Arn(Box<[ArnPattern]>),
    /// Whether the key has to be absent.
    Absent(Box<[bool]>),
}

/// Why a value does not fit its operator.
pub(crate) enum Fault {
    Value(String),
    Policy(PolicyError),
}

impl Fault {
    pub(crate) fn into_error(self, operator: &str) -> PolicyError {
        match self {
            Self::Value(value) => PolicyError::malformed(format!(
                "Invalid value {value} for condition type {operator}"
            )),
            Self::Policy(error) => error,
        }
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl Operands {
    pub(crate) fn compile(family: Family, values: &[&str], variables: bool) -> Result<Self, Fault> {
        let texts = |wildcards, case| -> Result<Self, Fault> {
            let syntax = Syntax { wildcards, variables };
            let list = values.iter().map(|value| TextPattern::compile(value, syntax));
            Ok(Self::Text(list.collect::<Result<_, _>>()?, case))
        };
        Ok(match family {
            Family::String => texts(false, Case::Sensitive)?,
            Family::StringIgnoreCase => texts(false, Case::Insensitive)?,
            Family::StringLike => texts(true, Case::Sensitive)?,
            Family::Numeric(ordered) => Self::Number(each(values, Decimal::of_policy)?, ordered),
            Family::Date(ordered) => Self::Moment(each(values, moment)?, ordered),
            Family::Bool => Self::Bool(each(values, truth)?),
            Family::Binary => Self::Bytes(each(values, |value| STANDARD.decode(value).ok())?),
            Family::IpAddress => Self::Network(each(values, |value| value.parse().ok())?),
            Family::Arn => {
                let list = values.iter().map(|value| ArnPattern::compile(value, variables));
                Self::Arn(list.collect::<Result<_, _>>()?)
            }
            Family::Null => Self::Absent(each(values, truth)?),
        })
    }

    /// Whether the request's value compares to any of the policy's. What is no number, date and so
    /// on never does.
    pub(crate) fn any(&self, value: &str, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Text(list, case) => list.iter().any(|p| p.matches(value, *case, context)),
            Self::Number(list, ordered) => Decimal::parse(value).is_some_and(|value| {
                list.iter().any(|own| ordered.holds(value.cmp(&own.borrowed())))
            }),
            Self::Moment(list, ordered) => moment(value)
                .is_some_and(|value| list.iter().any(|own| ordered.holds(value.cmp(own)))),
            Self::Bool(list) => truth(value).is_some_and(|value| list.contains(&value)),
            Self::Bytes(list) => STANDARD.decode(value).is_ok_and(|value| list.contains(&value)),
            Self::Network(list) => {
                let address = value.parse::<IpAddr>();
                address.is_ok_and(|address| list.iter().any(|own| own.contains(address)))
            }
            Self::Arn(list) => list.iter().any(|own| own.matches(value, context)),
            Self::Absent(_) => false,
        }
    }

    /// For `Null`: whether a key that is there, or is not, is as the policy wants it.
    pub(crate) fn allow_presence(&self, present: bool) -> bool {
        match self {
            Self::Absent(list) => list.contains(&!present),
            Self::Text(..)
            | Self::Number(..)
            | Self::Moment(..)
            | Self::Bool(_)
            | Self::Bytes(_)
            | Self::Network(_)
            | Self::Arn(_) => false,
        }
    }

    /// The condition keys that variables in the values read.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let (texts, arns): (&[TextPattern], &[ArnPattern]) = match self {
            Self::Text(list, _) => (list, &[]),
            Self::Arn(list) => (&[], list),
            Self::Number(..)
            | Self::Moment(..)
            | Self::Bool(_)
            | Self::Bytes(_)
            | Self::Network(_)
            | Self::Absent(_) => (&[], &[]),
        };
        texts.iter().chain(arns.iter().flat_map(ArnPattern::parts)).flat_map(TextPattern::keys)
    }
}

fn each<T>(values: &[&str], parse: impl Fn(&str) -> Option<T>) -> Result<Box<[T]>, Fault> {
    let one = |value: &&str| parse(value).ok_or_else(|| Fault::Value((*value).to_owned()));
    values.iter().map(one).collect()
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}
