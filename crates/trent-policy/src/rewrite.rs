//! A policy's text, changed or pointed into without being written anew.
//!
//! User and role ARNs in principals are stored as unique ids and shown as ARNs again; everything
//! around them stays as the author wrote it.

mod cursor;

use std::fmt::Write;
use std::ops::Range;

use self::cursor::Cursor;
use crate::PolicyError;
use crate::json::parse;

/// Where a statement stands in its text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementSpan {
    /// Line and column of its first character.
    pub start: (u32, u32),
    /// Line and column just after its last character.
    pub end: (u32, u32),
}

/// Replaces principals: of the values of `AWS` in `Principal` and `NotPrincipal`, those for which
/// `replace` gives another one. Every other byte stays as it is. The text is a policy, but is not
/// checked to be one: what is no principal is left alone.
///
/// # Errors
/// [`PolicyError::Malformed`] when the text is not JSON as policies need it.
pub fn rewrite_principals(
    text: &str,
    mut replace: impl FnMut(&str) -> Option<String>,
) -> Result<String, PolicyError> {
    let mut literals = Vec::new();
    each_statement(text, &mut |cursor| {
        cursor.members(&mut |cursor, element| match element {
            "Principal" | "NotPrincipal" => cursor.members(&mut |cursor, kind| match kind {
                "AWS" => cursor.strings(&mut literals),
                _ => cursor.skip(),
            }),
            _ => cursor.skip(),
        })
    })?;
    let mut rewritten = String::with_capacity(text.len());
    let mut copied = 0;
    for literal in literals {
        let written = text.get(literal.clone()).unwrap_or_default();
        let value: String = serde_json::from_str(written).map_err(|_| PolicyError::syntax())?;
        if let Some(other) = replace(&value) {
            rewritten.push_str(text.get(copied..literal.start).unwrap_or_default());
            push_literal(&mut rewritten, &other)?;
            copied = literal.end;
        }
    }
    rewritten.push_str(text.get(copied..).unwrap_or_default());
    Ok(rewritten)
}

/// Writes a JSON string with no character but those that a policy may have.
fn push_literal(text: &mut String, value: &str) -> Result<(), PolicyError> {
    let literal = serde_json::to_string(value).map_err(|_| PolicyError::syntax())?;
    for character in literal.chars() {
        if character <= '\u{FF}' {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    Ok(())
}

/// Where each statement of a policy stands, in the order of the document.
///
/// # Errors
/// [`PolicyError::Malformed`] when the text is not JSON as policies need it.
pub fn statement_spans(text: &str) -> Result<Vec<StatementSpan>, PolicyError> {
    let mut ranges = Vec::new();
    each_statement(text, &mut |cursor| {
        let range = cursor.value()?;
        ranges.push(range);
        Some(())
    })?;
    let span = |range: &Range<usize>| StatementSpan {
        start: line_and_column(text, range.start),
        end: line_and_column(text, range.end),
    };
    Ok(ranges.iter().map(span).collect())
}

fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or_default();
    let (lines, last) = match before.rsplit_once('\n') {
        Some((lines, last)) => (lines.split('\n').count() + 1, last),
        None => (1, before),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (count(lines), count(last.chars().count() + 1))
}

/// Leads a cursor to each statement. Only a text that has been parsed as a whole is walked: so a
/// name appears once, and nesting is bounded.
fn each_statement(
    text: &str,
    work: &mut dyn FnMut(&mut Cursor<'_>) -> Option<()>,
) -> Result<(), PolicyError> {
    parse(text)?;
    let mut cursor = Cursor::new(text);
    let walked = cursor.members(&mut |cursor, element| {
        if element == "Statement" { cursor.one_or_each(work) } else { cursor.skip() }
    });
    walked.ok_or_else(PolicyError::syntax)
}

#[cfg(test)]
mod tests;
