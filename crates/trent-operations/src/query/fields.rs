//! The parameters of a request, read and validated in the model's order.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::decode::{Integer, Text};
use crate::error::{AwsError, ErrorCode};
use crate::query::form::{Form, Item};
use crate::query::rule::{Rule, Shape};
use crate::request::Request;
use crate::rules;
use crate::validate::Violations;

/// What is read of a form, and what is wrong with it. Every violation goes into one
/// `ValidationError`; a missing member's place is taken by an empty text until [`Fields::finish`]
/// refuses the request.
pub(crate) struct Fields<'f> {
    form: &'f Form,
    found: Violations,
    /// What IAM says in words of its own, once lengths are right.
    refused: Option<AwsError>,
}

/// Reads what an operation takes out of a request's body.
pub(crate) fn read<T>(
    request: &Request<'_>,
    take: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<T, AwsError> {
    let form = Form::parse(request.body)?;
    let mut fields = Fields::of(&form);
    let taken = take(&mut fields);
    fields.finish()?;
    Ok(taken)
}

impl<'f> Fields<'f> {
    /// The fields of a form.
    fn of(form: &'f Form) -> Self {
        Self { form, found: Violations::default(), refused: None }
    }

    /// A string, where it is given.
    pub(crate) fn text(&mut self, name: &str, rule: &Rule) -> Option<String> {
        let value = self.form.value(name)?;
        self.check(&camel(name), Some(value), rule);
        Some(value.to_owned())
    }

    /// A string that must be given.
    pub(crate) fn required(&mut self, name: &str, rule: &Rule) -> String {
        let value = self.form.value(name);
        self.check_required(&camel(name), value, rule);
        value.unwrap_or_default().to_owned()
    }

    /// A boolean, where it is given.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.form.value(name)?;
        match value {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.refuse(AwsError::bare(ErrorCode::Serialization));
                None
            }
        }
    }

    /// An integer, where it is given.
    pub(crate) fn number(&mut self, name: &str, limits: RangeInclusive<i64>) -> Option<i64> {
        let value = self.form.value(name)?;
        let Ok(number) = value.parse() else {
            self.refuse(AwsError::bare(ErrorCode::Serialization));
            return None;
        };
        self.found.range(&camel(name), Some(Integer(number)), limits);
        Some(number)
    }

    /// One of these texts, where it is given.
    pub(crate) fn one_of(&mut self, name: &str, values: &[&str]) -> Option<&'f str> {
        let value = self.form.value(name)?;
        self.found.one_of(&camel(name), Some(&text(value)), values);
        Some(value)
    }

    /// One of these texts, which must be given.
    pub(crate) fn required_one_of(&mut self, name: &str, values: &[&str]) -> &'f str {
        self.found.required(&camel(name), self.form.value(name).as_ref());
        self.one_of(name, values).unwrap_or_default()
    }

    /// A list of at most `max` strings, where it is given.
    pub(crate) fn texts(&mut self, name: &str, max: usize, rule: &Rule) -> Option<Vec<String>> {
        let items = self.items(name, max)?;
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let path = format!("{}.{}.member", camel(name), at + 1);
            self.check_required(&path, item.value(), rule);
            texts.push(item.value().unwrap_or_default().to_owned());
        }
        Some(texts)
    }

    /// A list of at most `max` strings, which must be given.
    pub(crate) fn required_texts(&mut self, name: &str, max: usize, rule: &Rule) -> Vec<String> {
        let texts = self.texts(name, max, rule);
        self.found.required(&camel(name), texts.as_ref());
        texts.unwrap_or_default()
    }

    /// A list of at most `max` structures, where it is given.
    pub(crate) fn items(&mut self, name: &str, max: usize) -> Option<Vec<Item<'f>>> {
        let mut items = self.form.items(name)?;
        self.found.count(&camel(name), items.len(), max);
        // What is too many is refused anyway: it needs no errors of its own.
        items.truncate(max);
        Some(items)
    }

    /// A list that must be given.
    pub(crate) fn must_have<T>(&mut self, name: &str, member: Option<&T>) {
        self.found.required(&camel(name), member);
    }

    /// Checks a member of a structure that must be there.
    pub(crate) fn check_required(&mut self, path: &str, value: Option<&str>, rule: &Rule) {
        self.found.required(path, value.as_ref());
        self.check(path, value, rule);
    }

    /// Checks a string.
    pub(crate) fn check(&mut self, path: &str, value: Option<&str>, rule: &Rule) {
        let Some(value) = value else { return };
        let given = text(value);
        let count = value.chars().count();
        self.found.length(path, Some(&given), rule.min..=rule.max);
        if let Shape::Model(pattern) = rule.shape {
            self.found.pattern(path, Some(&given), pattern);
        } else if let Shape::Form(form) = rule.shape {
            self.found.form(path, Some(&given), form);
        } else if (rule.min..=rule.max).contains(&count)
            && let Some(words) = rule.shape.broken_by(value)
        {
            let text = format!("The specified value for {path} is invalid. {words}");
            self.refuse(AwsError::new(ErrorCode::Validation, text));
        }
    }

    /// Checks a member of a structure that is one of these texts, where it is given.
    pub(crate) fn check_one_of(&mut self, path: &str, value: Option<&str>, values: &[&str]) {
        if let Some(value) = value {
            self.found.one_of(path, Some(&text(value)), values);
        }
    }

    /// A parameter that is not served is refused, never ignored.
    pub(crate) fn not_served(&mut self, name: &str) {
        if let Err(error) = rules::not_served(name, self.form.has(name)) {
            self.refuse(error);
        }
    }

    /// Refuses the request, unless something came before.
    pub(crate) fn refuse(&mut self, error: AwsError) {
        self.refused.get_or_insert(error);
    }

    /// The one error for everything that was wrong.
    fn finish(self) -> Result<(), AwsError> {
        if self.found.is_empty()
            && let Some(error) = self.refused
        {
            return Err(error);
        }
        self.found.finish()
    }
}

fn text(value: &str) -> Text<'_> {
    Text(Cow::Borrowed(value))
}

/// `UserName` → `userName`, as errors and records have it.
pub(crate) fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        [first.to_ascii_lowercase()].into_iter().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::rule::{ARN, DOCUMENT, SESSION_NAME};

    fn refusal(body: &str, read: impl FnOnce(&mut Fields<'_>)) -> (ErrorCode, String) {
        let form = Form::parse(body.as_bytes()).unwrap();
        let mut fields = Fields::of(&form);
        read(&mut fields);
        let error = fields.finish().unwrap_err();
        (error.code, error.message.unwrap_or_default().into_owned())
    }

    #[test]
    fn every_violation_is_in_the_one_error() {
        let body = "UserName=&MaxItems=0&Names.member.1=ab&Names.member.2=c";
        let (code, message) = refusal(body, |fields| {
            fields.required("UserName", &Rule::name(64));
            fields.required("PolicyArn", &ARN);
            fields.number("MaxItems", 1..=1000);
            fields.texts("Names", 1, &ARN);
        });
        assert_eq!(code, ErrorCode::Validation);
        assert_eq!(
            message,
            "5 validation errors detected: \
             Value '' at 'userName' failed to satisfy constraint: Member must have length greater \
             than or equal to 1; \
             Value null at 'policyArn' failed to satisfy constraint: Member must not be null; \
             Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater \
             than or equal to 1; \
             Value at 'names' failed to satisfy constraint: Member must have length less than or \
             equal to 1; \
             Value 'ab' at 'names.1.member' failed to satisfy constraint: Member must have length \
             greater than or equal to 20"
        );
    }

    #[test]
    fn iam_has_words_of_its_own_for_characters_and_sts_names_the_pattern() {
        let (_, message) = refusal("UserName=a%20b", |fields| {
            fields.required("UserName", &Rule::name(64));
        });
        assert_eq!(
            message,
            "The specified value for userName is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
        );
        let (_, message) = refusal("PolicyDocument=%E2%82%AC", |fields| {
            fields.required("PolicyDocument", &DOCUMENT);
        });
        assert_eq!(
            message,
            "The specified value for policyDocument is invalid. It must contain only printable \
             ASCII characters."
        );
        let (_, message) = refusal("RoleSessionName=a%20b", |fields| {
            fields.required("RoleSessionName", &SESSION_NAME);
        });
        assert_eq!(
            message,
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
    }

    #[test]
    fn numbers_and_flags_of_another_type_are_malformed() {
        for body in ["MaxItems=x&Flag=true", "MaxItems=1&Flag=yes"] {
            let (code, _) = refusal(body, |fields| {
                fields.number("MaxItems", 1..=1000);
                fields.flag("Flag");
            });
            assert_eq!(code, ErrorCode::Serialization);
        }
    }
}
