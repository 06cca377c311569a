//! `Condition`: what a request must be like for a statement to apply.

mod arn;
mod context;
mod date;
mod decimal;
mod operand;
mod operator;

pub use context::{ConditionContext, NoConditions, Values};

use self::operand::Operands;
use self::operator::{Family, Operator, Quantifier};
use crate::json::Json;
use crate::statement::{Rules, without_vendor};
use crate::{PolicyError, PolicyKind};

/// One operator on one condition key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// The operator as it is written in the policy.
    pub(crate) operator_text: Box<str>,
    /// The key as it is written in the policy.
    pub(crate) key: Box<str>,
    operator: Operator,
    operands: Operands,
}

impl Condition {
    /// Compiles a whole `Condition` element: `{operator: {key: value or [values]}}`.
    pub(crate) fn compile_all(value: &Json, rules: Rules) -> Result<Box<[Self]>, PolicyError> {
        let mut conditions = Vec::new();
        for (operator_text, tests) in members(value)? {
            let operator = Operator::parse(operator_text).ok_or_else(|| {
                PolicyError::malformed(format!("Invalid Condition type : {operator_text}"))
            })?;
            for (key, values) in members(tests)? {
                check_key(key, operator, rules.kind)?;
                let values = scalars(values)?;
                let operands = Operands::compile(operator.family, &values, rules.variables)
                    .map_err(|fault| fault.into_error(operator_text))?;
                conditions.push(Self {
                    operator_text: operator_text.as_str().into(),
                    key: key.as_str().into(),
                    operator,
                    operands,
                });
            }
        }
        Ok(conditions.into())
    }

    /// Whether the request is as the condition wants it.
    pub(crate) fn holds(&self, context: &dyn ConditionContext) -> bool {
        let values = context.values(&self.key).filter(|values| !values.is_empty());
        if self.operator.family == Family::Null {
            return self.operands.allow_presence(values.is_some());
        }
        let Some(values) = values else {
            return self.operator.if_exists
                || match self.operator.quantifier {
                    Quantifier::None => self.operator.negated,
                    Quantifier::ForAllValues => true,
                    Quantifier::ForAnyValue => false,
                };
        };
        // Negated: the value must differ from all of the policy's.
        let negated = self.operator.negated;
        let mut each = values.iter().map(|value| self.operands.any(value, context) != negated);
        match self.operator.quantifier {
            // Without a quantifier, a negated operator is the opposite of the plain one, also for
            // several values.
            Quantifier::None if !negated => each.any(|holds| holds),
            Quantifier::None | Quantifier::ForAllValues => each.all(|holds| holds),
            Quantifier::ForAnyValue => each.any(|holds| holds),
        }
    }

    /// The condition keys that it reads.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.key).chain(self.operands.keys())
    }
}

/// A key has a vendor; and in a key policy a `ForAllValues` on a key of one value would also hold
/// without the key.
fn check_key(key: &str, operator: Operator, kind: PolicyKind) -> Result<(), PolicyError> {
    match key.split_once(':') {
        Some((vendor, rest)) if !vendor.is_empty() && !rest.is_empty() => {}
        _ => return Err(without_vendor()),
    }
    if kind != PolicyKind::KeyPolicy || operator.quantifier != Quantifier::ForAllValues {
        return Ok(());
    }
    let starts = |prefix: &str| {
        key.as_bytes()
            .get(..prefix.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let missing = if starts("kms:EncryptionContext:") {
        "encryption context"
    } else if starts("aws:RequestTag/") {
        "tag"
    } else {
        return Ok(());
    };
    Err(PolicyError::malformed(format!(
        "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued \
         condition key matches requests without the specified {missing} or with an unspecified \
         {missing}. To fix, remove ForAllValues."
    )))
}

fn members(value: &Json) -> Result<&[(String, Json)], PolicyError> {
    match value {
        Json::Object(members) => Ok(members),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
            Err(PolicyError::syntax())
        }
    }
}

/// One value or a list of values; booleans and numbers count as their text.
fn scalars(value: &Json) -> Result<Vec<&str>, PolicyError> {
    let scalar = |value| match value {
        &Json::Bool(true) => Ok("true"),
        Json::Bool(false) => Ok("false"),
        Json::Number(text) | Json::Text(text) => Ok(text.as_str()),
        Json::Null | Json::List(_) | Json::Object(_) => Err(PolicyError::syntax()),
    };
    match value {
        Json::List(list) => list.iter().map(scalar).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
            scalar(value).map(|text| vec![text])
        }
    }
}

#[cfg(test)]
mod tests;
