//! Text in a few pieces.

use std::fmt;

/// What is written as a few pieces of text in which JSON needs no escape: ids, ARNs of KMS,
/// moments.
///
/// Answers and audit records are full of these, and a formatter takes longer than the text.
pub trait TextParts {
    /// Gives the pieces, in their order.
    fn each_part(&self, part: impl FnMut(&str));
}

/// Prints the pieces.
pub(crate) fn print(value: &impl TextParts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut printed = Ok(());
    value.each_part(|part| printed = printed.and_then(|()| f.write_str(part)));
    printed
}
